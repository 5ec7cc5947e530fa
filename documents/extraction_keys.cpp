#include "documents/extraction_keys.hpp"

#include <algorithm>

namespace flowstone::documents {
namespace {

bool is_word(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         static_cast<unsigned char>(byte) >= 0x80;
}

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; }

}  // namespace

std::string ExtractionKeys::without_number(std::string_view title) {
  const std::size_t space = title.find(' ');
  const bool numbered = space != std::string_view::npos && title.front() >= '0' && title.front() <= '9' &&
                        title.substr(0, space).find_first_not_of("0123456789.)") == std::string_view::npos;
  return std::string(numbered ? title.substr(space + 1) : title);
}

std::string ExtractionKeys::stable_title(std::string_view title) {
  const std::string whole = without_number(title);
  std::string stable;
  std::string_view before;
  for (std::string_view rest = whole; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    const std::string_view number = word.starts_with('v') ? word.substr(1) : word;
    const bool version = number.find('.') != std::string_view::npos && number.front() >= '0' && number.front() <= '9' &&
                         number.find_first_not_of("0123456789.") == std::string_view::npos;
    const bool names = before == "Article" || before == "Section" || before == "Clause" || before == "Annex";
    if (!version || names) stable += (stable.empty() ? "" : " ") + std::string(word);
    before = word;
  }
  return stable.empty() ? whole : stable;
}

std::string ExtractionKeys::path(std::uint32_t code_point) {
  const auto sections = sections_.path_at(code_point);
  if (sections.empty()) return {};
  if (sections.back() == section_) return path_;
  section_ = sections.back();
  path_.clear();
  for (const std::uint32_t at : sections) {
    if (!path_.empty()) path_ += " / ";
    path_ += stable_title(parsed_.outline[at].title);
  }
  return path_;
}

std::string ExtractionKeys::key(std::string_view extractor, std::uint32_t code_point, std::string_view label) {
  std::string key = path(code_point);
  if (!key.empty() && !label.empty()) key += " / ";
  key += label;
  const std::uint32_t count = ++counts_[std::string(extractor) + '\n' + key];
  return count == 1 ? key : key + " #" + std::to_string(count);
}

std::string ExtractionKeys::words_before(std::uint32_t code_point, const Block& block) const {
  constexpr int kWords = 5;
  constexpr std::size_t kFarthest = 200;
  const std::string_view text = parsed_.text.utf8();
  std::size_t at = parsed_.text.byte_of(code_point);
  const std::size_t begin = parsed_.text.byte_of(block.span.start);
  const std::size_t least = at > begin + kFarthest ? at - kFarthest : begin;
  std::vector<std::string> words;
  while (at > least && std::ssize(words) < kWords) {
    const char byte = text[at - 1];
    if (is_word(byte)) {
      const std::size_t end = at;
      while (at > least && is_word(text[at - 1])) --at;
      if (at == least && least > begin) break;  // only a part of it was looked at
      words.emplace_back(text.substr(at, end - at));
      std::ranges::transform(words.back(), words.back().begin(), lower);
      continue;
    }
    const bool blank_line = byte == '\n' && at > 1 && text[at - 2] == '\n';
    const bool sentence =
        (byte == '.' || byte == '!' || byte == '?') && at < text.size() && (text[at] == ' ' || text[at] == '\n');
    if (blank_line || sentence || byte == '|' || byte == '\t') break;
    --at;
  }
  std::string joined;
  for (auto word = words.rbegin(); word != words.rend(); ++word) joined += (joined.empty() ? "" : " ") + *word;
  return joined;
}

}  // namespace flowstone::documents
