#include "workflows/source.hpp"

#include <gtest/gtest.h>

#include "workflows/canonical.hpp"

namespace flowstone::workflows {
namespace {

Source json(std::string_view text) {
  auto read = read_source(text, Format::json);
  EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().front().sentence);
  return read ? *std::move(read) : Source{};
}

Problem first_problem(std::string_view text) {
  const auto read = read_source(text, Format::json);
  return read || read.error().empty() ? Problem{} : read.error().front();
}

TEST(Source, KnowsWhereEachMemberAndItemBegins) {
  const auto source = json("{\n  \"a\": [1,\n    {\"b\": true}],\n  \"c\": {}\n}");
  EXPECT_EQ(source.place_of(""), (Place{1, 1}));
  EXPECT_EQ(source.place_of("/a"), (Place{2, 3}));
  EXPECT_EQ(source.place_of("/a/0"), (Place{2, 9}));
  EXPECT_EQ(source.place_of("/a/1/b"), (Place{3, 6}));
  EXPECT_EQ(source.place_of("/c"), (Place{4, 3}));
}

TEST(Source, TellsThePlaceOfWhatWouldHoldAMissingValue) {
  const auto source = json("{\n  \"a\": {\n    \"b\": 1}}");
  EXPECT_EQ(source.place_of("/a/c/d"), (Place{2, 3}));
  EXPECT_EQ(source.find("/a/c"), nullptr);
  EXPECT_EQ(source.place_of("/a/b/0"), (Place{3, 5}));
}

TEST(Source, ReadsEscapedNamesInPointers) {
  const auto source = json("{\"a/b\": {\n\"~\": 7}}");
  EXPECT_EQ(source.place_of("/a~1b/~0"), (Place{2, 1}));
  ASSERT_NE(source.find("/a~1b/~0"), nullptr);
  EXPECT_EQ(source.find("/a~1b/~0")->as_number(), 7);
}

TEST(Source, ColumnsCountCharactersNotBytes) {
  const auto source = json(R"({"äö€😀": 1, "b": 2})");
  EXPECT_EQ(source.place_of("/b"), (Place{1, 13}));
}

TEST(Source, NamesTheMemberThatComesTwice) {
  const auto problem = first_problem("{\"a\": {\"x\": 1,\n \"\\u0078\": 2}}");
  EXPECT_EQ(problem.code, "repeated_member");
  EXPECT_EQ(problem.path, "/a/x");
  EXPECT_EQ(problem.place, (Place{2, 2}));
}

TEST(Source, TextThatIsNoJsonIsRefusedWhereItEnds) {
  const auto problem = first_problem("{\"a\": 1,\n  b: 2}");
  EXPECT_EQ(problem.code, "not_json");
  EXPECT_EQ(problem.place, (Place{2, 3}));
  EXPECT_EQ(first_problem("").code, "not_json");
}

TEST(Source, TakesTheLongestTextAndNoLonger) {
  const std::string inner(kMaxSourceBytes - 2, 'x');
  EXPECT_TRUE(read_source("\"" + inner + "\"", Format::json).has_value());
  EXPECT_EQ(first_problem("\"" + inner + "x\"").code, "too_long");
}

TEST(Source, TakesTheDeepestNestingAndNoDeeper) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_TRUE(read_source(nested(kMaxNesting), Format::json).has_value());
  EXPECT_EQ(first_problem(nested(kMaxNesting + 1)).code, "too_deep");
}

TEST(Source, LongNamesWithManyValuesInThemAreRefused) {
  std::string text = "{\"" + std::string(100'000, 'n') + "\":[0";
  for (int i = 0; i < 70'000; ++i) text += ",0";
  EXPECT_EQ(first_problem(text + "]}").code, "too_long");
}

TEST(Source, WarnsOfIntegersThatADoubleCannotHold) {
  const auto source = json("{\"a\": 9007199254740993, \"b\": 9007199254740994, \"c\": -12, \"d\": -0, \"e\": 1e99}");
  ASSERT_EQ(source.warnings.size(), 1U);
  EXPECT_EQ(source.warnings.front().path, "/a");
  EXPECT_EQ(source.warnings.front().code, "inexact_number");
}

TEST(CanonicalJson, SortsMembersAsRfc8785Does) {
  // The example of RFC 8785, 3.2.3.
  const auto source = json(
      R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",)"
      R"("\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"})");
  EXPECT_EQ(canonical_json(source.value),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With "
            "Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With "
            "Dagesh\"}");
}

TEST(CanonicalJson, WritesNumbersAndStringsAsRfc8785Does) {
  // The example of RFC 8785, 3.2.2.
  const auto source = json(R"({"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],)"
                           R"("string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]})");
  EXPECT_EQ(canonical_json(source.value),
            R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
            R"("string":"€$\u000f\nA'B\"\\\\\"/"})");
}

}  // namespace
}  // namespace flowstone::workflows
