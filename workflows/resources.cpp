#include "workflows/resources.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "asl/definition.hpp"
#include "asl/places.hpp"
#include "workflows/start_rule.hpp"

namespace flowstone::workflows {
namespace {

using jsonata::Value;
using Names = std::span<const std::string_view>;

constexpr std::string_view kOwn = "flowstone:";

constexpr std::array<std::string_view, 1> kHttpMandatory = {"Url"};
constexpr std::array<std::string_view, 6> kHttpOptional = {"Method", "Headers",        "Query",
                                                           "Body",   "TimeoutSeconds", "MaxBytes"};
constexpr std::array<std::string_view, 1> kCommandMandatory = {"Command"};
constexpr std::array<std::string_view, 2> kCommandOptional = {"Id", "Body"};
constexpr std::array<std::string_view, 1> kNotifyMandatory = {"Title"};
constexpr std::array<std::string_view, 4> kNotifyOptional = {"Body", "Recipient", "Urgency", "About"};
constexpr std::array<std::string_view, 1> kExecMandatory = {"Program"};
constexpr std::array<std::string_view, 4> kExecOptional = {"Arguments", "Input", "Environment", "TimeoutSeconds"};
constexpr std::array<std::string_view, 1> kJsonataMandatory = {"Expression"};
constexpr std::array<std::string_view, 1> kJsonataOptional = {"Input"};
constexpr std::array<std::string_view, 1> kSleepMandatory = {"Seconds"};

constexpr std::array<std::string_view, 1> kRunMandatory = {"Workflow"};
constexpr std::array<std::string_view, 3> kRunOptional = {"Version", "Name", "Input"};
constexpr std::array<std::string_view, 2> kInputOptional = {"Title", "Description"};
constexpr std::array<std::string_view, 1> kSignalMandatory = {"Name"};

constexpr std::array<std::string_view, 1> kActivityMandatory = {"Activity"};
constexpr std::array<std::string_view, 1> kActivityOptional = {"Input"};
constexpr std::array<std::string_view, 1> kEventMandatory = {"Type"};
constexpr std::array<std::string_view, 2> kEventOptional = {"Condition", "Input"};
constexpr std::string_view kEvent = "flowstone:event";

constexpr std::array kResources = {
    TaskResource{"flowstone:http", kHttpMandatory, kHttpOptional, true},
    TaskResource{"flowstone:command", kCommandMandatory, kCommandOptional, true},
    TaskResource{"flowstone:notify", kNotifyMandatory, kNotifyOptional, true},
    TaskResource{"flowstone:exec", kExecMandatory, kExecOptional, true},
    TaskResource{"flowstone:jsonata", kJsonataMandatory, kJsonataOptional, true},
    TaskResource{"flowstone:sleep", kSleepMandatory, {}, true},
    TaskResource{"flowstone:run", kRunMandatory, kRunOptional, true},
    TaskResource{"flowstone:input", {}, kInputOptional, true},
    TaskResource{"flowstone:signal", kSignalMandatory, {}, true},
    TaskResource{"flowstone:activity", kActivityMandatory, kActivityOptional, true},
    TaskResource{kEvent, kEventMandatory, kEventOptional, true},
};

std::string known_resources() {
  std::vector<std::string_view> names;
  for (const auto& resource : kResources) names.push_back(resource.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

class Check {
 public:
  explicit Check(const std::function<void(asl::Problem)>& tell) : tell_(tell) {}

  void look_at_machine(const Value& machine, const std::string& at) {
    const auto* states = machine.is_object() ? machine.find("States") : nullptr;
    if (states == nullptr || !states->is_object()) return;
    for (const auto& [name, state] : states->members()) {
      if (state.is_object()) look_at_state(state, fmt::format("{}/States/{}", at, asl::pointer_token(name)));
    }
  }

 private:
  void look_at_state(const Value& state, const std::string& at) {
    const auto* type = state.find("Type");
    const auto* resource = state.find("Resource");
    if (type != nullptr && type->is_string() && type->text() == "Task" && resource != nullptr && resource->is_string())
      look_at_task(state, resource->text(), at);
    for (const auto* name : {"ResultWriter", "Credentials"}) {
      if (state.find(name) != nullptr)
        tell(asl::Severity::warning, "not_carried_out", fmt::format("{}/{}", at, name),
             fmt::format("\"{}\" is accepted and has no effect here", name));
    }
    for (const auto* name : {"ItemProcessor", "Iterator"}) {
      if (const auto* inner = state.find(name)) look_at_machine(*inner, fmt::format("{}/{}", at, name));
    }
    const auto* branches = state.find("Branches");
    if (branches == nullptr || !branches->is_array()) return;
    for (std::size_t index = 0; index < branches->items().size(); ++index)
      look_at_machine(branches->items()[index], fmt::format("{}/Branches/{}", at, index));
  }

  void look_at_task(const Value& state, const std::string& resource, const std::string& at) {
    if (!resource.starts_with(kOwn)) {
      tell(asl::Severity::warning, "foreign_resource", at + "/Resource",
           fmt::format("\"{}\" can be simulated, but nobody here carries it out", resource));
      return;
    }
    if (!find_task_resource(resource)) {
      tell(asl::Severity::error, "unknown_resource", at + "/Resource",
           fmt::format("there is no resource \"{}\"; there are {}", resource, known_resources()));
      return;
    }
    const auto* known = find_task_resource(resource);
    if (known == nullptr || !known->lists_arguments) return;
    for (const auto* field : {"Arguments", "Parameters"}) {
      if (const auto* arguments = state.find(field); arguments != nullptr && arguments->is_object())
        look_at_arguments(*known, *arguments, fmt::format("{}/{}", at, field));
    }
  }

  // In JSONPath a name may end with `.$`: its value is found when the state runs.
  void look_at_arguments(const TaskResource& resource, const Value& arguments, const std::string& at) {
    const auto plain = [](std::string_view name) {
      return name.ends_with(".$") ? name.substr(0, name.size() - 2) : name;
    };
    const auto has = [&](std::string_view name) {
      return std::ranges::any_of(arguments.members(), [&](const auto& each) { return plain(each.key) == name; });
    };
    for (const auto name : resource.mandatory) {
      if (!has(name))
        tell(asl::Severity::error, "missing_argument", at, fmt::format("{} must have \"{}\"", resource.name, name));
    }
    const auto takes = [](Names names, std::string_view name) { return std::ranges::find(names, name) != names.end(); };
    for (const auto& [key, value] : arguments.members()) {
      if (!takes(resource.mandatory, plain(key)) && !takes(resource.optional, plain(key)))
        tell(asl::Severity::error, "unknown_argument", at + "/" + asl::pointer_token(key),
             fmt::format("{} has no argument \"{}\"", resource.name, plain(key)));
    }
    if (resource.name == kEvent) look_at_event(arguments, at);
  }

  // As far as they are written out.
  void look_at_event(const Value& arguments, const std::string& at) {
    const auto* type = arguments.find("Type");
    if (type != nullptr && is_written_out(*type)) {
      if (const auto rule = event_rule(*type, ""); !rule)
        tell(asl::Severity::error, "invalid_argument", at + "/Type", rule.error());
    }
    const auto* condition = arguments.find("Condition");
    if (condition == nullptr || !condition->is_string() || !is_written_out(*condition)) return;
    if (const auto rule = event_rule(Value::string("*"), condition->text()); !rule)
      tell(asl::Severity::error, "expression_does_not_compile", at + "/Condition", rule.error());
  }

  static bool is_written_out(const Value& value) {
    if (value.is_array()) return std::ranges::all_of(value.items(), is_written_out);
    return !value.is_string() || !value.text().starts_with("{%");
  }

  void tell(asl::Severity severity, std::string_view code, std::string path, std::string sentence) {
    if (told_++ < asl::kMaxProblems)
      tell_(
          {.severity = severity, .code = std::string(code), .path = std::move(path), .sentence = std::move(sentence)});
  }

  const std::function<void(asl::Problem)>& tell_;
  std::size_t told_ = 0;
};

}  // namespace

std::span<const TaskResource> task_resources() { return kResources; }

const TaskResource* find_task_resource(std::string_view name) {
  const auto* found = std::ranges::find(kResources, name, &TaskResource::name);
  return found == kResources.end() ? nullptr : found;
}

void check_resources(const Value& machine, const std::string& at, const std::function<void(asl::Problem)>& tell) {
  Check(tell).look_at_machine(machine, at);
}

}  // namespace flowstone::workflows
