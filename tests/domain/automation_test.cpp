#include "domain/automation.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

using AutomationStory = Story<Automation>;

CreateAutomationT rule() {
  CreateAutomationT create;
  create.name = "Urgent";
  create.when = R"({"kind":"event","types":["task.created"]})";
  create.condition = "event.data.priority = 1";
  create.actions = R"([{"do":"create_task","with":{"title":"Look"}}])";
  return create;
}

TEST(AutomationRule, IsMadeAndActsAtOnce) {
  AutomationStory story;
  const auto made = story.when(rule());
  EXPECT_EQ(made.recorded, Types{"automation.created"});
  EXPECT_TRUE(made.state.enabled);
  EXPECT_EQ(story.when(rule()).refused, "automation_exists");
}

TEST(AutomationRule, MayBeMadeWithoutActing) {
  auto create = rule();
  create.enabled = false;
  EXPECT_FALSE(AutomationStory().when(create).state.enabled);
}

TEST(AutomationRule, WhatDoesNotCompileIsRefusedByItsField) {
  auto create = rule();
  create.condition = "(";
  EXPECT_EQ(AutomationStory().when(create).field, "condition");
  create = rule();
  create.actions = R"([{"do":"create_task"},{"do":7}])";
  EXPECT_EQ(AutomationStory().when(create).field, "actions.1.do");
  AutomationStory story;
  story.when(rule());
  UpdateAutomationT update;
  update.when = R"({"kind":"event","types":[]})";
  EXPECT_EQ(story.when(update).field, "when.types");
  UpdateAutomationT scheduled;
  scheduled.when = R"({"kind":"schedule","every":"1h"})";
  EXPECT_EQ(story.when(scheduled).field, "condition");
  scheduled.cleared = {"condition"};
  EXPECT_EQ(story.when(scheduled).recorded, Types{"automation.updated"});
}

TEST(AutomationRule, IsEnabledAndDisabledOnce) {
  AutomationStory story;
  story.when(rule());
  EXPECT_EQ(story.when(EnableAutomationT{}).recorded, Types{});
  EXPECT_FALSE(story.when(DisableAutomationT{}).state.enabled);
  EXPECT_EQ(story.when(DisableAutomationT{}).recorded, Types{});
  EXPECT_TRUE(story.when(EnableAutomationT{}).state.enabled);
}

TEST(AutomationRule, TheSameAgainChangesNothing) {
  AutomationStory story;
  story.when(rule());
  UpdateAutomationT update;
  update.name = "Urgent";
  EXPECT_EQ(story.when(update).recorded, Types{});
  update.name = "More urgent";
  EXPECT_EQ(story.when(update).state.name, "More urgent");
  UpdateAutomationT nameless;
  nameless.cleared = {"name"};
  EXPECT_FALSE(story.when(nameless).refused.empty());
}

TEST(AutomationRule, WhatIsNotThereCannotBeChanged) {
  EXPECT_EQ(AutomationStory().when(UpdateAutomationT{}).refused, "automation_not_found");
  EXPECT_EQ(AutomationStory().when(EnableAutomationT{}).refused, "automation_not_found");
  EXPECT_EQ(AutomationStory().when(DisableAutomationT{}).refused, "automation_not_found");
}

}  // namespace
}  // namespace flowstone::domain
