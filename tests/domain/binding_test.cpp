#include "domain/binding.hpp"

#include <gtest/gtest.h>

#include "domain/intent.hpp"
#include "domain/task.hpp"
#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

const AggregateType& task_type() { return *find_aggregate_type("task"); }

EventMeta meta(std::uint64_t revision, Timestamp time = kNow, std::string_view actor = "key:tester") {
  return {.time = time, .actor = actor, .revision = {revision}, .id = kId};
}

Context context() { return {.now = kNow, .actor = "key:tester", .id = kId}; }

Bytes created(std::string title) {
  schemas::TaskCreatedT event;
  event.title = std::move(title);
  return schemas::pack(event);
}

std::unique_ptr<Entity> created_task() {
  auto task = task_type().start();
  EXPECT_TRUE(task->evolve("task.created", 1, created("Write"), meta(1)));
  return task;
}

schemas::TaskT row_of(const Entity& entity) {
  schemas::TaskT row;
  const Bytes bytes = entity.pack();
  static_cast<const schemas::Task*>(schemas::root_of(bytes))->UnPackTo(&row);
  return row;
}

TEST(Registry, HasEveryAggregateOfTheContractsInOrder) {
  std::vector<std::string_view> registered, contracted;
  for (const auto* type : aggregate_types()) registered.push_back(type->contract().name);
  for (const auto& aggregate : schemas::contracts().aggregates()) contracted.push_back(aggregate.name);
  std::ranges::sort(contracted);
  EXPECT_EQ(registered, contracted);
}

TEST(Registry, FindsNothingUnderAForeignName) { EXPECT_EQ(find_aggregate_type("tasks"), nullptr); }

TEST(Binding, DecidesFromBytesToBytes) {
  schemas::CreateTaskT command;
  command.title = "Write";
  const auto decided = task_type().start()->decide(*task_type().contract().find_command("create_task"),
                                                   schemas::pack(command), context());
  ASSERT_TRUE(decided);
  ASSERT_EQ(decided->size(), 1u);
  EXPECT_EQ(decided->front().type, "task.created");
  EXPECT_EQ(decided->front().schema_version, 1);
  EXPECT_EQ(decided->front().payload, created("Write"));
}

TEST(Binding, KeepsWhoAndWhen) {
  auto task = created_task();
  EXPECT_EQ(task->revision(), Revision{1});
  schemas::TaskCompletedT completed;
  ASSERT_TRUE(task->evolve("task.completed", 1, schemas::pack(completed), meta(2, {kNow.micros + 5}, "key:other")));
  const auto row = row_of(*task);
  EXPECT_EQ(row.id, kId);
  EXPECT_EQ(row.revision, 2u);
  EXPECT_EQ(row.created_at, kNow.micros);
  EXPECT_EQ(row.created_by, "key:tester");
  EXPECT_EQ(row.updated_at, kNow.micros + 5);
  EXPECT_EQ(row.updated_by, "key:other");
}

TEST(Binding, RefusesAnUnknownTypeAndStaysAsItWas) {
  auto task = created_task();
  const Bytes before = task->pack();
  const auto folded = task->evolve("task.exploded", 1, created("Other"), meta(2));
  ASSERT_FALSE(folded);
  EXPECT_EQ(folded.error(), "task has no event type task.exploded");
  EXPECT_EQ(task->pack(), before);
}

TEST(Binding, RefusesEveryTruncatedPayloadAndStaysAsItWas) {
  auto task = created_task();
  const Bytes before = task->pack();
  const Bytes payload = created("A title that is long enough to be cut in many places");
  for (std::size_t length = 0; length + 4 < payload.size(); ++length) {
    EXPECT_FALSE(task->evolve("task.created", 1, BytesView(payload).substr(0, length), meta(2))) << length;
  }
  EXPECT_EQ(task->pack(), before);
}

TEST(Binding, ALoadedRowIsTheSameEntity) {
  const auto task = created_task();
  const auto loaded = task_type().load(task->pack());
  EXPECT_EQ(loaded->revision(), Revision{1});
  EXPECT_EQ(loaded->pack(), task->pack());
}

TEST(Binding, ACloneLivesByItself) {
  const auto task = created_task();
  const auto clone = task->clone();
  schemas::TaskCompletedT completed;
  ASSERT_TRUE(clone->evolve("task.completed", 1, schemas::pack(completed), meta(2)));
  EXPECT_EQ(task->revision(), Revision{1});
  EXPECT_EQ(row_of(*task).status, schemas::TaskStatus::todo);
}

TEST(Binding, AnEmptyTextOrListInAPatchRemovesTheValue) {
  auto task = task_type().start();
  schemas::TaskCreatedT event;
  event.title = "Write";
  event.description = "Two pages";
  event.labels = {"writing"};
  ASSERT_TRUE(task->evolve("task.created", 1, schemas::pack(event), meta(1)));

  auto& builder = schemas::fresh_builder();
  const auto description = builder.CreateString("");
  const auto labels = builder.CreateVectorOfStrings(std::vector<std::string>{});
  schemas::UpdateTaskBuilder update(builder);
  update.add_description(description);
  update.add_labels(labels);
  const auto root = update.Finish();
  const Bytes command = schemas::finish(builder, root.Union());

  const auto decided = task->decide(*task_type().contract().find_command("update_task"), command, context());
  ASSERT_TRUE(decided);
  ASSERT_EQ(decided->size(), 1u);
  ASSERT_TRUE(task->evolve(decided->front().type, 1, decided->front().payload, meta(2)));
  EXPECT_EQ(row_of(*task).description, "");
  EXPECT_TRUE(row_of(*task).labels.empty());
  EXPECT_EQ(row_of(*task).title, "Write");
}

TEST(Upcasting, AnOlderEventPassesItsStepsBeforeItIsFolded) {
  Upcasters old_words;
  old_words.add("task.created", 0, [](BytesView payload) { return created("from version 0: " + Bytes(payload)); });
  const BoundAggregate<Task> type(old_words);
  auto task = type.start();
  ASSERT_TRUE(task->evolve("task.created", 0, "plain words", meta(1)));
  EXPECT_EQ(row_of(*task).title, "from version 0: plain words");
}

TEST(Upcasting, StepsFollowEachOther) {
  Upcasters steps;
  steps.add("note.taken", 1, [](BytesView payload) { return Bytes(payload) + "b"; });
  steps.add("note.taken", 2, [](BytesView payload) { return Bytes(payload) + "c"; });
  EXPECT_EQ(steps.raise("note.taken", 1, 3, "a"), "abc");
  EXPECT_EQ(steps.raise("note.taken", 3, 3, "a"), "a");
}

TEST(Upcasting, AMissingStepIsNamed) {
  const auto raised = Upcasters().raise("task.created", 0, 1, "");
  ASSERT_FALSE(raised);
  EXPECT_EQ(raised.error(), "no upcaster turns version 0 of task.created into the next");
}

TEST(Upcasting, AnEventOfAFutureContractIsRefused) {
  auto task = task_type().start();
  EXPECT_FALSE(task->evolve("task.created", 2, created("Write"), meta(1)));
  EXPECT_EQ(task->revision(), Revision{0});
}

}  // namespace
}  // namespace flowstone::domain
