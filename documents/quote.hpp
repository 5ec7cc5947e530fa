// Where a text says what somebody quotes from it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "documents/text.hpp"

namespace flowstone::documents {

// W3C Web Annotation's text quote selector with its position, as somebody typed or copied it.
struct QuoteSelector {
  std::string exact;
  std::string prefix;  // what stands before it and behind it, if anything is known
  std::string suffix;
  std::optional<std::uint32_t> start;  // code point where it is supposed to begin
};

// A place of a text as selectors store it: the text's own words, with up to kQuoteContext code points around them.
struct QuotePlace {
  Span span;
  std::string exact;
  std::string prefix;
  std::string suffix;
};
inline constexpr std::uint32_t kQuoteContext = 32;
inline constexpr std::size_t kMostQuoteCandidates = 10;

enum class QuoteOutcome : std::uint8_t {
  found,
  not_found,         // candidates are the closest places, if any is close
  many,              // candidates are the first places; prefix, suffix and start decide for none
  inside_character,  // it is there, but begins or ends inside what a reader sees as one character
};
std::string_view name_of(QuoteOutcome outcome);

struct QuoteSearch {
  QuoteOutcome outcome = QuoteOutcome::not_found;
  QuotePlace place;                    // where found
  std::vector<QuotePlace> candidates;  // otherwise
  std::size_t occurrences = 0;         // where many: how many there are, at most 1,000
};

// Looks for the words as they are; then without regard to white space, to how quotation marks, dashes and dots are set
// and to soft hyphens; then also as if `invisible` spans of the text (marks of Markdown, tags) were not there. Where
// they are several times, prefix, suffix and start decide.
// Cost: some passes through the text; where nothing is found, `align` besides.
QuoteSearch find_quote(const Text& text, const QuoteSelector& selector, std::span<const Span> invisible = {});

// The place of a span as selectors store it. Nothing where it is empty, out of range, or cuts a character.
std::optional<QuotePlace> quote_at(const Text& text, Span span);

}  // namespace flowstone::documents
