#include "documents/alignment.hpp"

#include <string>

#include <gtest/gtest.h>

namespace flowstone::documents {
namespace {

// The new text with what each word came from: "=word" in place, "2:word" in move 2, "+word" new.
std::string traced(const std::string& old_utf8, const std::string& new_utf8) {
  const auto old_text = Text::from_utf8(old_utf8).value(), new_text = Text::from_utf8(new_utf8).value();
  const auto found = align(old_text, new_text);
  std::string out;
  for (std::uint32_t word = 0; word < found.new_side.words.size(); ++word) {
    const auto partner = found.new_side.partner[word];
    if (partner != kNone) EXPECT_EQ(found.old_side.partner[partner], word);
    if (partner != kNone) EXPECT_EQ(found.old_side.words[partner].key, found.new_side.words[word].key);
    const auto move = partner == kNone ? 0 : found.move_of[partner];
    const auto mark = partner == kNone ? "+" : move == 0 ? "=" : std::to_string(move) + ":";
    out += (out.empty() ? "" : " ") + mark + std::string(new_text.slice(found.new_side.words[word].span));
  }
  return out;
}

TEST(Alignment, EqualTextIsAllInPlaceHoweverItFlows) {
  EXPECT_EQ(traced("One two. Three four.", "One\ntwo.\n\nThree  four."), "=One =two =. =Three =four =.");
}

TEST(Alignment, AChangedWordLeavesTheOthersInPlace) {
  EXPECT_EQ(traced("The limit is ten days. End.", "The limit is six days. End."),
            "=The =limit =is +six =days =. =End =.");
}

TEST(Alignment, ASentenceThatCrossesOthersIsMoved) {
  EXPECT_EQ(traced("A cat sat on the mat. Dogs run far away. Birds fly high up.",
                   "Dogs run far away. Birds fly high up. A cat sat on the mat."),
            "=Dogs =run =far =away =. =Birds =fly =high =up =. 1:A 1:cat 1:sat 1:on 1:the 1:mat 1:.");
}

TEST(Alignment, AMovedSentenceMayBeEdited) {
  EXPECT_EQ(traced("The quick cat sat on that old mat today.\n\nDogs run far away.\n\nBirds fly high up.",
                   "Dogs run far away.\n\nBirds fly high up.\n\nThe quick cat sat on that new mat today."),
            "=Dogs =run =far =away =. =Birds =fly =high =up =. 1:The 1:quick 1:cat 1:sat 1:on 1:that +new 1:mat "
            "1:today 1:.");
}

TEST(Alignment, ATwinThatStayedIsOwnedByItself) {
  EXPECT_EQ(traced("Team Alpha won the cup with 12 points.\n\nTeam Beta won the cup with 14 points.",
                   "Team Beta won the cup with 14 points."),
            "=Team =Beta =won =the =cup =with =14 =points =.");
}

TEST(Alignment, SentencesThatWereJoinedKeepTheirWords) {
  EXPECT_EQ(traced("It starts with a header. Then come the fields of the record.",
                   "It starts with a header, then come the fields of the record."),
            "=It =starts =with =a =header +, +then =come =the =fields =of =the =record =.");
}

TEST(Alignment, OfUnrelatedTextsIsEmpty) {
  EXPECT_EQ(traced("The cat sat on a mat.", "Some dogs, however, bark the whole night."),
            "+Some +dogs +, +however +, +bark +the +whole +night +.");
}

TEST(Alignment, OfNothingIsNothing) {
  EXPECT_EQ(traced("", ""), "");
  EXPECT_EQ(traced("a b", ""), "");
  EXPECT_EQ(traced("", "a"), "+a");
}

}  // namespace
}  // namespace flowstone::documents
