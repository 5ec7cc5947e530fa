#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/api_key_generated.h"
#include "schemas/json.hpp"
#include "schemas/projection_generated.h"
#include "schemas/task_generated.h"

namespace flowstone::schemas {
namespace {

template <class Native>
Bytes pack(const Native& native) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(Native::TableType::Pack(builder, &native));
  return Bytes(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
}

TEST(EncodeJson, GeneratedBuildersAndContractsAgree) {
  SnoozeTaskT command;
  command.id = "x";
  command.until = 1893456000000000;
  std::string out;
  encode_json(*contracts().find_table("SnoozeTask"), pack(command), out);
  EXPECT_EQ(out, R"({"id":"x","until":"2030-01-01T00:00:00.000Z"})");
}

TEST(EncodeJson, AbsentValuesAreLeftOutOrNull) {
  const Bytes bytes = pack(CancelTaskT());
  const Table& table = *contracts().find_table("CancelTask");
  std::string without;
  encode_json(table, bytes, without);
  EXPECT_EQ(without, "{}");
  std::string with;
  encode_json(table, bytes, with, {.hidden = false, .nulls = true});
  EXPECT_EQ(with, R"({"id":null,"reason":null})");
}

TEST(EncodeJson, HiddenFieldsAreShownOnlyOnDemand) {
  ApiKeyCreatedT event;
  event.name = "k";
  event.secret_digest = "d";
  const Bytes bytes = pack(event);
  const Table& table = *contracts().find_table("ApiKeyCreated");
  std::string shown;
  encode_json(table, bytes, shown);
  EXPECT_EQ(shown, R"({"name":"k"})");
  std::string all;
  encode_json(table, bytes, all, {.hidden = true, .nulls = false});
  EXPECT_EQ(all, R"({"name":"k","secret_digest":"d"})");
}

TEST(EncodeJson, ValuesOfLaterContractsAreShownAsNumbers) {
  TaskT task;
  task.status = static_cast<TaskStatus>(99);
  std::string out;
  encode_json(*contracts().find_table("Task"), pack(task), out);
  EXPECT_THAT(out, testing::HasSubstr(R"("status":99)"));
}

TEST(EncodeJson, NumbersThatJsonCannotSayAreNull) {
  ProjectionStatusT status;
  status.events_per_second = std::numeric_limits<double>::infinity();
  std::string out;
  encode_json(*contracts().find_table("ProjectionStatus"), pack(status), out);
  EXPECT_THAT(out, testing::HasSubstr(R"("events_per_second":null)"));
}

TEST(EncodeJson, TimesBeyondRfc3339AreItsLast) {
  SnoozeTaskT command;
  command.until = std::numeric_limits<std::int64_t>::max();
  std::string out;
  encode_json(*contracts().find_table("SnoozeTask"), pack(command), out);
  EXPECT_EQ(out, R"({"until":"9999-12-31T23:59:59.999999Z"})");
}

TEST(JsonText, WhatMustBeEscapedIsEscaped) {
  std::string out;
  append_json_string(std::string_view("a\"b\\c\n\t\r\b\f\x01\x1f/\x7f", 14), out);
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001\\u001f/\x7f\"");
}

TEST(JsonText, EscapesAreFoundAtEveryPlaceOfALongText) {
  for (std::size_t at = 0; at < 100; ++at) {
    std::string text(100, 'x');
    text[at] = '\n';
    std::string out;
    append_json_string(text, out);
    EXPECT_EQ(out, "\"" + text.substr(0, at) + "\\n" + text.substr(at + 1) + "\"");
  }
}

TEST(Verify, WhatTheGeneratedCodeBuildsIsWellFormed) {
  TaskT task;
  task.title = "a";
  task.labels = {"x", "y"};
  EXPECT_TRUE(verify(*contracts().find_table("Task"), pack(task)));
}

TEST(Verify, EveryCutIsNoticed) {
  TaskT task;
  task.title = "a title";
  task.labels = {"x", "y"};
  const Bytes bytes = pack(task);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(verify(*contracts().find_table("Task"), BytesView(bytes).substr(0, size))) << size;
  }
}

TEST(Verify, TextsThatAreNotUtf8AreNoticed) {
  CancelTaskT command;
  command.reason = "\xff\xfe";
  EXPECT_FALSE(verify(*contracts().find_table("CancelTask"), pack(command)));
}

}  // namespace
}  // namespace flowstone::schemas
