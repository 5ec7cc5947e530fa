#include <algorithm>
#include <array>

#include "documents/parsers.hpp"

namespace flowstone::documents {
namespace {

constexpr std::array<std::string_view, 3> kBeginnings{"https://", "http://", "www."};

bool ends_address(char byte) {
  const auto unit = static_cast<unsigned char>(byte);
  return unit <= ' ' || unit == 0x7f || byte == '<' || byte == '>' || byte == '"' || byte == '`' || byte == '|' ||
         byte == '\\';
}

bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

// Where the address that begins at `at` ends: punctuation behind it and a bracket that it did not open belong to the
// sentence.
std::size_t end_of_address(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 2'048;
  std::size_t end = at;
  while (end < text.size() && end - at < kLongest && !ends_address(text[end])) ++end;
  while (end > at) {
    const char last = text[end - 1];
    const std::string_view address = text.substr(at, end - at);
    const bool opened = (last == ')' && std::ranges::count(address, '(') >= std::ranges::count(address, ')')) ||
                        (last == ']' && std::ranges::count(address, '[') >= std::ranges::count(address, ']'));
    if (opened || std::string_view(".,;:!?'*_)]}").find(last) == std::string_view::npos) break;
    --end;
  }
  return end;
}

// The first beginning of an address at `at` or behind; npos if there is none.
std::size_t next_address(std::string_view text, std::size_t at) {
  for (at = text.find_first_of(":w", at); at != std::string_view::npos; at = text.find_first_of(":w", at + 1)) {
    for (const std::string_view beginning : kBeginnings) {
      const std::size_t back = beginning.find(text[at]);
      if (at < back || text.substr(at - back, beginning.size()) != beginning) continue;
      const std::size_t begin = at - back;
      if (begin == 0 || !is_letter(text[begin - 1])) return begin;
    }
  }
  return at;
}

bool covered(const std::vector<Link>& links, std::size_t count, Span span) {
  const auto end = links.begin() + static_cast<std::ptrdiff_t>(count);
  const auto after = std::upper_bound(links.begin(), end, span.start,
                                      [](std::uint32_t start, const Link& link) { return start < link.span.start; });
  return (after != end && after->span.start < span.end) ||
         (after != links.begin() && (after - 1)->span.end > span.start);
}

bool hidden(const std::vector<Span>& invisible, Span span) {
  const auto after = std::ranges::upper_bound(invisible, span.start, {}, &Span::end);
  return after != invisible.end() && after->start < span.end;
}

}  // namespace

void add_bare_links(Parsed& parsed) {
  const std::string_view text = parsed.text.utf8();
  const std::size_t known = parsed.links.size();
  for (std::size_t at = next_address(text, 0); at != std::string_view::npos;) {
    const std::size_t end = end_of_address(text, at);
    const Span span{parsed.text.code_point_of(static_cast<std::uint32_t>(at)),
                    parsed.text.code_point_of(static_cast<std::uint32_t>(end))};
    const std::string_view address = text.substr(at, end - at);
    const bool whole = std::ranges::none_of(kBeginnings, [&](auto beginning) { return address == beginning; });
    if (whole && !covered(parsed.links, known, span) && !hidden(parsed.invisible, span)) {
      parsed.links.push_back({span, std::string(address)});
    }
    at = next_address(text, std::max(end, at + 1));
  }
  std::ranges::sort(parsed.links, {}, &Link::span);
}

}  // namespace flowstone::documents
