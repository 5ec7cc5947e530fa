// Tasks that programs elsewhere do: who gets which, and what a lost engine changes.
#include "workers/tasks/activity_task.hpp"

#include <deque>

#include <gtest/gtest.h>

#include "tests/workers/engine_house.hpp"
#include "workers/tasks/jsonata_task.hpp"

namespace flowstone::workers {
namespace {

using commands::ActivityOffer;
using commands::ActivityWord;
using Kind = asl::TaskReport::Kind;
using schemas::RunStatus;

// With a state of this Activity, and more fields of it.
std::string with_activity(std::string_view name, std::string_view more = "") {
  return fmt::format(
      R"({{"StartAt":"T","States":{{"T":{{"Type":"Task","Resource":"flowstone:activity","Parameters":{{"Activity":"{}",
      "Input.$":"$.n"}},{}"End":true}}}}}})",
      name, more);
}

class Activity : public testing::Test {
 protected:
  using Polled = commands::Activities::Polled;

  void SetUp() override { start(); }
  void TearDown() override { house.lose_engine(); }

  void start() {
    board = std::make_unique<ActivityTask>();
    house.handler = [this](std::string_view resource) -> TaskHandler* {
      if (resource == asl::kActivityResource) return &*board;
      return &expressions_;
    };
    house.start_engine();
    board->serve(*house.engine);
    EXPECT_TRUE(house.engine->wait_until_taken_up(EngineHouse::kPatience));
  }
  void lose_and_start() {
    house.lose_engine();
    start();
  }
  std::string begin(const schemas::WorkflowT& workflow, int n) {
    const auto id = house.ids.fresh();
    EXPECT_TRUE(house.begin(workflow, fmt::format(R"({{"n":{}}})", n), id));
    return id;
  }

  // As `begin`, and nobody has asked for the task.
  std::string offered(const schemas::WorkflowT& workflow, int n) {
    const auto before = board->figures().offers;
    auto id = begin(workflow, n);
    EXPECT_TRUE(EngineHouse::until([&] { return board->figures().offers == before + 1; }));
    return id;
  }

  // A poll that waits.
  struct Waiting {
    std::promise<Polled> promise;
    std::future<Polled> future = promise.get_future();
    std::uint64_t number = 0;

    std::optional<ActivityOffer> offer() {
      if (future.wait_for(EngineHouse::kPatience) != std::future_status::ready) return std::nullopt;
      auto polled = future.get();
      return polled ? *std::move(polled) : std::nullopt;
    }
    [[nodiscard]] bool was_answered() const {
      return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
  };
  Waiting& poll(std::string activity = "resize", std::string worker = "w") {
    auto& waiting = waiting_.emplace_back();
    waiting.number = board->poll({std::string(EngineHouse::kWorkspace), std::move(activity), std::move(worker)},
                                 [&waiting](Polled polled) { waiting.promise.set_value(std::move(polled)); });
    return waiting;
  }
  commands::CommandResult say(const std::string& token, ActivityWord word,
                              std::string workspace = std::string(EngineHouse::kWorkspace)) {
    std::promise<commands::CommandResult> said;
    board->report(workspace, token, std::move(word), [&said](auto result) { said.set_value(std::move(result)); });
    return said.get_future().get();
  }
  // "" where it was taken.
  std::string refusal(const std::string& token, ActivityWord word) {
    const auto told = say(token, std::move(word));
    return told ? "" : told.error().rejection.code;
  }
  static ActivityWord done(std::string_view json) {
    return {.kind = Kind::succeeded, .output = *jsonata::read_json(json)};
  }
  std::size_t count(const std::string& run, asl::EventType type) {
    return static_cast<std::size_t>(std::ranges::count(house.machine_events(run), type, &asl::Event::type));
  }

  EngineHouse house;
  std::unique_ptr<ActivityTask> board;

 private:
  const SystemClock clock_;
  JsonataTask expressions_{clock_, {}};
  std::deque<Waiting> waiting_;
};

TEST_F(Activity, IsDoneByWhoAsksForItAndTheRunSaysWho) {
  const auto workflow = house.publish(with_activity("resize"));
  auto& waiting = poll("resize", "left hand");
  const auto run = begin(*workflow, 7);
  const auto offer = waiting.offer();
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->run_id, run);
  EXPECT_EQ(offer->state, "T");
  EXPECT_EQ(offer->input.as_number(), 7);
  EXPECT_EQ(count(run, asl::EventType::task_started), 1U);
  ASSERT_EQ(refusal(offer->token, done(R"({"width":1})")), "");
  ASSERT_TRUE(house.run_to_end(run));
  const auto events = house.machine_events(run);
  EXPECT_EQ(events.back().output.find("width")->as_number(), 1);
  const auto started = std::ranges::find(events, asl::EventType::task_started, &asl::Event::type);
  EXPECT_EQ(started->options.find("worker")->text(), "left hand");
}

TEST_F(Activity, WhoWaitsAlreadyHasItInTheAppendThatAsksForIt) {
  const auto workflow = house.publish(with_activity("resize"));
  auto& waiting = poll();
  const auto run = begin(*workflow, 7);
  const auto offer = waiting.offer();
  ASSERT_TRUE(offer);
  EXPECT_EQ(house.appends(run), 1U);
  ASSERT_EQ(refusal(offer->token, done("1")), "");
  ASSERT_TRUE(house.run_to_end(run));
  EXPECT_EQ(house.appends(run), 2U);
}

TEST_F(Activity, WhoAsksLaterBeginsInAnAppendOfItsOwn) {
  const auto run = offered(*house.publish(with_activity("resize")), 7);
  ASSERT_TRUE(poll().offer());
  EXPECT_EQ(house.appends(run), 2U);
}

// One branch asks for a worker, who waits; the other one ends the run in the same append.
TEST_F(Activity, WhoseTaskIsNotToBeDoneAfterAllGetsTheNext) {
  const auto doomed = house.publish(R"({"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
    {"StartAt":"A","States":{"A":{"Type":"Task","Resource":"flowstone:activity","Parameters":{"Activity":"resize"},"End":true}}},
    {"StartAt":"B","States":{"B":{"Type":"Task","Resource":"flowstone:jsonata","Parameters":{"Expression":"1"},"Next":"F"},
                             "F":{"Type":"Fail","Error":"No"}}}]}}})");
  auto& waiting = poll();
  const auto failed = begin(*doomed, 1);
  ASSERT_TRUE(house.run_to_end(failed));
  EXPECT_EQ(house.appends(failed), 1U);
  EXPECT_EQ(count(failed, asl::EventType::task_started), 2U);
  EXPECT_FALSE(waiting.was_answered());
  const auto next = begin(*house.publish(with_activity("resize")), 2);
  EXPECT_EQ(waiting.offer()->run_id, next);
}

TEST_F(Activity, FirstComeIsFirstServedOnBothSides) {
  const auto workflow = house.publish(with_activity("resize"));
  const auto other = house.publish(with_activity("other"));
  offered(*other, 9);
  const auto first_run = offered(*workflow, 1), second_run = offered(*workflow, 2);
  EXPECT_EQ(poll().offer()->run_id, first_run);
  EXPECT_EQ(poll().offer()->run_id, second_run);
  auto &first = poll(), &second = poll();
  const auto third_run = begin(*workflow, 3);
  EXPECT_EQ(first.offer()->run_id, third_run);
  EXPECT_FALSE(second.was_answered());
  board->leave(second.number);
  EXPECT_FALSE(second.offer());
}

TEST_F(Activity, WhatNobodyGotIsTheNextToBeHandedOut) {
  const auto workflow = house.publish(with_activity("resize"));
  const auto first_run = offered(*workflow, 1);
  offered(*workflow, 2);
  const auto lost = poll().offer();
  ASSERT_EQ(lost->run_id, first_run);
  board->give_back(*lost);
  EXPECT_EQ(poll().offer()->token, lost->token);
}

TEST_F(Activity, TooLateAndTwiceAreRefused) {
  const auto workflow = house.publish(with_activity("resize"));
  const auto run = begin(*workflow, 1);
  const auto offer = poll().offer();
  EXPECT_FALSE(say(offer->token, done("1"), "01920000-0000-7000-8000-00000000000b"));
  EXPECT_EQ(refusal("nonsense", done("1")), "task_not_found");
  EXPECT_EQ(refusal(run + ".999.0", done("1")), "task_not_out");
  EXPECT_EQ(refusal(run + ".4.7", done("1")), "task_not_out");
  EXPECT_EQ(refusal(offer->token, done("1")), "");
  EXPECT_EQ(refusal(offer->token, done("1")), "task_not_out");
  ASSERT_TRUE(house.run_to_end(run));
  EXPECT_EQ(refusal(offer->token, done("1")), "task_not_out");
}

TEST_F(Activity, AWordOnAnEarlierVisitOfTheStateIsRefused) {
  const auto workflow = house.publish(
      R"({"StartAt":"T","States":{"T":{"Type":"Task","Resource":"flowstone:activity",
      "Parameters":{"Activity":"resize"},"Next":"T2"},"T2":{"Type":"Pass","Next":"Again"},
      "Again":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":1,"Next":"T"}],"Default":"End"},
      "End":{"Type":"Succeed"}}})");
  ASSERT_TRUE(workflow);
  const auto run = begin(*workflow, 1);
  const auto first = poll().offer();
  ASSERT_EQ(refusal(first->token, done("1")), "");
  const auto second = poll().offer();
  ASSERT_TRUE(second);
  EXPECT_NE(second->token, first->token);
  EXPECT_EQ(refusal(first->token, done("2")), "task_not_out");
  EXPECT_EQ(refusal(second->token, done("2")), "");
  EXPECT_TRUE(house.run_to_end(run));
}

TEST_F(Activity, AFailureIsTriedAgainUnderTheSameKey) {
  const auto workflow =
      house.publish(with_activity("resize", R"("Retry":[{"ErrorEquals":["Broken"],"IntervalSeconds":5}],)"));
  const auto run = begin(*workflow, 1);
  const auto first = poll().offer();
  ASSERT_EQ(refusal(first->token, {.kind = Kind::failed, .error = "Broken", .cause = "no"}), "");
  auto& waiting = poll();
  ASSERT_TRUE(EngineHouse::until([&] { return house.run(run)->due_at.has_value(); }));
  house.clock.advance_to(Timestamp{*house.run(run)->due_at});
  const auto second = waiting.offer();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->key, first->key);
  EXPECT_EQ(second->attempt, 1U);
  EXPECT_NE(second->token, first->token);
}

TEST_F(Activity, HeartbeatsCountFromWhenAWorkerHasItAndItsSilenceIsARetry) {
  const auto workflow = house.publish(with_activity(
      "resize", R"("HeartbeatSeconds":10,"Retry":[{"ErrorEquals":["States.HeartbeatTimeout"],"IntervalSeconds":1}],)"));
  const auto run = begin(*workflow, 1);
  EXPECT_FALSE(house.run(run)->due_at);
  house.clock.advance_to(house.clock.now() + std::chrono::hours(1));
  const auto first = poll().offer();
  EXPECT_EQ(first->heartbeat_seconds, 10);
  EXPECT_EQ(Timestamp{house.run(run)->due_at.value()}, house.clock.now() + std::chrono::seconds(10));
  house.clock.advance_to(house.clock.now() + std::chrono::seconds(9));
  ASSERT_EQ(refusal(first->token, {.kind = Kind::heartbeat}), "");
  EXPECT_EQ(Timestamp{house.run(run)->due_at.value()}, house.clock.now() + std::chrono::seconds(10));
  auto& waiting = poll();
  ASSERT_TRUE(EngineHouse::until([&] {
    if (const auto due = house.run(run)->due_at) house.clock.advance_to(Timestamp{*due});
    return waiting.was_answered();
  }));
  const auto second = waiting.offer();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->attempt, 1U);
  EXPECT_EQ(refusal(first->token, done("1")), "task_not_out");
}

TEST_F(Activity, AHeartbeatThatNobodyExpectsIsHeardAndNotKept) {
  const auto workflow = house.publish(with_activity("resize"));
  const auto run = begin(*workflow, 1);
  const auto offer = poll().offer();
  const auto before = house.run(run)->revision;
  EXPECT_EQ(refusal(offer->token, {.kind = Kind::heartbeat}), "");
  EXPECT_EQ(house.run(run)->revision, before);
}

TEST_F(Activity, IsOfferedAgainAfterARestartAndWhoHeldItMayStillEndIt) {
  const auto workflow = house.publish(with_activity("resize"));
  const auto waits = offered(*workflow, 1), held = offered(*workflow, 2);
  ASSERT_EQ(poll().offer()->run_id, waits);
  const auto offer = poll().offer();
  lose_and_start();
  const auto again = poll().offer(), and_again = poll().offer();
  ASSERT_TRUE(again && and_again);
  EXPECT_TRUE(again->token == offer->token || and_again->token == offer->token);
  EXPECT_EQ(refusal(offer->token, done("2")), "");
  ASSERT_TRUE(house.run_to_end(held));
  EXPECT_EQ(house.run(held)->status, RunStatus::completed);
}

TEST_F(Activity, WhatItsHolderEndedAfterARestartIsOfferedToNobody) {
  const auto workflow = house.publish(with_activity("resize"));
  const auto run = begin(*workflow, 1);
  const auto offer = poll().offer();
  lose_and_start();
  ASSERT_EQ(refusal(offer->token, done("2")), "");
  ASSERT_TRUE(house.run_to_end(run));
  auto& waiting = poll();
  EXPECT_FALSE(waiting.was_answered());
  board->leave(waiting.number);
}

TEST_F(Activity, WhoMustBeHeardOfKeepsItOverARestart) {
  const auto workflow = house.publish(with_activity("resize", R"("HeartbeatSeconds":10,)"));
  const auto held = offered(*workflow, 1), waits = offered(*workflow, 2);
  const auto offer = poll().offer();
  ASSERT_EQ(offer->run_id, held);
  lose_and_start();
  EXPECT_EQ(poll().offer()->run_id, waits);
  auto& nothing = poll();
  EXPECT_FALSE(nothing.was_answered());
  board->leave(nothing.number);
  EXPECT_EQ(refusal(offer->token, {.kind = Kind::heartbeat}), "");
  EXPECT_EQ(refusal(offer->token, done("2")), "");
  EXPECT_TRUE(house.run_to_end(held));
}

TEST_F(Activity, ACancelledRunTakesItsTasksBack) {
  const auto workflow = house.publish(with_activity("resize"));
  const auto run = offered(*workflow, 1), waits = offered(*workflow, 2);
  ASSERT_EQ(poll().offer()->run_id, run);
  ASSERT_TRUE(house.carry_out("cancel_run", waits, "{}"));
  ASSERT_TRUE(EngineHouse::until([&] { return board->figures().offers == 0; }));
  auto& waiting = poll();
  EXPECT_FALSE(waiting.was_answered());
  const auto next = begin(*workflow, 3);
  EXPECT_EQ(waiting.offer()->run_id, next);
}

TEST_F(Activity, WhatIsSaidWhileARunEndsIsAnswered) {
  const auto workflow = house.publish(with_activity("resize"));
  for (int round = 0; round < 50; ++round) {
    const auto run = begin(*workflow, round);
    const auto offer = poll().offer();
    ASSERT_TRUE(offer);
    ASSERT_TRUE(house.carry_out("cancel_run", run, "{}"));
    commands::CommandResult said;
    do {
      said = say(offer->token, {.kind = Kind::heartbeat});
    } while (said);
    EXPECT_EQ(said.error().rejection.code, "task_not_out");
  }
}

TEST_F(Activity, MorePollsThanMayWaitAreRefused) {
  for (std::size_t each = 0; each < ActivityTask::kMostPolls; ++each) poll("idle");
  auto polled = poll("idle").future.get();
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().code, commands::CommandError::Code::busy);
  EXPECT_FALSE(board->poll({"01920000-0000-7000-8000-00000000000b", "idle", "w"}, [](Polled) {}) == 0);
}

}  // namespace
}  // namespace flowstone::workers
