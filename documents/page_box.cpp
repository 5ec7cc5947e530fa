#include "documents/page_box.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace flowstone::documents {
namespace {

// No page of a PDF is wider: 14,400 points, and some room.
constexpr double kMostPoints = 100'000;

std::optional<std::uint32_t> hundredths(std::string_view text) {
  double points = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, points, std::chars_format::fixed);
  if (error != std::errc{} || rest != end || !(points >= 0) || points > kMostPoints) return std::nullopt;
  return static_cast<std::uint32_t>(points * 100 + 0.5);
}

std::optional<Box> parse_box(std::string_view text) {
  std::array<std::uint32_t, 4> numbers{};
  for (std::size_t at = 0; at < numbers.size(); ++at) {
    const bool last = at + 1 == numbers.size();
    const auto comma = text.find(',');
    if (last != (comma == std::string_view::npos)) return std::nullopt;
    const auto number = hundredths(text.substr(0, comma));
    if (!number) return std::nullopt;
    numbers[at] = *number;
    if (!last) text.remove_prefix(comma + 1);
  }
  if (numbers[2] == 0 || numbers[3] == 0) return std::nullopt;
  return Box{
      .left = numbers[0], .top = numbers[1], .right = numbers[0] + numbers[2], .bottom = numbers[1] + numbers[3]};
}

bool is_inside(const PageWord& word, const PageBox& box) {
  const auto across = (word.box.left + word.box.right) / 2;
  const auto down = (word.box.top + word.box.bottom) / 2;
  return word.page == box.page && across >= box.box.left && across <= box.box.right && down >= box.box.top &&
         down <= box.box.bottom;
}

std::string in_points(std::uint32_t hundredths) {
  if (hundredths % 100 == 0) return fmt::format("{}", hundredths / 100);
  auto text = fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
  if (text.ends_with('0')) text.pop_back();
  return text;
}

}  // namespace

std::optional<PageBox> parse_page_box(std::string_view fragment) {
  std::optional<std::uint32_t> page;
  std::optional<Box> box;
  while (!fragment.empty()) {
    const auto end = std::min(fragment.find('&'), fragment.size());
    const auto part = fragment.substr(0, end);
    fragment.remove_prefix(std::min(end + 1, fragment.size()));
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto name = part.substr(0, equals), value = part.substr(equals + 1);
    if (name == "page" && !page) {
      std::uint32_t number = 0;
      const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (error != std::errc{} || rest != value.data() + value.size() || number == 0) return std::nullopt;
      page = number;
    } else if ((name == "viewrect" || name == "xywh") && !box) {
      box = parse_box(value);
      if (!box) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  if (!page || !box) return std::nullopt;
  return PageBox{.page = *page, .box = *box};
}

std::string to_text(const PageBox& box) {
  return fmt::format("page={}&viewrect={},{},{},{}", box.page, in_points(box.box.left), in_points(box.box.top),
                     in_points(box.box.right - box.box.left), in_points(box.box.bottom - box.box.top));
}

std::vector<Span> words_in_box(const SourceMap& source, const PageBox& box) {
  std::vector<Span> runs;
  bool inside = false;
  for (const PageWord& word : source.words) {
    const bool was_inside = inside;
    inside = is_inside(word, box);
    if (!inside) continue;
    if (was_inside) {
      runs.back().end = word.span.end;
    } else {
      runs.push_back(word.span);
    }
  }
  return runs;
}

std::optional<PageBox> box_around(const SourceMap& source, Span span) {
  const auto words = source.words_in(span);
  if (words.empty()) return std::nullopt;
  PageBox around{.page = words.front().page, .box = words.front().box};
  for (const PageWord& word : words) {
    if (word.page != around.page) break;
    around.box.left = std::min(around.box.left, word.box.left);
    around.box.top = std::min(around.box.top, word.box.top);
    around.box.right = std::max(around.box.right, word.box.right);
    around.box.bottom = std::max(around.box.bottom, word.box.bottom);
  }
  return around;
}

}  // namespace flowstone::documents
