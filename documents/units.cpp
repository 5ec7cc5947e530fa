// Blocks and sentences.
#include <algorithm>
#include <memory>
#include <string>
#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include "base/check.hpp"
#include "documents/words.hpp"

namespace flowstone::documents {
namespace {

bool is_blank(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }
bool is_lower(char byte) { return byte >= 'a' && byte <= 'z'; }
bool is_upper(char byte) { return byte >= 'A' && byte <= 'Z'; }
bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_stop(char byte) { return byte == '.' || byte == '!' || byte == '?'; }
bool is_close(char byte) { return std::string_view("\"'()[]{}").find(byte) != std::string_view::npos; }
bool goes_on(char byte) { return byte == ',' || byte == '-' || byte == ':'; }

// Where a sentence ends in ASCII without line ends that count, given the place behind its full stop: the rules SB6 to
// SB11 of UAX-29. Nothing if it goes on.
std::optional<std::size_t> sentence_end(std::string_view text, std::size_t stop) {
  const bool full_stop = text[stop] == '.';
  std::size_t at = stop + 1;
  if (full_stop && at < text.size()) {
    if (is_digit(text[at])) return std::nullopt;
    const bool after_letter = stop > 0 && (is_lower(text[stop - 1]) || is_upper(text[stop - 1]));
    if (after_letter && is_upper(text[at])) return std::nullopt;
  }
  while (at < text.size() && is_close(text[at])) ++at;
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at == text.size()) return at;
  if (is_stop(text[at]) || goes_on(text[at])) return std::nullopt;
  if (!full_stop) return at;
  const auto undecided = [&](char byte) { return !is_lower(byte) && !is_upper(byte) && !is_stop(byte); };
  std::size_t ahead = at;
  while (ahead < text.size() && undecided(text[ahead])) ++ahead;
  if (ahead < text.size() && is_lower(text[ahead])) return std::nullopt;
  return at;
}

enum class Line : std::uint8_t { text, blank, begins, alone, fence };

std::string_view without_indent(std::string_view line) {
  const auto first = line.find_first_not_of(" \t>\r\n");
  return first == std::string_view::npos ? std::string_view() : line.substr(first);
}

bool is_rule(std::string_view line) {
  const char mark = line.front();
  return (mark == '-' || mark == '=' || mark == '*' || mark == '_') && line.size() >= 3 &&
         line.find_first_not_of(std::string{mark, ' ', '\t', '\r', '\n'}) == std::string_view::npos;
}

Line kind_of(std::string_view whole) {
  const auto line = without_indent(whole);
  if (line.empty()) return Line::blank;
  if (line.starts_with("```") || line.starts_with("~~~")) return Line::fence;
  if (line.front() == '|' || line.front() == '#' || is_rule(line)) return Line::alone;
  const bool bullet = (line.front() == '-' || line.front() == '*' || line.front() == '+') && line.size() > 1;
  if (bullet && is_blank(line[1])) return Line::begins;
  std::size_t digits = 0;
  while (digits < line.size() && digits < 10 && is_digit(line[digits])) ++digits;
  const bool numbered = digits > 0 && digits + 1 < line.size() && (line[digits] == '.' || line[digits] == ')');
  return numbered && is_blank(line[digits + 1]) ? Line::begins : Line::text;
}

class Cutter {
 public:
  Cutter(const Text& text, std::span<const Word> words) : text_(text.utf8()), words_(words) {}

  std::vector<Unit> run() {
    bool fenced = false;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size() - 1) + 1;
      const Line kind = kind_of(text_.substr(at, end - at));
      const bool apart = fenced || kind != Line::text;
      if (apart) close_block(begin, at);
      if (fenced || kind == Line::alone || kind == Line::fence) close_line(at, end);
      if (apart) begin = kind == Line::begins && !fenced ? at : end;
      if (kind == Line::fence) fenced = !fenced;
      at = end;
    }
    close_block(begin, text_.size());
    // A quotation without words at the very end.
    cut(text_.size());
    return std::move(units_);
  }

 private:
  void close_line(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    cut(end);
    ++block_;
  }

  void close_block(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    const auto block = text_.substr(begin, end - begin);
    if (std::ranges::all_of(block, [](char byte) { return (byte & 0x80) == 0; })) {
      for (std::size_t at = 0; at < block.size(); ++at) {
        if (!is_stop(block[at])) continue;
        if (const auto after = sentence_end(block, at)) cut(begin + *after);
      }
    } else {
      cut_by_icu(begin, block);
    }
    cut(end);
    ++block_;
  }

  void cut_by_icu(std::size_t begin, std::string_view block) {
    UErrorCode status = U_ZERO_ERROR;
    if (!sentences_) sentences_.reset(icu::BreakIterator::createSentenceInstance(icu::Locale::getRoot(), status));
    std::string line(block);
    for (char& byte : line) byte = is_blank(byte) ? ' ' : byte;
    UText text = UTEXT_INITIALIZER;
    utext_openUTF8(&text, line.data(), static_cast<std::int64_t>(line.size()), &status);
    sentences_->setText(&text, status);
    check(U_SUCCESS(status) != 0, "ICU has its own data and takes valid UTF-8");
    sentences_->first();
    for (std::int32_t end = sentences_->next(); end != icu::BreakIterator::DONE; end = sentences_->next())
      cut(begin + static_cast<std::size_t>(end));
    utext_close(&text);
  }

  // Words that begin before this byte and are in no unit yet become one.
  void cut(std::size_t byte) {
    const std::uint32_t first = units_.empty() ? 0 : units_.back().last;
    std::uint32_t last = first;
    while (last < words_.size() && words_[last].begin < byte) ++last;
    if (last > first) units_.push_back({.first = first, .last = last, .block = block_});
  }

  std::string_view text_;
  std::span<const Word> words_;
  std::vector<Unit> units_;
  std::uint32_t block_ = 0;
  std::unique_ptr<icu::BreakIterator> sentences_;
};

}  // namespace

std::vector<Unit> units_of(const Text& text, std::span<const Word> words) { return Cutter(text, words).run(); }

}  // namespace flowstone::documents
