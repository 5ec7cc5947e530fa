#include "projections/search/snippet.hpp"

#include <algorithm>

namespace flowstone::projections {
namespace {

constexpr std::uint32_t kBytes = 300;
constexpr std::uint32_t kLead = 60;  // of them before the first match

bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t'; }

std::uint32_t code_points(std::string_view text) {
  return static_cast<std::uint32_t>(std::ranges::count_if(text, begins_code_point));
}

// The match with which the most others fit into a snippet.
std::size_t densest(const std::vector<ByteRange>& matches) {
  std::size_t best = 0;
  std::size_t most = 0;
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < matches.size(); ++begin) {
    while (end < matches.size() && matches[end].end - matches[begin].begin <= kBytes - kLead) ++end;
    if (end - begin > most) {
      most = end - begin;
      best = begin;
    }
  }
  return best;
}

// A place at or after `at` where a word begins, or else where a code point does; not beyond `limit`.
std::uint32_t word_from(std::string_view text, std::uint32_t at, std::uint32_t limit) {
  if (at == 0) return 0;
  for (std::uint32_t place = at; place < limit; ++place) {
    if (is_space(text[place - 1]) && !is_space(text[place])) return place;
  }
  while (at < limit && !begins_code_point(text[at])) ++at;
  return at;
}

// A place at or before `at` where a word ends, or else where a code point does; not before `limit`.
std::uint32_t word_to(std::string_view text, std::uint32_t at, std::uint32_t limit) {
  if (at >= text.size()) return static_cast<std::uint32_t>(text.size());
  for (std::uint32_t place = at; place > limit; --place) {
    if (is_space(text[place]) && !is_space(text[place - 1])) return place;
  }
  while (at > limit && !begins_code_point(text[at])) --at;
  return at;
}

}  // namespace

Snippet snippet_of(std::string_view passage, std::uint32_t start, const std::vector<ByteRange>& matches) {
  const ByteRange first = matches.empty() ? ByteRange{} : matches[densest(matches)];
  const std::uint32_t lead = first.begin > kLead ? first.begin - kLead : 0;
  const std::uint32_t begin = word_from(passage, lead, first.begin);
  const std::uint32_t end = word_to(passage, std::max(begin + kBytes, first.end), std::max(first.end, begin));
  Snippet snippet;
  snippet.text = std::string(passage.substr(begin, end - begin));
  const auto place = [&](std::uint32_t byte) { return start + code_points(passage.substr(0, byte)); };
  snippet.span = {place(begin), place(end)};
  for (const ByteRange& match : matches) {
    if (match.begin >= begin && match.end <= end) snippet.highlights.push_back({place(match.begin), place(match.end)});
  }
  return snippet;
}

}  // namespace flowstone::projections
