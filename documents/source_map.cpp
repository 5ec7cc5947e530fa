#include "documents/source_map.hpp"

#include <algorithm>
#include <limits>

namespace flowstone::documents {

void ByteMap::append(Segment segment) {
  if (!segments_.empty()) {
    const Segment& last = segments_.back();
    const bool same_step = last.from_unit == segment.from_unit && last.to_unit == segment.to_unit;
    const bool whole_steps = segment.from_unit == 0 || (segment.from - last.from) % last.from_unit == 0;
    if (same_step && whole_steps && origin_in(last, segment.from) == segment.to) return;
    if (last.from == segment.from) {
      segments_.back() = segment;
      return;
    }
  }
  segments_.push_back(segment);
}

std::uint32_t ByteMap::origin_in(const Segment& segment, std::uint32_t from) const {
  const std::uint64_t steps = (from - segment.from) / std::max<std::uint8_t>(segment.from_unit, 1);
  const std::uint64_t to = segment.to + steps * segment.to_unit;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(to, std::numeric_limits<std::uint32_t>::max()));
}

std::uint32_t ByteMap::origin(std::uint32_t from) const {
  const auto after = std::ranges::upper_bound(segments_, from, {}, &Segment::from);
  if (after == segments_.begin()) return 0;
  const Segment& segment = *(after - 1);
  const std::uint32_t to = origin_in(segment, from);
  // What the next segment begins with is not yet reached: removed source text lies behind, not within.
  return after == segments_.end() ? to : std::min(to, std::max(after->to, segment.to));
}

std::uint32_t ByteMap::first_from(std::uint32_t to, std::uint32_t size) const {
  std::uint32_t low = 0;
  std::uint32_t high = size;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (origin(middle) < to) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

ByteMap ByteMap::through(const ByteMap& further, std::uint32_t size) const {
  if (further.segments_.size() == 1) {
    const Segment& only = further.segments_.front();
    if (only == Segment{}) return *this;
  }
  ByteMap result;
  auto next = further.segments_.begin();
  for (std::size_t at = 0; at < segments_.size(); ++at) {
    const Segment& mine = segments_[at];
    const std::uint32_t end = at + 1 < segments_.size() ? segments_[at + 1].from : size;
    if (mine.to_unit == 0 || mine.from_unit != 1 || mine.to_unit != 1) {
      result.append({mine.from, further.origin(mine.to), 1, 0});
      continue;
    }
    next = std::upper_bound(next, further.segments_.end(), mine.to,
                            [](std::uint32_t to, const Segment& segment) { return to < segment.from; });
    const Segment first = next == further.segments_.begin() ? Segment{} : *(next - 1);
    result.append({mine.from, further.origin(mine.to), first.from_unit, first.to_unit});
    for (; next != further.segments_.end() && next->from - mine.to < end - mine.from; ++next) {
      result.append({mine.from + (next->from - mine.to), next->to, next->from_unit, next->to_unit});
    }
  }
  return result;
}

Place SourceMap::place(const Text& text, std::uint32_t code_point) const {
  Place place;
  if (!bytes.empty()) {
    place.byte = bytes.origin(text.byte_of(code_point));
    if (!lines.empty()) {
      place.line = static_cast<std::uint32_t>(std::ranges::upper_bound(lines, *place.byte) - lines.begin());
    }
  }
  const auto after =
      std::ranges::upper_bound(words, code_point, {}, [](const PageWord& word) { return word.span.start; });
  if (after != words.begin()) {
    place.page = (after - 1)->page;
    place.box = (after - 1)->box;
  }
  return place;
}

std::vector<PageWord> SourceMap::words_in(Span span) const {
  const auto first =
      std::ranges::upper_bound(words, span.start, {}, [](const PageWord& word) { return word.span.end; });
  auto last = first;
  while (last != words.end() && last->span.start < span.end) ++last;
  return {first, last};
}

std::vector<std::uint32_t> line_starts(std::string_view bytes) {
  std::vector<std::uint32_t> starts{0};
  for (std::size_t at = bytes.find_first_of("\r\n"); at != std::string_view::npos;
       at = bytes.find_first_of("\r\n", at)) {
    at += bytes[at] == '\r' && at + 1 < bytes.size() && bytes[at + 1] == '\n' ? 2 : 1;
    starts.push_back(static_cast<std::uint32_t>(at));
  }
  return starts;
}

}  // namespace flowstone::documents
