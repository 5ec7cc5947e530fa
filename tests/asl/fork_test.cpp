// Which events stay when what failed is done again, and that a run takes them and goes on.
#include "asl/fork.hpp"

#include <gtest/gtest.h>

#include "asl/machine.hpp"
#include "asl/run.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

std::shared_ptr<const Definition> definition_of(std::string_view text) {
  auto read = read_definition(text);
  EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().front().sentence);
  return std::make_shared<const Definition>(*std::move(read));
}

Value json(std::string_view text) { return *jsonata::read_json(text); }
std::string json_of(const Value& value) { return jsonata::write_json(value).value_or(""); }

// A run whose tasks are answered by what each of them gets: {"fail": "Error"} fails, anything else is given back.
struct Played {
  explicit Played(const std::shared_ptr<const Definition>& definition) : run(definition) {}

  void take(const Event& event) {
    const auto applied = run.apply(event);
    ASSERT_TRUE(applied.has_value()) << applied.error();
    events.push_back(event);
  }
  void go_on() {
    while (const auto event = next(run, now)) take(*event);
  }
  // Answers the tasks that are out, in the order of their branches, until none is left and no time is waited for.
  void play(bool well = false) {
    go_on();
    while (run.status() == Status::running) {
      const auto tasks = run.tasks();
      if (tasks.empty()) {
        if (!run.due()) return;
        now = *run.due();
      } else {
        answer(*tasks.front(), well);
      }
      go_on();
    }
  }
  void answer(const Branch& task, bool well) {
    TaskReport said;
    said.kind = TaskReport::Kind::succeeded;
    said.path = task.path;
    said.state = task.state->name;
    said.attempt = task.task.attempt;
    said.output = task.task.input;
    const auto* fails = task.task.input.is_object() ? task.task.input.find("fail") : nullptr;
    if (fails != nullptr && !well) {
      said.kind = TaskReport::Kind::failed;
      said.output = {};
      said.error = fails->text();
    }
    done.push_back(task.path + ":" + task.state->name);
    const auto event = report(run, said, now);
    ASSERT_TRUE(event.has_value()) << event.error();
    take(*event);
  }

  Run run;
  Events events;
  Timestamp now{1'000'000};
  std::vector<std::string> done;  // tasks that were answered
};

Played played(const std::shared_ptr<const Definition>& definition, std::string_view input) {
  Played run(definition);
  run.take(start(json(input), {.name = "r", .id = "r", .seed = 7}, run.now));
  run.play();
  return run;
}

Events chosen(const Events& events, const std::vector<std::size_t>& places) {
  Events out;
  for (const auto place : places) out.push_back(events[place]);
  return out;
}

// The run again, from what is kept of it, with tasks that do well; what they did then is in `done`.
Played retried(const std::shared_ptr<const Definition>& definition, const Played& before) {
  Played run(definition);
  const auto kept = kept_for_retry(*definition, before.events);
  EXPECT_TRUE(kept.has_value());
  if (!kept) return run;
  run.now = before.now + std::chrono::hours(24);
  auto events = taken_over(definition, chosen(before.events, *kept), before.events.back().time, run.now);
  EXPECT_TRUE(events.has_value()) << (events ? "" : events.error());
  if (!events) return run;
  for (const auto& event : *events) run.take(event);
  run.play(true);
  return run;
}

using Names = std::vector<std::string>;

constexpr std::string_view kTwo = R"({"StartAt":"A","States":{
  "A":{"Type":"Task","Resource":"urn:t","ResultPath":null,"Next":"B"},
  "B":{"Type":"Task","Resource":"urn:t","InputPath":"$.b","End":true,
    "Retry":[{"ErrorEquals":["Again"],"IntervalSeconds":5,"MaxAttempts":2}]}}})";

TEST(Fork, WhatSucceededIsKeptAndTheStateThatFailedBeginsWithFreshRetries) {
  const auto definition = definition_of(kTwo);
  const auto before = played(definition, R"({"b":{"fail":"Again"}})");
  EXPECT_EQ(before.run.status(), Status::failed);
  EXPECT_EQ(before.done, (Names{":A", ":B", ":B", ":B"}));
  const auto after = retried(definition, before);
  EXPECT_EQ(after.run.status(), Status::succeeded);
  EXPECT_EQ(after.done, Names{":B"});
  // Tried again, it fails as often as it did.
  Played worse(definition);
  for (const auto place : *kept_for_retry(*definition, before.events)) worse.take(before.events[place]);
  worse.play();
  EXPECT_EQ(worse.done.size(), 3U);
}

constexpr std::string_view kEach = R"({"StartAt":"M","States":{"M":{"Type":"Map","Next":"After","ItemProcessor":{
  "StartAt":"First","States":{"First":{"Type":"Task","Resource":"urn:t","Next":"Then"},
  "Then":{"Type":"Task","Resource":"urn:t","End":true}}}},"After":{"Type":"Task","Resource":"urn:t","End":true}}})";

TEST(Fork, OfAMapOnlyTheItemsThatFailedAreDoneAgainAndThoseThatWereAbortedGoOn) {
  const auto definition = definition_of(kEach);
  Played before(definition);
  before.take(start(json(R"([{"n":0},{"fail":"No"},{"n":2}])"), {.name = "r", .id = "r", .seed = 7}, before.now));
  before.go_on();
  for (const auto* path : {"M[0]", "M[0]", "M[2]", "M[1]"}) {
    before.answer(*before.run.find(path), false);
    before.go_on();
  }
  ASSERT_EQ(before.run.status(), Status::failed);
  const auto after = retried(definition, before);
  EXPECT_EQ(after.run.status(), Status::succeeded);
  EXPECT_EQ(after.done, (Names{"M[1]:First", "M[1]:Then", "M[2]:Then", ":After"}));
  EXPECT_EQ(json_of(after.run.output()), R"([{"n":0},{"fail":"No"},{"n":2}])");
}

constexpr std::string_view kCaught = R"({"StartAt":"P","States":{"P":{"Type":"Parallel","Branches":[
    {"StartAt":"L","States":{"L":{"Type":"Task","Resource":"urn:t","InputPath":"$.l","End":true}}},
    {"StartAt":"R","States":{"R":{"Type":"Task","Resource":"urn:t","InputPath":"$.r","End":true}}}],
    "Retry":[{"ErrorEquals":["Again"],"IntervalSeconds":1,"MaxAttempts":1}],
    "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Sorry"}],"Next":"Good"},
  "Good":{"Type":"Task","Resource":"urn:t","End":true},
  "Sorry":{"Type":"Task","Resource":"urn:t","Parameters":{},"Next":"Bad"},
  "Bad":{"Type":"Fail","Error":"Bad"}}})";

TEST(Fork, ARunThatCameToAFailIsTakenUpWhereTheErrorWasCaughtThatLedThere) {
  const auto definition = definition_of(kCaught);
  const auto before = played(definition, R"({"l":{},"r":{"fail":"Again"}})");
  EXPECT_EQ(before.run.status(), Status::failed);
  EXPECT_EQ(before.done, (Names{"P[0]:L", "P[1]:R", "P[0]:L", "P[1]:R", ":Sorry"}));
  const auto after = retried(definition, before);
  EXPECT_EQ(after.run.status(), Status::succeeded);
  EXPECT_EQ(after.done, (Names{"P[1]:R", ":Good"}));
}

TEST(Fork, OfARunThatSucceededWithErrorsThatFailedIsDoneAgainAndWhatFollowedIt) {
  const auto definition = definition_of(R"({"StartAt":"A","States":{
    "A":{"Type":"Task","Resource":"urn:t","InputPath":"$.a","ResultPath":"$.done","Next":"B",
      "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"B"}]},
    "B":{"Type":"Task","Resource":"urn:t","InputPath":"$.b","End":true}}})");
  const auto before = played(definition, R"({"a":{"fail":"No"},"b":{}})");
  EXPECT_EQ(before.run.status(), Status::succeeded);
  EXPECT_EQ(retried(definition, before).done, (Names{":A", ":B"}));
  const auto fine = played(definition, R"({"a":{},"b":{}})");
  EXPECT_EQ(kept_for_retry(*definition, fine.events).error(), NoRetry::nothing_failed);
}

TEST(Fork, ItemsWhoseFailureWasToleratedAreDoneAgain) {
  const auto definition = definition_of(R"({"StartAt":"M","States":{"M":{"Type":"Map","ToleratedFailurePercentage":100,
    "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"T",
    "States":{"T":{"Type":"Task","Resource":"urn:t","End":true}}},"End":true}}})");
  const auto before = played(definition, R"([{"n":0},{"fail":"No"},{"n":2}])");
  EXPECT_EQ(before.run.status(), Status::succeeded);
  const auto after = retried(definition, before);
  EXPECT_EQ(after.done, Names{"M[1]:T"});
  EXPECT_EQ(after.run.output().items().size(), 3U);
}

TEST(Fork, WhatWasAbortedOrTimedOutGoesOnAndWaitsAsLongAsWasLeft) {
  const auto definition = definition_of(R"({"TimeoutSeconds":60,"StartAt":"A","States":{
    "A":{"Type":"Wait","Seconds":100,"Next":"B"},"B":{"Type":"Succeed"}}})");
  const auto before = played(definition, "{}");
  EXPECT_EQ(before.run.status(), Status::timed_out);
  auto events = chosen(before.events, *kept_for_retry(*definition, before.events));
  EXPECT_EQ(events.size(), before.events.size() - 1);
  const auto now = before.now + std::chrono::hours(1);
  const auto taken = taken_over(definition, events, before.events.back().time, now);
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->back().until, now + std::chrono::seconds(40));
}

TEST(Fork, APointInTimeStaysWhereItIs) {
  const auto definition = definition_of(R"({"StartAt":"A","States":{
    "A":{"Type":"Wait","Timestamp":"2030-01-01T00:00:00Z","Next":"B"},"B":{"Type":"Succeed"}}})");
  Played before(definition);
  before.take(start(json("{}"), {.name = "r", .id = "r", .seed = 7}, before.now));
  before.go_on();
  const auto taken = taken_over(definition, before.events, before.now, before.now + std::chrono::hours(1));
  EXPECT_EQ(taken->back().until, from_rfc3339("2030-01-01T00:00:00Z"));
}

TEST(Fork, NothingIsRetriedWhereNothingFailedOrTheDefinitionSaidSo) {
  const auto waits = definition_of(R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"urn:t","End":true}}})");
  Played running(waits);
  running.take(start(json("{}"), {.name = "r", .id = "r", .seed = 7}, running.now));
  EXPECT_EQ(kept_for_retry(*waits, running.events).error(), NoRetry::still_running);
  const auto fails = definition_of(R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"F"},"F":{"Type":"Fail"}}})");
  EXPECT_EQ(kept_for_retry(*fails, played(fails, "{}").events).error(), NoRetry::failed_by_definition);
}

TEST(Fork, EventsThatCannotHappenInAnotherDefinitionAreRefused) {
  const auto definition = definition_of(kTwo);
  const auto before = played(definition, R"({"b":{}})");
  const auto other = definition_of(R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"urn:t","End":true}}})");
  const Events events(before.events.begin(), before.events.begin() + 5);
  const auto refused = taken_over(other, events, before.now, before.now);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().find("'B'"), std::string::npos) << refused.error();
}

// From every event of these runs another one goes on and ends in the same way.
TEST(Fork, FromEveryEventARunEndsAsTheOneThatItWasMadeFrom) {
  const std::pair<std::string_view, std::string_view> runs[] = {
      {kTwo, R"({"b":{"fail":"Again"}})"},     {kTwo, R"({"b":{"fail":"No"}})"},
      {kEach, R"([{"n":0},{"n":1},{"n":2}])"}, {kCaught, R"({"l":{},"r":{"fail":"Again"}})"},
      {kCaught, R"({"l":{},"r":{}})"},
  };
  for (const auto& [text, input] : runs) {
    const auto definition = definition_of(text);
    const auto before = played(definition, input);
    for (std::size_t shared = 1; shared < before.events.size(); ++shared) {
      const Events events(before.events.begin(), before.events.begin() + static_cast<std::ptrdiff_t>(shared));
      Played after(definition);
      after.now = before.now + std::chrono::hours(24);
      const auto taken = taken_over(definition, events, events.back().time, after.now);
      ASSERT_TRUE(taken.has_value()) << taken.error();
      for (const auto& event : *taken) after.take(event);
      after.play();
      EXPECT_EQ(after.run.status(), before.run.status()) << shared;
      EXPECT_EQ(after.run.error().error, before.run.error().error) << shared;
      EXPECT_EQ(json_of(after.run.output()), json_of(before.run.output())) << shared;
      EXPECT_EQ(after.events.size(), before.events.size()) << shared;
    }
  }
}

}  // namespace
}  // namespace flowstone::asl
