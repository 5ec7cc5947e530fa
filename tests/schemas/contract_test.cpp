#include "schemas/contract.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/names.hpp"

namespace flowstone::schemas {
namespace {

using testing::ElementsAre;
using testing::IsNull;
using testing::NotNull;

const Field& field_of(std::string_view table, std::string_view field) {
  return *contracts().find_table(table)->find(field);
}

TEST(Contracts, AggregatesAreFoundByNameAndByPlural) {
  const Aggregate* task = contracts().find_aggregate("task");
  ASSERT_THAT(task, NotNull());
  EXPECT_EQ(task->state->name, "Task");
  EXPECT_EQ(contracts().find_aggregate_by_plural("tasks"), task);
  EXPECT_THAT(contracts().find_aggregate("tasks"), IsNull());
}

TEST(Contracts, EventTypesAreTheAggregateAndWhatHappened) {
  EXPECT_EQ(contracts().find_event("task.completed")->name, "TaskCompleted");
  EXPECT_EQ(contracts().find_event("run.step_output")->name, "RunStepOutput");
  EXPECT_EQ(contracts().find_event("api_key.created")->name, "ApiKeyCreated");
  EXPECT_THAT(contracts().find_event("task.exploded"), IsNull());
}

TEST(Contracts, ClaimsHaveEventsWithoutAnAggregate) {
  EXPECT_EQ(contracts().find_event("claim.taken")->name, "ClaimTaken");
  EXPECT_THAT(contracts().find_aggregate("claim"), IsNull());
}

TEST(Contracts, EventsAreListedInTheOrderOfTheirNames) {
  EXPECT_TRUE(std::ranges::is_sorted(contracts().events(), {}, &Member::name));
  EXPECT_EQ(contracts().events().front().name, "api_key.created");
}

TEST(Contracts, CommandsAreFoundByWireNameAndByTable) {
  const auto found = contracts().find_command("create_task");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->aggregate->name, "task");
  EXPECT_EQ(found->command->discriminator, 1);
  EXPECT_EQ(found->aggregate->find_command("CreateTask"), found->command);
  EXPECT_FALSE(contracts().find_command("destroy_task").has_value());
}

TEST(Contracts, FieldsStandInTheOrderOfTheContract) {
  std::vector<std::string_view> names;
  for (const Field& field : contracts().find_table("CancelRun")->fields) names.push_back(field.name);
  EXPECT_THAT(names, ElementsAre("id", "reason"));
  EXPECT_EQ(contracts().find_table("Task")->fields[2].name, "title");
}

TEST(Contracts, FieldsCarryTheirRules) {
  const Field& title = field_of("CreateTask", "title");
  EXPECT_TRUE(title.mandatory);
  EXPECT_EQ(title.max_length, 200U);
  const Field& priority = field_of("CreateTask", "priority");
  EXPECT_EQ(priority.default_integer, 3);
  EXPECT_EQ(priority.minimum, 1.0);
  EXPECT_EQ(priority.doc, "1 is lowest, 5 is highest.");
  const Field& status = field_of("UpdateTask", "status");
  EXPECT_TRUE(status.optional_scalar);
  EXPECT_THAT(status.allowed, ElementsAre("todo", "in_progress"));
  EXPECT_EQ(status.values.size(), 4U);
}

TEST(Contracts, NestedTablesAreConnected) {
  EXPECT_EQ(field_of("RecordRunEvents", "events").table, contracts().find_table("RunEventInput"));
  EXPECT_EQ(field_of("RunEventInput", "artifact").table, contracts().find_table("RunArtifact"));
}

TEST(Contracts, OnlyWhatAStateCanBeWithoutIsClearable) {
  EXPECT_TRUE(field_of("UpdateTask", "due_at").clearable);
  EXPECT_TRUE(field_of("UpdateTask", "labels").clearable);
  EXPECT_TRUE(field_of("SnoozeTask", "until").clearable);
  EXPECT_FALSE(field_of("UpdateTask", "title").clearable);
  EXPECT_FALSE(field_of("UpdateIntent", "code").clearable);
  EXPECT_FALSE(field_of("UpdateTask", "priority").clearable);
  EXPECT_FALSE(field_of("UpdateTask", "id").clearable);
  EXPECT_FALSE(field_of("CreateTask", "description").clearable);
}

const Call& call_named(std::string_view name) { return *std::ranges::find(contracts().calls(), name, &Call::name); }

TEST(Contracts, ACallOfACommandIsACommand) {
  const Call& call = call_named("snooze_task");
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.path, "/v1/tasks/{id}/snooze");
  EXPECT_EQ(call.role, "member");
  ASSERT_THAT(call.command, NotNull());
  EXPECT_EQ(call.command->name, "snooze_task");
  EXPECT_EQ(call.aggregate->name, "task");
}

TEST(Contracts, AQueryHasTheAggregateItReads) {
  const Call& call = call_named("list_runs");
  EXPECT_EQ(call.query, Query::list);
  EXPECT_EQ(call.aggregate->name, "run");
  EXPECT_THAT(call.command, IsNull());
}

TEST(Contracts, HandlersTellTheirParametersAndMedia) {
  const Call& call = call_named("run_events");
  EXPECT_EQ(call.handler, "events");
  EXPECT_EQ(call.parameters, "events");
  EXPECT_THAT(call.media, ElementsAre("application/x-ndjson", "text/event-stream", "websocket"));
}

TEST(Names, PascalCaseBecomesSnakeCase) {
  EXPECT_EQ(snake_case("CreateApiKey"), "create_api_key");
  EXPECT_EQ(snake_case("Task"), "task");
  EXPECT_EQ(without_namespace("flowstone.schemas.Task"), "Task");
}

TEST(Names, TheNearestNameIsSuggested) {
  Suggestion suggestion("dueat");
  for (const auto* name : {"description", "due_at", "labels"}) suggestion.consider(name);
  EXPECT_EQ(suggestion.nearest(), "due_at");
}

TEST(Names, NothingIsSuggestedForWhatIsFarFromEverything) {
  Suggestion suggestion("colour");
  for (const auto* name : {"title", "due_at", "labels"}) suggestion.consider(name);
  EXPECT_EQ(suggestion.nearest(), "");
}

}  // namespace
}  // namespace flowstone::schemas
