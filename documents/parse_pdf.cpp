#include <algorithm>
#include <cctype>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <fmt/format.h>

#include "base/locked.hpp"
#include "documents/child_process.hpp"
#include "documents/parsers.hpp"
#include "documents/pdf_boxes.hpp"
#include "documents/text_builder.hpp"

namespace flowstone::documents {
namespace {

std::uint32_t height(const Box& box) { return box.bottom - box.top; }
std::uint32_t width(const Box& box) { return box.right - box.left; }

// The height of the lines in which most of the text is set.
std::uint32_t body_height(const PdfPages& pages) {
  std::vector<std::pair<std::uint32_t, std::size_t>> heights;  // and how many words
  std::size_t words = 0;
  for (const PdfBlock& block : pages.blocks) {
    for (const PdfLine& line : block.lines) {
      heights.emplace_back(height(line.box), line.words.size());
      words += line.words.size();
    }
  }
  std::ranges::sort(heights);
  std::size_t below = 0;
  for (const auto& [tall, count] : heights) {
    below += count;
    if (below * 2 >= words) return tall;
  }
  return 0;
}

std::string words_of(const PdfLine& line) {
  std::string words;
  for (const PdfWord& word : line.words) words += (words.empty() ? "" : " ") + word.text;
  return words;
}

bool begins_lower(std::string_view word) {
  std::int64_t at = 0;
  UChar32 first = 0;
  U8_NEXT(word.data(), at, static_cast<std::int64_t>(word.size()), first);
  return first > 0 && u_islower(first) != 0;
}

// Bytes of the hyphen that the word ends with, if it stands behind a letter.
std::size_t hyphen_of(std::string_view word) {
  for (const std::string_view hyphen : {"-", "\u2010", "\u00ad"}) {
    if (word.size() <= hyphen.size() || !word.ends_with(hyphen)) continue;
    const char before = word[word.size() - hyphen.size() - 1];
    return std::isdigit(static_cast<unsigned char>(before)) != 0 || before == '-' ? 0 : hyphen.size();
  }
  return 0;
}

class PdfReader {
 public:
  PdfReader(const PdfPages& pages, TextBuilder& builder)
      : pages_(pages), builder_(builder), body_(body_height(pages)) {}
  std::optional<ParseError> read(const ParseLimits& limits, Deadline deadline);

 private:
  void block(const PdfBlock& block);
  void line(const PdfLine& line, std::uint32_t page, const PdfLine* next);
  [[nodiscard]] std::uint8_t level_of(const PdfBlock& block, std::size_t at) const;

  const PdfPages& pages_;
  TextBuilder& builder_;
  std::uint32_t body_;
  bool joined_ = false;  // the last line ended within a word
};

// Set larger than the body, or numbered like a section and much shorter than the lines below it.
std::uint8_t PdfReader::level_of(const PdfBlock& block, std::size_t at) const {
  constexpr std::size_t kMostWords = 20;
  const PdfLine& line = block.lines[at];
  if (line.words.empty() || line.words.size() > kMostWords) return 0;
  const std::uint32_t tall = height(line.box);
  if (tall * 10 >= body_ * 16) return 1;
  if (tall * 10 >= body_ * 13) return 2;
  if (tall * 100 >= body_ * 115) return 3;
  if (at > 0 && level_of(block, at - 1) == 0) return 0;
  std::uint32_t widest = 0;
  for (const PdfLine& other : block.lines) widest = std::max(widest, width(other.box));
  const bool alone = block.lines.size() == 1;
  return alone || width(line.box) * 10 < widest * 7 ? heading_level(words_of(line)) : 0;
}

void PdfReader::line(const PdfLine& line, std::uint32_t page, const PdfLine* next) {
  for (std::size_t at = 0; at < line.words.size(); ++at) {
    const PdfWord& word = line.words[at];
    if (builder_.has_text() && !joined_) builder_.append(" ");
    joined_ = false;
    const bool last = at + 1 == line.words.size() && next != nullptr && !next->words.empty();
    const std::size_t hyphen = last && begins_lower(next->words.front().text) ? hyphen_of(word.text) : 0;
    builder_.append_word(std::string_view(word.text).substr(0, word.text.size() - hyphen), page, word.box);
    joined_ = hyphen > 0;
  }
}

void PdfReader::block(const PdfBlock& block) {
  std::uint8_t before = 0;
  for (std::size_t at = 0; at < block.lines.size(); ++at) {
    const std::uint8_t level = level_of(block, at);
    if (at == 0 || level != before) {
      builder_.begin_block(level > 0 ? BlockKind::heading : BlockKind::paragraph, level);
      joined_ = false;
    }
    before = level;
    const bool goes_on = at + 1 < block.lines.size() && level_of(block, at + 1) == level;
    line(block.lines[at], block.page, goes_on ? &block.lines[at + 1] : nullptr);
  }
  builder_.end_block();
}

std::optional<ParseError> PdfReader::read(const ParseLimits& limits, Deadline deadline) {
  for (const PdfBlock& next : pages_.blocks) {
    block(next);
    if (auto error = builder_.excess()) return error;
    if (std::chrono::steady_clock::now() > deadline) return timed_out(limits);
  }
  return std::nullopt;
}

ParseError refusal(ChildFailure failed, const ParseLimits& limits) {
  switch (failed) {
    case ChildFailure::missing_program:
      return {ParseErrorCode::missing_program,
              "pdftotext, which reads PDF files, is not installed (package poppler-utils)."};
    case ChildFailure::timed_out:
      return timed_out(limits);
    case ChildFailure::too_much_output:
      return too_many("bytes of text", limits.characters);
    case ChildFailure::crashed:
    case ChildFailure::stopped:
      return {ParseErrorCode::broken, "The PDF file cannot be read: pdftotext crashed on it."};
    case ChildFailure::no_resources:
      return {ParseErrorCode::too_large, "There is no memory or process left to read the PDF file with."};
  }
  return {};
}

Result<PdfPages, ParseError> pages_of(std::string_view bytes, const ParseLimits& limits, Deadline deadline) {
  // A word of six letters takes some 120 bytes with its box.
  constexpr std::size_t kOutputPerCharacter = 24;
  const ChildLimits child{.memory_bytes = limits.memory_bytes,
                          .output_bytes = limits.characters * kOutputPerCharacter,
                          .cpu_seconds = static_cast<unsigned>(limits.time.count() / 1'000 + 1),
                          .deadline = deadline};
  const std::vector<std::string> command{
      "pdftotext", "-bbox-layout", "-enc", "UTF-8", "-l", std::to_string(std::uint64_t{limits.pages} + 1), kChildInput,
      "-"};
  auto run = run_child(command, bytes, child);
  if (!run) return failure(refusal(run.error(), limits));
  if (run->errors.find("Incorrect password") != std::string::npos || run->exit_code == 3) {
    return failure(ParseError{ParseErrorCode::encrypted, "The PDF file is encrypted: it needs a password."});
  }
  PdfPages pages = read_pdf_boxes(run->output);
  if (run->exit_code != 0 || !pages.complete) {
    if (run->errors.find("Out of memory") != std::string::npos || run->errors.find("bad_alloc") != std::string::npos)
      return failure(out_of_memory(limits));
    return failure(ParseError{ParseErrorCode::broken, "The PDF file is damaged: it cannot be read."});
  }
  if (pages.pages > limits.pages) return failure(too_many("pages", limits.pages));
  return pages;
}

}  // namespace

std::string pdf_program_version() {
  static Locked<std::string> known;
  return known.with([](std::string& version) {
    constexpr std::string_view kBefore = "pdftotext version ";
    constexpr auto kLongest = std::chrono::seconds(10);
    if (!version.empty()) return version;
    const auto run = run_child({"pdftotext", "-v"}, "",
                               {.cpu_seconds = 10, .deadline = std::chrono::steady_clock::now() + kLongest});
    if (run && run->errors.starts_with(kBefore)) {
      version = run->errors.substr(kBefore.size(), run->errors.find('\n') - kBefore.size());
    }
    return version;
  });
}

Result<Parsed, ParseError> parse_pdf(std::string_view bytes, const ParseLimits& limits, Deadline deadline) {
  FLOWSTONE_TRY(const PdfPages pages, pages_of(bytes, limits, deadline));
  TextBuilder builder(limits, nullptr);
  if (auto error = PdfReader(pages, builder).read(limits, deadline)) return failure(*std::move(error));
  Parsed parsed = builder.finish();
  if (parsed.blocks.empty()) {
    parsed.warnings.push_back(fmt::format("There is no text on the {} pages: they may be pictures.", pages.pages));
  }
  return parsed;
}

}  // namespace flowstone::documents
