#include "workers/engine/log_follower.hpp"

#include <exception>
#include <pthread.h>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "projections/run_events.hpp"
#include "schemas/task_generated.h"
#include "workers/engine/tasks_of_run.hpp"
#include "workers/requests.hpp"

namespace flowstone::workers {
namespace {

constexpr std::chrono::milliseconds kPatience{500};
constexpr std::chrono::seconds kTablePatience{10};
constexpr std::size_t kPage = 200;

// Whether the table has reached a position; it may be told when nobody waits any more.
struct Arrival {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<bool> reached;
};

std::string id_of(std::string_view stream) { return std::string(stream.substr(stream.find('-') + 1)); }

schemas::RunT run_of(const projections::Row& row) {
  schemas::RunT run;
  flatbuffers::GetRoot<schemas::Run>(row.bytes.data())->UnPackTo(&run);
  return run;
}

projections::FieldFilter equals(const schemas::Table& table, std::string_view field, std::string_view value) {
  const auto* found = table.find(field);
  return {.field = found,
          .test = projections::FieldFilter::Test::equal,
          .keys = {schemas::index_key_of(*found, value).value()}};
}

}  // namespace

LogFollower::LogFollower(const EngineServices& services, std::shared_ptr<Roster> roster)
    : services_(services), roster_(std::move(roster)), thread_([this](const std::stop_token& stop) {
        ::pthread_setname_np(::pthread_self(), "runs-follower");
        follow(stop);
      }) {}

bool LogFollower::wait_until_taken_up(std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return taken_up_; });
}

void LogFollower::follow(const std::stop_token& stop) {
  // What comes while the past is taken up is followed after it.
  Position done = services_.store.state().durable;
  while (!stop.stop_requested() && !take_up(done, stop)) continue;
  {
    const std::lock_guard lock(mutex_);
    taken_up_ = true;
  }
  changed_.notify_all();
  while (!stop.stop_requested()) {
    try {
      const auto read = read_on(done, stop);
      if (read) {
        done = *read;
        services_.store.wait_beyond(done, kPatience, stop);
        continue;
      }
      spdlog::error("runs: {}", read.error());
    } catch (const std::exception& error) {
      spdlog::error("runs: {}", error.what());
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
  }
}

// --- what was left ---

bool LogFollower::take_up(Position until, const std::stop_token& stop) {
  const auto arrival = std::make_shared<Arrival>();
  services_.catalog.when_reached("runs", until, kTablePatience, [arrival](bool there) {
    const std::lock_guard lock(arrival->mutex);
    arrival->reached = there;
    arrival->changed.notify_all();
  });
  {
    std::unique_lock lock(arrival->mutex);
    if (!arrival->changed.wait(lock, stop, [&arrival] { return arrival->reached.has_value(); })) return false;
    if (!*arrival->reached) {
      spdlog::warn("runs: the table of runs is behind the log; runs that were under way go on when it has caught up");
      return false;
    }
  }
  const auto& run = *schemas::contracts().find_aggregate("run");
  for (const auto& workspace : services_.catalog.workspaces_with(run)) {
    // Those that run before those that wait for them.
    for (const auto* status : {"running", "paused", "requested"}) {
      if (const auto done = take_up_those(workspace, status); !done) {
        spdlog::error("runs: the table of runs cannot be read: {}", done.error());
        return false;
      }
    }
  }
  return true;
}

Result<void, std::string> LogFollower::take_up_those(const std::string& workspace, const std::string& status) {
  const auto& aggregate = *schemas::contracts().find_aggregate("run");
  projections::ListQuery query;
  query.workspace = workspace;
  query.filters = {equals(*aggregate.state, "kind", "workflow"), equals(*aggregate.state, "status", status)};
  query.limit = kPage;
  do {
    const auto page = services_.catalog.list(aggregate, query);
    if (!page) return failure(page.error().detail);
    for (const auto& row : page->rows) {
      bool made = false;
      const auto live = roster_->add(workspace, row.id, made);
      if (!made || !live) continue;
      const auto run = run_of(row);
      if (run.started_at) roster_->count_in(live, run.workflow_id);
      const bool only_waits = run.due_at.has_value() && run.open_tasks == 0 && !run.paused && !run.cancel_requested;
      if (only_waits) {
        roster_->wake_at(live, Timestamp{*run.due_at});
      } else {
        roster_->post(live, Wake{});
      }
    }
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
  return {};
}

// --- what comes ---

Result<Position, std::string> LogFollower::read_on(Position from, const std::stop_token& stop) {
  eventstore::Filter filter;
  filter.types = {"run.requested", "run.cancel_requested", "run.paused",    "run.resumed",
                  "run.signalled", "task.completed",       "task.cancelled"};
  eventstore::ReadOptions options;
  options.from = Position{from.value + 1};
  options.to = services_.store.state().durable;
  if (options.to <= from) return from;
  const auto reader = services_.store.read(filter, options);
  if (!reader) return failure(reader.error().detail);
  while (!stop.stop_requested()) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr) break;
    react(**event);
  }
  return options.to;
}

void LogFollower::react(const eventstore::RecordedEvent& event) {
  const std::string workspace(event.workspace);
  const auto id = id_of(event.stream);
  if (event.category() == "task") return answer_input(workspace, id);
  if (event.type == "run.requested") return adopt(workspace, id);
  const auto run = roster_->find(workspace, id);
  if (!run) return;
  if (event.type == "run.paused") roster_->post(run, Pause{});
  if (event.type == "run.resumed") roster_->post(run, Resume{});
  if (event.type == "run.signalled") signal(run, event);
  if (event.type == "run.cancel_requested") {
    const auto unpacked = projections::run_event_of(event);
    roster_->post(run, Cancel{unpacked ? unpacked->AsRunCancelRequested()->reason : std::string()});
  }
}

// Runs that the engine was not told of: somebody else appended the request.
void LogFollower::adopt(const std::string& workspace, const std::string& id) {
  if (roster_->find(workspace, id)) return;
  const auto state = read_state<schemas::RunT>(services_.executor, workspace, "run", id);
  if (!state || !*state || (*state)->workflow_id.empty() || (*state)->finished_at) return;
  bool made = false;
  const auto run = roster_->add(workspace, id, made);
  if (made && run) roster_->post(run, Wake{});
}

void LogFollower::signal(const RunPointer& run, const eventstore::RecordedEvent& event) {
  const auto unpacked = projections::run_event_of(event);
  if (!unpacked) return spdlog::error("runs: {}", unpacked.error());
  const auto& said = *unpacked->AsRunSignalled();
  roster_->post(run,
                Signal{.name = said.name, .payload = value_of_json(said.payload), .revision = event.revision.value});
}

void LogFollower::answer_input(const std::string& workspace, const std::string& task_id) {
  const auto awaiting = roster_->awaiting(task_id);
  if (!awaiting || awaiting->run->workspace != workspace) return;
  const auto state = read_state<schemas::TaskT>(services_.executor, workspace, "task", task_id);
  if (!state || !*state) return;
  auto outcome = outcome_of_input(**state);
  if (!outcome) return;
  roster_->forget(task_id);
  roster_->post(awaiting->run, word_of(awaiting->task, *std::move(outcome)));
}

}  // namespace flowstone::workers
