// Given the events of a run, what happens next.
#include "asl/machine.hpp"

#include <memory>
#include <set>

#include <fmt/core.h>

#include "asl/flow.hpp"
#include "tests/asl/corpus.hpp"

namespace flowstone::asl {
namespace {

const Timestamp kBegin = Timestamp::from_millis(1'700'000'000'000);

Value json(std::string_view text) { return *jsonata::read_json(text); }

std::shared_ptr<const Definition> machine(std::string_view text) {
  auto read = read_definition(text);
  EXPECT_TRUE(read) << (read ? "" : read.error().front().sentence);
  return read ? std::make_shared<const Definition>(*std::move(read)) : nullptr;
}

std::string one_state(const std::string& state) { return R"({"StartAt":"S","States":{"S":)" + state + "}}"; }

// A run that has gone as far as it can without time or the world.
class Going {
 public:
  explicit Going(std::string_view definition, std::string_view input = "{}", std::uint64_t seed = 1)
      : run_(machine(definition)) {
    take(start(json(input), {.name = "r", .seed = seed}, now_));
    go();
  }

  void go() {
    while (const auto event = next(run_, now_)) take(*event);
  }
  void wait(double seconds) {
    now_ = later(now_, seconds);
    go();
  }
  bool tell(TaskReport::Kind kind, std::string_view output = "", const std::string& error = "") {
    TaskReport told;
    told.kind = kind;
    if (!run_.tasks().empty()) {
      told.path = run_.tasks().front()->path;
      told.state = run_.tasks().front()->state->name;
      told.attempt = run_.tasks().front()->task.attempt;
    }
    if (!output.empty()) told.output = json(output);
    if (!error.empty()) told.error = error;
    const auto event = report(run_, told, now_);
    if (event) take(*event);
    go();
    return event.has_value();
  }
  [[nodiscard]] const asl::Run& run() const { return run_; }
  // The types of its events, those of states as "state_entered S".
  [[nodiscard]] std::string story() const {
    std::string out;
    for (const auto& event : events_) {
      out += out.empty() ? "" : ", ";
      out += name_of(event.type);
      if (!event.state.empty()) out += " " + event.state;
    }
    return out;
  }
  [[nodiscard]] const Events& events() const { return events_; }
  [[nodiscard]] std::string end() const {
    auto out = std::string(name_of(run_.status()));
    if (run_.status() == Status::succeeded) return out + " " + text_of(run_.output());
    if (run_.has_error_name()) out += " " + run_.error().error;
    return run_.has_cause() ? out + ": " + run_.error().cause : out;
  }

 private:
  void take(const Event& event) {
    const auto applied = run_.apply(event);
    ASSERT_TRUE(applied) << applied.error();
    events_.push_back(event);
  }

  asl::Run run_;
  Timestamp now_ = kBegin;
  Events events_;
};

constexpr std::string_view kTask = R"({"Type":"Task","Resource":"urn:x:fetch","End":true,)";

TEST(Machine, ATaskIsScheduledAndItsAnswerIsTheOutput) {
  Going run(one_state(std::string(kTask) + R"("Parameters":{"id.$":"$.n"},"ResultSelector":{"v.$":"$.value"},
                                              "ResultPath":"$.got"})"),
            R"({"n":7})");
  ASSERT_EQ(run.run().tasks().size(), 1U);
  EXPECT_EQ(text_of(run.run().tasks().front()->task.input), R"({"id":7})");
  EXPECT_EQ(run.run().tasks().front()->task.resource, "urn:x:fetch");
  EXPECT_FALSE(run.run().due());
  EXPECT_TRUE(run.tell(TaskReport::Kind::started));
  EXPECT_TRUE(run.tell(TaskReport::Kind::succeeded, R"({"value":[1],"more":2})"));
  EXPECT_EQ(run.end(), R"(SUCCEEDED {"n":7,"got":{"v":[1]}})");
}

TEST(Machine, ReportsOfTasksThatAreNotOutAreRefused) {
  Going run(one_state(std::string(kTask) + R"("TimeoutSeconds":5})"));
  run.wait(5);
  EXPECT_EQ(run.end(), "FAILED States.Timeout");
  EXPECT_FALSE(run.tell(TaskReport::Kind::succeeded, "1"));
}

TEST(Machine, RetriesBackOffUpToTheirMostAndThenTheErrorIsCaught) {
  Going run(R"({"StartAt":"S","States":{"S":{"Type":"Task","Resource":"urn:x:y","Next":"No",
    "Retry":[{"ErrorEquals":["Busy"],"IntervalSeconds":2,"BackoffRate":3,"MaxAttempts":3,"MaxDelaySeconds":10}],
    "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Caught","ResultPath":"$.error"}]},
    "No":{"Type":"Fail"},"Caught":{"Type":"Pass","End":true}}})",
            R"({"a":1})");
  for (const double delay : {2.0, 6.0, 10.0}) {
    run.tell(TaskReport::Kind::failed, "", "Busy");
    ASSERT_EQ(run.run().due(), later(run.events().back().time, delay));
    run.wait(delay - 0.001);
    EXPECT_TRUE(run.run().tasks().empty());
    run.wait(0.001);
    ASSERT_EQ(run.run().tasks().size(), 1U);
  }
  EXPECT_EQ(run.run().tasks().front()->task.attempt, 3U);
  run.tell(TaskReport::Kind::failed, "", "Busy");
  EXPECT_EQ(run.end(), R"(SUCCEEDED {"a":1,"error":{"Error":"Busy","Cause":""}})");
}

TEST(Machine, FullJitterStaysBelowTheDelayAndComesFromTheSeed) {
  const auto definition = one_state(std::string(kTask) + R"("Retry":[{"ErrorEquals":["States.TaskFailed"],
    "IntervalSeconds":100,"JitterStrategy":"FULL"}]})");
  std::set<std::int64_t> delays;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Going one(definition, "{}", seed), other(definition, "{}", seed);
    one.tell(TaskReport::Kind::failed, "", "E");
    other.tell(TaskReport::Kind::failed, "", "E");
    ASSERT_TRUE(one.run().due());
    EXPECT_LE(*one.run().due(), later(kBegin, 100));
    EXPECT_EQ(one.run().due(), other.run().due());
    delays.insert(one.run().due()->micros);
  }
  EXPECT_GT(delays.size(), 10U);
}

TEST(Machine, AHeartbeatPutsTheEndOff) {
  Going run(one_state(std::string(kTask) + R"("HeartbeatSeconds":10,"TimeoutSeconds":15})"));
  run.wait(9);
  EXPECT_TRUE(run.tell(TaskReport::Kind::heartbeat));
  EXPECT_EQ(run.run().due(), later(kBegin, 15));
  run.wait(6);
  EXPECT_EQ(run.end(), "FAILED States.Timeout");
  Going silent(one_state(std::string(kTask) + R"("HeartbeatSeconds":10,"TimeoutSeconds":15})"));
  silent.wait(10);
  EXPECT_EQ(silent.end(), "FAILED States.HeartbeatTimeout");
}

TEST(Machine, HeartbeatsOfAnActivityAreDueFromWhenAWorkerHasIt) {
  Going run(one_state(R"({"Type":"Task","Resource":"flowstone:activity","End":true,"HeartbeatSeconds":10})"));
  EXPECT_FALSE(run.run().due());
  run.wait(60);
  EXPECT_TRUE(run.tell(TaskReport::Kind::started));
  EXPECT_TRUE(run.run().tasks().front()->task.started);
  EXPECT_EQ(run.run().due(), later(kBegin, 70));
  run.wait(10);
  EXPECT_EQ(run.end(), "FAILED States.HeartbeatTimeout");
}

TEST(Machine, AReportMayNameTheVisitInsteadOfThePlace) {
  Going run(one_state(R"({"Type":"Task","Resource":"urn:x:fetch","End":true})"));
  const auto entered = run.run().tasks().front()->entered;
  TaskReport told;
  told.kind = TaskReport::Kind::succeeded;
  told.output = json("1");
  told.entered = entered + 1;
  EXPECT_FALSE(report(run.run(), told, kBegin));
  told.entered = entered;
  const auto event = report(run.run(), told, kBegin);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->state, "S");
  told.state = "S";
  EXPECT_TRUE(report(run.run(), told, kBegin));
  told.entered = entered + 1;
  EXPECT_FALSE(report(run.run(), told, kBegin));
}

TEST(Machine, OnlyWhatIsNamedIsHandled) {
  EXPECT_TRUE(matches({"States.ALL"}, "Any"));
  EXPECT_TRUE(matches({"States.TaskFailed"}, "Any"));
  EXPECT_FALSE(matches({"States.TaskFailed"}, "States.Timeout"));
  EXPECT_TRUE(matches({"States.Timeout"}, "States.HeartbeatTimeout"));
  EXPECT_FALSE(matches({"States.ALL"}, "States.Runtime"));
  EXPECT_FALSE(matches({"States.ALL"}, "States.DataLimitExceeded"));
  EXPECT_TRUE(matches({"States.DataLimitExceeded"}, "States.DataLimitExceeded"));
  EXPECT_FALSE(matches({"E"}, "F"));
}

TEST(Machine, AWaitEndsAtItsTimeAndNotBefore) {
  Going run(one_state(R"({"Type":"Wait","Seconds":60,"End":true})"));
  EXPECT_EQ(run.run().due(), later(kBegin, 60));
  run.wait(59);
  EXPECT_EQ(run.run().status(), Status::running);
  run.wait(1);
  EXPECT_EQ(run.story(),
            "execution_started, state_entered S, timer_set S, timer_fired S, state_exited S, "
            "execution_succeeded");
}

constexpr std::string_view kTwoBranches = R"({"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
  {"StartAt":"A","States":{"A":{"Type":"Task","Resource":"urn:x:a","End":true}}},
  {"StartAt":"B","States":{"B":{"Type":"Wait","Seconds":9,"Next":"C"},"C":{"Type":"Fail","Error":"Late"}}}]}}})";

TEST(Machine, AFailedBranchCancelsTheOthers) {
  Going run(kTwoBranches);
  ASSERT_EQ(run.run().tasks().size(), 1U);
  run.wait(9);
  EXPECT_TRUE(run.run().tasks().empty());
  EXPECT_EQ(run.end(), "FAILED Late");
  EXPECT_NE(run.story().find("branch_failed P, branch_aborted P, state_failed P, execution_failed"), std::string::npos)
      << run.story();
}

TEST(Machine, BranchesGiveTheirOutputsInTheirOrder) {
  Going run(R"({"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
    {"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":5,"Next":"A2"},"A2":{"Type":"Pass","Result":1,"End":true}}},
    {"StartAt":"B","States":{"B":{"Type":"Pass","Result":2,"End":true}}}]}}})");
  run.wait(5);
  EXPECT_EQ(run.end(), "SUCCEEDED [1,2]");
}

std::string map_of(const std::string& more, const std::string& mode = "INLINE") {
  const auto config =
      mode == "INLINE" ? R"({"Mode":"INLINE"})" : R"({"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"})";
  return one_state(fmt::format(R"({{"Type":"Map",{}"End":true,"ItemProcessor":{{"ProcessorConfig":{},"StartAt":"T",
    "States":{{"T":{{"Type":"Task","Resource":"urn:x:t","End":true}}}}}}}})",
                               more, config));
}

TEST(Machine, AMapRunsSoManyItemsAtATime) {
  Going run(map_of(R"("MaxConcurrency":2,)"), "[1,2,3,4,5]");
  for (int left = 5; left > 0; --left) {
    EXPECT_EQ(run.run().tasks().size(), static_cast<std::size_t>(std::min(left, 2)));
    run.tell(TaskReport::Kind::succeeded, std::to_string(left));
  }
  EXPECT_EQ(run.end(), "SUCCEEDED [5,4,3,2,1]");
}

TEST(Machine, ADistributedMapToleratesSoManyFailures) {
  for (const auto& [more, failures, end] :
       {std::tuple(R"("ToleratedFailureCount":1,)", 1, "SUCCEEDED [0,0,0]"),
        std::tuple(R"("ToleratedFailureCount":1,)", 2, "FAILED States.ExceedToleratedFailureThreshold"),
        std::tuple(R"("ToleratedFailurePercentage":50,)", 2, "SUCCEEDED [0,0]"),
        std::tuple(R"("ToleratedFailurePercentage":50,)", 3, "FAILED States.ExceedToleratedFailureThreshold"),
        std::tuple("", 1, "FAILED States.ExceedToleratedFailureThreshold")}) {
    Going run(map_of(more, "DISTRIBUTED"), "[1,2,3,4]");
    for (int told = 0; told < 4 && run.run().status() == Status::running; ++told)
      if (told < failures)
        run.tell(TaskReport::Kind::failed, "", "E");
      else
        run.tell(TaskReport::Kind::succeeded, "0");
    EXPECT_TRUE(run.end().starts_with(end)) << more << failures << run.end();
  }
}

TEST(Machine, ItemsAreBatched) {
  Going run(
      map_of(R"("ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"k":1}},"ItemSelector":{"v.$":"$$.Map.Item.Value"},)",
             "DISTRIBUTED"),
      "[1,2,3]");
  ASSERT_EQ(run.run().tasks().size(), 2U);
  EXPECT_EQ(text_of(run.run().tasks()[0]->task.input), R"({"BatchInput":{"k":1},"Items":[{"v":1},{"v":2}]})");
  EXPECT_EQ(text_of(run.run().tasks()[1]->task.input), R"({"BatchInput":{"k":1},"Items":[{"v":3}]})");
}

TEST(Machine, TheReaderOfItemsIsATask) {
  const auto definition = map_of(R"("ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
    "ReaderConfig":{"InputType":"JSON"},"Parameters":{"Bucket":"b"}},)",
                                 "DISTRIBUTED");
  Going run(definition);
  ASSERT_EQ(run.run().tasks().size(), 1U);
  EXPECT_TRUE(run.run().tasks().front()->task.reads_items);
  run.tell(TaskReport::Kind::succeeded, "[7,8]");
  EXPECT_EQ(run.run().tasks().size(), 2U);
  Going broken(definition);
  broken.tell(TaskReport::Kind::failed, "", "Mock");
  EXPECT_EQ(broken.end(), "FAILED Mock");
}

TEST(Machine, VariablesAreSeenWithinAndNotOutside) {
  Going run(R"({"QueryLanguage":"JSONata","StartAt":"A","States":{
    "A":{"Type":"Pass","Assign":{"x":1},"Next":"M"},
    "M":{"Type":"Map","Items":[10,20],"Next":"Z","ItemProcessor":{"StartAt":"I","States":{
      "I":{"Type":"Pass","Assign":{"y":"{% $x + $states.input %}"},"Next":"J"},
      "J":{"Type":"Pass","Output":"{% $y %}","End":true}}}},
    "Z":{"Type":"Pass","Output":"{% {'x': $x, 'y': $exists($y), 'm': $states.input} %}","End":true}}})");
  EXPECT_EQ(run.end(), R"(SUCCEEDED {"x":1,"y":false,"m":[11,21]})");
}

TEST(Machine, WhatIsTooLargeFails) {
  const auto text = std::string(kMaxPayloadBytes, 'a');
  Going run(one_state(fmt::format(R"({{"Type":"Pass","Result":"{}","End":true}})", text)));
  EXPECT_TRUE(run.end().starts_with("FAILED States.DataLimitExceeded")) << run.end().substr(0, 100);
  Going task(one_state(std::string(kTask) + R"("Comment":""})"));
  task.tell(TaskReport::Kind::succeeded, "\"" + text + "\"");
  EXPECT_TRUE(task.end().starts_with("FAILED States.DataLimitExceeded")) << task.end().substr(0, 100);
}

TEST(Machine, AnExpressionThatRunsForEverFailsTheRun) {
  RunLimits limits;
  limits.evaluation.steps = 10'000;
  asl::Run run(machine(R"({"QueryLanguage":"JSONata","StartAt":"S","States":{"S":{"Type":"Pass","End":true,
    "Output":"{% ($f := function($n) { $f($n + 1) }; $f(0)) %}"}}})"));
  ASSERT_TRUE(run.apply(start(json("{}"), {}, kBegin)));
  while (const auto event = next(run, kBegin, limits)) ASSERT_TRUE(run.apply(*event));
  EXPECT_EQ(run.error().error, "States.QueryEvaluationError");
  EXPECT_NE(run.error().cause.find("U1001"), std::string::npos) << run.error().cause;
}

TEST(Machine, ALoopEndsAtTheMostEvents) {
  asl::Run run(machine(R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Choice",
    "Choices":[{"Variable":"$","IsPresent":true,"Next":"A"}],"Default":"C"},"C":{"Type":"Succeed"}}})"));
  ASSERT_TRUE(run.apply(start(json("{}"), {}, kBegin)));
  RunLimits limits;
  limits.events = 50;
  while (const auto event = next(run, kBegin, limits)) ASSERT_TRUE(run.apply(*event));
  EXPECT_EQ(run.events(), 51U);
  EXPECT_EQ(run.error().cause, "The execution reached the maximum number of history events (50).");
}

TEST(Machine, TheWholeRunTimesOutOrIsAborted) {
  Going run(R"({"TimeoutSeconds":30,"StartAt":"S","States":{"S":{"Type":"Wait","Seconds":60,"End":true}}})");
  EXPECT_EQ(run.run().due(), later(kBegin, 30));
  run.wait(30);
  EXPECT_EQ(run.end(), "TIMED_OUT");
  asl::Run other(machine(one_state(std::string(kTask) + R"("Comment":""})")));
  ASSERT_TRUE(other.apply(start(json("{}"), {}, kBegin)));
  while (const auto event = next(other, kBegin)) ASSERT_TRUE(other.apply(*event));
  ASSERT_TRUE(other.apply(abort("Stopped", std::nullopt, kBegin)));
  EXPECT_EQ(other.status(), Status::aborted);
  EXPECT_TRUE(other.tasks().empty());
  EXPECT_FALSE(other.apply(abort(std::nullopt, std::nullopt, kBegin)));
}

TEST(Machine, TimesEndWithTheYear9999) {
  EXPECT_EQ(to_rfc3339(later(kBegin, 1e300)), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(later(later(kBegin, 1e300), 1e300), later(kBegin, 1e300));
  EXPECT_EQ(later(kBegin, -5), kBegin);
  EXPECT_EQ(later(kBegin, 0.5) - kBegin, std::chrono::milliseconds(500));
}

TEST(Machine, AssignAndOutputOfAChoiceCountWhereNoRuleHolds) {
  const auto end_for = [](std::string_view input) {
    return Going(R"({"QueryLanguage":"JSONata","StartAt":"C","States":{"C":{"Type":"Choice","Default":"D",
      "Assign":{"x":1},"Output":"default","Choices":[{"Condition":"{% $states.input.go %}","Next":"D"}]},
      "D":{"Type":"Pass","Output":"{% [$states.input, $exists($x)] %}","End":true}}})",
                 input)
        .end();
  };
  EXPECT_EQ(end_for(R"({"go":true})"), R"(SUCCEEDED [{"go":true},false])");
  EXPECT_EQ(end_for(R"({"go":false})"), R"(SUCCEEDED ["default",true])");
}

TEST(Machine, EventsThatCannotFollowAreRefused) {
  Going run(one_state(std::string(kTask) + R"("Comment":""})"));
  auto copy = run.run();
  for (auto event : run.events()) {
    event.state = "Other";
    EXPECT_FALSE(copy.apply(event));
  }
  Event early;
  early.type = EventType::state_exited;
  early.state = "S";
  EXPECT_FALSE(copy.apply(early));
  early.type = EventType::branch_succeeded;
  EXPECT_FALSE(copy.apply(early));
  EXPECT_EQ(copy.events(), run.run().events());
}

}  // namespace
}  // namespace flowstone::asl
