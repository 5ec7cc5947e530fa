// The states that commands are decided on: remembered, or folded from the log.
//
// Threads: any. A state that was handed out never changes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/position.hpp"
#include "base/result.hpp"
#include "commands/executor.hpp"
#include "commands/recently_used.hpp"
#include "domain/aggregate.hpp"
#include "eventstore/store.hpp"

namespace flowstone::commands {

using EntityState = std::shared_ptr<const domain::Entity>;

// "task-0190..." of an aggregate and an entity.
std::string stream_of(const domain::AggregateType& aggregate, std::string_view id);
// The id in a stream's name.
std::string_view id_in(std::string_view stream);

class Entities {
 public:
  Entities(eventstore::Store& store, const ExecutorOptions& options);

  // The remembered state, if there is one: every event acknowledged by this executor is in it.
  EntityState find(std::string_view workspace, std::string_view stream);
  // Remembers it, unless a later one is remembered already.
  void put(std::string_view workspace, std::string_view stream, EntityState state);
  // Forgets it if it is older than `actual`.
  void forget_before(std::string_view workspace, std::string_view stream, Revision actual);

  // Remembered, or else folded and then remembered. A state without events if there are none. May read the disk.
  Result<EntityState, eventstore::StoreError> load(std::string_view workspace, const domain::AggregateType& aggregate,
                                                   std::string_view id);
  // The same, with every event that is durable: one may be before the executor that appended it has been told. May read
  // the disk.
  Result<EntityState, eventstore::StoreError> load_newest(std::string_view workspace,
                                                          const domain::AggregateType& aggregate, std::string_view id);
  // Folded from the events up to and with `last`. May read the disk.
  Result<EntityState, eventstore::StoreError> load_as_of(std::string_view workspace,
                                                         const domain::AggregateType& aggregate, std::string_view id,
                                                         Position last);

 private:
  eventstore::Store& store_;
  const ExecutorOptions& options_;
  RecentlyUsed<EntityState> remembered_;
};

}  // namespace flowstone::commands
