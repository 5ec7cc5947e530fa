#include "workflows/start_rule.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "jsonata/json_text.hpp"
#include "workflows/definition.hpp"

namespace flowstone::workflows {
namespace {

Value json(std::string_view text) { return jsonata::read_json(text).value(); }
std::string text_of(const Value& value) { return jsonata::write_json(value).value(); }

StartRule read(std::string_view text) {
  auto trigger = read_start_rule(json(text));
  EXPECT_TRUE(trigger) << (trigger ? "" : trigger.error().front().sentence);
  return trigger ? *std::move(trigger) : StartRule{};
}

// "CODE at PATH" of each.
std::vector<std::string> misfits_of(std::string_view triggers) {
  std::vector<std::string> told;
  const auto read = read_start_rules(json(triggers));
  if (read) return told;
  for (const auto& misfit : read.error()) told.push_back(misfit.code + " at " + misfit.path);
  return told;
}
using Told = std::vector<std::string>;

TEST(StartRule, ScheduleHasItsRuleAndItsDefaults) {
  const auto trigger = read(R"({"id":"nightly","kind":"schedule","cron":"0 2 * * *"})");
  EXPECT_EQ(trigger.id, "nightly");
  EXPECT_EQ(trigger.kind, StartKind::schedule);
  EXPECT_EQ(trigger.rule, "0 2 * * *");
  EXPECT_EQ(trigger.zone.name(), "UTC");
  EXPECT_EQ(trigger.overlap, Overlap::skip);
  EXPECT_EQ(trigger.catch_up, CatchUp::last);
  EXPECT_EQ(trigger.catch_up_window, std::chrono::hours(24));
}

TEST(StartRule, IntervalCountsFromItsAnchor) {
  const auto trigger = read(R"({"id":"often","kind":"schedule","every":"1h30m","overlap":"queue","catch_up":"all",)"
                            R"("catch_up_window":"2d","time_zone":"Europe/Berlin"})");
  EXPECT_EQ(trigger.zone.name(), "Europe/Berlin");
  const Timestamp anchor = *from_rfc3339("2026-01-01T00:10:00Z");
  EXPECT_EQ(to_rfc3339(*trigger.schedule(anchor).next(anchor)), "2026-01-01T01:40:00.000Z");
}

TEST(StartRule, WebhookHasItsSignatureAndNoTimes) {
  EXPECT_EQ(read(R"({"id":"a","kind":"webhook"})").signature, Signature::standard);
  const auto github = read(R"({"id":"a","kind":"webhook","signature":"github","condition":"webhook.event = 'push'"})");
  EXPECT_EQ(github.signature, Signature::github);
  EXPECT_TRUE(github.condition);
  EXPECT_EQ(misfits_of(R"([{"id":"a","kind":"webhook","signature":"none","cron":"0 * * * *"}])"),
            (Told{"unknown_field at /0/cron", "unknown_value at /0/signature"}));
}

TEST(StartRule, WantsTypesCategoriesAndEverythingButEvaluations) {
  const auto some = read(R"({"id":"a","kind":"event","types":["bundle.version_published","task.*"]})");
  EXPECT_TRUE(some.wants("bundle.version_published"));
  EXPECT_TRUE(some.wants("task.completed"));
  EXPECT_FALSE(some.wants("bundle.version_added"));
  EXPECT_FALSE(some.wants("tasks.completed"));
  const auto all = read(R"({"id":"a","kind":"event","types":["*","trigger.*"]})");
  EXPECT_TRUE(all.wants("run.failed"));
  EXPECT_TRUE(all.wants("trigger.paused"));
  EXPECT_FALSE(all.wants("trigger.evaluated"));
}

TEST(StartRule, EveryProblemIsNamedAtItsPlace) {
  EXPECT_EQ(misfits_of("{}"), Told{"wrong_type at "});
  EXPECT_EQ(misfits_of("[1]"), Told{"wrong_type at /0"});
  EXPECT_EQ(misfits_of(R"([{}])"), (Told{"missing_field at /0", "missing_field at /0"}));
  EXPECT_EQ(misfits_of(R"([{"id":"a b","kind":"timer"}])"),
            (Told{"unknown_value at /0/id", "unknown_value at /0/kind"}));
  EXPECT_EQ(misfits_of(R"([{"id":"a","kind":"event","types":["*"]},{"id":"a","kind":"event","types":["*"]}])"),
            Told{"duplicate_id at /1/id"});
  EXPECT_EQ(misfits_of(R"([{"id":"a","kind":"event","types":["*"],"cron":"* * * * *"}])"),
            Told{"unknown_field at /0/cron"});
}

TEST(StartRule, SchedulesThatAreNoneAreRefused) {
  const auto of = [](std::string_view more) {
    return misfits_of(fmt::format(R"([{{"id":"a","kind":"schedule"{}}}])", more));
  };
  EXPECT_EQ(of(""), Told{"missing_field at /0"});
  EXPECT_EQ(of(R"(,"cron":"0 2 * * *","every":"5m")"), Told{"exclusive_fields at /0/every"});
  EXPECT_EQ(of(R"(,"cron":"0 0 30 2 *")"), Told{"invalid_schedule at /0/cron"});
  EXPECT_EQ(of(R"(,"cron":"every 5m")"), Told{"invalid_schedule at /0/cron"});
  EXPECT_EQ(of(R"(,"every":"0s")"), Told{"invalid_schedule at /0/every"});
  EXPECT_EQ(of(R"(,"every":5)"), Told{"wrong_type at /0/every"});
  EXPECT_EQ(of(R"(,"every":"5m","time_zone":"Europe/Atlantis")"), Told{"unknown_time_zone at /0/time_zone"});
  EXPECT_EQ(of(R"(,"every":"5m","overlap":"never")"), Told{"unknown_value at /0/overlap"});
  EXPECT_EQ(of(R"(,"every":"5m","catch_up_window":"32d")"), Told{"out_of_range at /0/catch_up_window"});
}

TEST(StartRule, EventsNeedTypesAndAConditionThatCompiles) {
  const auto of = [](std::string_view more) {
    return misfits_of(fmt::format(R"([{{"id":"a","kind":"event"{}}}])", more));
  };
  EXPECT_EQ(of(""), Told{"missing_field at /0"});
  EXPECT_EQ(of(R"(,"types":[])"), Told{"wrong_type at /0/types"});
  EXPECT_EQ(of(R"(,"types":["task","trigger.evaluated"])"),
            (Told{"unknown_value at /0/types/0", "unknown_value at /0/types/1"}));
  EXPECT_EQ(of(R"(,"types":["*"],"condition":"event.(")"), Told{"expression_does_not_compile at /0/condition"});
  EXPECT_EQ(of(R"(,"types":["*"],"input":{"x":["{% ( %}","{% 1"]})"),
            (Told{"expression_does_not_compile at /0/input/x/0", "not_an_expression at /0/input/x/1"}));
}

TEST(StartRule, ProblemsOfADefinitionHaveLinesAndPaths) {
  const std::string text =
      "{\"body\":{\"StartAt\":\"Done\",\"States\":{\"Done\":{\"Type\":\"Succeed\"}}},\n"
      " \"triggers\":[\n"
      "  {\"id\":\"a\",\"kind\":\"schedule\",\n"
      "   \"cron\":\"0 0 31 11 *\"}]}";
  const auto problems = lint(text, Format::json);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems.front().path, "/triggers/0/cron");
  EXPECT_EQ(problems.front().place, (Place{.line = 4, .column = 4}));
  EXPECT_EQ(read_definition(R"({"body":{"StartAt":"D","States":{"D":{"Type":"Succeed"}}},)"
                            R"("triggers":[{"id":"a","kind":"event","types":["*"]}]})",
                            Format::json)
                ->triggers.size(),
            1U);
}

TEST(Condition, NamesThePartThatDoesNotHold) {
  const auto part = [](std::string_view text, std::string_view input) {
    return Condition::compile(text)->judge(json(input), {}).part;
  };
  EXPECT_EQ(part("a = 1 and b = 2", R"({"a":1,"b":3})"), "b = 2");
  EXPECT_EQ(part("a = 1 and b = 2", R"({"a":2,"b":2})"), "a = 1");
  EXPECT_EQ(part("a = 'x and y' and (b and c)", R"({"a":"x and y","b":1,"c":0})"), "(b and c)");
  EXPECT_EQ(part("a = 1 and b or c", R"({"a":1})"), "a = 1 and b or c");
  EXPECT_EQ(part("$match(a, /x and y/) and b", R"({"a":"x and y"})"), "b");
  EXPECT_EQ(part("nothing /* and */", "{}"), "nothing /* and */");
}

TEST(Condition, HoldsAsTheLanguageTakesTruth) {
  const auto holds = [](std::string_view text) {
    return Condition::compile(text)->judge(json(R"({"a":[0,1]})"), {}).holds;
  };
  EXPECT_TRUE(holds("a"));
  EXPECT_TRUE(holds("true and a and 'x'"));
  EXPECT_FALSE(holds("''"));
  EXPECT_FALSE(holds("missing"));
}

TEST(Condition, ThatRunsForeverIsAnError) {
  const auto condition = Condition::compile("($f := function($x){ $f($x + 1) }; $f(0))");
  const auto verdict = condition->judge(json("{}"), {});
  EXPECT_FALSE(verdict.holds);
  EXPECT_FALSE(verdict.error.empty());
}

TEST(InputTemplate, FillsExpressionsAndLeavesOutWhatTheyDoNotYield) {
  const auto made = InputTemplate::compile(json(R"({"x":"{% a + 1 %}","y":"{% missing %}","z":["{% a %}","plain"]})"));
  ASSERT_TRUE(made);
  EXPECT_EQ(text_of(made->fill(json(R"({"a":1})"), {}).value()), R"({"x":2,"z":[1,"plain"]})");
  EXPECT_EQ(text_of(InputTemplate::compile(json(R"("{% missing %}")"))->fill(json("{}"), {}).value()), "null");
  EXPECT_FALSE(InputTemplate::compile(json(R"("{% $error('no') %}")"))->fill(json("{}"), {}));
}

}  // namespace
}  // namespace flowstone::workflows
