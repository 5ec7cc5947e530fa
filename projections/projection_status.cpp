// What a projection tells of itself.
#include <algorithm>

#include "projections/projection.hpp"

namespace flowstone::projections {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::microseconds kRateWindow{2'000'000};

}  // namespace

void Projection::measure(Build& build) const {
  const Timestamp now = shared_.clock.now();
  if (!build.rate_since) {
    build.rate_since = now;
    build.rate_from = build.checkpoint.position;
  } else if (now - *build.rate_since >= kRateWindow) {
    build.events_per_second = rate_of(build);
    build.rate_since = now;
    build.rate_from = build.checkpoint.position;
  }
}

std::optional<double> Projection::rate_of(const Build& build) const {
  if (!build.rate_since) return std::nullopt;
  const auto elapsed = shared_.clock.now() - *build.rate_since;
  if (elapsed < kRateWindow / 2) return build.events_per_second;
  return static_cast<double>(build.checkpoint.position.value - build.rate_from.value) * 1e6 /
         static_cast<double>(elapsed.count());
}

Status::State Projection::state_of(const Build& serving, Position head) const {
  constexpr std::uint64_t kNear = 1'000;  // events behind the head that still count as live
  if (with_role(Role::building) != nullptr) return Status::State::rebuilding;
  if (with_role(Role::ready) != nullptr) return Status::State::ready_to_switch;
  if (serving.broken) return Status::State::stopped;
  return serving.checkpoint.position.value + kNear >= head.value ? Status::State::live : Status::State::catching_up;
}

BuildStatus Projection::status_of(const Build& build) const {
  const BuildRecord& record = build.record;
  return {.number = record.number,
          .role = record.role,
          .position = build.checkpoint.position,
          .rows = build.checkpoint.rows,
          .digest = build.checkpoint.digest.value(),
          .fingerprint = record.fingerprint,
          .started_at = record.started_at,
          .finished_at = record.finished_at,
          .error = record.error};
}

Status Projection::status_under_lock(Position head) const {
  const Build& serving = *with_role(Role::serving);
  Status status;
  status.name = definition_.name;
  status.state = state_of(serving, head);
  status.position = serving.checkpoint.position;
  status.head = head;
  status.events_per_second = rate_of(serving).value_or(0);
  status.heartbeat_at = serving.heartbeat_at;
  status.error = serving.record.error.empty() ? storage_error_ : serving.record.error;
  if (!serving.record.error.empty()) status.error_position = serving.record.error_position;
  for (const auto& build : builds_) {
    status.builds.push_back(status_of(*build));
    if (build->record.role == Role::serving || build->record.role == Role::previous) continue;
    status.rebuild_target = head;
    status.rebuild_events_per_second = rate_of(*build);
    status.digests_equal = build->record.digests_equal;
    if (status.error.empty() && !build->record.error.empty()) {
      status.error = build->record.error;
      status.error_position = build->record.error_position;
    }
  }
  return status;
}

Status Projection::status() const {
  const Position head = shared_.store.state().durable;
  Status status;
  {
    const std::lock_guard lock(mutex_);
    status = status_under_lock(head);
  }
  status.lag = lag_behind(status.position, head);
  return status;
}

milliseconds Projection::lag_behind(Position position, Position head) const {
  if (position >= head) return milliseconds{0};
  const auto reader = shared_.store.read({}, {.from = position.next(), .examine_at_most = 1});
  if (!reader) return milliseconds{0};
  const auto event = (*reader)->next();
  if (!event || *event == nullptr) return milliseconds{0};
  const auto age = std::chrono::duration_cast<milliseconds>(shared_.clock.now() - (*event)->time);
  return std::max(age, milliseconds{0});
}

std::vector<BuildId> Projection::kept_builds() const {
  const std::lock_guard lock(mutex_);
  std::vector<BuildId> ids;
  for (const auto& build : builds_) ids.push_back(build->record.id);
  return ids;
}

}  // namespace flowstone::projections
