#include "documents/anchor.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "base/check.hpp"
#include "documents/similarity.hpp"
#include "documents/span_search.hpp"

namespace flowstone::documents {
namespace {

// By how much another place must be better than the place itself, and how close two places must be to be equally good.
constexpr double kClearlyBetter = 0.10, kAsGood = 0.05;

WordRange words_in(const std::vector<Word>& words, Span span) {
  const auto first = std::ranges::upper_bound(words, span.start, {}, [](const Word& word) { return word.span.end; });
  auto last = std::ranges::lower_bound(words, span.end, {}, [](const Word& word) { return word.span.start; });
  last = std::max(first, last);
  return {static_cast<std::uint32_t>(first - words.begin()), static_cast<std::uint32_t>(last - words.begin())};
}

// Words as people quote them, cut where they are long.
std::string quoted(std::string_view words) {
  constexpr std::size_t kLongest = 60;
  if (words.size() <= kLongest) return fmt::format("\"{}\"", words);
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(words[end]) & 0xc0) == 0x80) --end;
  return fmt::format("\"{}...\"", words.substr(0, end));
}

std::string sentence_on(const std::vector<WordChange>& changes, bool moved) {
  const auto* const place = moved ? "In another place" : "In the same place";
  const auto& first = changes.front();
  const auto what = first.after.empty()    ? fmt::format("{} was deleted", quoted(first.before))
                    : first.before.empty() ? fmt::format("{} was inserted", quoted(first.after))
                                           : fmt::format("{} became {}", quoted(first.before), quoted(first.after));
  if (changes.size() == 1) return fmt::format("{} {}.", place, what);
  return fmt::format("{} {}, and {} more {}.", place, what, changes.size() - 1,
                     changes.size() == 2 ? "change" : "changes");
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::same:
      return "same";
    case Verdict::moved:
      return "moved";
    case Verdict::reparsed:
      return "reparsed";
    case Verdict::changed:
      return "changed";
    case Verdict::moved_changed:
      return "moved_changed";
    case Verdict::ambiguous:
      return "ambiguous";
    case Verdict::lost:
      return "lost";
  }
  return "";
}

bool is_fresh(Verdict verdict) {
  return verdict == Verdict::same || verdict == Verdict::moved || verdict == Verdict::reparsed;
}

Anchoring::Anchoring(const Text& old_text, const Text& new_text)
    : old_(old_text), new_(new_text), alignment_(align(old_text, new_text)) {
  const auto& old_side = alignment_.old_side;
  const auto& new_side = alignment_.new_side;
  old_weights_.reserve(old_side.words.size());
  for (const auto& word : old_side.words) old_weights_.push_back(weight_of(word, old_));
  const auto in_place = [&](std::size_t word) {
    return old_side.partner[word] != kNone && alignment_.move_of[word] == 0;
  };
  for (std::uint32_t word = 0; word < new_side.words.size(); ++word)
    new_places_.emplace_back(new_side.words[word].key, word);
  for (std::uint32_t word = 0; word < old_side.words.size(); ++word)
    old_places_.emplace_back(old_side.words[word].key, word);
  std::ranges::sort(old_places_);
  std::ranges::sort(new_places_);
  for (const auto& place : new_places_) {
    const std::uint32_t owner = new_side.partner[place.second];
    if (owner == kNone) unowned_.push_back(place);
    if (owner != kNone && !in_place(owner)) moved_in_.push_back(place);
  }
  std::ranges::copy_if(old_places_, std::back_inserter(gone_),
                       [&](const auto& place) { return !in_place(place.second); });
  lower_.assign(old_side.words.size() + 1, 0);
  upper_.assign(old_side.words.size() + 1, static_cast<std::uint32_t>(new_side.words.size()));
  for (std::size_t word = 0; word < old_side.words.size(); ++word)
    lower_[word + 1] = in_place(word) ? old_side.partner[word] + 1 : lower_[word];
  for (std::size_t word = old_side.words.size(); word-- > 0;)
    upper_[word] = in_place(word) ? old_side.partner[word] : upper_[word + 1];
}

Anchor Anchoring::anchor(Span span) const {
  check(span.start <= span.end && span.end <= old_.size(), "a span is within its text");
  if (old_.utf8() == new_.utf8()) return unchanged(span, "The text is the same.", Verdict::same);
  const WordRange words = words_in(alignment_.old_side.words, span);
  if (words.size() == 0) return place_between_words(span, words.first);
  const SpanSearch search(*this, words);
  if (const auto found = search.aligned_unchanged()) return unchanged_words(span, words, *found);
  const auto elsewhere = search.unowned_unchanged();
  if (elsewhere.size() == 1) return unchanged_words(span, words, elsewhere.front());
  if (elsewhere.size() > 1) {
    if (const auto its_own = search.in_order_among(elsewhere)) return unchanged_words(span, words, *its_own);
    return ambiguous(elsewhere);
  }
  if (const auto only = search.unique_unchanged()) return unchanged_words(span, words, *only);
  if (const auto shared = search.shared_unchanged()) return unchanged_words(span, words, *shared);
  const auto here = search.aligned_changed();
  const auto fuzzy = search.unowned_changed();
  const bool better = !fuzzy.empty() && (!here || fuzzy.front().kept > here->kept + kClearlyBetter);
  if (!better) return here ? changed_words(span, words, *here) : lost();
  if (fuzzy.size() > 1 && fuzzy[1].kept + kAsGood > fuzzy.front().kept) {
    std::vector<Located> as_good;
    for (const auto& found : fuzzy) {
      if (found.kept + kAsGood > fuzzy.front().kept) as_good.push_back(found);
    }
    return ambiguous(as_good);
  }
  return changed_words(span, words, fuzzy.front());
}

Anchor Anchoring::unchanged(Span found, std::string reason, Verdict verdict) const {
  return {.verdict = verdict,
          .span = found,
          .exact = std::string(new_.slice(found)),
          .reason = std::move(reason),
          .changes = {},
          .materiality = Materiality::none,
          .candidates = {}};
}

// Nothing is quoted: the place behind the word before, before the word behind, or where what stood around it was.
Anchor Anchoring::place_between_words(Span span, std::uint32_t next) const {
  const auto& old_side = alignment_.old_side;
  const auto& new_words = alignment_.new_side.words;
  std::uint32_t at = 0;
  if (next > 0 && old_side.partner[next - 1] != kNone) {
    const std::uint32_t behind = span.start - old_side.words[next - 1].span.end;
    const std::uint32_t partner = old_side.partner[next - 1];
    const std::uint32_t limit = partner + 1 < new_words.size() ? new_words[partner + 1].span.start : new_.size();
    at = std::min(new_words[partner].span.end + behind, limit);
  } else if (next < old_side.words.size() && old_side.partner[next] != kNone) {
    at = new_words[old_side.partner[next]].span.start;
  } else if (lower_[next] > 0) {
    at = new_words[lower_[next] - 1].span.end;
  }
  return unchanged({at, at}, "It quotes no words, and is where the words around it are.", Verdict::same);
}

Anchor Anchoring::unchanged_words(Span span, WordRange words, const Located& found) const {
  const Word& old_first = alignment_.old_side.words[words.first];
  const Word& old_last = alignment_.old_side.words[words.last - 1];
  const Word& new_first = alignment_.new_side.words[found.words.first];
  const Word& new_last = alignment_.new_side.words[found.words.last - 1];
  Span there{new_first.span.start, new_last.span.end};
  // A span that begins or ends inside a word does so in the new text, too; one with white space around keeps what is
  // the same of it.
  if (span.start > old_first.span.start)
    there.start += std::min(span.start - old_first.span.start, new_first.span.size());
  if (span.end < old_last.span.end) there.end -= std::min(old_last.span.end - span.end, new_last.span.size());
  const auto equal = [&](std::uint32_t left, std::uint32_t right) {
    return old_.slice({left, left + 1}) == new_.slice({right, right + 1});
  };
  for (std::uint32_t at = old_last.span.end; at < span.end && there.end < new_.size() && equal(at, there.end); ++at)
    ++there.end;
  for (std::uint32_t at = old_first.span.start; at > span.start && there.start > 0 && equal(at - 1, there.start - 1);
       --at)
    --there.start;
  if (there.end < there.start) there.end = there.start;
  if (found.moved) return unchanged(there, "The words are unchanged in another place.", Verdict::moved);
  if (there.start == span.start) return unchanged(there, "The words are unchanged.", Verdict::same);
  const bool later = there.start > span.start;
  const std::uint32_t by = later ? there.start - span.start : span.start - there.start;
  return unchanged(there, fmt::format("The words are unchanged, {} characters {}.", by, later ? "later" : "earlier"),
                   Verdict::same);
}

Anchor Anchoring::changed_words(Span span, WordRange words, const Located& found) const {
  const auto& old_words = alignment_.old_side.words;
  const auto& new_words = alignment_.new_side.words;
  const Span there{new_words[found.words.first].span.start, new_words[found.words.last - 1].span.end};
  Anchor anchor{.verdict = found.moved ? Verdict::moved_changed : Verdict::changed,
                .span = there,
                .exact = std::string(new_.slice(there)),
                .reason = {},
                .changes = word_changes(old_, std::span(old_words).subspan(words.first, words.size()), new_,
                                        std::span(new_words).subspan(found.words.first, found.words.size())),
                .materiality = Materiality::none,
                .candidates = {}};
  if (anchor.changes.empty()) return unchanged_words(span, words, found);
  anchor.reason = sentence_on(anchor.changes, found.moved);
  anchor.materiality = materiality_of(anchor.changes);
  return anchor;
}

Anchor Anchoring::ambiguous(const std::vector<Located>& found) const {
  Anchor anchor{.verdict = Verdict::ambiguous,
                .span = {},
                .exact = {},
                .reason = fmt::format("{} places are equally likely, and nothing around them decides.", found.size()),
                .changes = {},
                .materiality = Materiality::material,
                .candidates = {}};
  for (const auto& place : found) {
    anchor.candidates.push_back({alignment_.new_side.words[place.words.first].span.start,
                                 alignment_.new_side.words[place.words.last - 1].span.end});
  }
  return anchor;
}

Anchor Anchoring::lost() {
  return {.verdict = Verdict::lost,
          .span = {},
          .exact = {},
          .reason = "The words are gone, and no text that is new resembles them.",
          .changes = {},
          .materiality = Materiality::material,
          .candidates = {}};
}

}  // namespace flowstone::documents
