#include "documents/span_search.hpp"

#include <algorithm>
#include <edlib.h>
#include <map>
#include <memory>
#include <numeric>

namespace flowstone::documents {
namespace {

// What weighs less is not looked for by itself in other places: "ten days" may stand anywhere.
constexpr std::uint32_t kTelling = 14;
// What weighs as much is not said twice by accident.
constexpr std::uint32_t kTellingAnywhere = 20;
// Of no more words every one may be replaced, and it is still the same part of its sentence.
constexpr std::uint32_t kFewWords = 6;
// How many words around a quote are compared, and how many of them make a quote telling that is not by itself.
constexpr std::uint32_t kContext = 8, kContextEnough = 2, kAsGoodContext = 1;
// Words that are unowned in more places are no start of a search.
constexpr std::size_t kMostPlaces = 256, kMostVotes = 48;
constexpr double kKeptInPlace = 0.5, kKeptInPairedUnit = 0.4;
// Edit distance of a fuzzy match, in parts of the quote's bytes; and the part of its words that must have voted for it.
constexpr double kMostDistance = 0.30, kFewestVotes = 0.35;
constexpr std::uint32_t kLongestFuzzy = 2'000;
constexpr std::size_t kMostLikely = 3;
// One part in so many of an unchanged place may be owned by other words.
constexpr std::uint32_t kMostOwned = 4;
// What part of the words of a place may belong to one sentence that became another there.
constexpr double kMostOfOne = 0.7;

bool holds_mostly(std::size_t part, std::size_t whole) { return part * 5 >= whole * 4; }

}  // namespace

std::uint32_t SpanSearch::weight() const {
  const auto begin = all_.old_weights_.begin();
  return std::accumulate(begin + span_.first, begin + span_.last, std::uint32_t{0});
}

bool SpanSearch::free_or_own(std::uint32_t new_word) const {
  const std::uint32_t owner = new_side().partner[new_word];
  return owner == kNone || (owner >= span_.first && owner < span_.last);
}

// A few words of a place may be owned by others: a full stop or an article finds a partner anywhere.
bool SpanSearch::unchanged_at(std::uint32_t new_first) const {
  if (new_first + span_.size() > new_side().words.size()) return false;
  std::uint32_t whole = 0, owned = 0;
  for (std::uint32_t step = 0; step < span_.size(); ++step) {
    if (new_key(new_first + step) != old_key(span_.first + step)) return false;
    const std::uint32_t word_weight = all_.old_weights_[span_.first + step];
    whole += word_weight;
    if (!free_or_own(new_first + step)) owned += word_weight;
  }
  return owned * kMostOwned <= whole;
}

bool SpanSearch::in_place(WordRange found) const {
  return found.first >= all_.lower_[span_.first] && found.last <= all_.upper_[span_.last];
}

std::uint32_t SpanSearch::context_at(std::uint32_t new_first) const {
  std::uint32_t equal = 0;
  for (std::uint32_t step = 1; step <= kContext && step <= span_.first && step <= new_first; ++step) {
    if (old_key(span_.first - step) != new_key(new_first - step)) break;
    ++equal;
  }
  const std::uint32_t new_last = new_first + span_.size();
  for (std::uint32_t step = 0; step < kContext; ++step) {
    if (span_.last + step >= old_side().words.size() || new_last + step >= new_side().words.size()) break;
    if (old_key(span_.last + step) != new_key(new_last + step)) break;
    ++equal;
  }
  return equal;
}

std::optional<Located> SpanSearch::aligned_unchanged() const {
  // A word that was inserted may have taken the partner of an equal one beside it: each place that a word of the span
  // names is tried for the whole span.
  constexpr int kMostTried = 8;
  std::optional<Located> found;
  std::uint32_t tried = kNone;
  int tries = 0;
  for (std::uint32_t word = span_.first; word < span_.last && tries < kMostTried; ++word) {
    const std::uint32_t partner = old_side().partner[word];
    if (partner == kNone || partner < word - span_.first) continue;
    const std::uint32_t first = partner - (word - span_.first);
    if (first == tried) continue;
    tried = first;
    ++tries;
    if (!unchanged_at(first)) continue;
    const bool moved = all_.alignment_.move_of[word] != 0;
    if (!found || (found->moved && !moved))
      found = Located{.words = {first, first + span_.size()}, .moved = moved, .kept = 1};
    if (!moved) break;
  }
  return found;
}

SpanSearch::Places SpanSearch::among(const Anchoring::Places& all, std::uint64_t key) {
  const auto [begin, end] = std::ranges::equal_range(all, key, {}, [](const auto& place) { return place.first; });
  return {begin, end};
}

std::pair<SpanSearch::Places, std::uint32_t> SpanSearch::rarest(const Anchoring::Places& all) const {
  Places fewest;
  std::uint32_t offset = 0;
  for (std::uint32_t word = span_.first; word < span_.last; ++word) {
    const auto places = among(all, old_key(word));
    if (places.empty() || (!fewest.empty() && places.size() >= fewest.size())) continue;
    fewest = places;
    offset = word - span_.first;
  }
  return {fewest.size() > kMostPlaces ? Places{} : fewest, offset};
}

std::vector<Located> SpanSearch::unowned_unchanged() const {
  const auto [rarest, offset] = this->rarest(all_.unowned_);
  const bool telling = weight() >= kTelling;
  std::vector<Located> found;
  std::uint32_t best = 0;
  for (const auto& place : rarest) {
    if (place.second < offset || !unchanged_at(place.second - offset)) continue;
    const std::uint32_t first = place.second - offset;
    const WordRange words{first, first + span_.size()};
    const bool here = in_place(words);
    // What is in its own place is better than any context.
    const std::uint32_t context = context_at(first) + (here ? 2 * kContext + 1 : 0);
    if (!telling && context < kContextEnough) continue;
    if (context > best + kAsGoodContext) found.clear();
    if (context + kAsGoodContext < best) continue;
    best = std::max(best, context);
    found.push_back({.words = words, .moved = !here, .kept = 1});
  }
  return found;
}

std::vector<std::uint32_t> SpanSearch::occurrences(const Anchoring::Places& places, const Side& side,
                                                   std::size_t most) const {
  std::vector<std::uint32_t> found;
  const auto [rarest, offset] = this->rarest(places);
  for (const auto& place : rarest) {
    if (place.second < offset || place.second - offset + span_.size() > side.words.size()) continue;
    const std::uint32_t first = place.second - offset;
    bool same = true;
    for (std::uint32_t step = 0; same && step < span_.size(); ++step)
      same = side.words[first + step].key == old_key(span_.first + step);
    if (same) found.push_back(first);
    if (found.size() == most) break;
  }
  return found;
}

std::optional<Located> SpanSearch::in_order_among(const std::vector<Located>& places) const {
  const auto gone = occurrences(all_.gone_, old_side(), kMostPlaces);
  if (gone.size() < places.size()) return std::nullopt;
  const auto before = std::ranges::count_if(gone, [&](std::uint32_t first) { return first < span_.first; });
  auto in_order = places;
  std::ranges::sort(in_order, {}, &Located::words);
  return in_order[std::min(static_cast<std::size_t>(before), in_order.size() - 1)];
}

bool SpanSearch::owned_by_one(WordRange new_words) const {
  std::map<std::uint32_t, std::uint32_t> weights;  // by old unit
  std::uint32_t whole = 0;
  for (std::uint32_t word = new_words.first; word < new_words.last; ++word) {
    const std::uint32_t word_weight = all_.old_weights_[span_.first + (word - new_words.first)];
    whole += word_weight;
    if (!free_or_own(word)) weights[old_side().unit_of[new_side().partner[word]]] += word_weight;
  }
  return std::ranges::any_of(weights, [&](const auto& owner) { return owner.second > kMostOfOne * whole; });
}

std::optional<Located> SpanSearch::unique_unchanged() const {
  if (weight() < kTellingAnywhere) return std::nullopt;
  const auto there = occurrences(all_.new_places_, new_side(), 2);
  if (there.size() != 1 || occurrences(all_.old_places_, old_side(), 2).size() != 1) return std::nullopt;
  const WordRange words{there.front(), there.front() + span_.size()};
  if (owned_by_one(words)) return std::nullopt;
  return Located{.words = words, .moved = !in_place(words), .kept = 1};
}

// All its words came from one other place, and neither the word before nor the one behind came with them.
bool SpanSearch::came_alone(std::uint32_t new_first) const {
  const std::uint32_t new_last = new_first + span_.size();
  if (new_last > new_side().words.size()) return false;
  const std::uint32_t first = new_side().partner[new_first];
  if (first == kNone) return false;
  for (std::uint32_t step = 0; step < span_.size(); ++step) {
    const std::uint32_t owner = first + step;
    if (new_side().partner[new_first + step] != owner || all_.alignment_.move_of[owner] == 0) return false;
    if (new_key(new_first + step) != old_key(span_.first + step)) return false;
  }
  const std::uint32_t last = first + span_.size();
  const bool with_before = first > 0 && new_first > 0 && old_side().partner[first - 1] == new_first - 1;
  const bool with_behind = last < old_side().words.size() && old_side().partner[last] == new_last;
  return !with_before && !with_behind;
}

std::optional<Located> SpanSearch::shared_unchanged() const {
  if (weight() < kTelling) return std::nullopt;
  const auto [rarest, offset] = this->rarest(all_.moved_in_);
  for (const auto& place : rarest) {
    if (place.second < offset || !came_alone(place.second - offset)) continue;
    const std::uint32_t first = place.second - offset;
    return Located{.words = {first, first + span_.size()}, .moved = true, .kept = 1};
  }
  return std::nullopt;
}

std::optional<SpanSearch::Cluster> SpanSearch::heaviest_cluster() const {
  const std::uint32_t reach = std::max<std::uint32_t>(16, span_.size());
  std::vector<Cluster> clusters;
  for (std::uint32_t word = span_.first; word < span_.last; ++word) {
    const std::uint32_t partner = old_side().partner[word];
    if (partner == kNone) continue;
    const std::uint32_t move = all_.alignment_.move_of[word];
    auto cluster = std::find_if(clusters.rbegin(), clusters.rend(), [&](const Cluster& other) {
      return other.move == move && partner >= other.new_words.last && partner - other.new_words.last <= reach;
    });
    if (cluster == clusters.rend()) {
      clusters.push_back(
          {.old_words = {word, word + 1}, .new_words = {partner, partner + 1}, .move = move, .weight = 0});
      cluster = clusters.rbegin();
    }
    cluster->old_words.last = word + 1;
    cluster->new_words.last = partner + 1;
    cluster->weight += all_.old_weights_[word];
  }
  const auto heaviest = std::ranges::max_element(clusters, {}, &Cluster::weight);
  return heaviest == clusters.end() ? std::nullopt : std::optional(*heaviest);
}

// How far the words before the first that is still there became other words: at most to text that others own. What a
// sentence begins with belongs to its first words, if it is known which sentence it became; elsewhere as many words as
// there were, and some more where the whole gap was the span's.
std::uint32_t SpanSearch::first_of_changed(const Cluster& cluster) const {
  const std::uint32_t kept = cluster.old_words.first, found = cluster.new_words.first;
  if (kept == span_.first) return found;
  const std::uint32_t unit = old_side().unit_of[span_.first], gone = kept - span_.first;
  const std::uint32_t new_unit = new_side().unit_of[found];
  const bool begins_unit = span_.first == old_side().units[unit].first;
  const bool all_gap = begins_unit || old_side().partner[span_.first - 1] != kNone;
  std::uint32_t most = all_gap ? 2 * gone + 2 : gone;
  if (begins_unit && old_side().unit_partner[unit] == new_unit) most = found;
  const bool one_unit = unit == old_side().unit_of[kept];
  const std::uint32_t floor = one_unit || cluster.move != 0 ? new_side().units[new_unit].first : 0;
  std::uint32_t first = found;
  while (first > floor && found - first < most && new_side().partner[first - 1] == kNone) --first;
  return first;
}

std::uint32_t SpanSearch::last_of_changed(const Cluster& cluster) const {
  const std::uint32_t kept = cluster.old_words.last, found = cluster.new_words.last;
  if (kept == span_.last) return found;
  const std::uint32_t unit = old_side().unit_of[span_.last - 1], gone = span_.last - kept;
  const std::uint32_t new_unit = new_side().unit_of[found - 1];
  const bool ends_unit = span_.last == old_side().units[unit].last;
  const bool all_gap = ends_unit || old_side().partner[span_.last] != kNone;
  const auto words = static_cast<std::uint32_t>(new_side().words.size());
  std::uint32_t most = all_gap ? 2 * gone + 2 : gone;
  if (ends_unit && old_side().unit_partner[unit] == new_unit) most = words;
  const bool one_unit = unit == old_side().unit_of[kept - 1];
  const std::uint32_t ceiling = one_unit || cluster.move != 0 ? new_side().units[new_unit].last : words;
  std::uint32_t last = found;
  while (last < ceiling && last - found < most && new_side().partner[last] == kNone) ++last;
  return last;
}

std::optional<Located> SpanSearch::aligned_changed() const {
  const auto cluster = heaviest_cluster();
  if (!cluster) return replaced_in_sentence();
  const double kept = static_cast<double>(cluster->weight) / std::max(1U, weight());
  const std::uint32_t unit = old_side().unit_of[cluster->old_words.first];
  const bool paired = old_side().unit_partner[unit] == new_side().unit_of[cluster->new_words.first];
  const bool few = span_.size() <= kFewWords && span_.size() * 2 <= old_side().units[unit].size();
  const double least = !paired ? kKeptInPlace : few ? 0 : kKeptInPairedUnit;
  if (kept < least) return std::nullopt;
  return Located{.words = {first_of_changed(*cluster), last_of_changed(*cluster)},
                 .moved = cluster->move != 0,
                 .kept = std::max(kept, paired ? kKeptInPlace : 0.0)};
}

// Words that are all gone from a sentence that is still there: what stands between their neighbours replaced them.
std::optional<Located> SpanSearch::replaced_in_sentence() const {
  if (span_.size() > kFewWords) return std::nullopt;
  const std::uint32_t unit = old_side().unit_of[span_.first];
  const std::uint32_t partner = old_side().unit_partner[unit];
  if (partner == kNone || unit != old_side().unit_of[span_.last - 1]) return std::nullopt;
  const Unit &here = old_side().units[unit], &there = new_side().units[partner];
  const auto is_there = [&](std::uint32_t word) { return word != kNone && word >= there.first && word < there.last; };
  std::uint32_t old_first = span_.first, old_last = span_.last;
  while (old_first > here.first && !is_there(old_side().partner[old_first - 1])) --old_first;
  while (old_last < here.last && !is_there(old_side().partner[old_last])) ++old_last;
  const std::uint32_t new_first = old_first > here.first ? old_side().partner[old_first - 1] + 1 : there.first;
  const std::uint32_t new_last = old_last < here.last ? old_side().partner[old_last] : there.last;
  if (new_first >= new_last || (old_first == here.first && old_last == here.last)) return std::nullopt;
  const std::uint64_t old_gap = old_last - old_first, new_gap = new_last - new_first;
  if (new_gap > 3 * old_gap + 4) return std::nullopt;
  const auto first = static_cast<std::uint32_t>((span_.first - old_first) * new_gap / old_gap);
  const auto last = static_cast<std::uint32_t>(((span_.last - old_first) * new_gap + old_gap - 1) / old_gap);
  return Located{.words = {new_first + first, std::max(new_first + last, new_first + first + 1)},
                 .moved = old_side().unit_move[unit] != 0,
                 .kept = kKeptInPlace};
}

// Each word votes for the places where the span would begin; the places with most votes close together.
std::vector<std::uint32_t> SpanSearch::likely_places() const {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> votes;  // place, weight
  for (std::uint32_t word = span_.first; word < span_.last; ++word) {
    const auto places = among(all_.unowned_, old_key(word));
    if (places.size() > kMostVotes) continue;
    for (const auto& place : places) {
      const std::uint32_t offset = word - span_.first;
      votes.emplace_back(place.second < offset ? 0 : place.second - offset, all_.old_weights_[word]);
    }
  }
  std::ranges::sort(votes);
  const std::uint32_t width = std::max<std::uint32_t>(3, span_.size() / 4);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> windows;  // weight, place
  std::uint32_t sum = 0;
  for (std::size_t first = 0, last = 0; first < votes.size(); sum -= votes[first++].second) {
    while (last < votes.size() && votes[last].first - votes[first].first <= width) sum += votes[last++].second;
    if (sum >= kFewestVotes * weight()) windows.emplace_back(sum, votes[first].first);
  }
  std::ranges::sort(windows, std::ranges::greater());
  std::vector<std::uint32_t> likely;
  for (const auto& [votes_for, place] : windows) {
    const bool near = std::ranges::any_of(likely, [&](std::uint32_t other) {
      return (place > other ? place - other : other - place) <= width + span_.size() / 2;
    });
    if (!near) likely.push_back(place);
    if (likely.size() == kMostLikely) break;
  }
  return likely;
}

std::optional<Located> SpanSearch::fuzzy_at(std::uint32_t new_first) const {
  const std::uint32_t slack = std::max<std::uint32_t>(4, span_.size() / 2);
  const auto words = static_cast<std::uint32_t>(new_side().words.size());
  const std::uint32_t begin = new_first < slack ? 0 : new_first - slack;
  const std::uint32_t end = std::min(words, new_first + span_.size() + 2 * slack);
  std::string quote, window;
  for (std::uint32_t word = span_.first; word < span_.last; ++word)
    quote.append(all_.old_.slice(old_side().words[word].span)) += ' ';
  std::vector<std::uint32_t> places, ends;  // words of the window, and where each ends in it
  for (std::uint32_t word = begin; word < end; ++word) {
    if (!free_or_own(word)) continue;
    window.append(all_.new_.slice(new_side().words[word].span)) += ' ';
    places.push_back(word);
    ends.push_back(static_cast<std::uint32_t>(window.size()));
  }
  if (places.empty()) return std::nullopt;
  const int most = static_cast<int>(kMostDistance * static_cast<double>(quote.size()));
  EdlibAlignResult result =
      edlibAlign(quote.data(), static_cast<int>(quote.size()), window.data(), static_cast<int>(window.size()),
                 edlibNewAlignConfig(most, EDLIB_MODE_HW, EDLIB_TASK_LOC, nullptr, 0));
  const std::unique_ptr<EdlibAlignResult, void (*)(EdlibAlignResult*)> freed(
      &result, [](EdlibAlignResult* done) { edlibFreeAlignResult(*done); });
  if (result.status != EDLIB_STATUS_OK || result.editDistance < 0 || result.numLocations == 0) return std::nullopt;
  const auto first =
      std::ranges::upper_bound(ends, static_cast<std::uint32_t>(result.startLocations[0])) - ends.begin();
  const auto last = std::ranges::upper_bound(ends, static_cast<std::uint32_t>(result.endLocations[0])) - ends.begin();
  const auto final = std::min(static_cast<std::size_t>(last), places.size() - 1);
  const WordRange found{places[static_cast<std::size_t>(first)], places[final] + 1};
  if (!holds_mostly(final + 1 - static_cast<std::size_t>(first), found.size())) return std::nullopt;
  return Located{.words = found,
                 .moved = !in_place(found),
                 .kept = 1.0 - static_cast<double>(result.editDistance) / static_cast<double>(quote.size())};
}

std::vector<Located> SpanSearch::unowned_changed() const {
  if (span_.size() > kLongestFuzzy || weight() < kTelling) return {};
  std::vector<Located> found;
  for (const std::uint32_t place : likely_places()) {
    if (const auto located = fuzzy_at(place)) found.push_back(*located);
  }
  std::ranges::sort(found, [](const Located& left, const Located& right) {
    return left.kept != right.kept ? left.kept > right.kept : left.words < right.words;
  });
  return found;
}

}  // namespace flowstone::documents
