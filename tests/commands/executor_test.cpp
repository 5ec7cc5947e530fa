#include "commands/executor.hpp"

#include <gtest/gtest.h>

#include "schemas/packed.hpp"
#include "schemas/task_generated.h"
#include "tests/commands/executor_fixture.hpp"

namespace flowstone::commands {
namespace {

constexpr auto kCreateTask = R"({"title":"Write"})";

INSTANTIATE_TEST_SUITE_P(OnEmbeddedJournal, ExecutorTest, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(OnMemoryJournal, ExecutorTest, testing::Values(true));

TEST_P(ExecutorTest, ACreateGetsAFreshId) {
  const auto first = succeed(command("create_task", "", kCreateTask));
  const auto second = succeed(command("create_task", "", kCreateTask));
  EXPECT_TRUE(is_uuid(first.id));
  EXPECT_NE(first.id, second.id);
  EXPECT_TRUE(first.changed);
  EXPECT_FALSE(first.repeated);
  EXPECT_EQ(first.revision, Revision{1});
  EXPECT_EQ(first.position, Position{1});
  EXPECT_EQ(second.position, Position{2});
}

TEST_P(ExecutorTest, ACreateKeepsTheClientsIdAndIsRefusedASecondTime) {
  const auto id = ids_.fresh();
  EXPECT_EQ(succeed(command("create_task", id, kCreateTask)).id, id);
  const auto error = fail(command("create_task", id, kCreateTask));
  EXPECT_EQ(error.code, CommandError::Code::rejected);
  EXPECT_EQ(error.rejection.code, "task_exists");
  EXPECT_EQ(head(), Position{1});
}

TEST_P(ExecutorTest, TheOutcomeIsTheStateAfterTheCommand) {
  const auto created = succeed(command("create_task", "", kCreateTask));
  const auto updated = succeed(command("update_task", created.id, R"({"progress":40})"));
  EXPECT_EQ(field_of("task", updated, "progress"), "40");
  EXPECT_EQ(field_of("task", updated, "status"), R"("in_progress")");
  EXPECT_EQ(field_of("task", updated, "title"), R"("Write")");
  EXPECT_EQ(updated.revision, Revision{2});
  EXPECT_EQ(updated.position, Position{2});
}

TEST_P(ExecutorTest, TheRememberedStateIsTheFoldOfTheLog) {
  const auto created = succeed(command("create_task", "", kCreateTask));
  succeed(command("update_task", created.id, R"({"labels":["a","b"],"due_at":"2030-01-01T00:00:00Z"})"));
  const auto completed = succeed(command("complete_task", created.id));
  reopen();
  const auto& type = *domain::find_aggregate_type("task");
  const auto folded = executor_->read(kWorkspace, type, created.id);
  ASSERT_TRUE(folded && *folded);
  EXPECT_EQ((*folded)->row, completed.row);
  EXPECT_EQ((*folded)->revision, Revision{3});
}

TEST_P(ExecutorTest, ReadsAnEntityAsOfAPosition) {
  const auto created = succeed(command("create_task", "", kCreateTask));
  succeed(command("complete_task", created.id));
  const auto& type = *domain::find_aggregate_type("task");
  const auto then = executor_->read(kWorkspace, type, created.id, Position{1});
  ASSERT_TRUE(then && *then);
  EXPECT_EQ((*then)->row, created.row);
  EXPECT_EQ((*then)->position, Position{1});
  const auto before = executor_->read(kWorkspace, type, created.id, Position{0});
  ASSERT_TRUE(before);
  EXPECT_FALSE(before->has_value());
}

// The log is durable before the executor that appended is told so; who follows the log may read in between.
TEST_P(ExecutorTest, ReadingSeesWhatIsDurableAlsoWhereItIsNotRememberedYet) {
  const auto created = succeed(command("create_task", "", kCreateTask));
  eventstore::Append append;
  append.workspace = kWorkspace;
  append.actor = "key:1";
  append.writes.push_back(
      {.stream = "task-" + created.id,
       .expected = Revision{1},
       .events = {
           {.type = "task.completed", .schema_version = 1, .payload = schemas::pack(schemas::TaskCompletedT{})}}});
  ASSERT_TRUE(store_->append(std::move(append)));
  const auto read = executor_->read(kWorkspace, *domain::find_aggregate_type("task"), created.id);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->revision, Revision{2});
  EXPECT_EQ(field_of("task", **read, "status"), R"("completed")");
}

TEST_P(ExecutorTest, AnotherWorkspaceDoesNotSeeTheEntity) {
  const auto created = succeed(command("create_task", "", kCreateTask));
  auto foreign = command("complete_task", created.id);
  foreign.workspace = "01920000-0000-7000-8000-00000000bbbb";
  EXPECT_EQ(fail(std::move(foreign)).rejection.kind, Rejection::Kind::not_found);
}

TEST_P(ExecutorTest, ACommandWithoutEffectRecordsNothing) {
  const auto created = succeed(command("create_task", "", kCreateTask));
  const auto first = succeed(command("complete_task", created.id));
  const auto second = succeed(command("complete_task", created.id));
  EXPECT_FALSE(second.changed);
  EXPECT_EQ(second.row, first.row);
  EXPECT_EQ(second.revision, first.revision);
  EXPECT_EQ(second.position, head());
  EXPECT_EQ(head(), Position{2});
}

TEST_P(ExecutorTest, IfMatchHoldsTheRevision) {
  const auto created = succeed(command("create_task", "", kCreateTask));
  auto right = command("update_task", created.id, R"({"title":"Other"})");
  right.if_match = Revision{1};
  auto stale = command("update_task", created.id, R"({"title":"Third"})");
  stale.if_match = Revision{1};
  EXPECT_EQ(succeed(std::move(right)).revision, Revision{2});
  const auto error = fail(std::move(stale));
  EXPECT_EQ(error.code, CommandError::Code::revision_mismatch);
  EXPECT_EQ(error.current, Revision{2});
}

TEST_P(ExecutorTest, IfMatchOnNothingSaysThatItDoesNotExist) {
  auto command_on_nothing = command("complete_task", ids_.fresh());
  command_on_nothing.if_match = Revision{1};
  EXPECT_EQ(fail(std::move(command_on_nothing)).rejection.kind, Rejection::Kind::not_found);
}

TEST_P(ExecutorTest, AReferenceMustExist) {
  const auto missing = ids_.fresh();
  const auto error = fail(command("create_task", "", R"({"title":"Write","intent_id":")" + missing + R"("})"));
  EXPECT_EQ(error.code, CommandError::Code::missing_reference);
  EXPECT_EQ(error.rejection.field, "intent_id");
  EXPECT_EQ(head(), Position{0});
  const auto intent = succeed(command("create_intent", "", R"({"code":"DEEP","name":"Deep work"})"));
  const auto task = succeed(command("create_task", "", R"({"title":"Write","intent_id":")" + intent.id + R"("})"));
  EXPECT_EQ(field_of("task", task, "intent_id"), '"' + intent.id + '"');
}

TEST_P(ExecutorTest, AReferenceOfAnUpdateMustExistToo) {
  const auto created = succeed(command("create_task", "", kCreateTask));
  EXPECT_EQ(fail(command("update_task", created.id, R"({"intent_id":")" + ids_.fresh() + R"("})")).code,
            CommandError::Code::missing_reference);
}

const std::string kCreateEvidence = R"({
  "source": {"bundle_id": "01920000-0000-7000-8000-000000000021", "version": 1, "document": "contract.md",
             "selector": {"exact": "The fee is 12 %"}},
  "anchors": [{"version": 1, "document": "contract.md", "verdict": "same", "materiality": "none", "start": 0,
               "end": 15, "exact": "The fee is 12 %", "digest": "d1"}]})";

TEST_P(ExecutorTest, EveryReferenceInAListMustExist) {
  const std::string evidence = succeed(command("create_evidence", "", kCreateEvidence)).id;
  const auto resting_on = [](const std::string& ids) { return R"({"title":"12 %","evidence_ids":[)" + ids + "]}"; };
  const auto quoted = [](const std::string& id) { return '"' + id + '"'; };
  const Position before = head();
  const auto error = fail(command("create_insight", "", resting_on(quoted(evidence) + "," + quoted(ids_.fresh()))));
  EXPECT_EQ(error.code, CommandError::Code::missing_reference);
  EXPECT_EQ(error.rejection.field, "evidence_ids");
  EXPECT_EQ(head(), before);
  const auto insight = succeed(command("create_insight", "", resting_on(quoted(evidence))));
  EXPECT_EQ(field_of("insight", insight, "evidence_ids"), "[" + quoted(evidence) + "]");
  EXPECT_EQ(fail(command("amend_insight", insight.id, R"({"insight_ids":[)" + quoted(ids_.fresh()) + "]}")).code,
            CommandError::Code::missing_reference);
}

TEST_P(ExecutorTest, AReferenceInsideATableMustExist) {
  const std::string canvas = succeed(command("create_canvas", "", R"({"title":"Fees"})")).id;
  const auto pin = [&](const std::string& bundle) {
    return command("pin_to_canvas", canvas,
                   R"({"diff":{"from":1,"to":2,"kind":"document","bundle_id":")" + bundle + R"("}})");
  };
  const auto error = fail(pin(ids_.fresh()));
  EXPECT_EQ(error.code, CommandError::Code::missing_reference);
  EXPECT_EQ(error.rejection.field, "diff.bundle_id");
  const std::string bundle = succeed(command("create_bundle", "", R"({"name":"Contract"})")).id;
  EXPECT_EQ(field_of("canvas", succeed(pin(bundle)), "pinned"), "[\"bundle-" + bundle + "\"]");
}

TEST_P(ExecutorTest, AnyEntityMayBeReferredToAndNothingElse) {
  const std::string canvas = succeed(command("create_canvas", "", R"({"title":"Fees"})")).id;
  const std::string intent = succeed(command("create_intent", "", R"({"code":"DEEP","name":"Deep work"})")).id;
  const auto pin = [&](const std::string& stream) {
    return command("pin_to_canvas", canvas, R"({"entity":")" + stream + R"("})");
  };
  EXPECT_EQ(field_of("canvas", succeed(pin("intent-" + intent)), "pinned"), "[\"intent-" + intent + "\"]");
  EXPECT_EQ(fail(pin("task-" + intent)).code, CommandError::Code::missing_reference);
  EXPECT_EQ(fail(pin("nothing-" + intent)).code, CommandError::Code::missing_reference);
  // The stream is there, but it is that of a claim.
  ASSERT_GT(store_->stream_head(kWorkspace, "claim-intent.code-deep").value(), Revision{0});
  EXPECT_EQ(fail(pin("claim-intent.code-deep")).code, CommandError::Code::missing_reference);
}

TEST_P(ExecutorTest, EventsSayWhoAndWhy) {
  auto given = command("create_task", "", kCreateTask);
  given.correlation = "c9";
  given.traceparent = "00-11111111111111111111111111111111-2222222222222222-01";
  succeed(with_id(std::move(given), "k1"));
  const auto reader = store_->read({}, {});
  ASSERT_TRUE(reader);
  const auto event = (*reader)->next();
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->actor, "key:tester");
  EXPECT_EQ((*event)->command_id, "k1");
  EXPECT_EQ((*event)->causation, "k1");
  EXPECT_EQ((*event)->correlation, "c9");
  EXPECT_EQ((*event)->request_id, "r1");
  EXPECT_EQ((*event)->traceparent, "00-11111111111111111111111111111111-2222222222222222-01");
}

TEST_P(ExecutorTest, WithoutCommandIdAndCorrelationTheRequestIsTheCause) {
  succeed(command("create_task", "", kCreateTask));
  const auto reader = store_->read({}, {});
  ASSERT_TRUE(reader);
  const auto event = (*reader)->next();
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->causation, "r1");
  EXPECT_EQ((*event)->correlation, "r1");
}

TEST_P(ExecutorTest, FoldsOnFromASnapshot) {
  const auto created = succeed(command("create_task", "", kCreateTask));
  succeed(command("complete_task", created.id));
  int asked = 0;
  options_.snapshot = [&](const schemas::Aggregate&, std::string_view, std::string_view) -> std::optional<Bytes> {
    ++asked;
    return created.row;
  };
  reopen();
  EXPECT_EQ(succeed(command("reopen_task", created.id)).revision, Revision{3});
  EXPECT_EQ(asked, 1);
}

TEST_P(ExecutorTest, FewRememberedStatesSufficeForMany) {
  options_.cached_entities = 1;
  reopen();
  std::vector<std::string> tasks;
  for (int i = 0; i < 200; ++i) tasks.push_back(succeed(command("create_task", "", kCreateTask)).id);
  for (const auto& id : tasks) EXPECT_EQ(succeed(command("complete_task", id)).revision, Revision{2});
}

TEST_P(ExecutorTest, WhatIsTooLargeForAnEventIsRefused) {
  std::string arguments;
  for (int i = 0; i < 300; ++i) arguments += (i ? ",\"" : "\"") + std::string(4000, 'x') + "\"";
  const auto error = fail(command("create_run", "", R"({"name":"big","command":[)" + arguments + "]}"));
  EXPECT_EQ(error.code, CommandError::Code::too_large);
}

}  // namespace
}  // namespace flowstone::commands
