// Documents read: bytes of each type to canonical text with structure, and what comes behind it.
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/check.hpp"
#include "bench/report.hpp"
#include "documents/chunk.hpp"
#include "documents/extract.hpp"
#include "documents/parse.hpp"
#include "tests/documents/archives.hpp"

namespace flowstone::bench {
namespace {

using namespace documents;  // NOLINT: what this program is about

constexpr int kWordsInParagraph = 60;

std::string paragraph(int number) {
  static const std::vector<std::string> kWords{
      "the", "supplier", "shall", "deliver", "goods", "within",   "thirty", "days", "of",      "an",       "order",
      "and", "each",     "party", "agrees",  "to",    "payments", "under",  "this", "section", "caf\u00e9"};
  std::string text = fmt::format("On {} March 2030 a fee of EUR {},250.00 is due.", number % 28 + 1, number % 9 + 1);
  for (int at = 0; at < kWordsInParagraph; ++at)
    text += " " + kWords[static_cast<std::size_t>(number * 7 + at * at) % kWords.size()];
  return text + ".";
}

// So many sections of a heading and three paragraphs, in each of the formats.
std::string plain_text(int sections) {
  std::string text;
  for (int at = 0; at < sections * 4; ++at)
    text += (at % 4 == 0 ? fmt::format("{}. Section", at / 4 % 900 + 1) : paragraph(at)) + "\n\n";
  return text;
}

std::string markdown(int sections) {
  std::string text;
  for (int at = 0; at < sections * 4; ++at)
    text += (at % 4 == 0 ? fmt::format("## Section {}", at / 4) : "- **Item** `code` " + paragraph(at)) + "\n\n";
  return text;
}

std::string html(int sections) {
  std::string text = "<!doctype html><html><body>";
  for (int at = 0; at < sections * 4; ++at) {
    text += at % 4 == 0 ? fmt::format("<h2>Section {}</h2>\n", at / 4)
                        : "<p class=\"x\">a <b>bold</b> &amp; " + paragraph(at) + "</p>\n";
  }
  return text + "</body></html>";
}

std::string csv(int sections) {
  std::string text = "number,words,amount\n";
  for (int at = 0; at < sections * 3; ++at) text += fmt::format("{},\"{}\",EUR {}\n", at, paragraph(at), at);
  return text;
}

std::string docx(int sections) {
  std::string body;
  for (int at = 0; at < sections * 4; ++at) {
    body += at % 4 == 0
                ? fmt::format("<w:p><w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr><w:r><w:t>Section {}</w:t></w:r></w:p>",
                              at / 4)
                : "<w:p><w:r><w:t>" + paragraph(at) + "</w:t></w:r></w:p>";
  }
  return word_file(body);
}

// Pages of forty lines in Helvetica; letters beyond ASCII are left out.
std::string pdf(int sections) {
  std::vector<std::string> objects{"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"};
  std::string kids;
  const int pages = std::max(1, sections / 3);
  const std::size_t tree = static_cast<std::size_t>(pages) * 2 + 2;
  for (int page = 0; page < pages; ++page) {
    std::string content = "BT /F1 10 Tf 14 TL 40 760 Td\n";
    for (int line = 0; line < 40; ++line) {
      std::string words = paragraph(page * 40 + line).substr(0, 90);
      std::erase_if(words, [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; });
      content += line % 8 == 7 ? std::string("T*\n") : "(" + words + ") Tj T*\n";
    }
    content += "ET";
    objects.push_back(fmt::format("<< /Length {} >>\nstream\n{}\nendstream", content.size(), content));
    objects.push_back(
        fmt::format("<< /Type /Page /Parent {} 0 R /MediaBox [0 0 612 792] /Contents {} 0 R /Resources << /Font << /F1 "
                    "1 0 R >> >> >>",
                    tree, objects.size()));
    kids += fmt::format("{} 0 R ", objects.size());
  }
  objects.push_back(fmt::format("<< /Type /Pages /Count {} /Kids [{}] >>", pages, kids));
  objects.push_back(fmt::format("<< /Type /Catalog /Pages {} 0 R >>", tree));
  std::string file = "%PDF-1.4\n";
  std::string table;
  for (std::size_t at = 0; at < objects.size(); ++at) {
    table += fmt::format("{:010} 00000 n \n", file.size());
    file += fmt::format("{} 0 obj\n{}\nendobj\n", at + 1, objects[at]);
  }
  const std::size_t start = file.size();
  file += fmt::format("xref\n0 {}\n0000000000 65535 f \n{}trailer\n<< /Size {} /Root {} 0 R >>\nstartxref\n{}\n%%EOF\n",
                      objects.size() + 1, table, objects.size() + 1, objects.size(), start);
  return file;
}

template <class Work>
double best_seconds(int rounds, Work work) {
  double best = 1e9;
  for (int at = 0; at < rounds; ++at) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

void row(std::string measure, std::size_t bytes, double seconds, std::string beside) {
  report({.measure = measure,
          .value = static_cast<double>(bytes) / 1e6 / seconds,
          .unit = "MB/s",
          .at_least = {},
          .at_most = {},
          .beside = std::move(beside)});
}

Parsed measure(MediaType type, std::string_view name, const std::string& bytes, std::size_t least_blocks, int rounds) {
  Parsed parsed;
  const double seconds = best_seconds(rounds, [&] {
    auto result = parse(bytes, type, {});
    check(result.has_value(), "the document is read");
    parsed = *std::move(result);
  });
  check(parsed.blocks.size() >= least_blocks, "all paragraphs are there");
  check(parsed.text.utf8().find("fee of EUR 3,250.00") != std::string_view::npos, "and their words");
  // Packed formats are measured by the text that comes out.
  const std::size_t text = parsed.text.utf8().size();
  const bool packed = type == MediaType::docx || type == MediaType::pdf;
  row(fmt::format("ingest: parse {}{}", name, packed ? ", text" : ""), packed ? text : bytes.size(), seconds,
      fmt::format("{} bytes of file, {} of text", readable(static_cast<double>(bytes.size())),
                  readable(static_cast<double>(text))));
  return parsed;
}

void measure_rest(const Parsed& parsed, int rounds) {
  const std::size_t bytes = parsed.text.utf8().size();
  std::size_t found = 0;
  const double extracting =
      best_seconds(rounds, [&] { found = extract(parsed, {.extractions = 10'000'000}).all.size(); });
  check(found > parsed.blocks.size() / 2, "values are found");
  row("ingest: extract", bytes, extracting, fmt::format("{} values", readable(static_cast<double>(found))));
  std::size_t chunks = 0;
  row("ingest: chunk", bytes, best_seconds(rounds, [&] { chunks = chunks_of(parsed).size(); }),
      fmt::format("{} chunks", readable(static_cast<double>(chunks))));
  std::string stored;
  const double storing = best_seconds(rounds, [&] {
    stored = to_bytes(parsed);
    check(from_bytes(stored, parsed.text).has_value(), "what is stored is read back");
  });
  row("ingest: store structure and read it", bytes, storing,
      fmt::format("{} bytes", readable(static_cast<double>(stored.size()))));
}

}  // namespace

int run(const Options& options) {
  const int sections = options.tiny ? 8 : 1'500;
  const int rounds = options.tiny ? 1 : 3;
  const auto blocks = static_cast<std::size_t>(sections);
  measure(MediaType::plain_text, "plain text", plain_text(sections), blocks * 4, rounds);
  const Parsed parsed = measure(MediaType::markdown, "Markdown", markdown(sections), blocks * 4, rounds);
  measure(MediaType::html, "HTML", html(sections), blocks * 4, rounds);
  measure(MediaType::csv, "CSV", csv(sections), blocks * 3, rounds);
  measure(MediaType::docx, "DOCX", docx(sections), blocks * 4, rounds);
  measure(MediaType::pdf, "PDF", pdf(sections), blocks / 3, rounds);
  measure_rest(parsed, rounds);
  return 0;
}

}  // namespace flowstone::bench

int main(int count, char** arguments) {
  const auto options = flowstone::bench::options_of(count, arguments);
  const int result = flowstone::bench::run(options);
  flowstone::bench::remove_directory(options);
  return result;
}
