#include "domain/run/machine.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "domain/decision.hpp"
#include "domain/run/machine_tables.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::domain {

namespace {

using asl::EventType;
using schemas::RunTransitionKind;
using schemas::RunTransitionT;
using Event = schemas::RunEventUnion;

Event empty_event(RunTransitionKind kind) {
  Event event;
  const auto try_each = [&]<class... Tables>(run::TableList<Tables...>) {
    std::uint8_t type = 0;
    ((static_cast<std::uint8_t>(kind) == type++ ? event.Set(Tables{}) : void()), ...);
  };
  try_each(run::MachineTables{});
  return event;
}

std::string json_of(const asl::Value& value) {
  return value.is_undefined() ? std::string() : jsonata::write_json(value).value_or("null");
}

// Of a transition the members that the event has.
template <class Into>
void copy_members(Into& into, const RunTransitionT& from) {
  if constexpr (requires { into.at; }) into.at = from.at;
  if constexpr (requires { into.path; }) into.path = from.path;
  if constexpr (requires { into.step; }) into.step = from.step;
  if constexpr (requires { into.input; }) into.input = from.input;
  if constexpr (requires { into.output; }) into.output = from.output;
  if constexpr (requires { into.assigned; }) into.assigned = from.assigned;
  if constexpr (requires { into.options; }) into.options = from.options;
  if constexpr (requires { into.error; }) into.error = from.error;
  if constexpr (requires { into.cause; }) into.cause = from.cause;
  if constexpr (requires { into.empty_error; }) {
    if (from.empty_error) into.empty_error = true;
    if (from.empty_cause) into.empty_cause = true;
  }
  if constexpr (requires { into.location; }) into.location = from.location;
  if constexpr (requires { into.next; }) into.next = from.next;
  if constexpr (requires { into.resource; }) into.resource = from.resource;
  if constexpr (requires { into.index; }) into.index = from.index;
  if constexpr (requires { into.attempt; }) into.attempt = from.attempt;
  if constexpr (requires { into.until; }) into.until = from.until;
}

// --- a table, and the machine's event ---

Result<void, std::string> read_value(const std::string& json, asl::Value& into) {
  if (json.empty()) return {};
  auto value = jsonata::read_json(json);
  if (!value) return failure(value.error().message);
  into = *std::move(value);
  return {};
}

void read_words(const std::string& words, bool empty, std::optional<std::string>& into) {
  if (empty || !words.empty()) into = words;
}

template <class Table>
Result<void, std::string> read_members(const Table& table, asl::Event& event) {
  event.time = Timestamp{table.at.value_or(0)};
  if constexpr (requires { table.path; }) event.path = table.path;
  if constexpr (requires { table.step; }) event.state = table.step;
  if constexpr (requires { table.location; }) event.location = table.location;
  if constexpr (requires { table.next; }) event.next = table.next;
  if constexpr (requires { table.resource; }) event.resource = table.resource;
  if constexpr (requires { table.index; }) event.index = table.index;
  if constexpr (requires { table.attempt; }) event.attempt = table.attempt;
  if constexpr (requires { table.until; }) {
    if (table.until) event.until = Timestamp{*table.until};
  }
  if constexpr (requires { table.empty_error; }) {
    read_words(table.error, table.empty_error.value_or(false), event.error);
    read_words(table.cause, table.empty_cause.value_or(false), event.cause);
  }
  if constexpr (requires { table.input; }) FLOWSTONE_TRY_VOID(read_value(table.input, event.input));
  if constexpr (requires { table.output; }) FLOWSTONE_TRY_VOID(read_value(table.output, event.output));
  if constexpr (requires { table.assigned; }) FLOWSTONE_TRY_VOID(read_value(table.assigned, event.assigned));
  if constexpr (requires { table.options; }) FLOWSTONE_TRY_VOID(read_value(table.options, event.options));
  return {};
}

}  // namespace

schemas::RunRequestedT requested_by(const schemas::RequestRunT& command) {
  schemas::RunRequestedT requested;
  requested.name = command.name;
  requested.kind = "workflow";
  requested.labels = command.labels;
  requested.heartbeat_timeout_ms = 0;
  requested.workflow_id = command.workflow_id;
  requested.workflow_version = command.workflow_version;
  requested.workflow_revision = command.workflow_revision;
  requested.input = command.input;
  if (command.trigger) requested.trigger = std::make_unique<schemas::RunTriggerT>(*command.trigger);
  requested.parent_run_id = command.parent_run_id;
  requested.parent_path = command.parent_path;
  requested.parent_state = command.parent_state;
  if (!command.parent_run_id.empty()) requested.parent_attempt = command.parent_attempt;
  requested.forked_from = command.forked_from;
  requested.forked_sequence = command.forked_sequence;
  if (command.depth > 0) requested.depth = command.depth;
  if (command.retries_failed) requested.retries_failed = true;
  return requested;
}

RunTransitionT transition_of(const asl::Event& event) {
  RunTransitionT out;
  out.kind = static_cast<RunTransitionKind>(event.type);
  out.at = event.time.micros;
  out.path = event.path;
  out.step = event.state;
  if (event.type != EventType::execution_started) out.input = json_of(event.input);
  out.output = json_of(event.output);
  out.assigned = json_of(event.assigned);
  out.options = json_of(event.options);
  out.error = event.error.value_or("");
  out.cause = event.cause.value_or("");
  out.empty_error = event.error && event.error->empty();
  out.empty_cause = event.cause && event.cause->empty();
  out.location = event.location;
  out.next = event.next;
  out.resource = event.resource;
  out.index = event.index;
  out.attempt = event.attempt;
  if (event.until) out.until = event.until->micros;
  return out;
}

bool is_of_machine(const Event& event) {
  return run::with_machine_table(event, [](const auto&, EventType) {});
}

Result<asl::Event, std::string> machine_event_of(const Event& event, const asl::Value& input) {
  asl::Event out;
  Result<void, std::string> read;
  const auto take = [&](const auto& table, EventType type) {
    out.type = type;
    read = read_members(table, out);
  };
  if (!run::with_machine_table(event, take)) return failure(std::string("no machine decides such an event"));
  if (!read) return failure(std::move(read.error()));
  if (out.type == EventType::execution_started) out.input = input;
  return out;
}

Decision<Event> run::advance(const schemas::RunT& state, const schemas::AdvanceRunT& command) {
  if (command.sequence != state.last_sequence + 1) {
    return conflict("sequence_gap",
                    fmt::format("The next sequence must be {}, not {}.", state.last_sequence + 1, command.sequence));
  }
  std::vector<Event> events;
  events.reserve(command.transitions.size());
  for (const auto& transition : command.transitions) {
    Event event = empty_event(transition->kind);
    run::with_machine_table(event, [&](auto& table, EventType) {
      copy_members(table, *transition);
      table.sequence = command.sequence + events.size();
      if (transition != command.transitions.back()) return;
      table.due_at = command.due_at;
      if (command.open_tasks > 0) table.open_tasks = command.open_tasks;
    });
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace flowstone::domain
