// What folding costs: the work of a rebuild without the disk. Each event is verified, unpacked and folded into a state
// that was loaded from its row, and the row is packed again, as a table does it event by event.
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/check.hpp"
#include "bench/report.hpp"
#include "domain/aggregate.hpp"
#include "schemas/packed.hpp"
#include "schemas/task_generated.h"

namespace flowstone::bench {
namespace {

using domain::DecidedEvent;

constexpr std::string_view kId = "01920000-0000-7000-8000-000000000001";

template <class Table>
DecidedEvent event_of(std::string_view type, const Table& table) {
  return {.type = type, .schema_version = 1, .payload = schemas::pack(table)};
}

// The life of a task in four events.
std::vector<DecidedEvent> task_life() {
  schemas::TaskCreatedT created;
  created.title = "Write the quarterly report";
  created.description = std::string(200, 'd');
  created.labels = {"writing", "finance"};
  created.due_at = 1'900'000'000'000'000;
  schemas::TaskUpdatedT updated;
  updated.progress = 40;
  updated.status = schemas::TaskStatus::in_progress;
  schemas::TaskSnoozedT snoozed;
  snoozed.until = 1'900'000'000'000'000;
  return {event_of("task.created", created), event_of("task.updated", updated), event_of("task.snoozed", snoozed),
          event_of("task.completed", schemas::TaskCompletedT{})};
}

Bytes fold_life(const domain::AggregateType& type, const std::vector<DecidedEvent>& life) {
  Bytes row;
  std::uint64_t revision = 0;
  for (const auto& event : life) {
    const auto entity = revision == 0 ? type.start() : type.load(row);
    const EventMeta meta{.time = {1}, .actor = "key:bench", .revision = {++revision}, .id = kId};
    check(entity->evolve(event.type, event.schema_version, event.payload, meta).has_value(), "folded");
    row = entity->pack();
  }
  return row;
}

void measure_fold(int lives) {
  const auto& type = *domain::find_aggregate_type("task");
  const auto life = task_life();
  const Bytes row = fold_life(type, life);
  const auto* task = static_cast<const schemas::Task*>(schemas::root_of(row));
  check(task->status() == schemas::TaskStatus::completed && task->progress() == 100, "the row is the life's end");
  const auto start = std::chrono::steady_clock::now();
  for (int at = 0; at < lives; ++at) check(fold_life(type, life) == row, "the same events, the same row");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  report({.measure = "domain: load row, fold one event, pack row (task)",
          .value = static_cast<double>(life.size()) * lives / took.count(),
          .unit = "events/s",
          .at_least = 500'000,
          .at_most = {},
          .beside = fmt::format("one thread, rows of {} bytes", row.size())});
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;  // NOLINT: the program is this room's
  const Options options = options_of(count, arguments);
  measure_fold(options.tiny ? 100 : 500'000);
  remove_directory(options);
}
