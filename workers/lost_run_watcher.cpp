#include "workers/lost_run_watcher.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/check.hpp"
#include "schemas/json.hpp"
#include "schemas/row.hpp"

namespace flowstone::workers {
namespace {

constexpr std::size_t kPage = 200;

std::int64_t integer(const schemas::Table& table, std::string_view field, BytesView row) {
  return schemas::integer_of(*table.find(field), row).value_or(0);
}

// Whoever is to be heard of before `now`, and was not.
projections::FieldFilter is_overdue(const schemas::Table& run, Timestamp now) {
  const schemas::Field* const lost_at = run.find("lost_at");
  return {.field = lost_at,
          .test = projections::FieldFilter::Test::below,
          .keys = {schemas::index_key_of(*lost_at, to_rfc3339(now)).value()}};
}

}  // namespace

LostRuns::LostRuns(projections::Catalog& catalog, commands::Executor& executor, const Clock& clock)
    : catalog_(catalog),
      executor_(executor),
      clock_(clock),
      run_(*domain::find_aggregate_type("run")),
      started_(clock.now()) {}

std::size_t LostRuns::look() {
  std::size_t lost = 0;
  for (const std::string& workspace : catalog_.workspaces_with(run_.contract())) lost += look_at(workspace);
  return lost;
}

std::size_t LostRuns::look_at(const std::string& workspace) {
  std::size_t lost = 0;
  projections::ListQuery query;
  query.workspace = workspace;
  query.filters = {is_overdue(*run_.contract().state, clock_.now())};
  query.limit = kPage;
  do {
    const auto page = catalog_.list(run_.contract(), query);
    if (!page) {
      spdlog::warn("lost runs: the table of runs cannot be read: {}", page.error().detail);
      return lost;
    }
    for (const projections::Row& row : page->rows) {
      if (had_its_time(row.bytes) && lose(workspace, row)) ++lost;
    }
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
  return lost;
}

bool LostRuns::had_its_time(BytesView row) const {
  const auto timeout = std::chrono::milliseconds(integer(*run_.contract().state, "heartbeat_timeout_ms", row));
  return clock_.now() - started_ > timeout;
}

bool LostRuns::lose(const std::string& workspace, const projections::Row& row) {
  const schemas::Member* const lose_run = run_.contract().find_command("lose_run");
  const std::int64_t revision = integer(*run_.contract().state, "revision", row.bytes);
  auto body =
      schemas::decode_json(*lose_run->table, fmt::format(R"({{"id": "{}", "seen_revision": {}}})", row.id, revision));
  check(body.has_value(), "the command to lose a run is valid");
  commands::Command command;
  command.workspace = workspace;
  command.aggregate = &run_;
  command.command = lose_run;
  command.id = row.id;
  command.body = *std::move(body);
  command.actor = "worker:lost-run-watcher";
  const commands::CommandResult done = executor_.execute(std::move(command));
  if (!done) spdlog::warn("lost runs: run {} could not be marked: {}", row.id, done.error().detail);
  return done && done->changed;
}

LostRunWatcher::LostRunWatcher(projections::Catalog& catalog, commands::Executor& executor, const Clock& clock,
                               std::chrono::milliseconds interval)
    : lost_runs_(catalog, executor, clock),
      thread_([this, interval](const std::stop_token& stop) { watch(interval, stop); }) {}

void LostRunWatcher::watch(std::chrono::milliseconds interval, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!stopped.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) {
    try {
      lost_runs_.look();
    } catch (const std::exception& error) {
      spdlog::error("lost runs: {}", error.what());
    }
  }
}

}  // namespace flowstone::workers
