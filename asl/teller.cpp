#include "asl/teller.hpp"

#include <charconv>

#include <fmt/core.h>

#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

Value flags() { return Value::object({{"truncated", Value::boolean(false)}}); }
Value number_value(std::uint64_t number) { return Value::number(static_cast<double>(number)); }

std::string parent_of(const std::string& path) {
  const auto cut = path.rfind('/');
  return cut == std::string::npos ? std::string() : path.substr(0, cut);
}

}  // namespace

void Teller::know(const Machine& machine) {
  for (const auto& state : machine.states) {
    states_.emplace(state.name, &state);
    for (const auto& branch : state.branches) know(branch);
  }
}

std::uint64_t Teller::add(const Event& event, const std::string& type, std::uint64_t previous,
                          const std::string& details, std::vector<Member> members) {
  const auto id = told_.size() + 1;
  std::vector<Member> told{{"id", number_value(id)},
                           {"previousEventId", number_value(previous)},
                           {"timestamp", Value::string(to_rfc3339(event.time))},
                           {"type", Value::string(type)}};
  if (!details.empty()) told.push_back({details + "EventDetails", Value::object(std::move(members))});
  told_.push_back(Value::object(std::move(told)));
  return id;
}

std::string Teller::renumbered(std::string text) const {
  constexpr std::string_view kWords = "(entered at the event id #";
  for (auto at = text.find(kWords); at != std::string::npos; at = text.find(kWords, at)) {
    at += kWords.size();
    std::uint64_t number = 0;
    const auto* begin = text.data() + at;
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
    const auto entry = entries_.find(number);
    if (error == std::errc() && entry != entries_.end())
      text.replace(at, static_cast<std::size_t>(end - begin), std::to_string(entry->second));
  }
  return text;
}

Value Teller::text(const Value& value) const {
  return Value::string(renumbered(jsonata::write_json(value).value_or("null")));
}

void Teller::add_payload(std::vector<Member>& members, const std::string& name, const Value& value) const {
  members.push_back({name, text(value)});
  members.push_back({name + "Details", flags()});
}

void Teller::add_words(std::vector<Member>& members, const Event& event) const {
  if (event.error) members.push_back({"error", Value::string(*event.error)});
  if (event.cause) members.push_back({"cause", Value::string(renumbered(*event.cause))});
}

void Teller::tell(const Event& event, std::uint64_t number) {
  using enum EventType;
  if (event.type <= execution_aborted) {
    tell_execution(event);
    return;
  }
  const auto state = states_.find(event.state);
  if (state == states_.end()) return;
  if (event.type == branch_started) begin_branch(event);
  if (hidden_.contains(event.path)) return;
  if (event.type >= branch_started)
    tell_branch(event, *state->second);
  else if (event.type >= task_scheduled && event.type <= task_timed_out)
    tell_task(event, threads_[event.path], *state->second);
  else
    tell_of_state(event, number);
}

void Teller::begin_branch(const Event& event) {
  const auto parent = parent_of(event.path);
  const auto& state = *states_.at(event.state);
  hidden_.erase(event.path);
  if (hidden_.contains(parent) || (state.type == StateType::map && state.branches.front().distributed))
    hidden_.insert(event.path);
  auto& thread = threads_[event.path];
  thread = {};
  thread.parent = parent;
  thread.last = threads_[parent].freed;
}

void Teller::tell_execution(const Event& event) {
  if (event.type != EventType::execution_started) {
    tell_end(event);
    return;
  }
  std::vector<Member> details;
  add_payload(details, "input", event.input);
  const auto* role = event.options.is_object() ? event.options.find("role") : nullptr;
  details.push_back({"roleArn", role != nullptr ? *role : Value::string("")});
  add(event, "ExecutionStarted", 0, "executionStarted", std::move(details));
}

void Teller::tell_end(const Event& event) {
  using enum EventType;
  std::vector<Member> details;
  if (event.type == execution_succeeded) {
    add_payload(details, "output", event.output);
    add(event, "ExecutionSucceeded", threads_[""].last, "executionSucceeded", std::move(details));
    return;
  }
  auto& thread = threads_[failed_path_];
  if (event.type == execution_failed) tell_failed_work(event, thread);
  add_words(details, event);
  if (event.type == execution_failed)
    add(event, "ExecutionFailed", thread.last, "executionFailed", std::move(details));
  else if (event.type == execution_aborted)
    add(event, "ExecutionAborted", 0, "executionAborted", std::move(details));
  else
    add(event, "ExecutionTimedOut", 0, "executionTimedOut", std::move(details));
}

void Teller::tell_of_state(const Event& event, std::uint64_t number) {
  using enum EventType;
  auto& thread = threads_[event.path];
  const auto& state = *states_.at(event.state);
  if (event.type == state_entered) {
    std::vector<Member> details;
    add_payload(details, "input", event.input);
    details.push_back({"name", Value::string(event.state)});
    thread.before_entry = thread.last;
    thread.branching = nullptr;
    thread.last =
        add(event, fmt::format("{}StateEntered", name_of(state.type)), thread.last, "stateEntered", std::move(details));
    entries_[number] = thread.last;
  } else if (event.type == state_failed) {
    tell_failure(event, thread, state);
  } else if (event.type == retry_scheduled) {
    thread.failing = nullptr;
  } else if (event.type == state_exited || event.type == error_caught) {
    tell_failed_work(event, thread);
    tell_exit(event, thread, state);
  } else if (event.type == map_started || event.type == parallel_started || event.type == map_run_started) {
    tell_branches(event, thread, state);
  }
}

// What follows the success of a Map or Parallel is linked to the event before it. Of a distributed Map that is the end
// of its run where the Map is the first state, otherwise its start: so the recordings have it throughout.
void Teller::tell_exit(const Event& event, Thread& thread, const State& state) {
  auto previous = thread.last;
  if (event.type == EventType::state_exited && thread.branching != nullptr) {
    const bool is_map = state.type == StateType::map;
    if (thread.map_run != 0) thread.last = add(event, "MapRunSucceeded", thread.last);
    previous = thread.map_run != 0 && thread.before_entry != 0 ? thread.map_run : thread.last;
    add(event, is_map ? "MapStateSucceeded" : "ParallelStateSucceeded", thread.last);
  }
  std::vector<Member> details;
  if (event.assigned.is_object() && !event.assigned.members().empty()) {
    std::vector<Member> assigned;
    for (const auto& [name, value] : event.assigned.members()) assigned.push_back({name, text(value)});
    details.push_back({"assignedVariables", Value::object(std::move(assigned))});
    details.push_back({"assignedVariablesDetails", flags()});
  }
  details.push_back({"name", Value::string(event.state)});
  add_payload(details, "output", event.output);
  thread.last =
      add(event, fmt::format("{}StateExited", name_of(state.type)), previous, "stateExited", std::move(details));
  thread.branching = nullptr;
  thread.map_run = 0;
}

void Teller::tell_failure(const Event& event, Thread& thread, const State& state) {
  failed_path_ = event.path;
  const bool evaluated = event.options.is_object() && event.options.find("evaluation") != nullptr;
  if (evaluated) {
    std::vector<Member> details;
    add_words(details, event);
    if (!event.location.empty()) details.push_back({"location", Value::string(event.location)});
    details.push_back({"state", Value::string(event.state)});
    // Of what is evaluated, the event before the state's entry comes before; of a Wait's time, the entry itself.
    const auto previous =
        state.type == StateType::wait && event.location == "Timestamp" ? thread.last : thread.before_entry;
    thread.last = add(event, "EvaluationFailed", previous, "evaluationFailed", std::move(details));
  }
  if (thread.map_run != 0) {
    std::vector<Member> details;
    add_words(details, event);
    thread.last = add(event, "MapRunFailed", thread.last, "mapRunFailed", std::move(details));
    thread.map_run = 0;
  }
  const bool has_branches = state.type == StateType::map || state.type == StateType::parallel;
  thread.failing = has_branches && event.error != "States.Runtime" ? &state : nullptr;
  thread.branching = nullptr;
}

void Teller::tell_failed_work(const Event& event, Thread& thread) {
  if (thread.failing == nullptr) return;
  const bool is_map = thread.failing->type == StateType::map;
  thread.last = add(event, is_map ? "MapStateFailed" : "ParallelStateFailed", thread.last);
  thread.failing = nullptr;
}

void Teller::tell_branches(const Event& event, Thread& thread, const State& state) {
  if (event.type == EventType::map_run_started) {
    thread.last = add(event, "MapRunStarted", thread.last, "mapRunStarted",
                      {{"mapRunArn", Value::string(fmt::format("{}:{}", event.path, event.state))}});
    thread.map_run = thread.last;
    return;
  }
  const bool told = state.field(Field::item_reader) != nullptr;
  if (event.type == EventType::map_started && !told)
    thread.last = add(event, "MapStateStarted", thread.last, "mapStateStarted",
                      {{"length", number_value(event.index.value_or(0))}});
  if (event.type == EventType::parallel_started) thread.last = add(event, "ParallelStateStarted", thread.last);
  thread.freed = thread.last;
  thread.branching = &state;
}

// A Map's iterations are told, a Parallel's branches are not. To an iteration's success only that of the whole Map is
// linked, to its failure nothing; the next iteration is linked to what came before.
void Teller::tell_branch(const Event& event, const State& state) {
  auto& thread = threads_[event.path];
  auto& parent = threads_[parent_of(event.path)];
  if (state.type == StateType::map) {
    using enum EventType;
    std::string word = "Started";
    if (event.type == branch_succeeded) word = "Succeeded";
    if (event.type == branch_failed) word = "Failed";
    if (event.type == branch_aborted) word = "Aborted";
    if (event.type == branch_failed) tell_failed_work(event, thread);
    const auto id = add(event, "MapIteration" + word, thread.last, "mapIteration" + word,
                        {{"index", number_value(event.index.value_or(0))}, {"name", Value::string(event.state)}});
    parent.last = event.type == branch_succeeded ? id : thread.last;
    parent.freed = thread.last;
    if (event.type == branch_started) thread.last = id;
  } else if (event.type != EventType::branch_started) {
    if (event.type == EventType::branch_failed) tell_failed_work(event, thread);
    parent.last = thread.last;
  }
}

}  // namespace flowstone::asl
