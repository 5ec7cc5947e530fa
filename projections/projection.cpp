#include "projections/projection.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "projections/follower.hpp"

namespace flowstone::projections {
namespace {

using std::chrono::milliseconds;
using Code = ControlError::Code;

constexpr milliseconds kSwitchPatience{5'000};

ControlError refused(Code code, std::string detail) { return {.code = code, .detail = std::move(detail)}; }

}  // namespace

Projection::Projection(Definition definition, Shared shared)
    : definition_(std::move(definition)), shared_(std::move(shared)) {}

// --- opening ---

Result<void, std::string> Projection::open() {
  {
    const std::lock_guard lock(mutex_);
    FLOWSTONE_TRY_VOID(load_builds());
    begin_by_new_code();
    FLOWSTONE_TRY_VOID(write_record());
    serving_ = with_role(Role::serving)->record.id;
  }
  publish();
  return {};
}

Result<void, std::string> Projection::load_builds() {
  FLOWSTONE_TRY(const std::optional<Bytes> kept, shared_.views.get(projection_key(definition_.name)));
  if (!kept) return {};
  const std::optional<ProjectionRecord> record = decode_projection(*kept);
  if (!record)
    return failure("views: what is kept of projection " + definition_.name +
                   " is damaged; remove the folder and it is built anew");
  last_number_ = record->last_number;
  for (const BuildRecord& kept_build : record->builds) {
    auto build = std::make_unique<Build>();
    build->record = kept_build;
    FLOWSTONE_TRY(const auto checkpoint, definition_.rows.checkpoint(kept_build.id));
    build->checkpoint = checkpoint.value_or(Checkpoint{});
    const Role role = kept_build.role;
    build->wanted = role == Role::serving || role == Role::building || role == Role::ready;
    build->broken = role == Role::failed;
    if (!build->broken) build->record.error.clear();
    builds_.push_back(std::move(build));
  }
  return {};
}

// Rows that other code has folded are built anew; meanwhile they serve, and this code goes on folding into them.
void Projection::begin_by_new_code() {
  for (const Role role : {Role::building, Role::ready, Role::failed}) {
    const Build* const build = with_role(role);
    if (build != nullptr && build->record.fingerprint != definition_.fingerprint) drop(build->record.id);
  }
  Build* const serving = with_role(Role::serving);
  if (serving == nullptr) {
    add_build(Role::serving, false);
    return;
  }
  if (serving->record.fingerprint == definition_.fingerprint) return;
  if (serving->checkpoint.position == Position{}) {
    serving->record.fingerprint = definition_.fingerprint;
    return;
  }
  const bool under_way =
      with_role(Role::building) != nullptr || with_role(Role::ready) != nullptr || with_role(Role::failed) != nullptr;
  if (!under_way) add_build(Role::building, true);
}

// --- builds ---

Build* Projection::find(BuildId id) {
  const auto found = std::ranges::find(builds_, id, [](const auto& build) { return build->record.id; });
  return found == builds_.end() ? nullptr : found->get();
}

const Build* Projection::find(BuildId id) const {
  const auto found = std::ranges::find(builds_, id, [](const auto& build) { return build->record.id; });
  return found == builds_.end() ? nullptr : found->get();
}

Build* Projection::with_role(Role role) {
  const auto found = std::ranges::find(builds_, role, [](const auto& build) { return build->record.role; });
  return found == builds_.end() ? nullptr : found->get();
}

const Build* Projection::with_role(Role role) const {
  const auto found = std::ranges::find(builds_, role, [](const auto& build) { return build->record.role; });
  return found == builds_.end() ? nullptr : found->get();
}

Build& Projection::add_build(Role role, bool auto_switch) {
  auto build = std::make_unique<Build>();
  build->record.id = shared_.next_build();
  build->record.number = ++last_number_;
  build->record.role = role;
  build->record.auto_switch = auto_switch;
  build->record.fingerprint = definition_.fingerprint;
  build->record.started_at = shared_.clock.now();
  builds_.push_back(std::move(build));
  return *builds_.back();
}

void Projection::drop(BuildId id) {
  const auto found = std::ranges::find(builds_, id, [](const auto& build) { return build->record.id; });
  if ((*found)->has_follower) {
    dropped_.push_back(id);
  } else if (auto gone = definition_.rows.drop(id); !gone) {
    storage_error_ = gone.error();
  }
  builds_.erase(found);
}

void Projection::drop_role(Role role) {
  if (const Build* const build = with_role(role); build != nullptr) drop(build->record.id);
}

void Projection::keep_record() {
  auto kept = write_record();
  if (kept) kept = shared_.views.flush();
  if (!kept) storage_error_ = kept.error();
}

Result<void, std::string> Projection::write_record() {
  ProjectionRecord record{.last_number = last_number_, .builds = {}};
  for (const auto& build : builds_) record.builds.push_back(build->record);
  rocksdb::WriteBatch batch;
  batch.Put(projection_key(definition_.name), encode(record));
  return shared_.views.write(batch);
}

void Projection::changed() {
  ++changes_;
  changed_.notify_all();
}

void Projection::publish() {
  Position position;
  {
    const std::lock_guard lock(mutex_);
    const Build& serving = *with_role(Role::serving);
    serving_.store(serving.record.id, std::memory_order_release);
    position = serving.checkpoint.position;
    position_.store(position.value, std::memory_order_release);
  }
  shared_.waiters.reached(definition_.name, position);
}

// --- operating ---

Result<void, ControlError> Projection::rebuild(bool auto_switch) {
  {
    const std::lock_guard lock(mutex_);
    if (with_role(Role::building) != nullptr || with_role(Role::ready) != nullptr) {
      return failure(
          refused(Code::already_rebuilding, "A new build is under way or ready. Switch to it or cancel it first."));
    }
    drop_role(Role::failed);
    drop_role(Role::previous);
    switch_to_ = 0;
    meeting_ = {};
    add_build(Role::building, auto_switch);
    keep_record();
    changed();
  }
  shared_.followers_changed();
  return {};
}

Result<void, ControlError> Projection::cancel() {
  const std::lock_guard lock(mutex_);
  const bool none =
      with_role(Role::building) == nullptr && with_role(Role::ready) == nullptr && with_role(Role::failed) == nullptr;
  if (none && switch_to_ == 0) return failure(refused(Code::no_rebuild, "There is no new build to give up."));
  drop_role(Role::building);
  drop_role(Role::ready);
  drop_role(Role::failed);
  if (Build* const previous = with_role(Role::previous); previous != nullptr) previous->wanted = false;
  switch_to_ = 0;
  meeting_ = {};
  keep_record();
  changed();
  return {};
}

Result<void, ControlError> Projection::switch_over() {
  std::unique_lock lock(mutex_);
  Build* const ready = with_role(Role::ready);
  if (ready == nullptr) {
    return with_role(Role::building) != nullptr
               ? failure(refused(Code::not_ready, "The new build has not caught up yet."))
               : failure(refused(Code::no_rebuild, "There is no new build to switch to."));
  }
  const BuildId id = ready->record.id;
  ask_for_switch(*ready);
  const bool served = changed_.wait_for(lock, kSwitchPatience, [&] { return switch_to_ != id; });
  const Build* const build = find(id);
  const bool done = build != nullptr && build->record.role == Role::serving;
  lock.unlock();
  publish();
  if (done || !served) return {};
  return failure(
      refused(Code::not_ready, "The new build stopped or was cancelled while it was waiting for the switch."));
}

Result<void, ControlError> Projection::roll_back() {
  {
    const std::lock_guard lock(mutex_);
    Build* const previous = with_role(Role::previous);
    if (previous == nullptr) return failure(refused(Code::no_previous, "No previous build is kept."));
    if (previous->record.fingerprint != definition_.fingerprint) {
      return failure(
          refused(Code::no_previous, "The previous build was folded by other code; this code cannot go on with it."));
    }
    previous->record.error.clear();
    previous->broken = false;
    previous->wanted = true;
    changed();
  }
  shared_.followers_changed();
  return {};
}

// --- following ---

std::vector<std::shared_ptr<Follower>> Projection::claim_followers() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Follower>> claimed;
  for (const auto& build : builds_) {
    if (!build->wanted || build->has_follower || build->broken) continue;
    build->has_follower = true;
    claimed.push_back(std::make_shared<BuildFollower>(*this, shared_, build->record.id, build->checkpoint));
  }
  return claimed;
}

std::optional<Position> Projection::allowance(BuildId id, Position durable) {
  const std::lock_guard lock(mutex_);
  Build* const build = find(id);
  if (build == nullptr) {
    if (std::erase(dropped_, id) > 0) {
      if (auto gone = definition_.rows.drop(id); !gone) storage_error_ = gone.error();
    }
    return std::nullopt;
  }
  if (!build->wanted || build->broken) {
    build->has_follower = false;
    return std::nullopt;
  }
  build->heartbeat_at = shared_.clock.now();
  return meeting_ == Position{} ? durable : std::min(durable, std::max(meeting_, build->checkpoint.position));
}

void Projection::committed(BuildId id, const Checkpoint& checkpoint) {
  {
    const std::lock_guard lock(mutex_);
    Build* const build = find(id);
    if (build == nullptr) return;
    build->checkpoint = checkpoint;
    measure(*build);
    compare_if_met();
    switch_if_possible();
  }
  publish();
}

void Projection::at_the_end(BuildId id) {
  {
    const std::lock_guard lock(mutex_);
    Build* const build = find(id);
    if (build == nullptr || switch_to_ != 0 || meeting_ != Position{}) return;
    if (build->record.role == Role::building) {
      meet();
    } else if (build->record.role == Role::previous && build->wanted) {
      ask_for_switch(*build);
    } else {
      return;
    }
  }
  publish();
}

void Projection::broke(BuildId id, Position position, std::string reason) {
  const std::lock_guard lock(mutex_);
  Build* const build = find(id);
  if (build == nullptr) return;
  build->broken = true;
  build->has_follower = false;
  build->record.error = std::move(reason);
  build->record.error_position = position;
  if (switch_to_ == id) switch_to_ = 0;
  if (switch_to_ == 0) meeting_ = {};
  if (build->record.role == Role::building || build->record.role == Role::ready) {
    build->record.role = Role::failed;
    build->record.finished_at = shared_.clock.now();
    if (auto gone = definition_.rows.drop(id); !gone) storage_error_ = gone.error();
    keep_record();
  }
  changed();
}

void Projection::wait_for_change(milliseconds patience, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, patience, [this, seen = changes_] { return changes_ != seen; });
}

Checkpoint Projection::checkpoint(BuildId id) const {
  const std::lock_guard lock(mutex_);
  const Build* const build = find(id);
  return build == nullptr ? Checkpoint{} : build->checkpoint;
}

// --- comparing and switching ---

void Projection::meet() {
  Build& building = *with_role(Role::building);
  if (with_role(Role::serving)->broken) return become_ready(building, std::nullopt);
  meeting_ = shared_.store.state().durable;
  compare_if_met();
  changed();
}

void Projection::compare_if_met() {
  Build* const building = with_role(Role::building);
  if (meeting_ == Position{} || building == nullptr || switch_to_ != 0) return;
  const Build& serving = *with_role(Role::serving);
  for (const Build* build : {static_cast<const Build*>(building), &serving}) {
    if (build->checkpoint.position != meeting_ || build->checkpoint.bulk) return;
  }
  meeting_ = {};
  become_ready(*building, building->checkpoint.rows == serving.checkpoint.rows &&
                              building->checkpoint.digest == serving.checkpoint.digest);
}

void Projection::become_ready(Build& build, std::optional<bool> digests_equal) {
  const Build& serving = *with_role(Role::serving);
  build.record.role = Role::ready;
  build.record.finished_at = shared_.clock.now();
  build.record.digests_equal = digests_equal;
  // Rows that differ although the same code folded them wait for a person to decide.
  const bool expected_to_differ = serving.broken || serving.record.fingerprint != build.record.fingerprint;
  keep_record();
  if (build.record.auto_switch && (expected_to_differ || digests_equal.value_or(false))) ask_for_switch(build);
  changed();
}

void Projection::ask_for_switch(Build& build) {
  switch_to_ = build.record.id;
  meeting_ = shared_.store.state().durable;
  switch_if_possible();
  changed();
}

void Projection::switch_if_possible() {
  if (switch_to_ == 0) return;
  Build& next = *find(switch_to_);
  Build& serving = *with_role(Role::serving);
  if (next.checkpoint.position < serving.checkpoint.position || next.checkpoint.bulk) return;
  if (next.record.role != Role::previous) drop_role(Role::previous);
  serving.record.role = Role::previous;
  serving.wanted = false;
  next.record.role = Role::serving;
  next.record.auto_switch = false;
  switch_to_ = 0;
  meeting_ = {};
  keep_record();
  changed();
}

}  // namespace flowstone::projections
