// Where words of an old text are in a new one, and whether they still say the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "documents/alignment.hpp"
#include "documents/materiality.hpp"
#include "documents/text.hpp"

namespace flowstone::documents {

enum class Verdict : std::uint8_t {
  same,           // the same words in the same place, wherever the offsets went
  moved,          // the same words in another place
  reparsed,       // the same bytes, but another parser made text of them: the caller's to say
  changed,        // in its place, with other words
  moved_changed,  // in another place, with other words
  ambiguous,      // in several places that are equally likely: for a human to decide
  lost,           // gone
};
std::string_view name_of(Verdict verdict);
// True for what still says the same.
bool is_fresh(Verdict verdict);

struct WordRange;
struct Located;

struct Anchor {
  Verdict verdict = Verdict::lost;
  std::optional<Span> span;                     // in the new text; nothing where ambiguous or lost
  std::string exact;                            // the new text there
  std::string reason;                           // one sentence for people
  std::vector<WordChange> changes;              // where changed
  Materiality materiality = Materiality::none;  // of the changes; what is lost or ambiguous is material
  std::vector<Span> candidates;                 // where ambiguous
};

// An old and a new text, prepared once for any number of spans.
//
// The new text that is aligned to other old text is owned by it, and is never an answer: that is what tells a
// deleted sentence from its twin that stayed. A span is looked for in its own place first, word by word; then as it is,
// in text that nothing owns; then changed in its place; then changed in text that nothing owns.
// Threads: may be asked by many at once.
// Lifetime: refers to both texts.
// Cost: preparing is `align`; a span about 5 us, one that needs a fuzzy search about 50 us. Each search has a bound.
class Anchoring {
 public:
  Anchoring(const Text& old_text, const Text& new_text);

  // For a span within the old text; a bug if it is not. A span of no words is a place between words.
  [[nodiscard]] Anchor anchor(Span span) const;
  [[nodiscard]] const Alignment& alignment() const { return alignment_; }

 private:
  friend class SpanSearch;

  [[nodiscard]] Anchor unchanged(Span found, std::string reason, Verdict verdict) const;
  [[nodiscard]] Anchor place_between_words(Span span, std::uint32_t next) const;
  [[nodiscard]] Anchor unchanged_words(Span span, WordRange words, const Located& found) const;
  [[nodiscard]] Anchor changed_words(Span span, WordRange words, const Located& found) const;
  [[nodiscard]] Anchor ambiguous(const std::vector<Located>& found) const;
  static Anchor lost();

  const Text& old_;
  const Text& new_;
  Alignment alignment_;
  std::vector<std::uint32_t> old_weights_;
  // What is in place stands between these words of the new text: behind `lower_` of its first old word, before
  // `upper_` of the word behind its last.
  std::vector<std::uint32_t> lower_, upper_;
  // Words by key and place, ordered: all of both texts; of the new text those that nothing owns, and those that came
  // from another place; of the old text those that are not where they were.
  using Places = std::vector<std::pair<std::uint64_t, std::uint32_t>>;
  Places old_places_, new_places_, unowned_, moved_in_, gone_;
};

}  // namespace flowstone::documents
