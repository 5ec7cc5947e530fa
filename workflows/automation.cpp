#include "workflows/automation.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "jsonata/json_text.hpp"
#include "workflows/definition.hpp"

namespace flowstone::workflows {
namespace {

using jsonata::Member;

constexpr std::string_view kStartWorkflow = "start_workflow";
constexpr std::string_view kCallWebhook = "call_webhook";
constexpr std::string_view kNotify = "notify";

Value text(std::string_view words) { return Value::string(std::string(words)); }

bool is_command(std::string_view name) {
  return !name.empty() && name.size() <= 100 &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

// Others than commands.
bool is_step(std::string_view verb) { return verb == kStartWorkflow || verb == kCallWebhook || verb == kNotify; }

// From a task's arguments to what an author gives.
Value with_of(std::string_view verb, const Value& arguments) {
  if (is_step(verb) || !arguments.is_object()) return arguments;
  std::vector<Member> fields;
  if (const auto* id = arguments.find("Id")) fields.push_back({"id", *id});
  if (const auto* body = arguments.find("Body"); body != nullptr && body->is_object())
    fields.insert(fields.end(), body->members().begin(), body->members().end());
  return Value::object(std::move(fields));
}

class Compiler {
 public:
  Result<Automation, Misfits> compile(const std::string& name, const AutomationRule& rule) {
    const auto when = read("when", rule.when);
    const auto actions = read("actions", rule.actions);
    if (when.is_object()) read_when(when, rule.condition);
    if (actions.is_array()) read_actions(actions);
    if (!misfits_.empty()) return failure(std::move(misfits_));
    trigger_.push_back({"input", Value::object({{"actions", Value::array(std::move(arguments_))}})});
    const auto trigger = Value::object(std::move(trigger_));
    auto compiled = read_start_rule(trigger);
    if (!compiled) {
      for (auto& misfit : compiled.error()) blame(std::move(misfit));
      return failure(std::move(misfits_));
    }
    return Automation{
        .rule = *std::move(compiled), .definition = definition_of(name, trigger), .verbs = std::move(verbs_)};
  }

 private:
  void error(std::string code, std::string path, std::string sentence) {
    misfits_.push_back({std::move(code), std::move(path), std::move(sentence)});
  }

  Value read(const std::string& field, const std::string& json) {
    auto value = jsonata::read_json(json);
    const bool wanted = field == "when" ? value && value->is_object() : value && value->is_array();
    if (!wanted) error("wrong_type", "/" + field, field == "when" ? "must be an object" : "must be a list");
    return value ? *std::move(value) : Value();
  }

  void read_when(const Value& when, const std::string& condition) {
    for (const std::string_view name : {"id", "condition", "input"}) {
      if (when.find(std::string(name)) != nullptr)
        error("unknown_field", fmt::format("/when/{}", name), "must be left out: the rule itself says it");
    }
    trigger_ = when.members();
    trigger_.push_back({"id", text(kRuleTrigger)});
    if (condition.empty()) return;
    const auto* kind = when.find("kind");
    if (kind != nullptr && kind->is_string() && kind->text() == "schedule")
      return error("unknown_field", "/condition", "must be left out: there is nothing that a time could be asked");
    trigger_.push_back({"condition", text(condition)});
  }

  void read_actions(const Value& actions) {
    const auto& items = actions.items();
    if (items.empty() || items.size() > kMaxActions)
      error("out_of_range", "/actions", fmt::format("must have from 1 to {} actions", kMaxActions));
    for (std::size_t at = 0; at < items.size(); ++at) read_action(items[at], fmt::format("/actions/{}", at));
  }

  void read_action(const Value& action, const std::string& path) {
    if (!action.is_object()) return error("wrong_type", path, "must be an object of `do` and `with`");
    for (const auto& [key, value] : action.members()) {
      if (key != "do" && key != "with")
        error("unknown_field", path + "/" + key, "is not allowed: an action has `do` and `with`");
    }
    const auto* verb = action.find("do");
    const auto* with = action.find("with");
    if (verb == nullptr || !verb->is_string() || !is_command(verb->text()))
      error("unknown_value", path + "/do",
            "must be a command such as `create_task`, `notify`, `start_workflow` or `call_webhook`");
    if (with != nullptr && !with->is_object()) error("wrong_type", path + "/with", "must be an object");
    if (!misfits_.empty()) return;
    const auto arguments = with == nullptr ? std::vector<Member>() : with->members();
    verbs_.push_back(verb->text());
    arguments_.push_back(is_step(verb->text()) ? Value::object(arguments) : command(verb->text(), arguments));
  }

  static Value command(const std::string& name, const std::vector<Member>& fields) {
    std::vector<Member> whole{{"Command", Value::string(name)}}, body;
    for (const auto& field : fields) {
      if (field.key == "id")
        whole.push_back({"Id", field.value});
      else
        body.push_back(field);
    }
    whole.push_back({"Body", Value::object(std::move(body))});
    return Value::object(std::move(whole));
  }

  // "/input/actions/0/Body/title" -> "/actions/0/with/title"; the condition stands beside `when`, all else in it.
  void blame(Misfit misfit) {
    constexpr std::string_view kActions = "/input/actions/";
    auto& path = misfit.path;
    if (path.starts_with(kActions)) {
      const auto end = std::min(path.find('/', kActions.size()), path.size());
      auto rest = path.substr(end);
      if (rest.starts_with("/Body")) rest.erase(0, 5);
      if (rest == "/Id") rest = "/id";
      path = fmt::format("/actions/{}/with{}", path.substr(kActions.size(), end - kActions.size()), rest);
    } else if (path != "/condition") {
      path = "/when" + path;
    }
    misfits_.push_back(std::move(misfit));
  }

  static std::string_view resource_of(std::string_view verb) {
    if (verb == kStartWorkflow) return "flowstone:run";
    if (verb == kNotify) return "flowstone:notify";
    return verb == kCallWebhook ? "flowstone:http" : "flowstone:command";
  }

  // What a busy or absent other side is asked again.
  static Value retries() {
    const auto errors =
        Value::array({text("Http.Timeout"), text("Http.Unreachable"), text("Task.Busy"), text("Command.Busy")});
    return Value::array({Value::object({{"ErrorEquals", errors},
                                        {"IntervalSeconds", Value::number(2)},
                                        {"MaxAttempts", Value::number(5)},
                                        {"BackoffRate", Value::number(2)}})});
  }

  [[nodiscard]] std::string definition_of(const std::string& name, const Value& trigger) const {
    const auto state = [this](std::size_t at) { return fmt::format("{} {}", at + 1, verbs_[at]); };
    std::vector<Member> states;
    for (std::size_t at = 0; at < verbs_.size(); ++at) {
      std::vector<Member> task{{"Type", text("Task")},
                               {"Resource", text(resource_of(verbs_[at]))},
                               {"Arguments", Value::string(fmt::format("{{% $states.input.actions[{}] %}}", at))},
                               {"Output", text("{% $states.input %}")},
                               {"Retry", retries()}};
      if (at + 1 < verbs_.size())
        task.push_back({"Next", Value::string(state(at + 1))});
      else
        task.push_back({"End", Value::boolean(true)});
      states.push_back({state(at), Value::object(std::move(task))});
    }
    const auto body = Value::object({{"QueryLanguage", text("JSONata")},
                                     {"StartAt", Value::string(state(0))},
                                     {"States", Value::object(std::move(states))}});
    const auto concurrency = Value::object({{"mode", text("parallel")}, {"max", Value::number(kMaxConcurrency)}});
    return jsonata::write_json(Value::object({{"name", Value::string(name)},
                                              {"triggers", Value::array({trigger})},
                                              {"concurrency", concurrency},
                                              {"body", body}}))
        .value_or("");
  }

  Misfits misfits_;
  std::vector<Member> trigger_;
  std::vector<std::string> verbs_;
  std::vector<Value> arguments_;
};

}  // namespace

Result<Automation, Misfits> compile_automation(const std::string& name, const AutomationRule& rule) {
  return Compiler().compile(name, rule);
}

Value actions_in(const Automation& automation, const Value& input) {
  const auto* arguments = input.is_object() ? input.find("actions") : nullptr;
  std::vector<Value> actions;
  if (arguments == nullptr || !arguments->is_array()) return Value::array({});
  for (std::size_t at = 0; at < arguments->items().size() && at < automation.verbs.size(); ++at) {
    const auto& verb = automation.verbs[at];
    actions.push_back(Value::object({{"do", Value::string(verb)}, {"with", with_of(verb, arguments->items()[at])}}));
  }
  return Value::array(std::move(actions));
}

}  // namespace flowstone::workflows
