// The documents that measurements read.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "bench/edited_documents.hpp"

namespace flowstone::bench {
namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file).rdbuf();
  return content.str();
}

std::vector<Document> markdown_below(const std::filesystem::path& directory) {
  std::vector<Document> found;
  std::error_code failed;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, failed)) {
    if (entry.path().extension() != ".md") continue;
    found.push_back({.name = entry.path().filename().string(), .utf8 = content_of(entry.path())});
  }
  std::ranges::sort(found, {}, &Document::name);
  return found;
}

// A contract of 120 clauses; a document's own seed chooses who owes what to whom.
class Contract {
 public:
  explicit Contract(std::uint64_t seed) : random_(seed) {}

  std::string text() {
    std::string text = fmt::format("MASTER SERVICES AGREEMENT No. {}\n\n", 1'000 + below(9'000));
    for (int article = 1; article <= 20; ++article) {
      text += fmt::format("Article {}. {}\n\n", article, title());
      for (int clause = 1; clause <= 6; ++clause) {
        text += fmt::format("{}.{} ", article, clause);
        for (std::size_t sentence = 2 + below(3); sentence > 0; --sentence) text += this->sentence() + " ";
        text += "\n\n";
      }
    }
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }
  template <std::size_t Count>
  std::string_view one_of(const std::array<std::string_view, Count>& choices) {
    return choices[below(Count)];
  }

  std::string_view party() {
    return one_of(std::to_array<std::string_view>(
        {"the Supplier", "the Client", "each Party", "the Guarantor", "the Subcontractor", "the Escrow Agent"}));
  }
  std::string_view title() {
    return one_of(std::to_array<std::string_view>({"Fees and Payment", "Warranties", "Term and Termination",
                                                   "Confidentiality", "Liability", "Data Protection", "Deliverables",
                                                   "Audit Rights", "Notices", "Governing Law"}));
  }
  std::string thing() {
    return fmt::format(
        "{} {}",
        one_of(std::to_array<std::string_view>({"quarterly", "audited", "written", "itemised", "revised", "certified",
                                                "preliminary", "undisputed", "overdue"})),
        one_of(std::to_array<std::string_view>({"invoices", "reports", "notices", "deliverables", "accounts", "records",
                                                "estimates", "claims", "plans"})));
  }
  std::string condition() {
    switch (below(5)) {
      case 0:
        return fmt::format("within {} days of receipt", 5 + below(90));
      case 1:
        return fmt::format("not later than {} March {}", 1 + below(30), 2'020 + below(10));
      case 2:
        return fmt::format("up to an amount of EUR {},{:03}", 1 + below(900), below(1'000));
      case 3:
        return fmt::format("subject to Article {}.{}", 1 + below(20), 1 + below(6));
      default:
        return "to the extent permitted by applicable law";
    }
  }
  std::string sentence() {
    const auto verb = one_of(std::to_array<std::string_view>(
        {"shall deliver", "may reject", "must retain", "shall not disclose", "will approve", "shall indemnify against",
         "may withhold", "must inspect", "shall reimburse", "waives"}));
    auto text = fmt::format("{} {} the {} of {} {}", party(), verb, thing(), party(), condition());
    if (below(3) == 0) text += fmt::format(", provided that {} has accepted the {} in writing", party(), thing());
    if (below(4) == 0) text += fmt::format(", and {} bears the cost of any {}", party(), thing());
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text + ".";
  }

  std::mt19937_64 random_;
};

}  // namespace

std::vector<Document> corpus_documents(std::string_view history) {
  if (const char* const chosen = std::getenv("FLOWSTONE_CORPORA"); chosen != nullptr)
    return markdown_below(std::filesystem::path(chosen) / history);
  // Beside the checkout, or beside the directory that holds several.
  for (const char* const beside : {"..", "../.."}) {
    auto found =
        markdown_below(std::filesystem::path(FLOWSTONE_SOURCE) / beside / "shared/corpora/document-versions" / history);
    if (!found.empty()) return found;
  }
  return {};
}

std::vector<Document> own_documents() {
  auto found = markdown_below(std::filesystem::path(FLOWSTONE_SOURCE) / "docs");
  // The reference of the command line is generated: its sentences stand there twenty times, and nobody could say which
  // of them was moved or deleted.
  std::erase_if(found,
                [](const Document& document) { return document.utf8.size() < 3'000 || document.name == "cli.md"; });
  return found;
}

std::vector<Document> made_up_contracts(std::size_t count) {
  std::vector<Document> made;
  for (std::size_t seed = 1; seed <= count; ++seed)
    made.push_back({.name = fmt::format("contract {}", seed), .utf8 = Contract(seed).text()});
  return made;
}

std::vector<Document> on_one_line(std::vector<Document> documents) {
  for (auto& document : documents) {
    std::string line;
    for (const char byte : document.utf8) {
      const bool space = byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
      if (!space) line += byte;
      if (space && !line.empty() && line.back() != ' ') line += ' ';
    }
    document.utf8 = std::move(line);
  }
  return documents;
}

}  // namespace flowstone::bench
