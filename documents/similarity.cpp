#include "documents/similarity.hpp"

#include <algorithm>
#include <unordered_map>

namespace flowstone::documents {
namespace {

// What occurs in more units than this tells too little about any of them.
constexpr std::size_t kCommonplace = 24;
constexpr std::uint32_t kNeighbours = 3;

// The words of a unit in the order of their keys.
struct Bag {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> words;  // key, weight
  std::uint32_t weight = 0;
};

std::vector<Bag> bags_of(const UnitList& list) {
  std::vector<Bag> bags(list.units.size());
  for (std::size_t at = 0; at < bags.size(); ++at) {
    auto& bag = bags[at];
    bag.words.reserve(list.units[at].size());
    for (std::uint32_t word = list.units[at].first; word < list.units[at].last; ++word) {
      const std::uint32_t weight = weight_of(list.words[word], *list.text);
      bag.words.emplace_back(list.words[word].key, weight);
      bag.weight += weight;
    }
    std::ranges::sort(bag.words);
  }
  return bags;
}

double alike(const Bag& left, const Bag& right) {
  std::uint32_t common = 0;
  for (auto a = left.words.begin(), b = right.words.begin(); a != left.words.end() && b != right.words.end();) {
    if (a->first == b->first) {
      common += a->second;
      ++a, ++b;
    } else {
      a->first < b->first ? ++a : ++b;
    }
  }
  const std::uint32_t both = left.weight + right.weight;
  return both == 0 ? 0 : 2.0 * common / both;
}

// Calls `take(feature, weight)` for each word and each pair of neighbouring words.
template <class Take>
void each_feature(const UnitList& list, const Unit& unit, Take take) {
  for (std::uint32_t word = unit.first; word < unit.last; ++word) {
    const std::uint64_t key = list.words[word].key;
    take(key, 1U);
    if (word + 1 < unit.last) take(mix(key, list.words[word + 1].key), 2U);
  }
}

class Finder {
 public:
  Finder(const UnitList& old_units, const UnitList& new_units, double least)
      : old_(old_units), new_(new_units), least_(least), old_bags_(bags_of(old_units)), new_bags_(bags_of(new_units)) {
    for (std::uint32_t at = 0; at < new_.units.size(); ++at) {
      each_feature(new_, new_.units[at], [&](std::uint64_t feature, std::uint32_t) {
        auto& places = index_[feature];
        if (places.size() <= kCommonplace && (places.empty() || places.back() != at)) places.push_back(at);
      });
    }
    shared_.resize(new_.units.size());
  }

  std::vector<Candidate> run() {
    for (std::uint32_t at = 0; at < old_.units.size(); ++at) {
      collect_sharing(at);
      keep_best();
      collect_neighbours(at);
      for (const std::uint32_t place : touched_) {
        shared_[place] = 0;
        const double degree = alike(old_bags_[at], new_bags_[place]);
        if (degree >= least_) found_.push_back({.old_at = at, .new_at = place, .alike = degree});
      }
      touched_.clear();
    }
    return std::move(found_);
  }

 private:
  void add(std::uint32_t place, std::uint32_t weight) {
    if (shared_[place] == 0) touched_.push_back(place);
    shared_[place] += weight;
  }

  void collect_sharing(std::uint32_t at) {
    each_feature(old_, old_.units[at], [&](std::uint64_t feature, std::uint32_t weight) {
      const auto places = index_.find(feature);
      if (places == index_.end() || places->second.size() > kCommonplace) return;
      for (const std::uint32_t place : places->second) add(place, weight);
    });
  }

  void keep_best() {
    constexpr std::size_t kKept = kMostCandidates - 2 * kNeighbours;
    if (touched_.size() <= kKept) return;
    const auto end = touched_.begin() + kKept;
    std::ranges::partial_sort(touched_, end, [&](std::uint32_t left, std::uint32_t right) {
      return shared_[left] != shared_[right] ? shared_[left] > shared_[right] : left < right;
    });
    std::for_each(end, touched_.end(), [&](std::uint32_t place) { shared_[place] = 0; });
    touched_.erase(end, touched_.end());
  }

  // Those around the same place of the new hunk, for sentences of which every word is commonplace.
  void collect_neighbours(std::uint32_t at) {
    const std::uint32_t hunk = old_.hunks[at];
    const auto [old_begin, old_end] = std::ranges::equal_range(old_.hunks, hunk);
    const auto [new_begin, new_end] = std::ranges::equal_range(new_.hunks, hunk);
    if (new_begin == new_end) return;
    const auto first = static_cast<std::uint32_t>(new_begin - new_.hunks.begin());
    const auto count = static_cast<std::uint64_t>(new_end - new_begin);
    const auto within = static_cast<std::uint64_t>(at - (old_begin - old_.hunks.begin()));
    const auto centre =
        first + static_cast<std::uint32_t>(within * count / static_cast<std::uint64_t>(old_end - old_begin));
    const std::uint32_t low = centre < first + kNeighbours ? first : centre - kNeighbours;
    const std::uint32_t high = std::min(first + static_cast<std::uint32_t>(count), centre + kNeighbours);
    for (std::uint32_t place = low; place < high; ++place) add(place, 1);
  }

  const UnitList& old_;
  const UnitList& new_;
  double least_;
  std::vector<Bag> old_bags_, new_bags_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> index_;  // feature -> new units
  std::vector<std::uint32_t> shared_;                                    // of each new unit, weight of shared features
  std::vector<std::uint32_t> touched_;
  std::vector<Candidate> found_;
};

}  // namespace

std::uint32_t weight_of(const Word& word, const Text& text) {
  const std::uint32_t bytes = word.end - word.begin;
  if (bytes > 3) return 4;
  const char first = text.utf8()[word.begin];
  const bool speaks = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ||
                      (first >= '0' && first <= '9') || (first & 0x80) != 0;
  return speaks ? 2 : 1;
}

std::vector<Candidate> similar_units(const UnitList& old_units, const UnitList& new_units, double least) {
  if (old_units.units.empty() || new_units.units.empty()) return {};
  return Finder(old_units, new_units, least).run();
}

}  // namespace flowstone::documents
