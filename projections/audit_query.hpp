// Timelines: who did what, when and why, with the fields that each event changed.
//
// Order: an entity's timeline is oldest first, by revision; every other one is newest first, by position.
// Cost: a page reads its own events, and folds the streams that they belong to up to them. Folds are kept for a while and
// every kAnchorEvery revisions of a long stream, so that its pages go on where the one before ended.
// Limits: a page examines kExamined events at most; with sparse filters it may be short and still have a next page.
// Threads: every member may be called from any thread.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "domain/aggregate.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "projections/views.hpp"

namespace flowstone::projections {

// Entities at some revision, least recently used first out.
class FoldCache {
 public:
  // The one of the stream that is nearest below or at `revision`, if any.
  std::unique_ptr<domain::Entity> nearest(const std::string& stream, Revision revision);
  void keep(const std::string& stream, const domain::Entity& entity);

 private:
  struct Kept {
    std::string stream;
    std::unique_ptr<domain::Entity> entity;
  };
  using Key = std::pair<std::string, Revision>;

  std::mutex mutex_;
  std::list<Kept> kept_;  // last used first
  std::map<Key, std::list<Kept>::iterator> by_key_;
};

class AuditTrail {
 public:
  static constexpr std::size_t kExamined = 10'000;

  AuditTrail(eventstore::Store& store, std::span<const domain::AggregateType* const> aggregates)
      : store_(store), aggregates_(aggregates) {}

  // `build` is the audit projection's in this snapshot; `position` is what it reflects.
  Result<AuditPage, QueryError> page(const AuditQuery& query, const Snapshot& snapshot, BuildId build,
                                     Position position);

 private:
  using Reading = Result<AuditPage, std::string>;

  Reading timeline(const AuditQuery& query, Revision from);
  Reading newest_first(const AuditQuery& query, const Snapshot& snapshot, BuildId build, Position from,
                       Position position);
  Result<void, std::string> add_changes(const AuditQuery& query, AuditPage& page);
  Result<void, std::string> fold_stream(const std::string& workspace, const std::string& stream,
                                        std::vector<AuditEntry*> entries);
  [[nodiscard]] const domain::AggregateType* aggregate_of(std::string_view stream) const;

  eventstore::Store& store_;
  const std::span<const domain::AggregateType* const> aggregates_;
  FoldCache folds_;
};

}  // namespace flowstone::projections
