#include "documents/quote.hpp"

#include <gtest/gtest.h>

namespace flowstone::documents {
namespace {

Text text_of(const std::string& utf8) { return Text::from_utf8(utf8).value(); }

QuoteSearch search(const std::string& utf8, const QuoteSelector& selector) {
  return find_quote(text_of(utf8), selector);
}

TEST(Quote, IsFoundAsItIs) {
  const auto found = search("\u00dcber: The fee is 5 EUR. End.",
                            {.exact = "The fee is 5 EUR.", .prefix = {}, .suffix = {}, .start = {}});
  ASSERT_EQ(found.outcome, QuoteOutcome::found);
  EXPECT_EQ(found.place.span, (Span{6, 23}));
  EXPECT_EQ(found.place.exact, "The fee is 5 EUR.");
  EXPECT_EQ(found.place.prefix, "\u00dcber: ");
  EXPECT_EQ(found.place.suffix, " End.");
}

TEST(Quote, IsFoundWhateverTheWhiteSpaceTheMarksAndTheNormalForm) {
  const auto found = search("He said \u201cit\u2019s a\n  caf\u00e9 \u2014 no\u00adthing\u2026\u201d today.",
                            {.exact = " \"it's a cafe\u0301 - nothing...\" ", .prefix = {}, .suffix = {}, .start = {}});
  ASSERT_EQ(found.outcome, QuoteOutcome::found);
  EXPECT_EQ(found.place.exact, "\u201cit\u2019s a\n  caf\u00e9 \u2014 no\u00adthing\u2026\u201d");
}

TEST(Quote, IsFoundAcrossMarkup) {
  const auto text = text_of("The **fee** is [5 EUR](https://a.b) now.");
  const std::vector<Span> invisible{{4, 6}, {9, 11}, {15, 16}, {21, 35}};
  const auto found =
      find_quote(text, {.exact = "fee is 5 EUR now", .prefix = {}, .suffix = {}, .start = {}}, invisible);
  ASSERT_EQ(found.outcome, QuoteOutcome::found);
  EXPECT_EQ(found.place.exact, "fee** is [5 EUR](https://a.b) now");
}

TEST(Quote, ThatIsThereManyTimesShowsThePlaces) {
  const auto found = search("a b. a b. a b.", {.exact = "a b.", .prefix = {}, .suffix = {}, .start = {}});
  EXPECT_EQ(found.outcome, QuoteOutcome::many);
  EXPECT_EQ(found.occurrences, 3U);
  ASSERT_EQ(found.candidates.size(), 3U);
  EXPECT_EQ(found.candidates[1].span, (Span{5, 9}));
}

TEST(Quote, PrefixSuffixAndStartDecide) {
  const std::string text = "Alpha pays ten. Beta pays ten. Gamma pays ten.";
  EXPECT_EQ(search(text, {.exact = "pays ten", .prefix = "Beta ", .suffix = {}, .start = {}}).place.span,
            (Span{21, 29}));
  EXPECT_EQ(search(text, {.exact = "pays ten", .prefix = {}, .suffix = ". Gamma", .start = {}}).place.span,
            (Span{21, 29}));
  EXPECT_EQ(search(text, {.exact = "pays ten", .prefix = {}, .suffix = {}, .start = 20}).place.span, (Span{21, 29}));
}

TEST(Quote, ThatIsNotThereShowsTheClosest) {
  const auto found =
      search("It rains. Payment is due within 60 days of receipt. The end.",
             {.exact = "Payment is due within 30 days of receipt.", .prefix = {}, .suffix = {}, .start = {}});
  EXPECT_EQ(found.outcome, QuoteOutcome::not_found);
  ASSERT_EQ(found.candidates.size(), 1U);
  EXPECT_EQ(found.candidates[0].exact, "Payment is due within 60 days of receipt.");
  EXPECT_TRUE(search("It rains.", {.exact = "Nothing like it at all here.", .prefix = {}, .suffix = {}, .start = {}})
                  .candidates.empty());
}

TEST(Quote, OfNothingIsNotFound) {
  EXPECT_EQ(search("text", {.exact = "", .prefix = {}, .suffix = {}, .start = {}}).outcome, QuoteOutcome::not_found);
  EXPECT_EQ(search("te xt", {.exact = " \n", .prefix = {}, .suffix = {}, .start = {}}).outcome,
            QuoteOutcome::not_found);
}

TEST(Quote, ThatCutsACharacterIsRefused) {
  // A family of four: seven code points that are seen as one character.
  const std::string family = "\U0001F468\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466";
  const auto found = search("Here: " + family + "!", {.exact = "\U0001F469", .prefix = {}, .suffix = {}, .start = {}});
  EXPECT_EQ(found.outcome, QuoteOutcome::inside_character);
  ASSERT_EQ(found.candidates.size(), 1U);
  EXPECT_EQ(found.candidates[0].exact, family);
  const auto text = text_of(family + "x");
  EXPECT_FALSE(quote_at(text, {0, 1}));
  EXPECT_TRUE(quote_at(text, {0, 7}));
  EXPECT_FALSE(quote_at(text, {3, 3}));
  EXPECT_FALSE(quote_at(text, {0, 99}));
}

TEST(Quote, ContextIsBounded) {
  const auto place = quote_at(text_of(std::string(100, 'a') + "b" + std::string(100, 'c')), {100, 101});
  ASSERT_TRUE(place);
  EXPECT_EQ(place->prefix.size(), kQuoteContext);
  EXPECT_EQ(place->suffix.size(), kQuoteContext);
}

}  // namespace
}  // namespace flowstone::documents
