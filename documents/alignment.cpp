#include "documents/alignment.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "documents/sequence.hpp"
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
// Which part of the smaller of two units must be common where neither became the other as a whole.
constexpr double kContained = 0.4;

Side side_of(const Text& text) {
  Side side;
  side.words = words_of(text);
  side.units = units_of(text, side.words);
  side.unit_of.resize(side.words.size());
  for (std::uint32_t unit = 0; unit < side.units.size(); ++unit)
    std::fill(side.unit_of.begin() + side.units[unit].first, side.unit_of.begin() + side.units[unit].last, unit);
  side.partner.assign(side.words.size(), kNone);
  side.unit_partner.assign(side.units.size(), kNone);
  side.unit_move.assign(side.units.size(), 0);
  return side;
}

std::vector<std::uint64_t> keys_of(const Side& side) {
  std::vector<std::uint64_t> keys;
  keys.reserve(side.words.size());
  for (const auto& word : side.words) keys.push_back(word.key);
  return keys;
}

std::vector<std::uint64_t> unit_keys_of(const Side& side) {
  std::vector<std::uint64_t> keys;
  keys.reserve(side.units.size());
  for (const auto& unit : side.units) {
    std::uint64_t key = unit.size();
    for (std::uint32_t word = unit.first; word < unit.last; ++word) key = mix(key, side.words[word].key);
    keys.push_back(key);
  }
  return keys;
}

std::vector<std::uint32_t> weights_of(const Side& side, const Text& text) {
  std::vector<std::uint32_t> weights;
  weights.reserve(side.words.size());
  for (const auto& word : side.words) weights.push_back(weight_of(word, text));
  return weights;
}

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
  }

  Alignment run() {
    if (old_keys_ == new_keys_) {
      match_everything();
    } else {
      match_equal_units();
      number_hunks();
      match_moved_units();
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
    for (std::uint32_t word = 0; word < old_keys_.size(); ++word) link(word, word);
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
      if (old_.unit_partner[unit] == kNone && old_.units[unit].size() >= kSmallestMove)
        places[old_unit_keys_[unit]].old_units.push_back(unit);
    }
    for (std::uint32_t unit = 0; unit < new_.units.size(); ++unit) {
      if (new_.unit_partner[unit] != kNone) continue;
      const auto place = places.find(new_unit_keys_[unit]);
      if (place != places.end()) place->second.new_units.push_back(unit);
    }
    for (std::uint32_t unit = 0; unit < old_.units.size(); ++unit) {
      if (old_.unit_partner[unit] != kNone) continue;
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
      if (old_.unit_partner[left] != kNone || new_.unit_partner[right] != kNone) return false;
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

  static UnitList unmatched(const Side& side, const Text& text, const std::vector<std::uint32_t>& hunks,
                            std::vector<std::uint32_t>& indices) {
    UnitList list{.text = &text, .words = side.words, .units = {}, .hunks = {}};
    for (std::uint32_t unit = 0; unit < side.units.size(); ++unit) {
      if (side.unit_partner[unit] != kNone) continue;
      indices.push_back(unit);
      list.units.push_back(side.units[unit]);
      list.hunks.push_back(hunks[unit]);
    }
    return list;
  }

  void match_similar_units() {
    std::vector<std::uint32_t> old_units, new_units;
    const auto old_list = unmatched(old_, old_text_, old_hunk_, old_units);
    const auto new_list = unmatched(new_, new_text_, new_hunk_, new_units);
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

  void match_words_of_pairs() {
    for (std::uint32_t unit = 0; unit < old_.units.size(); ++unit) {
      if (old_.unit_partner[unit] == kNone) continue;
      const Unit& here = old_.units[unit];
      const Unit& there = new_.units[old_.unit_partner[unit]];
      const std::span<const std::uint32_t> old_weights(old_weights_), new_weights(new_weights_);
      auto runs = common_runs(Keys(old_keys_).subspan(here.first, here.size()),
                              Keys(new_keys_).subspan(there.first, there.size()));
      join_runs(runs, Keys(old_keys_).subspan(here.first, here.size()),
                Keys(new_keys_).subspan(there.first, there.size()));
      drop_accidents(runs, old_weights.subspan(here.first, here.size()),
                     new_weights.subspan(there.first, there.size()));
      for (const auto& run : runs) {
        for (std::uint32_t step = 0; step < run.count; ++step)
          link(here.first + run.old_first + step, there.first + run.new_first + step);
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
        const std::uint32_t unit = old_.unit_of[word];
        if (partner == kNone || moved_[unit]) continue;
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
      if (common[{old_unit, new_unit}] >= kContained * smaller) link(left, right);
    });
  }

  static std::uint32_t weight_of_unit(const Side& side, const std::vector<std::uint32_t>& weights, std::uint32_t unit) {
    std::uint32_t sum = 0;
    for (std::uint32_t word = side.units[unit].first; word < side.units[unit].last; ++word) sum += weights[word];
    return sum;
  }

  void number_moves() {
    std::uint32_t number = 0;
    std::uint32_t before = kNone;
    for (std::uint32_t unit = 0; unit < old_.units.size(); ++unit) {
      if (!moved_[unit]) {
        before = kNone;
        continue;
      }
      const std::uint32_t partner = old_.unit_partner[unit];
      if (before == kNone || partner != before + 1) ++number;
      before = partner;
      old_.unit_move[unit] = new_.unit_move[partner] = number;
      for (std::uint32_t word = old_.units[unit].first; word < old_.units[unit].last; ++word) {
        const std::uint32_t other = old_.partner[word];
        if (other != kNone && new_.unit_of[other] == partner) result_.move_of[word] = number;
      }
    }
    result_.moves = number;
  }

  void pair_units(std::uint32_t old_unit, std::uint32_t new_unit, bool moved) {
    old_.unit_partner[old_unit] = new_unit;
    new_.unit_partner[new_unit] = old_unit;
    if (moved) moved_[old_unit] = true;
  }

  void link(std::uint32_t old_word, std::uint32_t new_word) {
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
  std::vector<bool> moved_;  // old units that have a partner elsewhere
};

}  // namespace

Alignment align(const Text& old_text, const Text& new_text) { return Aligner(old_text, new_text).run(); }

}  // namespace flowstone::documents
