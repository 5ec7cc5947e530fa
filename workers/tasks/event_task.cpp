#include "workers/tasks/event_task.hpp"

#include <algorithm>
#include <exception>
#include <pthread.h>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "commands/event_value.hpp"
#include "commands/triggered_run.hpp"
#include "projections/run_events.hpp"
#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {
namespace {

constexpr std::chrono::seconds kPause{1};  // after the log could not be read
constexpr std::string_view kScheduled = "run.task_scheduled";

// What the condition sees: the event, and what the task was given for it.
Value seen(const Value& event, const TaskCall& call) {
  const auto* input = call.input.find("Input");
  if (input == nullptr) return event;
  return Value::object({{"event", *event.find("event")}, {"input", *input}});
}

// "task.completed" and "task.*" -> "task".
void add_categories(const workflows::StartRule& rule, std::set<std::string>& categories, bool& any) {
  for (const auto& type : rule.types) {
    any = any || type == "*";
    categories.insert(type.substr(0, type.find('.')));
  }
}

}  // namespace

EventTask::EventTask(eventstore::Store& store)
    : store_(store),
      listener_(store.on_commit([this](Position durable) {
        {
          const std::lock_guard lock(mutex_);
          durable_ = durable;
        }
        changed_.notify_all();
      })),
      thread_([this](const std::stop_token& stop) {
        ::pthread_setname_np(::pthread_self(), "event-waits");
        follow(stop);
      }) {}

void EventTask::perform(TaskCall call, Done done) {
  Arguments arguments(call);
  const auto* types = arguments.find("Type");
  if (types == nullptr) arguments.refuse("Type", "a type of events such as `task.completed`, or a list of types");
  const auto condition = arguments.text("Condition", "");
  if (arguments.mistake()) return done(*arguments.mistake());
  auto rule = workflows::event_rule(*types, condition);
  if (!rule) return done(failed("Task.Invalid", rule.error()));
  auto wait = std::make_shared<Wait>(std::move(call), std::move(done), *std::move(rule));
  {
    const std::lock_guard lock(mutex_);
    if (by_key_.size() < kMostWaits) {
      by_key_.emplace(wait->call.key, wait);
      arrived_.push_back(std::move(wait));
      changed_.notify_all();
      return;
    }
  }
  wait->done(failed("Task.Busy", "Too many tasks wait for events at the moment."));
}

void EventTask::cancel(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (by_key_.erase(key) == 0) return;
  cancelled_ = true;
  changed_.notify_all();
}

bool EventTask::forget(const WaitPointer& wait) {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = by_key_.equal_range(wait->call.key);
  const auto found = std::find_if(begin, end, [&](const auto& each) { return each.second == wait; });
  if (found == end) return false;
  by_key_.erase(found);
  return true;
}

bool EventTask::is_over(const WaitPointer& wait) {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = by_key_.equal_range(wait->call.key);
  return std::none_of(begin, end, [&](const auto& each) { return each.second == wait; });
}

void EventTask::drop_what_is_over() {
  for (auto& [workspace, waits] : waits_) waits.remove_if([this](const WaitPointer& wait) { return is_over(wait); });
  std::erase_if(waits_, [](const auto& each) { return each.second.empty(); });
}

// --- the thread ---

void EventTask::follow(const std::stop_token& stop) {
  while (take_new(stop)) {
    Result<void, std::string> looked;
    try {
      looked = look(stop);
    } catch (const std::exception& error) {
      looked = failure(std::string(error.what()));
    }
    if (looked) continue;
    spdlog::error("waits for events: {}", looked.error());
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, kPause, [] { return false; });
  }
}

bool EventTask::take_new(const std::stop_token& stop) {
  bool cancelled = false;
  {
    std::unique_lock lock(mutex_);
    const auto is_new = [this] {
      return cancelled_ || !arrived_.empty() || !fresh_.empty() || (!waits_.empty() && durable_ > done_);
    };
    if (!changed_.wait(lock, stop, is_new) || stop.stop_requested()) return false;
    for (auto& wait : std::exchange(arrived_, {})) fresh_.push_back(std::move(wait));
    cancelled = std::exchange(cancelled_, false);
  }
  if (cancelled) drop_what_is_over();
  return true;
}

Result<void, std::string> EventTask::look(const std::stop_token& stop) {
  if (waits_.empty()) done_ = store_.state().durable;
  if (!fresh_.empty()) {
    std::erase_if(fresh_, [this](const WaitPointer& wait) { return is_over(wait); });
    FLOWSTONE_TRY_VOID(place(fresh_, stop));
    Waits fresh;
    Position first = done_;
    for (const auto& wait : fresh_) {
      fresh[wait->call.workspace].push_back(wait);
      first = std::min(first, wait->after);
    }
    FLOWSTONE_TRY_VOID(read(fresh, first, done_, stop));
    if (stop.stop_requested()) return {};
    fresh_.clear();
    for (auto& [workspace, waits] : fresh) waits_[workspace].splice(waits_[workspace].end(), waits);
  }
  const Position to = store_.state().durable;
  FLOWSTONE_TRY_VOID(read(waits_, done_, to, stop));
  if (!stop.stop_requested()) done_ = std::max(done_, to);
  return {};
}

Result<void, std::string> EventTask::place(const std::vector<WaitPointer>& waits, const std::stop_token& stop) {
  std::map<std::pair<std::string, std::string>, std::map<std::pair<std::string, std::uint64_t>, Wait*>> sought;
  for (const auto& wait : waits) {
    if (wait->after == Position{})
      sought[{wait->call.workspace, wait->call.run_id}][{wait->call.path, wait->call.attempt}] = wait.get();
  }
  for (auto& [run, tasks] : sought) {
    eventstore::Filter filter;
    filter.workspace = run.first;
    filter.stream = "run-" + run.second;
    filter.types = {std::string(kScheduled)};
    auto reader = store_.read(filter, {.from = {}, .to = {}, .direction = eventstore::Direction::backward});
    if (!reader) return failure(reader.error().detail);
    while (!tasks.empty() && !stop.stop_requested()) {
      const auto event = (*reader)->next();
      if (!event) return failure(event.error().detail);
      if (*event == nullptr) break;
      FLOWSTONE_TRY(const auto unpacked, projections::run_event_of(**event));
      const auto& scheduled = *unpacked.AsRunTaskScheduled();
      const auto found = tasks.find({scheduled.path, scheduled.attempt.value_or(0)});
      if (found == tasks.end()) continue;
      found->second->after = (*event)->position;
      tasks.erase(found);
    }
    // A task is out when its scheduling is durable: what is not found is no task of a run, and looks from now on.
    for (auto& [task, wait] : tasks) wait->after = done_;
  }
  return {};
}

Result<void, std::string> EventTask::read(Waits& waits, Position after, Position to, const std::stop_token& stop) {
  if (to <= after || waits.empty()) return {};
  bool any = false;
  std::set<std::string> categories;
  for (const auto& [workspace, of_workspace] : waits) {
    for (const auto& wait : of_workspace) add_categories(wait->rule, categories, any);
  }
  eventstore::Filter filter;
  if (!any) filter.categories.assign(categories.begin(), categories.end());
  if (waits.size() == 1) filter.workspace = waits.begin()->first;
  auto reader = store_.read(filter, {.from = Position{after.value + 1}, .to = to});
  if (!reader) return failure(reader.error().detail);
  while (!stop.stop_requested()) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr) return {};
    const auto of_workspace = waits.find(std::string((*event)->workspace));
    if (of_workspace != waits.end()) show(**event, of_workspace->second);
  }
  return {};
}

void EventTask::show(const eventstore::RecordedEvent& event, std::list<WaitPointer>& waits) {
  std::optional<Value> value;
  const auto holds = [&](const Wait& wait) {
    const jsonata::Context context{.now = event.time, .random = commands::chance_of(event.position.value)};
    return !wait.rule.condition || wait.rule.condition->judge(seen(*value, wait.call), context).holds;
  };
  for (auto at = waits.begin(); at != waits.end();) {
    const auto wait = *at++;
    if (event.position <= wait->after || !wait->rule.wants(event.type)) continue;
    if (!value) value = commands::value_of(event);
    if (!holds(*wait)) continue;
    waits.erase(std::prev(at));
    if (forget(wait)) wait->done({.output = *value->find("event")});
  }
}

}  // namespace flowstone::workers
