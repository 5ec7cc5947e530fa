#include "api/url.hpp"

#include <gtest/gtest.h>

namespace flowstone::api {
namespace {

TEST(PercentDecoding, EscapesBecomeBytes) { EXPECT_EQ(percent_decode("a%2Fb%c3%a9", false), "a/b\xc3\xa9"); }

TEST(PercentDecoding, PlusIsSpaceInQueriesAlone) {
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("a+b", false), "a+b");
}

class BrokenEscapes : public testing::TestWithParam<const char*> {};
TEST_P(BrokenEscapes, AreRefused) { EXPECT_FALSE(percent_decode(GetParam(), true)); }
INSTANTIATE_TEST_SUITE_P(Texts, BrokenEscapes, testing::Values("%", "%2", "%zz", "a%0", "%00"));

TEST(QueryParameters, ValuesAreFoundByName) {
  auto query = QueryParameters::parse("limit=5&type=task.created%2Ctask.updated&follow");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->take("limit"), "5");
  EXPECT_EQ(query->take("type"), "task.created,task.updated");
  EXPECT_EQ(query->take("follow"), "");
  EXPECT_FALSE(query->take("from"));
  EXPECT_FALSE(query->unknown());
}

TEST(QueryParameters, WhatNobodyTookIsUnknown) {
  auto query = QueryParameters::parse("limit=5&limt=6");
  ASSERT_TRUE(query);
  query->take("limit");
  EXPECT_EQ(query->unknown(), "limt");
}

TEST(QueryParameters, TheSameNameTwiceIsRefusedByName) {
  const auto query = QueryParameters::parse("type=a&type=b");
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().kind, ProblemKind::repeated_parameter);
  EXPECT_EQ(query.error().errors.at(0).field, "type");
}

TEST(QueryParameters, SixtyFourAreTheMost) {
  std::string text;
  for (int at = 0; at < 64; ++at) text += "p" + std::to_string(at) + "=1&";
  EXPECT_TRUE(QueryParameters::parse(text));
  EXPECT_FALSE(QueryParameters::parse(text + "more=1"));
}

TEST(Targets, PathAndQueryAreSplit) {
  const auto target = split_target("/v1/tasks?limit=5");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/tasks");
  EXPECT_EQ(target->query, "limit=5");
}

TEST(Targets, AbsoluteFormKeepsItsPath) { EXPECT_EQ(split_target("http://example.org:80/livez?x=1")->path, "/livez"); }

TEST(Targets, OtherFormsAreRefused) {
  EXPECT_FALSE(split_target("*"));
  EXPECT_FALSE(split_target("example.org:443"));
  EXPECT_FALSE(split_target(""));
}

}  // namespace
}  // namespace flowstone::api
