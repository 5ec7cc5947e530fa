#include "api/header_values.hpp"

#include <gtest/gtest.h>

namespace flowstone::api {
namespace {

TEST(EntityTags, QuotedNumberIsARevision) {
  const auto tags = parse_entity_tags("\"5\"", false);
  ASSERT_TRUE(tags);
  EXPECT_EQ(tags->revisions, std::vector<Revision>{Revision{5}});
  EXPECT_FALSE(tags->any);
}

TEST(EntityTags, StarMatchesAny) { EXPECT_TRUE(parse_entity_tags(" * ", false)->any); }

TEST(EntityTags, ListHasEveryTag) {
  const auto tags = parse_entity_tags("\"5\", \"7\"", false);
  ASSERT_TRUE(tags);
  EXPECT_EQ(tags->revisions, (std::vector<Revision>{Revision{5}, Revision{7}}));
}

TEST(EntityTags, WeakTagsMatchOnlyWhereTheyMay) {
  EXPECT_TRUE(parse_entity_tags("W/\"5\"", false)->revisions.empty());
  EXPECT_EQ(parse_entity_tags("W/\"5\"", true)->revisions.size(), 1U);
}

TEST(EntityTags, ForeignTagIsWellFormedButNoRevision) {
  EXPECT_TRUE(parse_entity_tags("\"abc\"", false)->revisions.empty());
}

class BrokenEntityTags : public testing::TestWithParam<const char*> {};
TEST_P(BrokenEntityTags, AreRefused) { EXPECT_FALSE(parse_entity_tags(GetParam(), true)); }
INSTANTIATE_TEST_SUITE_P(Texts, BrokenEntityTags,
                         testing::Values("", "5", "\"5", "5\"", "\"5\" \"6\"", "\"5\";", "w/\"5\"", "\"a b\"x"));

TEST(IdempotencyKey, StructuredStringLosesItsQuotes) {
  EXPECT_EQ(parse_idempotency_key("\"8e03978e-40d5\"").value(), "8e03978e-40d5");
}

TEST(IdempotencyKey, BareTokenIsTakenToo) {
  EXPECT_EQ(parse_idempotency_key(" import-7.row_1 ").value(), "import-7.row_1");
}

TEST(IdempotencyKey, EscapesAreUndone) { EXPECT_EQ(parse_idempotency_key(R"("a\"b\\c")").value(), "a\"b\\c"); }

TEST(IdempotencyKey, LongestIs255Characters) {
  EXPECT_TRUE(parse_idempotency_key(std::string(255, 'k')));
  EXPECT_FALSE(parse_idempotency_key(std::string(256, 'k')));
}

class BrokenKeys : public testing::TestWithParam<const char*> {};
TEST_P(BrokenKeys, AreRefused) { EXPECT_FALSE(parse_idempotency_key(GetParam())); }
INSTANTIATE_TEST_SUITE_P(Texts, BrokenKeys,
                         testing::Values("", "\"\"", "\"a", "\"a\\n\"", "a b", "\"a b\"", "\"a\" x", "k\xc3\xa9y",
                                         "\"a\x7f\""));

TEST(Accept, MissingHeaderTakesTheFirstOffer) {
  EXPECT_EQ(choose_media("", {"application/json", "text/event-stream"}), 0U);
}

TEST(Accept, HigherQualityWins) {
  EXPECT_EQ(choose_media("application/json;q=0.5, text/event-stream", {"application/json", "text/event-stream"}), 1U);
}

TEST(Accept, CloserRangeDecidesTheQuality) {
  EXPECT_EQ(choose_media("*/*, application/json;q=0", {"application/json", "application/x-ndjson"}), 1U);
}

TEST(Accept, NothingAcceptableIsNothing) { EXPECT_EQ(choose_media("text/html", {"application/json"}), std::nullopt); }

TEST(Accept, GroupRangeAccepts) { EXPECT_EQ(choose_media("application/*", {"text/plain", "application/json"}), 1U); }

TEST(MediaType, ParametersAndCaseDoNotMatter) {
  EXPECT_TRUE(is_media_type("Application/JSON; charset=UTF-8", "application/json"));
}

TEST(MediaType, ForeignCharsetIsRefused) {
  EXPECT_FALSE(is_media_type("application/json; charset=latin1", "application/json"));
}

TEST(MediaType, EmptyIsNone) { EXPECT_FALSE(is_media_type("", "application/json")); }

constexpr std::string_view kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceParent, PartsAreRead) {
  const auto trace = parse_traceparent(kTrace);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(trace->parent_id, "b7ad6b7169203331");
  EXPECT_EQ(trace->flags, "01");
}

class BrokenTraceParents : public testing::TestWithParam<const char*> {};
TEST_P(BrokenTraceParents, AreNone) { EXPECT_FALSE(parse_traceparent(GetParam())); }
INSTANTIATE_TEST_SUITE_P(Texts, BrokenTraceParents,
                         testing::Values("", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                                         "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                         "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                         "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                         "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                                         "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"));

TEST(TraceParent, LaterVersionsMayAppend) {
  EXPECT_TRUE(parse_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"));
}

TEST(Prefer, WaitIsRead) { EXPECT_EQ(parse_prefer("respond-async, wait=3").wait, std::chrono::seconds(3)); }

TEST(Prefer, RespondAsyncIsRead) { EXPECT_TRUE(parse_prefer("Respond-Async").respond_async); }

TEST(Prefer, UnknownPreferencesAreIgnored) { EXPECT_FALSE(parse_prefer("return=minimal").wait); }

TEST(Tokens, ListIsSearchedWithoutRegardToCase) { EXPECT_TRUE(has_token("keep-alive, Upgrade", "upgrade")); }

TEST(Tokens, PartOfATokenIsNone) { EXPECT_FALSE(has_token("upgrader", "upgrade")); }

TEST(Numbers, OnlyWholeDecimalTextIsANumber) {
  EXPECT_EQ(parse_number("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "-1", "+1", "1 ", " 1", "1.0", "0x1", "18446744073709551616"})
    EXPECT_FALSE(parse_number(text)) << text;
}

}  // namespace
}  // namespace flowstone::api
