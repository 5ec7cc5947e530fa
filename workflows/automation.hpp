// A rule, and the workflow that carries it out: when (a trigger), if (a condition), then (actions).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "workflows/input_schema.hpp"
#include "workflows/start_rule.hpp"

namespace flowstone::workflows {

// As its author wrote it.
struct AutomationRule {
  std::string when;       // JSON
  std::string condition;  // JSONata; empty: none
  std::string actions;    // JSON
};

// The id of the rule's trigger in its workflow.
inline constexpr std::string_view kRuleTrigger = "rule";
inline constexpr std::size_t kMaxActions = 20;

struct Automation {
  StartRule rule;                  // its input is {"actions": [...]}, with what is known only when it acts filled in
  std::string definition;          // of a workflow, as JSON
  std::vector<std::string> verbs;  // the `do` of each action
};

// Every problem at once: paths begin with the field, as in "/when/types/0" and "/actions/1/with/title".
// Of a command it is not asked here whether it exists: that is said by the run that tries it.
Result<Automation, Misfits> compile_automation(const std::string& name, const AutomationRule& rule);

// The actions as their author writes them, from the input of a run.
Value actions_in(const Automation& automation, const Value& input);

}  // namespace flowstone::workflows
