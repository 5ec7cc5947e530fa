#include "documents/extraction_diff.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_map>

#include "documents/normalise.hpp"

namespace flowstone::documents {
namespace {

// True if a sentence, row, cell, list item or paragraph ends before the byte.
bool ends_before(std::string_view text, std::size_t at) {
  const char last = text[at - 1];
  if (last == '\t' || at == text.size()) return true;
  if (last == '\n') {
    const std::size_t next = text.find_first_not_of(" \t", at);
    return next == std::string_view::npos ||
           std::string_view("\n-*+|#>0123456789").find(text[next]) != std::string_view::npos;
  }
  return (last == '.' || last == '!' || last == '?') && (text[at] == ' ' || text[at] == '\n');
}

// The sentence, line or cell around a span, without differences in white space.
std::string surroundings(const Text& text, Span span) {
  constexpr std::uint32_t kFarthest = 300;  // bytes on each side
  const std::string_view bytes = text.utf8();
  const std::uint32_t first = text.byte_of(span.start);
  const std::uint32_t last = text.byte_of(span.end);
  std::size_t begin = first;
  while (begin > 0 && first - begin < kFarthest && !ends_before(bytes, begin)) --begin;
  std::size_t end = last;
  while (end < bytes.size() && end - last < kFarthest && (end == 0 || !ends_before(bytes, end))) ++end;
  // The limits may lie within a character.
  const Span around{text.code_point_of(static_cast<std::uint32_t>(begin)),
                    text.code_point_of(static_cast<std::uint32_t>(end))};
  return canonical_block(text.slice(around)).utf8;
}

struct Side {
  const std::vector<Extraction>& all;
  const Text& text;
};

const std::string& value_of(const Extraction& extraction) {
  return extraction.normalised.empty() ? extraction.value : extraction.normalised;
}

// Without the number of those that have the same key: an insertion changes it.
std::string_view base_key(const Extraction& extraction) {
  return std::string_view(extraction.key).substr(0, extraction.key.rfind(" #"));
}

class Pairing {
 public:
  Pairing(Side before, Side after)
      : before_(before), after_(after), taken_(before.all.size()), partners_(after.all.size()) {}

  // Pairs what is left by this property, in order.
  template <class Property>
  void pair_by(Property&& property) {
    std::unordered_map<std::string, std::deque<std::size_t>> open;
    for (std::size_t at = 0; at < before_.all.size(); ++at) {
      if (!taken_[at]) open[property(before_.all[at])].push_back(at);
    }
    for (std::size_t at = 0; at < after_.all.size(); ++at) {
      if (partners_[at] != nullptr) continue;
      const auto found = open.find(property(after_.all[at]));
      if (found == open.end() || found->second.empty()) continue;
      taken_[found->second.front()] = true;
      partners_[at] = &before_.all[found->second.front()];
      found->second.pop_front();
    }
  }

  [[nodiscard]] std::vector<ExtractionDelta> deltas() const;

 private:
  [[nodiscard]] ExtractionChange change(const Extraction& before, const Extraction& after) const;

  Side before_;
  Side after_;
  std::vector<bool> taken_;
  std::vector<const Extraction*> partners_;  // of `after`
};

ExtractionChange Pairing::change(const Extraction& before, const Extraction& after) const {
  if (value_of(before) != value_of(after) || before.type != after.type) return ExtractionChange::changed;
  const bool same = base_key(before) == base_key(after) && before.value == after.value &&
                    surroundings(before_.text, before.spans.front()) == surroundings(after_.text, after.spans.front());
  return same ? ExtractionChange::unchanged : ExtractionChange::same_value_new_evidence;
}

std::vector<ExtractionDelta> Pairing::deltas() const {
  std::vector<ExtractionDelta> deltas;
  for (std::size_t at = 0; at < after_.all.size(); ++at) {
    const Extraction* const before = partners_[at];
    const Extraction& after = after_.all[at];
    deltas.push_back({before == nullptr ? ExtractionChange::added : change(*before, after), before, &after});
  }
  for (std::size_t at = 0; at < before_.all.size(); ++at) {
    if (!taken_[at]) deltas.push_back({ExtractionChange::removed, &before_.all[at], nullptr});
  }
  return deltas;
}

}  // namespace

std::string_view name_of(ExtractionChange change) {
  switch (change) {
    case ExtractionChange::unchanged:
      return "unchanged";
    case ExtractionChange::same_value_new_evidence:
      return "same_value_new_evidence";
    case ExtractionChange::changed:
      return "changed";
    case ExtractionChange::added:
      return "added";
    case ExtractionChange::removed:
      return "removed";
  }
  return "unchanged";
}

std::vector<ExtractionDelta> diff_extractions(const std::vector<Extraction>& before, const Text& text_before,
                                              const std::vector<Extraction>& after, const Text& text_after) {
  Pairing pairing({before, text_before}, {after, text_after});
  // The same key with the same value first: of several "#n" an insertion moves the numbers, but not the values.
  pairing.pair_by([](const Extraction& each) {
    return each.extractor + '\n' + std::string(base_key(each)) + '\n' + value_of(each);
  });
  pairing.pair_by([](const Extraction& each) { return each.extractor + '\n' + each.key; });
  pairing.pair_by([](const Extraction& each) { return each.extractor + '\n' + value_of(each); });
  return pairing.deltas();
}

}  // namespace flowstone::documents
