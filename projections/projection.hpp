// One projection: its builds, who serves, and what an operator may do with them.
//
//   first build: serving.  rebuild(): a second one, building -> (caught up, digests compared at one position) -> ready
//   switch_over(): ready -> serving, serving -> previous, the older previous is dropped.  cancel(): drops building,
//   ready, failed roll_back(): previous is followed again, and trades places with serving once it has caught up.
// A build that meets an event that it cannot fold stops alone. A serving one goes on serving what it has.
//
// Order: the position that is served never goes back, also across a switch: the old build waits for the new one.
// Durability: what an operator did survives a crash; a rebuild goes on where its checkpoint is.
// Threads: every member may be called from any thread.
// Lifetime: views, store, clock and waiters outlive the projection.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "eventstore/store.hpp"
#include "projections/build.hpp"
#include "projections/catalog.hpp"
#include "projections/fold.hpp"
#include "projections/position_waiters.hpp"
#include "projections/row_store.hpp"
#include "projections/views.hpp"

namespace flowstone::projections {

// What a projection is made of.
struct Definition {
  std::string name;
  std::string fingerprint;    // of the code that folds now
  eventstore::Filter filter;  // which events it folds; the others only move its position
  RowStore& rows;             // outlives the projection
  // Of a build as it is in `rows`, to go on with it. In bulk, what `finish_bulk` makes is cleared away first.
  std::function<Result<std::unique_ptr<Fold>, std::string>(BuildId build, bool bulk)> make_fold;
  std::uint64_t bulk_events = 0;
};

// What all projections of a catalog share.
struct Shared {
  Views& views;
  eventstore::Store& store;
  const Clock& clock;
  PositionWaiters& waiters;
  std::function<BuildId()> next_build;      // a number never used before
  std::function<void()> followers_changed;  // somebody waits to run them
};

// A build as it is now. Guarded by its projection.
struct Build {
  BuildRecord record;
  Checkpoint checkpoint;
  bool wanted = true;         // it is to be followed
  bool has_follower = false;  // somebody has claimed it and not stopped yet
  bool broken = false;        // cannot go on; record.error says why
  std::optional<Digest> digest_at_meeting;
  std::optional<Timestamp> heartbeat_at;
  std::optional<Timestamp> rate_since;
  Position rate_from;
  std::optional<double> events_per_second;  // over the last whole window; none: not known yet
};

class Projection {
 public:
  Projection(Definition definition, Shared shared);
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;

  // Reads what is kept of it, and begins the first build or a rebuild by new code.
  Result<void, std::string> open();

  [[nodiscard]] const Definition& definition() const { return definition_; }
  [[nodiscard]] BuildId serving() const { return serving_.load(std::memory_order_acquire); }
  [[nodiscard]] Position position() const { return Position{position_.load(std::memory_order_acquire)}; }
  [[nodiscard]] Status status() const;
  // The builds that have rows.
  [[nodiscard]] std::vector<BuildId> kept_builds() const;

  Result<void, ControlError> rebuild(bool auto_switch);
  Result<void, ControlError> cancel();
  Result<void, ControlError> switch_over();
  Result<void, ControlError> roll_back();

  std::vector<std::shared_ptr<Follower>> claim_followers();

  // --- for the follower of a build ---
  // How far it may fold now; nothing: it is not wanted any more and must not write again.
  std::optional<Position> allowance(BuildId build, Position durable);
  [[nodiscard]] Checkpoint checkpoint(BuildId build) const;
  void committed(BuildId build, const Checkpoint& checkpoint);
  void at_the_end(BuildId build);
  // It cannot go on beyond `position` and does not write again.
  void broke(BuildId build, Position position, std::string reason);
  // Waits until something may have changed for a build that is held back.
  void wait_for_change(std::chrono::milliseconds patience, const std::stop_token& stop);

 private:
  using Role = BuildStatus::Role;

  // Under `mutex_`, all of them:
  Build* find(BuildId id);
  [[nodiscard]] const Build* find(BuildId id) const;
  Build* with_role(Role role);
  [[nodiscard]] const Build* with_role(Role role) const;
  Build& add_build(Role role, bool auto_switch);
  Result<void, std::string> load_builds();
  void begin_by_new_code();
  void drop(BuildId id);
  void drop_role(Role role);
  // Writes what an operator, or the end of a rebuild, changed; `keep_record` makes that durable too.
  Result<void, std::string> write_record();
  void keep_record();
  void measure(Build& build) const;
  // None: it has not been followed for long enough to say.
  [[nodiscard]] std::optional<double> rate_of(const Build& build) const;
  // Makes the serving build and the new one pause at one position, to compare their digests.
  void meet();
  void compare_if_met();
  void become_ready(Build& build, std::optional<bool> digests_equal);
  void ask_for_switch(Build& build);
  void switch_if_possible();
  void changed();
  [[nodiscard]] Status::State state_of(const Build& serving, Position head) const;
  [[nodiscard]] BuildStatus status_of(const Build& build) const;
  [[nodiscard]] Status status_under_lock(Position head) const;
  // Not under it:
  void publish();
  [[nodiscard]] std::chrono::milliseconds lag_behind(Position position, Position head) const;

  const Definition definition_;
  const Shared shared_;

  std::atomic<BuildId> serving_{0};
  std::atomic<std::uint64_t> position_{0};

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t changes_ = 0;
  std::uint32_t last_number_ = 0;
  std::vector<std::unique_ptr<Build>> builds_;
  std::vector<BuildId> dropped_;  // whose followers have not stopped yet: their rows go when they have
  BuildId switch_to_ = 0;         // waits to serve
  Position meeting_;              // serving and new build pause here: to compare, or to switch. {0}: nowhere
  std::string storage_error_;
};

}  // namespace flowstone::projections
