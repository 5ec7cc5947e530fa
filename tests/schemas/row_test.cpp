#include "schemas/row.hpp"

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/json.hpp"

namespace flowstone::schemas {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

const Field& field(std::string_view table, std::string_view name) { return *contracts().find_table(table)->find(name); }

Bytes row(std::string_view table, std::string_view json) {
  return decode_json(*contracts().find_table(table), json, {.target = {}, .accept_hidden = true}).value();
}

Bytes only_key(const Field& of, BytesView bytes) {
  const auto keys = index_keys(of, bytes);
  EXPECT_THAT(keys, SizeIs(1));
  return keys.front();
}

TEST(Row, SingleFieldsAreRead) {
  const Bytes task = row("Task", R"({"title":"a","status":"completed","due_at":"1970-01-01T00:00:01Z"})");
  EXPECT_EQ(text_of(field("Task", "title"), task), "a");
  EXPECT_EQ(text_of(field("Task", "description"), task), std::nullopt);
  EXPECT_EQ(integer_of(field("Task", "status"), task), 2);
  EXPECT_EQ(integer_of(field("Task", "due_at"), task), 1'000'000);
  EXPECT_EQ(integer_of(field("Task", "snoozed_until"), task), std::nullopt);
  EXPECT_EQ(integer_of(field("Task", "priority"), task), 3);
}

TEST(IndexKeys, RealNumbersSortAsTheValuesDo) {
  const Field& confidence = field("Insight", "confidence");
  const std::vector<Bytes> keys = {only_key(confidence, row("Insight", "{}")),
                                   only_key(confidence, row("Insight", R"({"confidence":-0.5})")),
                                   only_key(confidence, row("Insight", R"({"confidence":0})")),
                                   only_key(confidence, row("Insight", R"({"confidence":0.25})")),
                                   only_key(confidence, row("Insight", R"({"confidence":1})"))};
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  EXPECT_EQ(index_key_of(confidence, "0.25"), keys[3]);
}

TEST(IndexKeys, EnumerationsAndListsOfReferencesAreFoundByTheirNames) {
  const Field& flag = field("Insight", "freshness_flag");
  EXPECT_EQ(index_key_of(flag, "stale"), only_key(flag, row("Insight", R"({"freshness_flag":"stale"})")));
  const Field& evidence = field("Insight", "evidence_ids");
  const auto keys = index_keys(evidence, row("Insight", R"({"evidence_ids":["01920000-0000-7000-8000-000000000031",
                                                                           "01920000-0000-7000-8000-000000000032"]})"));
  EXPECT_THAT(keys, ElementsAre(index_key_of(evidence, "01920000-0000-7000-8000-000000000031"),
                                index_key_of(evidence, "01920000-0000-7000-8000-000000000032")));
}

TEST(IndexKeys, SortAsTheValuesDo) {
  const Field& due = field("Task", "due_at");
  const std::vector<Bytes> keys = {only_key(due, row("Task", "{}")),
                                   only_key(due, row("Task", R"({"due_at":"0001-01-01T00:00:00Z"})")),
                                   only_key(due, row("Task", R"({"due_at":"1969-12-31T23:59:59Z"})")),
                                   only_key(due, row("Task", R"({"due_at":"1970-01-01T00:00:00Z"})")),
                                   only_key(due, row("Task", R"({"due_at":"2030-01-01T00:00:00Z"})"))};
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  EXPECT_EQ(keys[0], "");
}

TEST(IndexKeys, TextsAreFoldedAndCut) {
  EXPECT_EQ(only_key(field("Task", "title"), row("Task", R"({"title":"Ab\u00dc"})")),
            "\x01"
            "abÜ");
  const std::string longer(100, 'X');
  EXPECT_EQ(only_key(field("Task", "title"), row("Task", R"({"title":")" + longer + R"("})")),
            "\x01" + std::string(64, 'x'));
}

TEST(IndexKeys, AnEmptyTextIsNotAnAbsentOne) {
  EXPECT_EQ(only_key(field("Task", "title"), row("Task", R"({"title":""})")), "\x01");
  EXPECT_EQ(only_key(field("Task", "title"), row("Task", "{}")), "");
}

TEST(IndexKeys, AListHasOneForEachItem) {
  EXPECT_THAT(index_keys(field("Task", "labels"), row("Task", R"({"labels":["b","A","a"]})")), ElementsAre("\x01"
                                                                                                           "a",
                                                                                                           "\x01"
                                                                                                           "b"));
  EXPECT_THAT(index_keys(field("Task", "labels"), row("Task", R"({"labels":[]})")), ElementsAre(""));
}

TEST(IndexKeys, OfQueriesAreThoseOfRows) {
  const Bytes task = row("Task", R"({"title":"Ab","status":"completed","priority":4,"due_at":"2030-01-01T00:00:00Z"})");
  const auto equal = [&](std::string_view name, std::string_view text) {
    return index_key_of(field("Task", name), text) == only_key(field("Task", name), task);
  };
  EXPECT_TRUE(equal("title", "aB"));
  EXPECT_TRUE(equal("status", "completed"));
  EXPECT_TRUE(equal("priority", "4"));
  EXPECT_TRUE(equal("due_at", "2030-01-01T01:00:00+01:00"));
  EXPECT_EQ(index_key_of(field("Intent", "archived"), "true"),
            only_key(field("Intent", "archived"), row("Intent", R"({"archived":true})")));
}

TEST(IndexKeys, WhatIsNoValueOfTheFieldHasNone) {
  EXPECT_EQ(index_key_of(field("Task", "status"), "done"), std::nullopt);
  EXPECT_EQ(index_key_of(field("Task", "priority"), "x"), std::nullopt);
  EXPECT_EQ(index_key_of(field("Task", "priority"), "256"), std::nullopt);
  EXPECT_EQ(index_key_of(field("Task", "due_at"), "tomorrow"), std::nullopt);
  EXPECT_EQ(index_key_of(field("Intent", "archived"), "1"), std::nullopt);
}

TEST(IndexKeys, UnsignedNumbersOf64BitsSortAboveSignedOnes) {
  const Field& lines = field("Run", "output_lines");
  const auto small = index_key_of(lines, "9223372036854775807");
  const auto large = index_key_of(lines, "18446744073709551615");
  EXPECT_LT(*small, *large);
}

TEST(IndexKeys, RealNumbersSortToo) {
  const Field& rate = field("ProjectionStatus", "events_per_second");
  std::vector<Bytes> keys;
  for (const auto* text : {"-1e300", "-2.5", "-0.1", "0", "0.1", "3", "1e300"})
    keys.push_back(index_key_of(rate, text).value());
  EXPECT_TRUE(std::ranges::is_sorted(keys));
}

TEST(Changes, AreToldInTheOrderOfTheContract) {
  const Table& task = *contracts().find_table("Task");
  const auto changes = changes_between(task, row("Task", R"({"title":"a","due_at":"2030-01-01T00:00:00Z"})"),
                                       row("Task", R"({"title":"b","labels":["x"],"priority":3})"));
  ASSERT_THAT(changes, SizeIs(3));
  EXPECT_EQ(changes[0].field, "title");
  EXPECT_EQ(changes[0].from, "\"a\"");
  EXPECT_EQ(changes[0].to, "\"b\"");
  EXPECT_EQ(changes[1].field, "labels");
  EXPECT_EQ(changes[1].from, std::nullopt);
  EXPECT_EQ(changes[1].to, "[\"x\"]");
  EXPECT_EQ(changes[2].field, "due_at");
  EXPECT_EQ(changes[2].to, std::nullopt);
}

TEST(Changes, BeforeTheFirstValueEverythingIsNew) {
  const auto changes = changes_between(*contracts().find_table("Intent"), "", row("Intent", R"({"code":"A"})"));
  ASSERT_FALSE(changes.empty());
  for (const Change& change : changes) EXPECT_EQ(change.from, std::nullopt);
}

TEST(Changes, HiddenFieldsAreLeftOut) {
  const auto changes = changes_between(*contracts().find_table("ApiKey"), row("ApiKey", R"({"secret_digest":"a"})"),
                                       row("ApiKey", R"({"secret_digest":"b"})"));
  EXPECT_THAT(changes, SizeIs(0));
}

}  // namespace
}  // namespace flowstone::schemas
