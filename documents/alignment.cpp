#include "documents/alignment.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include "documents/fragments.hpp"
#include "documents/sequence.hpp"
#include "documents/side.hpp"
#include "documents/similarity.hpp"

namespace flowstone::documents {
namespace {

// How alike units must be to have become each other: in the same place, and elsewhere.
constexpr double kAlikeInPlace = 0.5, kAlikeElsewhere = 0.65;
// By how much another place must be better than the same place.
constexpr double kClearlyBetter = 0.10;
// How close two places must be to be equally good.
constexpr double kAsGood = 0.05;
// Units of fewer words move only together with a neighbour.
constexpr std::uint32_t kSmallestMove = 5;
// Equal units of so few words between larger changes are an accident.
constexpr std::uint32_t kAccident = 2;
// What fragments weigh at least that are the same for sure: in the same place, and elsewhere.
constexpr std::uint32_t kTellingInPlace = 12, kTellingElsewhere = 20;
// Which part of a unit a fragment in place must be to come before equal units elsewhere.
constexpr double kMostOfUnit = 0.6;
// How often what was found in a hunk may divide it.
constexpr int kMostRounds = 4;
// Which part of the smaller of two units must be common where neither became the other as a whole.
constexpr double kContained = 0.4;

// Fragments are numbered from here until all moves of units are.
constexpr std::uint32_t kFragmentMoves = std::uint32_t{1} << 31;
// Fragments with fewer words between them moved together, and the words between them changed.
constexpr std::uint32_t kMoveGap = 8;

class Aligner {
 public:
  Aligner(const Text& old_text, const Text& new_text)
      : old_text_(old_text), new_text_(new_text), old_(result_.old_side), new_(result_.new_side) {
    old_ = side_of(old_text);
    new_ = side_of(new_text);
    old_keys_ = keys_of(old_);
    new_keys_ = keys_of(new_);
    old_unit_keys_ = unit_keys_of(old_);
    new_unit_keys_ = unit_keys_of(new_);
    old_weights_ = weights_of(old_, old_text);
    new_weights_ = weights_of(new_, new_text);
    result_.move_of.assign(old_.words.size(), 0);
    moved_.assign(old_.units.size(), false);
    word_moved_.assign(old_.words.size(), false);
  }

  Alignment run() {
    if (old_keys_ == new_keys_) {
      match_everything();
    } else {
      match_equal_units();
      number_hunks();
      match_fragments_in_place(kMostOfUnit);
      match_moved_units();
      match_fragments_in_place(0);
      match_fragments();
      match_similar_units();
      match_words_of_pairs();
      match_words_between();
      number_moves();
    }
    return std::move(result_);
  }

 private:
  // Reflowed text: sentences may end elsewhere, but the words are the same.
  void match_everything() {
    for (std::uint32_t word = 0; word < old_keys_.size(); ++word) link(word, word, false);
    for (std::uint32_t unit = 0; unit < old_.units.size(); ++unit) {
      const std::uint32_t other = new_.unit_of[old_.units[unit].first];
      if (new_.units[other].first == old_.units[unit].first && new_.units[other].last == old_.units[unit].last)
        pair_units(unit, other, false);
    }
  }

  void match_equal_units() {
    std::vector<std::uint32_t> sizes;
    for (const auto& unit : old_.units) sizes.push_back(unit.size());
    const auto runs = anchored_runs(old_unit_keys_, new_unit_keys_, sizes);
    std::uint32_t old_end = 0, new_end = 0;
    for (std::size_t at = 0; at < runs.size(); ++at) {
      const auto& run = runs[at];
      const bool last = at + 1 == runs.size();
      const std::uint32_t old_next = last ? static_cast<std::uint32_t>(old_.units.size()) : runs[at + 1].old_first;
      const std::uint32_t new_next = last ? static_cast<std::uint32_t>(new_.units.size()) : runs[at + 1].new_first;
      const bool alone =
          run.old_first > old_end && run.new_first > new_end && old_next > run.old_last() && new_next > run.new_last();
      old_end = run.old_last();
      new_end = run.new_last();
      if (alone && old_.units[run.old_last() - 1].last - old_.units[run.old_first].first <= kAccident) continue;
      for (std::uint32_t step = 0; step < run.count; ++step)
        pair_units(run.old_first + step, run.new_first + step, false);
    }
  }

  // Units of both texts that stand between the same equal units are in one hunk.
  void number_hunks() {
    old_hunk_.assign(old_.units.size(), 0);
    new_hunk_.assign(new_.units.size(), 0);
    std::uint32_t hunk = 0, new_at = 0;
    for (std::uint32_t unit = 0; unit < old_.units.size(); ++unit) {
      if (const std::uint32_t partner = old_.unit_partner[unit]; partner != kNone) {
        while (new_at <= partner) new_hunk_[new_at++] = hunk;
        ++hunk;
      }
      old_hunk_[unit] = hunk;
    }
    while (new_at < new_.units.size()) new_hunk_[new_at++] = hunk;
  }

  void match_moved_units() {
    struct Places {
      std::vector<std::uint32_t> old_units, new_units;
    };
    std::unordered_map<std::uint64_t, Places> places;
    for (std::uint32_t unit = 0; unit < old_.units.size(); ++unit) {
      if (is_free(old_, unit) && old_.units[unit].size() >= kSmallestMove)
        places[old_unit_keys_[unit]].old_units.push_back(unit);
    }
    for (std::uint32_t unit = 0; unit < new_.units.size(); ++unit) {
      if (!is_free(new_, unit)) continue;
      const auto place = places.find(new_unit_keys_[unit]);
      if (place != places.end()) place->second.new_units.push_back(unit);
    }
    for (std::uint32_t unit = 0; unit < old_.units.size(); ++unit) {
      if (!is_free(old_, unit)) continue;
      const auto place = places.find(old_unit_keys_[unit]);
      if (place == places.end() || place->second.old_units.size() != place->second.new_units.size()) continue;
      const auto& olds = place->second.old_units;
      const auto which = std::ranges::find(olds, unit) - olds.begin();
      const std::uint32_t other = place->second.new_units[static_cast<std::size_t>(which)];
      if (new_.unit_partner[other] == kNone) move_with_neighbours(unit, other);
    }
  }

  void move_with_neighbours(std::uint32_t old_unit, std::uint32_t new_unit) {
    pair_units(old_unit, new_unit, true);
    const auto take = [&](std::uint32_t left, std::uint32_t right) {
      if (left >= old_.units.size() || right >= new_.units.size()) return false;
      if (!is_free(old_, left) || !is_free(new_, right)) return false;
      if (old_unit_keys_[left] != new_unit_keys_[right]) return false;
      pair_units(left, right, true);
      return true;
    };
    for (std::uint32_t step = 1; take(old_unit + step, new_unit + step); ++step) {
    }
    for (std::uint32_t step = 1; step <= old_unit && step <= new_unit && take(old_unit - step, new_unit - step);
         ++step) {
    }
  }

  std::uint32_t weight_of_run(const Run& run) {
    return std::accumulate(old_weights_.begin() + run.old_first, old_weights_.begin() + run.old_last(), 0U);
  }

  // Those fragments that are in order, of such that stand in the same hunk.
  std::vector<bool> in_order(const std::vector<Run>& fragments) {
    std::vector<WeightedPair> here;
    std::vector<std::size_t> which;
    for (std::size_t at = 0; at < fragments.size(); ++at) {
      const auto& run = fragments[at];
      if (old_hunk_[old_.unit_of[run.old_first]] != new_hunk_[new_.unit_of[run.new_first]]) continue;
      which.push_back(at);
      here.push_back({.first = run.old_first, .second = run.new_first, .weight = weight_of_run(run)});
    }
    std::vector<bool> chosen(fragments.size());
    for (const std::size_t index : heaviest_chain(here)) chosen[which[index]] = true;
    return chosen;
  }

  // Without the full stop of the sentence before, and what only opens the one behind: these stay with their own.
  void link_run(Run run, bool moved) {
    if (old_weights_[run.old_first] == 1 && (ends_unit(old_, run.old_first) || ends_unit(new_, run.new_first)))
      ++run.old_first, ++run.new_first, --run.count;
    if (run.count > 0 && old_weights_[run.old_last() - 1] == 1 &&
        (begins_unit(old_, run.old_last() - 1) || begins_unit(new_, run.new_last() - 1)))
      --run.count;
    for (std::uint32_t step = 0; step < run.count; ++step) link(run.old_first + step, run.new_first + step, moved);
  }

  // Sentences that were joined to others in their hunk, before any that is equal elsewhere can take them for itself.
  // What is found divides its hunk, so that what stood in it several times may be told apart then.
  void match_fragments_in_place(double most_of_unit) {
    for (int round = 0; round < kMostRounds && link_fragments_in_place(most_of_unit); ++round) {
    }
  }

  bool link_fragments_in_place(double most_of_unit) {
    std::vector<bool> old_in_place(old_keys_.size()), new_in_place(new_keys_.size());
    for (std::uint32_t word = 0; word < old_keys_.size(); ++word) {
      if (old_.partner[word] != kNone && !word_moved_[word])
        old_in_place[word] = new_in_place[old_.partner[word]] = true;
    }
    const auto fragments = unique_fragments(keys_in_place(old_, old_keys_, old_hunk_, old_in_place), free_words(old_),
                                            keys_in_place(new_, new_keys_, new_hunk_, new_in_place), free_words(new_));
    const auto chosen = in_order(fragments);
    bool linked = false;
    for (std::size_t at = 0; at < fragments.size(); ++at) {
      const auto& run = fragments[at];
      const std::uint32_t smaller = std::min(weight_of_unit(old_, old_weights_, old_.unit_of[run.old_first]),
                                             weight_of_unit(new_, new_weights_, new_.unit_of[run.new_first]));
      if (!chosen[at] || weight_of_run(run) < std::max<double>(kTellingInPlace, most_of_unit * smaller)) continue;
      link_run(run, false);
      linked = true;
    }
    return linked;
  }

  void match_fragments() {
    const auto fragments = unique_fragments(old_keys_, free_words(old_), new_keys_, free_words(new_));
    const auto chosen = in_order(fragments);
    for (std::size_t at = 0; at < fragments.size(); ++at) {
      if (weight_of_run(fragments[at]) >= (chosen[at] ? kTellingInPlace : kTellingElsewhere))
        link_run(fragments[at], !chosen[at]);
    }
  }

  void match_similar_units() {
    std::vector<std::uint32_t> old_units, new_units;
    const auto old_list = unmatched_units(old_, old_text_, old_hunk_, old_units);
    const auto new_list = unmatched_units(new_, new_text_, new_hunk_, new_units);
    auto candidates = similar_units(old_list, new_list, kAlikeInPlace);
    for (auto& candidate : candidates) {
      candidate.old_at = old_units[candidate.old_at];
      candidate.new_at = new_units[candidate.new_at];
    }
    const auto by_unit = candidates;
    std::ranges::sort(candidates, [](const Candidate& left, const Candidate& right) {
      return std::tuple(-left.alike, left.old_at, left.new_at) < std::tuple(-right.alike, right.old_at, right.new_at);
    });
    pair_those_clearly_elsewhere(candidates, by_unit);
    pair_those_in_place(candidates);
    for (const auto& candidate : candidates) {
      if (candidate.alike >= kAlikeElsewhere) pair_if_decided(by_unit, candidate);
    }
  }

  [[nodiscard]] bool in_place(const Candidate& candidate) const {
    return old_hunk_[candidate.old_at] == new_hunk_[candidate.new_at];
  }

  // A unit that may as well have gone to another place stays alone: whoever asks for it is told both.
  void pair_if_decided(const std::vector<Candidate>& by_unit, const Candidate& candidate) {
    if (old_.unit_partner[candidate.old_at] != kNone || new_.unit_partner[candidate.new_at] != kNone) return;
    if (std::min(old_.units[candidate.old_at].size(), new_.units[candidate.new_at].size()) < kSmallestMove) return;
    const auto rivals = std::ranges::equal_range(by_unit, candidate.old_at, {}, &Candidate::old_at);
    const bool decided = std::ranges::none_of(rivals, [&](const Candidate& other) {
      return other.new_at != candidate.new_at && new_.unit_partner[other.new_at] == kNone &&
             other.alike + kAsGood > candidate.alike;
    });
    if (decided) pair_units(candidate.old_at, candidate.new_at, true);
  }

  void pair_those_clearly_elsewhere(const std::vector<Candidate>& candidates, const std::vector<Candidate>& by_unit) {
    std::unordered_map<std::uint32_t, double> old_here, new_here;
    for (const auto& candidate : candidates) {
      if (!in_place(candidate)) continue;
      old_here.try_emplace(candidate.old_at, candidate.alike);
      new_here.try_emplace(candidate.new_at, candidate.alike);
    }
    const auto better = [](const auto& here, std::uint32_t unit, double degree) {
      const auto found = here.find(unit);
      return found == here.end() || degree > found->second + kClearlyBetter;
    };
    for (const auto& candidate : candidates) {
      if (candidate.alike < kAlikeElsewhere) break;
      if (!in_place(candidate) && better(old_here, candidate.old_at, candidate.alike) &&
          better(new_here, candidate.new_at, candidate.alike))
        pair_if_decided(by_unit, candidate);
    }
  }

  void pair_those_in_place(const std::vector<Candidate>& candidates) {
    std::vector<WeightedPair> pairs;
    for (const auto& candidate : candidates) {
      const bool free = old_.unit_partner[candidate.old_at] == kNone && new_.unit_partner[candidate.new_at] == kNone;
      if (!free || !in_place(candidate)) continue;
      const auto size = old_.units[candidate.old_at].size() + new_.units[candidate.new_at].size();
      pairs.push_back({.first = candidate.old_at,
                       .second = candidate.new_at,
                       .weight = static_cast<std::uint64_t>(candidate.alike * 1000) * size});
    }
    for (const std::size_t index : heaviest_chain(pairs)) pair_units(pairs[index].first, pairs[index].second, false);
  }

  // Keys of a pair's words in which those that have a partner already are equal to it alone.
  std::pair<std::vector<std::uint64_t>, std::vector<std::uint64_t>> keys_of_pair(const Unit& here, const Unit& there) {
    constexpr std::uint64_t kLinked = 0x6c696e6b6564, kAway = 0x61776179;
    std::vector<std::uint64_t> old_keys(old_keys_.begin() + here.first, old_keys_.begin() + here.last);
    std::vector<std::uint64_t> new_keys(new_keys_.begin() + there.first, new_keys_.begin() + there.last);
    for (std::uint32_t word = here.first; word < here.last; ++word) {
      if (old_.partner[word] != kNone) old_keys[word - here.first] = mix(kLinked, old_.partner[word]);
    }
    for (std::uint32_t word = there.first; word < there.last; ++word) {
      const std::uint32_t owner = new_.partner[word];
      if (owner == kNone) continue;
      const bool inside = owner >= here.first && owner < here.last;
      new_keys[word - there.first] = mix(inside ? kLinked : kAway, word);
    }
    return {std::move(old_keys), std::move(new_keys)};
  }

  void match_words_of_pairs() {
    const std::span<const std::uint32_t> old_weights(old_weights_), new_weights(new_weights_);
    for (std::uint32_t unit = 0; unit < old_.units.size(); ++unit) {
      if (old_.unit_partner[unit] == kNone) continue;
      const Unit& here = old_.units[unit];
      const Unit& there = new_.units[old_.unit_partner[unit]];
      const auto [old_keys, new_keys] = keys_of_pair(here, there);
      auto runs = common_runs(old_keys, new_keys);
      join_runs(runs, old_keys, new_keys);
      drop_accidents(runs, old_weights.subspan(here.first, here.size()),
                     new_weights.subspan(there.first, there.size()));
      for (const auto& run : runs) {
        for (std::uint32_t step = 0; step < run.count; ++step) {
          const std::uint32_t word = here.first + run.old_first + step;
          if (old_.partner[word] == kNone) link(word, there.first + run.new_first + step, moved_[unit]);
        }
      }
    }
  }

  void match_words_between() {
    std::uint32_t old_begin = 0, new_begin = 0;
    const auto words = static_cast<std::uint32_t>(old_.words.size());
    for (std::uint32_t word = 0; word <= words; ++word) {
      std::uint32_t partner = static_cast<std::uint32_t>(new_.words.size());
      if (word < words) {
        partner = old_.partner[word];
        if (partner == kNone || word_moved_[word]) continue;
      }
      match_gap(old_begin, word, new_begin, partner);
      old_begin = word + 1;
      new_begin = partner + 1;
    }
  }

  void match_gap(std::uint32_t old_first, std::uint32_t old_last, std::uint32_t new_first, std::uint32_t new_last) {
    if (old_first >= old_last || new_first >= new_last) return;
    const std::uint32_t unit = old_.unit_of[old_first];
    const bool inside_pair = unit == old_.unit_of[old_last - 1] && old_.unit_partner[unit] != kNone &&
                             old_.unit_partner[unit] == new_.unit_of[new_first] &&
                             new_.unit_of[new_first] == new_.unit_of[new_last - 1];
    if (inside_pair) return;
    std::vector<std::uint32_t> old_free, new_free;
    std::vector<std::uint64_t> old_keys, new_keys;
    for (std::uint32_t word = old_first; word < old_last; ++word) {
      if (old_.partner[word] == kNone) old_free.push_back(word), old_keys.push_back(old_keys_[word]);
    }
    for (std::uint32_t word = new_first; word < new_last; ++word) {
      if (new_.partner[word] == kNone) new_free.push_back(word), new_keys.push_back(new_keys_[word]);
    }
    auto runs = common_runs(old_keys, new_keys);
    join_runs(runs, old_keys, new_keys);
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> common;
    const auto each = [&](auto take) {
      for (const auto& run : runs) {
        for (std::uint32_t step = 0; step < run.count; ++step)
          take(old_free[run.old_first + step], new_free[run.new_first + step]);
      }
    };
    each([&](std::uint32_t left, std::uint32_t right) {
      common[{old_.unit_of[left], new_.unit_of[right]}] += old_weights_[left];
    });
    each([&](std::uint32_t left, std::uint32_t right) {
      const std::uint32_t old_unit = old_.unit_of[left], new_unit = new_.unit_of[right];
      const std::uint32_t smaller =
          std::min(weight_of_unit(old_, old_weights_, old_unit), weight_of_unit(new_, new_weights_, new_unit));
      if (common[{old_unit, new_unit}] >= kContained * smaller) link(left, right, false);
    });
  }

  // Units that moved on together are one move, and so is each fragment.
  void number_moves() {
    std::uint32_t number = 0, unit_before = kNone, word_before = kNone, old_before = 0;
    for (std::uint32_t unit = 0; unit < old_.units.size(); ++unit) {
      const std::uint32_t partner = moved_[unit] ? old_.unit_partner[unit] : kNone;
      if (partner != kNone) {
        if (unit_before == kNone || partner != unit_before + 1) ++number;
        old_.unit_move[unit] = new_.unit_move[partner] = number;
      }
      unit_before = partner;
      for (std::uint32_t word = old_.units[unit].first; word < old_.units[unit].last; ++word) {
        const std::uint32_t other = word_moved_[word] ? old_.partner[word] : kNone;
        const bool with_unit = other != kNone && new_.unit_of[other] == partner;
        if (with_unit) result_.move_of[word] = old_.unit_move[unit];
        const std::uint32_t fragment = with_unit ? kNone : other;
        if (fragment != kNone) {
          const bool goes_on = word_before != kNone && fragment > word_before && fragment - word_before <= kMoveGap &&
                               word - old_before <= kMoveGap;
          if (!goes_on) ++fragments_;
          result_.move_of[word] = fragments_ + kFragmentMoves;
          word_before = fragment;
          old_before = word;
        }
      }
    }
    for (auto& move : result_.move_of) {
      if (move > kFragmentMoves) move = move - kFragmentMoves + number;
    }
    result_.moves = number;
  }

  void pair_units(std::uint32_t old_unit, std::uint32_t new_unit, bool moved) {
    old_.unit_partner[old_unit] = new_unit;
    new_.unit_partner[new_unit] = old_unit;
    if (moved) moved_[old_unit] = true;
  }

  void link(std::uint32_t old_word, std::uint32_t new_word, bool moved) {
    word_moved_[old_word] = moved;
    old_.partner[old_word] = new_word;
    new_.partner[new_word] = old_word;
  }

  const Text& old_text_;
  const Text& new_text_;
  Alignment result_;
  Side& old_;
  Side& new_;
  std::vector<std::uint64_t> old_keys_, new_keys_, old_unit_keys_, new_unit_keys_;
  std::vector<std::uint32_t> old_weights_, new_weights_, old_hunk_, new_hunk_;
  std::vector<bool> moved_;       // old units that have a partner elsewhere
  std::vector<bool> word_moved_;  // old words that have
  std::uint32_t fragments_ = 0;
};

}  // namespace

Alignment align(const Text& old_text, const Text& new_text) { return Aligner(old_text, new_text).run(); }

}  // namespace flowstone::documents
