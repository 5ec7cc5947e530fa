// Any two texts and spans of the first: every anchor is within the second, and says what stands there.
#include <algorithm>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "documents/anchor.hpp"
#include "documents/quote.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;                                           // NOLINT: the whole program is this function
  using namespace flowstone::documents;                                // NOLINT
  const std::string bytes(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes seen as chars
  const auto middle = std::min(bytes.find('\0'), bytes.size());
  const auto old_text = Text::from_utf8(bytes.substr(0, middle));
  const auto new_text = Text::from_utf8(bytes.substr(std::min(middle + 1, bytes.size())));
  if (!old_text || !new_text) return 0;
  const Anchoring anchoring(*old_text, *new_text);
  const std::uint32_t step = std::max(1U, old_text->size() / 16);
  for (std::uint32_t start = 0; start <= old_text->size(); start += step) {
    const Span span{start, std::min(old_text->size(), start + 3 * step)};
    const auto anchor = anchoring.anchor(span);
    const bool placed = anchor.verdict != Verdict::lost && anchor.verdict != Verdict::ambiguous;
    check(anchor.span.has_value() == placed, "what is not lost has a place");
    check(anchor.candidates.empty() == (anchor.verdict != Verdict::ambiguous), "what is ambiguous has candidates");
    if (!anchor.span) continue;
    check(anchor.span->start <= anchor.span->end && anchor.span->end <= new_text->size(), "a place is in the text");
    check(anchor.exact == new_text->slice(*anchor.span), "a place is quoted");
    check(!is_fresh(anchor.verdict) || anchor.materiality == Materiality::none, "what is fresh did not change");
  }
  const auto quoted = quote_at(*old_text, {0, std::min(old_text->size(), 40U)});
  if (quoted) {
    const auto again = find_quote(*old_text, {quoted->exact, quoted->prefix, quoted->suffix, 0U});
    check(again.outcome != QuoteOutcome::found || again.place.exact == old_text->slice(again.place.span),
          "what is found is quoted");
    check(again.candidates.size() <= kMostQuoteCandidates, "candidates are bounded");
  }
  return 0;
}
