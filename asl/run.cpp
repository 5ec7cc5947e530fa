#include "asl/run.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

namespace flowstone::asl {
namespace {

// The time at which a branch acts by itself.
std::optional<Timestamp> time_of(const Branch& branch) {
  if (branch.phase == Phase::waiting || branch.phase == Phase::retrying) return branch.until;
  if (branch.phase != Phase::working) return std::nullopt;
  if (branch.task.timeout && branch.task.heartbeat) return std::min(*branch.task.timeout, *branch.task.heartbeat);
  return branch.task.timeout ? branch.task.timeout : branch.task.heartbeat;
}

bool can_go_on(const Branch& branch) {
  if (branch.phase == Phase::waiting || branch.phase == Phase::retrying || branch.phase == Phase::working) return false;
  if (branch.phase != Phase::branching) return true;
  const auto& branching = branch.branching;
  if (branching.fails || branching.running == 0 || (branching.is_map_run && !branching.has_begun)) return true;
  return branching.started < branching.count && (branching.limit == 0 || branching.running < branching.limit);
}

std::optional<double> optional_in(const Value& options, std::string_view name) {
  const auto* found = options.is_object() ? options.find(name) : nullptr;
  return found != nullptr && found->is_number() ? std::optional(found->as_number()) : std::nullopt;
}

bool flag_in(const Value& options, std::string_view name) {
  const auto* found = options.is_object() ? options.find(name) : nullptr;
  return found != nullptr && found->is_boolean() && found->as_boolean();
}

std::uint64_t whole(double number) { return number > 0 ? static_cast<std::uint64_t>(std::min(number, 9e15)) : 0; }

Failure failure_of(const Event& event) { return {event.error.value_or(""), event.cause.value_or(""), event.location}; }

// Whether the branch's state is at a point where the event can follow.
bool follows(EventType type, const Branch& branch) {
  using enum EventType;
  const auto phase = branch.phase;
  const bool alone = phase != Phase::branching || branch.branching.running == 0;
  if (type == state_entered) return phase == Phase::ready;
  if (type == state_failed) return alone && phase != Phase::working;
  if (type == state_exited)
    return alone &&
           (phase == Phase::entered || phase == Phase::waited || phase == Phase::worked || phase == Phase::branching);
  if (type == retry_scheduled || type == error_caught) return phase == Phase::failed;
  if (type == timer_set || type == parallel_started || type == task_scheduled) return phase == Phase::entered;
  if (type == map_started) return phase == Phase::entered || phase == Phase::worked;
  if (type == map_run_started) return phase == Phase::branching;
  if (type == timer_fired) return phase == Phase::waiting || phase == Phase::retrying;
  return phase == Phase::working;
}

// Whether the state can have such an event.
bool suits(const Event& event, const State& state) {
  using enum EventType;
  if (event.type == timer_set) return state.type == StateType::wait;
  if (event.type == task_scheduled) return state.type == StateType::task || state.type == StateType::map;
  if (event.type == map_started)
    return state.type == StateType::map && event.input.is_array() && event.index == event.input.items().size();
  if (event.type == map_run_started) return state.type == StateType::map;
  if (event.type != parallel_started) return true;
  return state.type == StateType::parallel && event.index == state.branches.size();
}

std::optional<Status> status_after(EventType type) {
  using enum EventType;
  if (type == execution_succeeded) return Status::succeeded;
  if (type == execution_failed) return Status::failed;
  if (type == execution_timed_out) return Status::timed_out;
  return type == execution_aborted ? std::optional(Status::aborted) : std::nullopt;
}

bool is_of_branch(EventType type) { return type >= EventType::branch_started; }

}  // namespace

std::string_view name_of(Status status) {
  constexpr std::array<std::string_view, 6> kNames{"", "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"};
  return kNames[static_cast<std::size_t>(status)];
}

std::string branch_path(const std::string& parent, const std::string& state, std::uint64_t index) {
  std::string out = parent.empty() ? "" : parent + "/";
  for (const char c : state) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return fmt::format("{}[{}]", out, index);
}

Timestamp later(Timestamp at, double seconds) {
  constexpr std::int64_t kLast = 253'402'300'799'999'999;  // of the year 9999
  const auto left = static_cast<double>(kLast) - static_cast<double>(at.micros);
  const auto micros = seconds * 1e6;
  if (!(micros < left)) return {std::max(kLast, at.micros)};
  return {std::min<std::int64_t>(at.micros + std::llround(std::max(micros, 0.0)), kLast)};
}

const Branch* Run::find(const std::string& path) const {
  const auto found = branches_.find(path);
  return found == branches_.end() ? nullptr : &found->second;
}

Branch* Run::at(const std::string& path) {
  const auto found = branches_.find(path);
  return found == branches_.end() ? nullptr : &found->second;
}

std::vector<const Branch*> Run::tasks() const {
  std::vector<const Branch*> out;
  for (const auto& [path, branch] : branches_)
    if (branch.phase == Phase::working) out.push_back(&branch);
  return out;
}

std::optional<Timestamp> Run::due() const {
  if (status_ != Status::running) return std::nullopt;
  std::optional<Timestamp> first = timeout_;
  if (!timers_.empty() && (!first || timers_.begin()->first < *first)) first = timers_.begin()->first;
  return first;
}

void Run::rest(const Branch& branch) {
  ready_.erase({branch.touched, branch.path});
  if (const auto time = time_of(branch)) timers_.erase({*time, branch.path});
}

void Run::wake(const Branch& branch) {
  if (can_go_on(branch)) ready_.insert({branch.touched, branch.path});
  if (const auto time = time_of(branch)) timers_.insert({*time, branch.path});
}

Result<void, std::string> Run::apply(const Event& event) {
  auto taken = take(event);
  if (!taken) return failure(fmt::format("{} can not follow: {}", name_of(event.type), taken.error()));
  ++events_;
  return {};
}

Result<void, std::string> Run::take(const Event& event) {
  using enum EventType;
  if (event.type == execution_started) return take_start(event);
  if (status_ != Status::running) return failure(std::string("the run does not run"));
  if (const auto status = status_after(event.type)) {
    end_run(*status, event);
    return {};
  }
  if (is_of_branch(event.type)) return take_of_branch(event);
  auto* branch = at(event.path);
  if (branch == nullptr) return failure(fmt::format("there is no branch '{}'", event.path));
  const auto* state = branch->machine->find(event.state);
  const bool enters = event.type == state_entered;
  if (state == nullptr || (!enters && state != branch->state))
    return failure(fmt::format("the branch '{}' is not in a state '{}'", event.path, event.state));
  if (!follows(event.type, *branch) || !suits(event, *state))
    return failure(fmt::format("the state '{}' is not at that point", event.state));
  rest(*branch);
  branch->touched = events_ + 1;
  if (branch->phase == Phase::working)
    take_of_task(event, *branch);
  else
    take_of_state(event, *branch);
  wake(*branch);
  return {};
}

Result<void, std::string> Run::take_start(const Event& event) {
  if (status_ != Status::none) return failure(std::string("the run has begun already"));
  status_ = Status::running;
  input_ = event.input;
  options_ = event.options;
  started_at_ = event.time;
  if (definition_->timeout_seconds) timeout_ = later(event.time, *definition_->timeout_seconds);
  Branch whole;
  whole.machine = &definition_->machine;
  whole.next = whole.machine->start_at;
  whole.input = event.input;
  whole.touched = events_ + 1;
  wake(branches_.emplace("", std::move(whole)).first->second);
  return {};
}

void Run::end_run(Status status, const Event& event) {
  status_ = status;
  output_ = event.output;
  error_ = failure_of(event);
  has_error_name_ = event.error.has_value();
  has_cause_ = event.cause.has_value();
  branches_.clear();
  ready_.clear();
  timers_.clear();
}

void Run::take_of_state(const Event& event, Branch& branch) const {
  using enum EventType;
  const auto type = event.type;
  if (type == state_entered) {
    enter_state(event, branch);
  } else if (type == state_exited || type == error_caught) {
    leave_state(event, branch);
  } else if (type == state_failed) {
    fail_state(event, branch);
    if (flag_in(event.options, "final")) branch.phase = Phase::broken;
  } else if (type == retry_scheduled) {
    if (event.index && *event.index < branch.attempts.size()) ++branch.attempts[*event.index];
    ++branch.retries;
    branch.phase = Phase::retrying;
    branch.until = event.until.value_or(event.time);
  } else if (type == timer_set) {
    branch.phase = Phase::waiting;
    branch.until = event.until.value_or(event.time);
  } else if (type == timer_fired) {
    branch.phase = branch.phase == Phase::waiting ? Phase::waited : Phase::entered;
  } else if (type == task_scheduled) {
    schedule_task(event, branch);
  } else if (type == map_run_started) {
    branch.branching.has_begun = true;
    branch.branching.tolerated_count = optional_in(event.options, "tolerated_failure_count");
    branch.branching.tolerated_percentage = optional_in(event.options, "tolerated_failure_percentage");
  } else {
    begin_branches(event, branch);
  }
}

void Run::enter_state(const Event& event, Branch& branch) const {
  branch.phase = Phase::entered;
  branch.state = branch.machine->find(event.state);
  branch.input = event.input;
  branch.entered_at = event.time;
  branch.entered = events_ + 1;
  branch.attempts.assign(branch.state->retriers.size(), 0);
  branch.retries = 0;
}

void Run::fail_state(const Event& event, Branch& branch) {
  branch.phase = Phase::failed;
  branch.error = failure_of(event);
  branch.has_error_name = event.error.has_value();
  branch.has_cause = event.cause.has_value();
  branch.branching = {};
}

void Run::schedule_task(const Event& event, Branch& branch) {
  branch.phase = Phase::working;
  branch.task = {};
  branch.task.resource = event.resource;
  branch.task.input = event.input;
  branch.task.options = event.options;
  branch.task.attempt = event.attempt.value_or(0);
  branch.task.reads_items = branch.state->type == StateType::map;
  branch.task.heartbeat_seconds = optional_in(event.options, "heartbeat_seconds").value_or(0);
  branch.task.scheduled_at = event.time;
  if (const auto timeout = optional_in(event.options, "timeout_seconds"))
    branch.task.timeout = later(event.time, *timeout);
  const bool waits_for_a_worker = event.resource == kActivityResource;
  if (branch.task.heartbeat_seconds > 0 && !waits_for_a_worker)
    branch.task.heartbeat = later(event.time, branch.task.heartbeat_seconds);
}

void Run::take_of_task(const Event& event, Branch& branch) {
  using enum EventType;
  if (event.type == task_started) {
    branch.task.started = true;
    if (branch.task.heartbeat_seconds > 0) branch.task.heartbeat = later(event.time, branch.task.heartbeat_seconds);
  } else if (event.type == task_heartbeat) {
    if (branch.task.heartbeat && event.until) branch.task.heartbeat = event.until;
  } else if (event.type == task_succeeded) {
    branch.phase = Phase::worked;
    branch.result = event.output;
  } else if (event.type == task_failed || event.type == task_timed_out) {
    fail_state(event, branch);
  }
}

void Run::leave_state(const Event& event, Branch& branch) {
  if (event.assigned.is_object()) {
    for (const auto& member : event.assigned.members()) {
      const auto known = std::ranges::find(branch.variables, member.key, &jsonata::Member::key);
      if (known == branch.variables.end())
        branch.variables.push_back(member);
      else
        known->value = member.value;
    }
  }
  branch.phase = event.next.empty() ? Phase::ended : Phase::ready;
  branch.next = event.next;
  branch.input = event.output;
  branch.state = nullptr;
  branch.result = {};
  branch.branching = {};
}

void Run::begin_branches(const Event& event, Branch& branch) {
  branch.phase = Phase::branching;
  branch.branching = {};
  branch.branching.items = event.input;
  branch.branching.count = event.index.value_or(0);
  branch.branching.limit = whole(optional_in(event.options, "max_concurrency").value_or(0));
  branch.branching.batched = flag_in(event.options, "batched");
  branch.branching.is_map_run = branch.state->type == StateType::map && branch.state->branches.front().distributed;
}

void Run::start_branch(const Event& event, Branch& parent) {
  const bool is_map = parent.state->type == StateType::map;
  const auto index = event.index.value_or(0);
  Branch branch;
  branch.path = event.path;
  branch.parent = parent.path;
  branch.index = index;
  branch.machine = &parent.state->branches[is_map ? 0 : index];
  branch.is_run_of_its_own = branch.machine->distributed;
  branch.next = branch.machine->start_at;
  branch.input = event.input;
  if (!branch.is_run_of_its_own) branch.variables = parent.variables;
  branch.item = parent.item;
  if (is_map && !parent.branching.batched && parent.branching.items.is_array() &&
      index < parent.branching.items.items().size())
    branch.item = Value::object(
        {{"Index", Value::number(static_cast<double>(index))}, {"Value", parent.branching.items.items()[index]}});
  branch.touched = events_ + 1;
  ++parent.branching.started;
  ++parent.branching.running;
  wake(branches_.emplace(event.path, std::move(branch)).first->second);
}

Result<void, std::string> Run::take_of_branch(const Event& event) {
  using enum EventType;
  const auto* known = find(event.path);
  auto* parent = known != nullptr ? at(known->parent) : nullptr;
  if (event.type == branch_started) {
    const auto cut = event.path.rfind('/');
    parent = at(cut == std::string::npos ? "" : event.path.substr(0, cut));
    const auto index = event.index.value_or(0);
    const bool fits = known == nullptr && parent != nullptr && parent->phase == Phase::branching &&
                      parent->state->name == event.state && index < parent->branching.count &&
                      (parent->state->type == StateType::map || index < parent->state->branches.size()) &&
                      event.path == branch_path(parent->path, event.state, index);
    if (!fits) return failure(fmt::format("there is no branch '{}' to start", event.path));
  }
  if (parent == nullptr || parent->phase != Phase::branching || (known != nullptr && known->path.empty()))
    return failure(fmt::format("there is no branch '{}'", event.path));
  rest(*parent);
  parent->touched = events_ + 1;
  if (event.type == branch_started) {
    start_branch(event, *parent);
    wake(*parent);
    return {};
  }
  end_branch(event, *known, *parent);
  remove(event.path);
  wake(*parent);
  return {};
}

void Run::end_branch(const Event& event, const Branch& branch, Branch& parent) {
  auto& branching = parent.branching;
  --branching.running;
  if (event.type == EventType::branch_succeeded) branching.outputs.emplace(branch.index, event.output);
  if (event.type != EventType::branch_failed) return;
  if (branching.failed++ == 0) {
    branching.first = failure_of(event);
    parent.has_error_name = event.error.has_value();
    parent.has_cause = event.cause.has_value();
  }
  const auto failed = static_cast<double>(branching.failed);
  const bool few = branching.tolerated_count && failed <= *branching.tolerated_count;
  const bool share = branching.tolerated_percentage &&
                     failed * 100 <= *branching.tolerated_percentage * static_cast<double>(branching.count);
  branching.fails = branching.fails || !(few || share);
}

// With the branch goes all that runs below it.
void Run::remove(const std::string& path) {
  const auto below = path + "/";
  for (auto branch = branches_.lower_bound(path); branch != branches_.end() && branch->first.starts_with(path);) {
    if (branch->first != path && !branch->first.starts_with(below)) {
      ++branch;
      continue;
    }
    rest(branch->second);
    branch = branches_.erase(branch);
  }
}

}  // namespace flowstone::asl
