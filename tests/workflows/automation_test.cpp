#include "workflows/automation.hpp"

#include <gtest/gtest.h>

#include "jsonata/json_text.hpp"
#include "workflows/definition.hpp"

namespace flowstone::workflows {
namespace {

constexpr const char* kOnTask = R"({"kind":"event","types":["task.created"]})";
constexpr const char* kLook =
    R"([{"do":"create_task","with":{"title":"{% 'Look at ' & event.data.title %}","priority":1}}])";

using Told = std::vector<std::string>;

Told misfits_of(const AutomationRule& rule) {
  const auto compiled = compile_automation("Rule", rule);
  Told told;
  if (compiled) return told;
  for (const auto& misfit : compiled.error()) told.push_back(misfit.code + " at " + misfit.path);
  return told;
}

TEST(Automation, BecomesAWorkflowThatLintTakes) {
  const auto compiled = compile_automation(
      "Rule", {.when = kOnTask,
               .condition = "event.data.priority = 1",
               .actions = R"([{"do":"create_task","with":{"title":"a"}},{"do":"start_workflow","with":{"Workflow":"b"}},
                              {"do":"call_webhook","with":{"Url":"https://example.org/","Body":{"x":"{% event.stream %}"}}},
                              {"do":"notify","with":{"Title":"a","Recipient":"{% event.actor %}"}},
                              {"do":"complete_task","with":{"id":"{% $substringAfter(event.stream, 'task-') %}"}}])"});
  ASSERT_TRUE(compiled);
  const auto definition = read_definition(compiled->definition, Format::json);
  ASSERT_TRUE(definition) << (definition ? "" : definition.error().front().sentence);
  EXPECT_TRUE(definition->warnings.empty());
  ASSERT_EQ(definition->machine.machine.states.size(), 5U);
  EXPECT_EQ(definition->machine.machine.states[0].name, "1 create_task");
  ASSERT_EQ(definition->triggers.size(), 1U);
  EXPECT_EQ(definition->triggers[0].id, kRuleTrigger);
  EXPECT_TRUE(definition->triggers[0].condition);
}

TEST(Automation, ActionsAreFilledInWithWhatHappened) {
  const auto compiled = compile_automation("Rule", {.when = kOnTask, .condition = {}, .actions = kLook});
  ASSERT_TRUE(compiled);
  const auto happened = jsonata::read_json(R"({"event":{"data":{"title":"Order 7"}}})").value();
  const auto input = compiled->rule.input->fill(happened, {}).value();
  EXPECT_EQ(jsonata::write_json(input).value(),
            R"({"actions":[{"Command":"create_task","Body":{"title":"Look at Order 7","priority":1}}]})");
}

TEST(Automation, CommandsOnAnEntityNameIt) {
  const auto compiled = compile_automation(
      "Rule",
      {.when = kOnTask, .condition = {}, .actions = R"([{"do":"update_task","with":{"id":"x","priority":2}}])"});
  ASSERT_TRUE(compiled);
  EXPECT_EQ(jsonata::write_json(compiled->rule.input->fill({}, {}).value()).value(),
            R"({"actions":[{"Command":"update_task","Id":"x","Body":{"priority":2}}]})");
  EXPECT_EQ(jsonata::write_json(actions_in(*compiled, compiled->rule.input->fill({}, {}).value())).value(),
            R"([{"do":"update_task","with":{"id":"x","priority":2}}])");
}

TEST(Automation, WhatIsNoCommandKeepsItsArguments) {
  const std::string actions = R"([{"do":"notify","with":{"Title":"Late","Recipient":["everyone"]}}])";
  const auto compiled = compile_automation("Rule", {.when = kOnTask, .condition = {}, .actions = actions});
  ASSERT_TRUE(compiled);
  const auto input = compiled->rule.input->fill({}, {}).value();
  EXPECT_EQ(jsonata::write_json(input).value(), R"({"actions":[{"Title":"Late","Recipient":["everyone"]}]})");
  EXPECT_EQ(jsonata::write_json(actions_in(*compiled, input)).value(), actions);
  EXPECT_TRUE(compiled->definition.contains(R"("Resource":"flowstone:notify")")) << compiled->definition;
}

TEST(Automation, EveryProblemIsNamedWhereItWasWritten) {
  EXPECT_EQ(misfits_of({.when = "[]", .condition = {}, .actions = "{}"}),
            (Told{"wrong_type at /when", "wrong_type at /actions"}));
  EXPECT_EQ(misfits_of({.when = R"({"kind":"event","types":["task.created"],"id":"a","input":{}})",
                        .condition = {},
                        .actions = kLook}),
            (Told{"unknown_field at /when/id", "unknown_field at /when/input"}));
  EXPECT_EQ(misfits_of({.when = R"({"kind":"event","types":["x"]})", .condition = "(", .actions = kLook}),
            (Told{"unknown_value at /when/types/0", "expression_does_not_compile at /condition"}));
  EXPECT_EQ(misfits_of({.when = R"({"kind":"schedule","cron":"0 2 * * *"})", .condition = "true", .actions = kLook}),
            (Told{"unknown_field at /condition"}));
  EXPECT_EQ(misfits_of({.when = kOnTask, .condition = {}, .actions = "[]"}), (Told{"out_of_range at /actions"}));
  EXPECT_EQ(
      misfits_of({.when = kOnTask, .condition = {}, .actions = R"([{"do":"Make it","with":[],"why":1}])"}),
      (Told{"unknown_field at /actions/0/why", "unknown_value at /actions/0/do", "wrong_type at /actions/0/with"}));
  EXPECT_EQ(misfits_of({.when = kOnTask,
                        .condition = {},
                        .actions = R"([{"do":"create_task","with":{"title":"{% ( %}","id":"{% ) %}"}}])"}),
            (Told{"expression_does_not_compile at /actions/0/with/id",
                  "expression_does_not_compile at /actions/0/with/title"}));
}

TEST(Automation, TwentyActionsAreTheMost) {
  const auto with = [](std::size_t count) {
    std::string actions = "[";
    for (std::size_t at = 0; at < count; ++at) actions += std::string(at > 0 ? "," : "") + R"({"do":"create_task"})";
    return AutomationRule{.when = kOnTask, .condition = {}, .actions = actions + "]"};
  };
  EXPECT_TRUE(compile_automation("Rule", with(kMaxActions)));
  EXPECT_EQ(misfits_of(with(kMaxActions + 1)), (Told{"out_of_range at /actions"}));
}

}  // namespace
}  // namespace flowstone::workflows
