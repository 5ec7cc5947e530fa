#include "asl/decider.hpp"

#include <cmath>

#include <fmt/core.h>

#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

std::string text_of(const Value& value) { return jsonata::write_json(value).value_or("..."); }

const std::string& text_in(const Value& options, std::string_view name) {
  static const std::string kNone;
  const auto* found = options.is_object() ? options.find(name) : nullptr;
  return found != nullptr && found->is_string() ? found->text() : kNone;
}

// The number that a text holds; other values as they are.
Value number_in(const Value& value) {
  if (!value.is_string()) return value;
  const auto read = jsonata::read_json(value.text());
  return read && read->is_number() ? *read : value;
}

std::uint64_t mixed(std::uint64_t value) {  // splitmix64
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

std::uint64_t seed_of(const Run& run) {
  const auto* seed = run.options().is_object() ? run.options().find("seed") : nullptr;
  const bool usable = seed != nullptr && seed->is_number() && seed->as_number() >= 0 &&
                      seed->as_number() <= static_cast<double>(kMaxSeed);
  return mixed(usable ? static_cast<std::uint64_t>(seed->as_number()) : 0) ^ mixed(run.events());
}

// Milliseconds, as the context shows times.
Value time_text(Timestamp at) { return Value::string(to_rfc3339(Timestamp::from_millis(at.millis()))); }

}  // namespace

Decider::Decider(const Run& run, const Branch& branch, Timestamp now, const RunLimits& limits)
    : run_(run), branch_(branch), now_(now), limits_(limits), lots_(seed_of(run)), random_([this] {
        lots_ = mixed(lots_);
        return static_cast<double>(lots_ >> 11U) * 0x1p-53;
      }) {}

Event Decider::event(EventType type) const {
  Event out;
  out.type = type;
  out.time = now_;
  out.path = branch_.path;
  if (branch_.state != nullptr) out.state = branch_.state->name;
  return out;
}

Value Decider::context(const Value& item) const {
  const auto& options = run_.options();
  const auto named = [&](std::string_view name) { return Value::string(text_in(options, name)); };
  std::vector<jsonata::Member> state;
  if (branch_.state != nullptr) {
    state = {{"Name", Value::string(state_name())}, {"EnteredTime", time_text(branch_.entered_at)}};
    if (!branch_.state->branches.empty() || branch_.state->type == StateType::task)
      state.push_back({"RetryCount", Value::number(static_cast<double>(branch_.retries))});
  }
  std::vector<jsonata::Member> out{
      {"Execution", Value::object({{"Id", named("id")},
                                   {"Input", run_.input()},
                                   {"StartTime", time_text(run_.started_at())},
                                   {"Name", named("name")},
                                   {"RoleArn", named("role")},
                                   {"RedriveCount", Value::number(0)}})},
      {"StateMachine", Value::object({{"Id", named("machine_id")}, {"Name", named("machine_name")}})},
      {"State", Value::object(std::move(state))}};
  if (!item.is_undefined()) out.push_back({"Map", Value::object({{"Item", item}})});
  if (const auto token = task_token(); !token.empty())
    out.push_back({"Task", Value::object({{"Token", Value::string(token)}})});
  return Value::object(std::move(out));
}

std::string Decider::state_name() const { return branch_.state->name; }

// Of a task that ends when somebody shows the token: the number of the event that schedules it makes it one of a kind.
std::string Decider::task_token() const {
  const bool awaits = branch_.state != nullptr && branch_.state->resource.ends_with(".waitForTaskToken");
  return awaits ? fmt::format("{}:{}", text_in(run_.options(), "name"), run_.events() + 1) : "";
}

Scope Decider::scope(const Value& result, const Value& error) const {
  return {branch_.input, context(branch_.item), result, error, branch_.variables, now_, random_, limits_.evaluation};
}

Scope Decider::scope_with(const Value& input, const Value& item) const {
  return {input, context(item), {}, {}, branch_.variables, now_, random_, limits_.evaluation};
}

std::optional<Event> Decider::decide() {
  switch (branch_.phase) {
    case Phase::ready:
      return enter_state();
    case Phase::entered:
      return begin();
    case Phase::waited: {
      Flow flow;
      if (auto entered = asl::enter(state(), scope(), flow); !entered) return fail(entered.error());
      return leave_with(flow.effective);
    }
    case Phase::worked:
      return branch_.task.reads_items ? start_map(&branch_.result) : leave_with(branch_.result);
    case Phase::branching:
      return go_on_branching();
    case Phase::failed:
      return handle_failure();
    case Phase::broken:
      return end_broken();
    case Phase::ended: {
      Event out = event(branch_.path.empty() ? EventType::execution_succeeded : EventType::branch_succeeded);
      if (!branch_.path.empty()) {
        out.state = run_.find(branch_.parent)->state->name;
        out.index = branch_.index;
      }
      out.output = branch_.input;
      return out;
    }
    case Phase::waiting:
    case Phase::working:
    case Phase::retrying:
      break;
  }
  return std::nullopt;
}

Event Decider::fire() {
  if (branch_.phase != Phase::working) return event(EventType::timer_fired);
  Event out = event(EventType::task_timed_out);
  const bool silent = branch_.task.heartbeat && *branch_.task.heartbeat <= now_;
  const bool late = branch_.task.timeout && *branch_.task.timeout <= now_;
  out.error = silent && !late ? "States.HeartbeatTimeout" : "States.Timeout";
  out.attempt = branch_.task.attempt;
  return out;
}

Event Decider::enter_state() {
  Event out = event(EventType::state_entered);
  out.state = branch_.next;
  out.input = branch_.input;
  return out;
}

Event Decider::begin() {
  switch (state().type) {
    case StateType::pass:
    case StateType::succeed: {
      Flow flow;
      if (auto entered = asl::enter(state(), scope(), flow); !entered) return fail(entered.error());
      const auto* result = state().field(Field::result);
      return leave_with(result != nullptr && result->literal() != nullptr ? *result->literal() : flow.effective);
    }
    case StateType::choice:
      return choose();
    case StateType::wait:
      return wait();
    case StateType::fail:
      return fail_by_state();
    case StateType::task:
      return schedule_task();
    case StateType::parallel:
      return start_parallel();
    case StateType::map: {
      const auto* reader = state().field(Field::item_reader);
      return reader != nullptr ? read_items(*reader) : start_map(nullptr);
    }
  }
  return fail({"States.Runtime", "there is no such state", {}});
}

Event Decider::leave_with(const Value& result) {
  Flow flow;
  const bool works = state().type == StateType::task || !state().branches.empty();
  if (auto left = asl::leave(state(), scope(works ? result : Value()), result, flow); !left) return fail(left.error());
  Event out = event(EventType::state_exited);
  out.output = flow.output;
  out.assigned = flow.assigned;
  out.next = state().next;
  return out;
}

Event Decider::choose() {
  Flow flow;
  if (auto entered = asl::enter(state(), scope(), flow); !entered) return fail(entered.error());
  const auto seen = scope_with(flow.effective, branch_.item);
  const ChoiceRule* taken = nullptr;
  for (const auto& rule : state().choices) {
    const auto verdict = holds(rule.condition, seen);
    if (!verdict) return fail(verdict.error());
    if (!*verdict) continue;
    taken = &rule;
    break;
  }
  if (taken == nullptr && state().default_next.empty())
    return fail({"States.NoChoiceMatched",
                 "Failed to transition out of the state. No rule of the choice holds, and there is no default.",
                 {}});
  if (auto left = asl::leave(state(), taken, scope(), flow); !left) return fail(left.error());
  Event out = event(EventType::state_exited);
  out.output = flow.output;
  out.assigned = flow.assigned;
  out.next = taken != nullptr ? taken->next : state().default_next;
  return out;
}

Event Decider::fail_by_state() {
  Event out = event(EventType::state_failed);
  const auto say = [&](Field field, Field path, std::optional<std::string>& into) -> Result<void, Failure> {
    const auto chosen = state().field(field) != nullptr ? field : path;
    const auto* form = state().field(chosen);
    if (form == nullptr) return {};
    FLOWSTONE_TRY(const auto value, fill(*form, scope(), std::string(name_of(chosen))));
    if (!value.is_string() && !by_paths())
      return failure(unexpected_kind(*form, std::string(name_of(chosen)), "string", value));
    into = value.is_string() ? value.text() : text_of(value);
    return {};
  };
  if (auto said = say(Field::error, Field::error_path, out.error); !said) return fail(said.error());
  if (auto said = say(Field::cause, Field::cause_path, out.cause); !said) return fail(said.error());
  return out;
}

Event Decider::schedule_task() {
  Flow flow;
  if (auto entered = asl::enter(state(), scope(), flow); !entered) return fail(entered.error());
  const auto timeout = number_of(Field::timeout_seconds, Field::timeout_seconds_path);
  if (!timeout) return fail(timeout.error());
  const auto heartbeat = number_of(Field::heartbeat_seconds, Field::heartbeat_seconds_path);
  if (!heartbeat) return fail(heartbeat.error());
  if ((*timeout && **timeout < 1) || (*heartbeat && **heartbeat < 1))
    return fail({"States.Runtime", "TimeoutSeconds and HeartbeatSeconds must be positive.", {}});
  Event out = event(EventType::task_scheduled);
  out.resource = state().resource;
  out.input = flow.effective;
  out.attempt = branch_.retries;
  std::vector<jsonata::Member> options;
  if (*timeout) options.push_back({"timeout_seconds", Value::number(**timeout)});
  if (*heartbeat) options.push_back({"heartbeat_seconds", Value::number(**heartbeat)});
  if (const auto token = task_token(); !token.empty()) options.push_back({"token", Value::string(token)});
  if (!options.empty()) out.options = Value::object(std::move(options));
  return out;
}

Result<std::optional<double>, Failure> Decider::number_of(Field field, Field path, bool whole) {
  const auto chosen = state().field(field) != nullptr ? field : path;
  const auto* form = state().field(chosen);
  if (form == nullptr) return std::nullopt;
  FLOWSTONE_TRY(const auto value, fill(*form, scope(), std::string(name_of(chosen))));
  const auto number = form->query() != nullptr ? number_in(value) : value;  // a path may find the number in a text
  const bool fits = number.is_number() && (!whole || std::trunc(number.as_number()) == number.as_number());
  if (fits) return number.as_number();
  if (form->expression() != nullptr)
    return failure(unexpected_kind(*form, std::string(name_of(chosen)), whole ? "integer" : "number", value));
  return failure(Failure{"States.Runtime",
                         fmt::format("The {} field refers to value \"{}\" which is not a valid {}: {}", name_of(chosen),
                                     value.is_string() ? value.text() : text_of(value), whole ? "integer" : "float",
                                     form->query() == nullptr ? "" : form->query()->text()),
                         {}});
}

}  // namespace flowstone::asl
