#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "documents/normalise.hpp"
#include "documents/parsers.hpp"
#include "documents/text_builder.hpp"

namespace flowstone::documents {
namespace {

// Comma, semicolon, tab or bar: whichever the first record has most of, outside quotes.
char separator_of(std::string_view text) {
  constexpr std::string_view kSeparators = ",;\t|";
  std::array<std::size_t, kSeparators.size()> counts{};
  bool quoted = false;
  for (const char byte : text) {
    if (byte == '"') quoted = !quoted;
    if (quoted) continue;
    if (byte == '\n' || byte == '\r') break;
    if (const std::size_t which = kSeparators.find(byte); which != std::string_view::npos) ++counts[which];
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

bool begins_like_a_number(std::string_view cell) {
  cell.remove_prefix(std::min(cell.find_first_not_of(" +-$"), cell.size()));
  return !cell.empty() && cell.front() >= '0' && cell.front() <= '9';
}

// RFC 4180, and what programs write besides: other separators, lone line ends, quotes within a field without quotes.
class CsvReader {
 public:
  CsvReader(std::string_view text, TextBuilder& builder)
      : text_(text), builder_(builder), separator_(separator_of(text)) {}

  std::optional<ParseError> read(const ParseLimits& limits, Deadline deadline);
  [[nodiscard]] bool has_header() const { return has_header_; }
  [[nodiscard]] std::size_t ragged_row() const { return ragged_row_; }

 private:
  bool record();
  bool field();
  bool quoted_field();
  void plain_field();
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] bool at_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

  std::string_view text_;
  TextBuilder& builder_;
  char separator_;
  std::size_t at_ = 0;
  std::size_t row_ = 0;
  std::size_t columns_ = 0;
  std::size_t ragged_row_ = 0;
  bool has_header_ = true;
};

// False: the closing quote is missing.
bool CsvReader::quoted_field() {
  ++at_;
  for (;;) {
    const std::size_t quote = text_.find('"', at_);
    if (quote == std::string_view::npos) return false;
    const bool doubled = quote + 1 < text_.size() && text_[quote + 1] == '"';
    builder_.append(text_.substr(at_, quote + (doubled ? 1 : 0) - at_), at_);
    at_ = quote + (doubled ? 2 : 1);
    if (!doubled) break;
  }
  plain_field();
  return true;
}

void CsvReader::plain_field() {
  const std::size_t begin = at_;
  while (!at_end() && text_[at_] != separator_ && !at_line_end()) ++at_;
  builder_.append(text_.substr(begin, at_ - begin), begin);
}

bool CsvReader::field() {
  builder_.begin_cell();
  const std::size_t begin = at_;
  const bool whole = at_end() || text_[at_] != '"' || quoted_field();
  if (whole && at_ == begin) plain_field();
  if (row_ == 0 && (at_ == begin || begins_like_a_number(text_.substr(begin, at_ - begin)))) has_header_ = false;
  builder_.end_cell();
  return whole;
}

bool CsvReader::record() {
  builder_.begin_row();
  std::size_t fields = 0;
  for (;;) {
    if (!field()) return false;
    ++fields;
    if (at_end() || text_[at_] != separator_) break;
    ++at_;
  }
  builder_.end_row();
  if (row_ == 0) columns_ = fields;
  if (fields != columns_ && ragged_row_ == 0) ragged_row_ = row_ + 1;
  ++row_;
  return true;
}

std::optional<ParseError> CsvReader::read(const ParseLimits& limits, Deadline deadline) {
  constexpr std::size_t kRowsBetweenLooks = 1'024;
  while (!at_end()) {
    if (at_line_end()) {
      ++at_;
      continue;
    }
    const std::size_t begin = at_;
    if (!record()) {
      const auto line = std::ranges::count(text_.substr(0, begin), '\n') + 1;
      return ParseError{ParseErrorCode::broken,
                        fmt::format("A quoted field of the record in line {} is never closed.", line)};
    }
    if (auto error = builder_.excess()) return error;
    if (row_ % kRowsBetweenLooks == 0 && std::chrono::steady_clock::now() > deadline) return timed_out(limits);
  }
  has_header_ = has_header_ && row_ > 1;
  return std::nullopt;
}

}  // namespace

Result<Parsed, ParseError> parse_csv(std::string_view bytes, const ParseLimits& limits, Deadline deadline) {
  FLOWSTONE_TRY(const Decoded decoded, decode(bytes, limits));
  TextBuilder builder(limits, &decoded.map);
  CsvReader reader(decoded.utf8, builder);
  builder.begin_table();
  if (auto error = reader.read(limits, deadline)) return failure(*std::move(error));
  builder.end_table(reader.has_header());
  Parsed parsed = builder.finish();
  parsed.charset = decoded.charset;
  parsed.warnings = decoded.warnings;
  if (!decoded.charset.starts_with("UTF-16")) parsed.source.lines = line_starts(bytes);
  if (reader.ragged_row() > 0) {
    parsed.warnings.push_back(fmt::format("Row {} has another number of fields than the first.", reader.ragged_row()));
  }
  return parsed;
}

}  // namespace flowstone::documents
