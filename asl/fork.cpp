#include "asl/fork.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "asl/run.hpp"

namespace flowstone::asl {
namespace {

// By the path of a branch: the event that says what it waits for.
using Places = std::map<std::string, std::size_t>;

bool begins_to_wait(EventType type) {
  using enum EventType;
  return type == timer_set || type == retry_scheduled || type == task_scheduled;
}

bool waits_for_a_point_in_time(const Branch& branch) {
  return branch.phase == Phase::waiting &&
         (branch.state->field(Field::timestamp) != nullptr || branch.state->field(Field::timestamp_path) != nullptr);
}

// The task has all its time again.
void begin_again(Events& events, std::size_t scheduled, const std::string& path, Timestamp now) {
  events[scheduled].time = now;
  for (auto place = scheduled; place < events.size(); ++place) {
    auto& event = events[place];
    if (event.type != EventType::task_heartbeat || event.path != path || !event.until) continue;
    event.until = now + (*event.until - event.time);
  }
}

}  // namespace

Result<Events, std::string> taken_over(const std::shared_ptr<const Definition>& definition, Events events,
                                       Timestamp left_at, Timestamp now) {
  Run run(definition);
  Places waits;
  for (std::size_t place = 0; place < events.size(); ++place) {
    const auto& event = events[place];
    if (auto applied = run.apply(event); !applied)
      return failure(fmt::format("event {}: {}", place + 1, applied.error()));
    if (begins_to_wait(event.type)) waits[event.path] = place;
  }
  const auto passed = std::max(now, left_at) - left_at;
  for (const auto& [path, branch] : run.branches()) {
    if (branch.phase == Phase::ready && branch.machine->find(branch.next) == nullptr)
      return failure(fmt::format("there is no state '{}' to go on with", branch.next));
    const bool waits_for_time = branch.phase == Phase::waiting || branch.phase == Phase::retrying;
    const auto wait = waits.find(path);
    if (wait == waits.end()) continue;
    auto& event = events[wait->second];
    if (waits_for_time && event.until && !waits_for_a_point_in_time(branch)) event.until = *event.until + passed;
    if (branch.phase == Phase::working) begin_again(events, wait->second, path, now);
  }
  return events;
}

}  // namespace flowstone::asl
