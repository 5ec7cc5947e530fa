// The rungs of the ladder that an `Anchoring` climbs for one span. Words are counted, not code points.
#pragma once

#include <optional>
#include <vector>

#include "documents/anchor.hpp"

namespace flowstone::documents {

// Words [first, last) of a text.
struct WordRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  [[nodiscard]] std::uint32_t size() const { return last - first; }
  auto operator<=>(const WordRange&) const = default;
};

struct Located {
  WordRange words;
  bool moved = false;
  double kept = 0;  // the part of the span's words that is there, by weight
};

class SpanSearch {
 public:
  SpanSearch(const Anchoring& anchoring, WordRange span) : all_(anchoring), span_(span) {}

  // The words as they are, where the alignment has them.
  [[nodiscard]] std::optional<Located> aligned_unchanged() const;
  // The words as they are, in text that nothing owns. Several where the words around them do not decide either.
  [[nodiscard]] std::vector<Located> unowned_unchanged() const;
  // Of several such places the one that is this span's in their order: where the old text had the same words in at
  // least as many places that are gone, each place has its own. Nothing where one place became several.
  [[nodiscard]] std::optional<Located> in_order_among(const std::vector<Located>& places) const;
  // The words as they are, where they stand once in the old text and once in the new one: whatever other words own a
  // part of them there, no others stood like this.
  [[nodiscard]] std::optional<Located> unique_unchanged() const;
  // The words as they are in a place that came from elsewhere alone: of several places with the same words that are
  // gone, nobody can say which came there.
  [[nodiscard]] std::optional<Located> shared_unchanged() const;
  // Where the alignment has most of the words, or the sentence that lost them.
  [[nodiscard]] std::optional<Located> aligned_changed() const;
  // Something like the words in text that nothing owns, best first; each is a candidate to be the one.
  [[nodiscard]] std::vector<Located> unowned_changed() const;

 private:
  struct Cluster {
    WordRange old_words, new_words;  // from the first to the last word that has a partner
    std::uint32_t move = 0;
    std::uint32_t weight = 0;
  };

  [[nodiscard]] const Side& old_side() const { return all_.alignment_.old_side; }
  [[nodiscard]] const Side& new_side() const { return all_.alignment_.new_side; }
  [[nodiscard]] std::uint64_t old_key(std::uint32_t word) const { return old_side().words[word].key; }
  [[nodiscard]] std::uint64_t new_key(std::uint32_t word) const { return new_side().words[word].key; }
  [[nodiscard]] std::uint32_t weight() const;
  [[nodiscard]] bool free_or_own(std::uint32_t new_word) const;
  [[nodiscard]] bool unchanged_at(std::uint32_t new_first) const;
  [[nodiscard]] bool in_place(WordRange found) const;
  [[nodiscard]] std::uint32_t context_at(std::uint32_t new_first) const;
  [[nodiscard]] std::optional<Cluster> heaviest_cluster() const;
  [[nodiscard]] std::uint32_t first_of_changed(const Cluster& cluster) const;
  [[nodiscard]] std::uint32_t last_of_changed(const Cluster& cluster) const;
  [[nodiscard]] std::optional<Located> replaced_in_sentence() const;
  using Places = std::span<const std::pair<std::uint64_t, std::uint32_t>>;
  [[nodiscard]] static Places among(const Anchoring::Places& all, std::uint64_t key);
  // Where the span's words stand in a row, among words of which `places` are all; `most` at most.
  [[nodiscard]] std::vector<std::uint32_t> occurrences(const Anchoring::Places& places, const Side& side,
                                                       std::size_t most) const;
  // Most of the new words belong to one sentence that became what is there.
  [[nodiscard]] bool owned_by_one(WordRange new_words) const;
  // Those of the span's words that stand in the fewest of these places, and which word of the span it is.
  [[nodiscard]] std::pair<Places, std::uint32_t> rarest(const Anchoring::Places& all) const;
  [[nodiscard]] bool came_alone(std::uint32_t new_first) const;
  [[nodiscard]] std::vector<std::uint32_t> likely_places() const;
  [[nodiscard]] std::optional<Located> fuzzy_at(std::uint32_t new_first) const;

  const Anchoring& all_;
  WordRange span_;
};

}  // namespace flowstone::documents
