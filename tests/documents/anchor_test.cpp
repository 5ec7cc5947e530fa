#include "documents/anchor.hpp"

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace flowstone::documents {
namespace {

Text text_of(const std::string& utf8) { return Text::from_utf8(utf8).value(); }

// The anchor of the first place where `quote` stands in the old text.
Anchor anchored(const std::string& old_utf8, const std::string& new_utf8, const std::string& quote) {
  const auto old_text = text_of(old_utf8), new_text = text_of(new_utf8);
  const auto at = old_utf8.find(quote);
  EXPECT_NE(at, std::string::npos) << quote;
  const auto start = old_text.code_point_of(static_cast<std::uint32_t>(at));
  const Span span{start, start + text_of(quote).size()};
  const auto anchor = Anchoring(old_text, new_text).anchor(span);
  if (anchor.span) EXPECT_EQ(anchor.exact, new_text.slice(*anchor.span));
  EXPECT_EQ(anchor.candidates.empty(), anchor.verdict != Verdict::ambiguous);
  EXPECT_FALSE(anchor.reason.empty());
  return anchor;
}

TEST(Anchor, InTheSameTextIsTheSame) {
  const auto anchor = anchored("One. Two.", "One. Two.", "Two.");
  EXPECT_EQ(anchor.verdict, Verdict::same);
  EXPECT_EQ(anchor.span, (Span{5, 9}));
}

TEST(Anchor, WordsThatWereShiftedOrReflowedAreTheSame) {
  const auto anchor = anchored("Intro here.\n\nThe fee is 5 EUR a month.\n",
                               "Intro here, longer now.\n\nThe fee is\n5 EUR a month.\n", "The fee is 5 EUR a month.");
  EXPECT_EQ(anchor.verdict, Verdict::same);
  EXPECT_EQ(anchor.exact, "The fee is\n5 EUR a month.");
  EXPECT_EQ(anchor.materiality, Materiality::none);
  EXPECT_EQ(anchor.reason, "The words are unchanged, 12 characters later.");
}

TEST(Anchor, OffsetsAreCodePoints) {
  const auto anchor = anchored("\u00e9\u00e9\u00e9 caf\u00e9. Find \u00fcber me.",
                               "\U0001F600\U0001F600 caf\u00e9. Find \u00fcber me.", "\u00fcber");
  EXPECT_EQ(anchor.verdict, Verdict::same);
  EXPECT_EQ(anchor.exact, "\u00fcber");
}

TEST(Anchor, AChangedNumberIsChangedAndMaterial) {
  const auto anchor =
      anchored("Payment is due within 30 days of receipt. Then we talk.",
               "Payment is due within 60 days of receipt. Then we talk.", "Payment is due within 30 days of receipt.");
  EXPECT_EQ(anchor.verdict, Verdict::changed);
  EXPECT_EQ(anchor.materiality, Materiality::material);
  EXPECT_EQ(anchor.exact, "Payment is due within 60 days of receipt.");
  EXPECT_EQ(anchor.reason, "In the same place \"30\" became \"60\".");
  ASSERT_EQ(anchor.changes.size(), 1U);
}

TEST(Anchor, AShortSpanWhoseWordsWereReplacedIsChanged) {
  const std::string before = "Payment is due within 30 days of receipt.",
                    after = "Payment is due within 60 days of receipt.";
  const auto number = anchored(before, after, "30");
  EXPECT_EQ(number.verdict, Verdict::changed);
  EXPECT_EQ(number.exact, "60");
  EXPECT_EQ(anchored(before, after, "within 30 days").exact, "within 60 days");
  EXPECT_EQ(anchored(before, after, "days of").verdict, Verdict::same);
}

TEST(Anchor, AnInsertedNegationChangesTheSentence) {
  const auto anchor = anchored("Clients may retry a failed request.", "Clients may not retry a failed request.",
                               "Clients may retry a failed request.");
  EXPECT_EQ(anchor.verdict, Verdict::changed);
  EXPECT_EQ(anchor.materiality, Materiality::material);
}

TEST(Anchor, AWordInsertedBesideTheSpanDoesNotChangeIt) {
  EXPECT_EQ(anchored("we saw the cat run", "we saw the the cat run", "the cat run").verdict, Verdict::same);
  EXPECT_EQ(anchored("we saw the cat run", "we saw the cat cat run", "saw the cat").verdict, Verdict::same);
}

constexpr const char* kBefore =
    "Alpha begins the story with a house.\n\nThe committee approved a budget of nine million.\n\nGamma follows with a "
    "long road.\n\n"
    "Delta closes the tale with rain.\n";

TEST(Anchor, AMovedSentenceIsMoved) {
  const auto anchor = anchored(
      kBefore,
      "Alpha begins the story with a house.\n\nGamma follows with a long road.\n\nDelta closes the tale with rain.\n\n"
      "The committee approved a budget of nine million.\n",
      "The committee approved a budget of nine million.");
  EXPECT_EQ(anchor.verdict, Verdict::moved);
  EXPECT_EQ(anchor.materiality, Materiality::none);
}

TEST(Anchor, AMovedSentenceMayHaveChanged) {
  const auto anchor = anchored(
      kBefore,
      "Alpha begins the story with a house.\n\nGamma follows with a long road.\n\nDelta closes the tale with rain.\n\n"
      "The committee approved a budget of six million.\n",
      "The committee approved a budget of nine million.");
  EXPECT_EQ(anchor.verdict, Verdict::moved_changed);
  EXPECT_EQ(anchor.exact, "The committee approved a budget of six million.");
}

TEST(Anchor, PartOfASentenceThatMovedIntoAnotherIsMoved) {
  const auto anchor = anchored(
      kBefore,
      "Alpha begins the story with a house.\n\nGamma follows with a long road.\n\nDelta closes the tale with rain, "
      "and committee approved a budget of nine million.\n",
      "committee approved a budget of nine million");
  EXPECT_EQ(anchor.verdict, Verdict::moved);
}

TEST(Anchor, ADeletedSentenceIsLostThoughALookAlikeStayed) {
  const auto anchor = anchored(
      "Team Alpha won the cup in 2023 with 12 points.\n\nIt rained.\n\nTeam Beta won the cup in 2023 with 14 points.\n",
      "It rained.\n\nTeam Beta won the cup in 2023 with 14 points.\n",
      "Team Alpha won the cup in 2023 with 12 points.");
  EXPECT_EQ(anchor.verdict, Verdict::lost);
  EXPECT_FALSE(anchor.span);
  EXPECT_EQ(anchor.materiality, Materiality::material);
}

TEST(Anchor, ADeletedSentenceIsLostThoughItsDuplicateStayed) {
  const std::string twice = "Keys are never stored in clear text.";
  const auto anchor = anchored("Chapter one is long.\n\n" + twice + "\n\nChapter two is short.\n\n" + twice + "\n",
                               "Chapter one is long.\n\nChapter two is short.\n\n" + twice + "\n", twice);
  EXPECT_EQ(anchor.verdict, Verdict::lost);
}

TEST(Anchor, TwoNewCopiesAreAmbiguous) {
  const std::string quote = "Keys are never stored in clear text.";
  const auto anchor = anchored(
      quote + "\n\nSome chapter is long.\n\nChapter two is short.\n\nThe end is near.\n",
      "Some chapter is long.\n\n" + quote + "\n\nChapter two is short.\n\n" + quote + "\n\nThe end is near.\n", quote);
  EXPECT_EQ(anchor.verdict, Verdict::ambiguous);
  EXPECT_EQ(anchor.candidates.size(), 2U);
}

constexpr std::string_view kKeys = "Keys are never stored in clear text.";

// Anchors of each place of `quote` in the old text, in order.
std::vector<Anchor> anchors_of_each(const std::string& before, const std::string& after, std::string_view quote) {
  const auto old_text = text_of(before), new_text = text_of(after);
  const Anchoring anchoring(old_text, new_text);
  std::vector<Anchor> anchors;
  for (std::size_t at = before.find(quote); at != std::string::npos; at = before.find(quote, at + 1)) {
    const auto start = static_cast<std::uint32_t>(at);
    anchors.push_back(anchoring.anchor({start, start + static_cast<std::uint32_t>(quote.size())}));
  }
  return anchors;
}

TEST(Anchor, EqualSentencesThatMovedKeepTheirOrder) {
  const auto quote = std::string(kKeys);
  const std::string after = "A first chapter stays.\n\nA second one follows.\n\n" + quote +
                            "\n\nA third one is here.\n\n" + quote + "\n\nThe fourth is the last.\n";
  const auto anchors =
      anchors_of_each(quote + "\n\nA first chapter stays.\n\n" + quote +
                          "\n\nA second one follows.\n\nA third one is here.\n\nThe fourth is the last.\n",
                      after, kKeys);
  ASSERT_EQ(anchors.size(), 2U);
  for (const auto& anchor : anchors) {
    EXPECT_TRUE(is_fresh(anchor.verdict));
    EXPECT_EQ(anchor.exact, kKeys);
  }
  EXPECT_LT(anchors[0].span->start, anchors[1].span->start);
}

TEST(Anchor, OfEqualSentencesThatAreGoneEachMayBeTheOneThatCameElsewhere) {
  const auto quote = std::string(kKeys);
  const auto anchors = anchors_of_each(
      quote + "\n\nA first chapter stays.\n\n" + quote + "\n\nA second one follows.\n\nThe third is the last.\n",
      "A first chapter stays.\n\nA second one follows.\n\n" + quote + "\n\nThe third is the last.\n", kKeys);
  ASSERT_EQ(anchors.size(), 2U);
  for (const auto& anchor : anchors) EXPECT_EQ(anchor.verdict, Verdict::moved);
}

TEST(Anchor, ASentenceIsLostThoughAnEqualOneMovedWithItsNeighbours) {
  const std::string quote(kKeys), neighbour = "Each tenant has a vault of its own. ";
  const auto anchors = anchors_of_each("A first chapter stays. " + quote + "\n\n" + neighbour + quote +
                                           "\n\nA second one follows, and it is long.\n\nThe third is the last.\n",
                                       "A first chapter stays.\n\nA second one follows, and it is long.\n\n" +
                                           neighbour + quote + "\n\nThe third is the last.\n",
                                       kKeys);
  ASSERT_EQ(anchors.size(), 2U);
  EXPECT_EQ(anchors[0].verdict, Verdict::lost);
  EXPECT_EQ(anchors[1].verdict, Verdict::moved);
}

TEST(Anchor, TheFullStopOfAChangedSentenceIsItsOwn) {
  const auto anchor = anchored("All others are undefined for events. Some limits apply here to everybody.",
                               "All others are undefined in events. Nothing else. Some limits apply here to everybody.",
                               "All others are undefined for events.");
  EXPECT_EQ(anchor.verdict, Verdict::changed);
  EXPECT_EQ(anchor.exact, "All others are undefined in events.");
}

TEST(Anchor, ASpanWithoutWordsIsAPlace) {
  const auto old_text = text_of("One two. Three."), new_text = text_of("Zero. One two. Three.");
  const Anchoring anchoring(old_text, new_text);
  EXPECT_EQ(anchoring.anchor({8, 9}).span, (Span{14, 14}));
  EXPECT_EQ(anchoring.anchor({0, 0}).span, (Span{6, 6}));
  EXPECT_EQ(Anchoring(text_of(""), text_of("a")).anchor({0, 0}).span, (Span{0, 0}));
}

TEST(Anchor, ASpanInsideAWordStaysInsideIt) {
  const auto anchor = anchored("A subroutine ends.", "Now: A subroutine ends.", "routine");
  EXPECT_EQ(anchor.verdict, Verdict::same);
  EXPECT_EQ(anchor.exact, "routine");
}

// Documents that somebody wrote, as this repository has them.
std::vector<std::string> real_documents() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(FLOWSTONE_SOURCE "/docs")) {
    if (entry.path().extension() != ".md") continue;
    std::ostringstream content;
    content << std::ifstream(entry.path()).rdbuf();
    if (content.str().size() > 4'000) found.push_back(content.str().substr(0, 30'000));
  }
  return found;
}

// Cuts between words, each with what follows it up to the next.
std::vector<std::string> pieces_of(const std::string& utf8) {
  std::vector<std::string> pieces;
  std::size_t at = 0;
  while (at < utf8.size()) {
    const auto space = utf8.find(' ', at);
    const auto end = space == std::string::npos ? utf8.size() : space + 1;
    pieces.push_back(utf8.substr(at, end - at));
    at = end;
  }
  return pieces;
}

TEST(Anchor, EditsElsewhereAndOtherWhiteSpaceNeverMakeASpanStale) {
  std::mt19937 random(20'261'121);
  const auto any = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
  std::size_t asked = 0;
  for (const auto& document : real_documents()) {
    if (!Text::from_utf8(document)) continue;
    const auto pieces = pieces_of(document);
    if (pieces.size() < 400) continue;
    for (int round = 0; round < 6; ++round) {
      const std::size_t from = 100 + any(pieces.size() - 200), to = from + 12 + any(20);
      std::string before, quote, after, edited_before, edited_after;
      for (std::size_t at = 0; at < pieces.size(); ++at) (at < from ? before : at < to ? quote : after) += pieces[at];
      // Not right beside the span: what is inserted there may well belong to it.
      for (std::size_t at = 0; at < from; ++at) {
        if (any(40) == 0 && at + 30 < from) edited_before += "inserted w" + std::to_string(any(999)) + " here ";
        if (any(40) != 0 || at + 30 >= from) edited_before += pieces[at];
      }
      for (std::size_t at = to; at < pieces.size(); ++at)
        if (any(40) != 0 || at < to + 30) edited_after += pieces[at];
      std::string reflowed = quote;
      for (char& byte : reflowed)
        if (byte == ' ' && any(4) == 0) byte = '\n';
      const auto old_text = text_of(before + quote + after),
                 new_text = text_of(edited_before + reflowed + edited_after);
      const auto start = text_of(before).size();
      const auto anchor = Anchoring(old_text, new_text).anchor({start, start + text_of(quote).size()});
      ASSERT_TRUE(is_fresh(anchor.verdict)) << name_of(anchor.verdict) << ": " << anchor.reason << "\n" << quote;
      ++asked;
    }
  }
  EXPECT_GT(asked, 20U);
}

RC_GTEST_PROP(Anchor, OfAnythingIsInRangeAndInsideItsOwnText, ()) {
  const auto texts = rc::gen::container<std::string>(rc::gen::elementOf(std::string("aab  .\n-|#1")));
  const auto old_text = text_of(*texts), new_text = text_of(*texts);
  const auto start = *rc::gen::inRange<std::uint32_t>(0, old_text.size() + 1);
  const auto end = *rc::gen::inRange<std::uint32_t>(start, old_text.size() + 1);
  const auto anchor = Anchoring(old_text, new_text).anchor({start, end});
  if (anchor.span) RC_ASSERT(anchor.span->start <= anchor.span->end && anchor.span->end <= new_text.size());
  RC_ASSERT(anchor.span.has_value() == (anchor.verdict != Verdict::lost && anchor.verdict != Verdict::ambiguous));
  const auto same = Anchoring(old_text, old_text).anchor({start, end});
  RC_ASSERT(same.verdict == Verdict::same && same.span == (Span{start, end}));
}

}  // namespace
}  // namespace flowstone::documents
