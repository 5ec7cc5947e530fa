#include "api/log_names.hpp"

#include <gtest/gtest.h>

namespace flowstone::api {
namespace {

TEST(LogNames, StreamsOfAggregatesAreTheirNameAndAUuid) {
  EXPECT_TRUE(is_stream_name("task-01920000-0000-7000-8000-000000000011"));
  EXPECT_TRUE(is_stream_name("api_key-01920000-0000-7000-8000-000000000011"));
  EXPECT_FALSE(is_stream_name("task-1"));
  EXPECT_FALSE(is_stream_name("task-01920000-0000-7000-8000-00000000001A"));
}

TEST(LogNames, OtherStreamsAreACategoryAndAnyId) {
  EXPECT_TRUE(is_stream_name("claim-intent.code-alpha"));
  EXPECT_TRUE(is_stream_name("claim-intent.code-%C3%84"));
}

TEST(LogNames, WhatIsNoStreamIsKnown) {
  for (const char* text : {"", "task", "task-", "-1", "Task-1", "9-1", "claim-a b", "claim-\xC3\xA4", "task.created-1"})
    EXPECT_FALSE(is_stream_name(text)) << text;
  EXPECT_FALSE(is_stream_name("claim-" + std::string(250, 'a')));
  EXPECT_TRUE(is_stream_name("claim-" + std::string(249, 'a')));
}

TEST(LogNames, EventTypesAreTwoWords) {
  EXPECT_TRUE(is_event_type("task.completed"));
  EXPECT_TRUE(is_event_type("api_key.created"));
  for (const char* text : {"", "task", "task.", ".created", "task.Created", "task.created.again", "task created"})
    EXPECT_FALSE(is_event_type(text)) << text;
}

TEST(LogNames, CategoriesAreOneWord) {
  EXPECT_TRUE(is_category("api_key"));
  for (const char* text : {"", "Task", "task.created", "task-1", "_a"}) EXPECT_FALSE(is_category(text)) << text;
}

}  // namespace
}  // namespace flowstone::api
