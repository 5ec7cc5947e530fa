// The compiled definitions of published versions, read once.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "base/position.hpp"
#include "base/result.hpp"
#include "eventstore/store.hpp"
#include "workflows/definition.hpp"

namespace flowstone::workers {

using DefinitionPointer = std::shared_ptr<const workflows::Definition>;

// Threads: every member may be called from any thread; `find` may block.
// Limits: kMaxDefinitions in memory, the least recently used go first; those in use stay.
class Definitions {
 public:
  static constexpr std::size_t kMaxDefinitions = 1'000;

  explicit Definitions(eventstore::Store& store) : store_(store) {}

  // `revision` is the workflow's when it published the version.
  Result<DefinitionPointer, std::string> find(const std::string& workspace, const std::string& workflow_id,
                                              Revision revision);

 private:
  using Key = std::tuple<std::string, std::string, std::uint64_t>;
  Result<DefinitionPointer, std::string> read(const Key& key);

  eventstore::Store& store_;
  std::mutex mutex_;
  std::list<std::pair<Key, DefinitionPointer>> used_;  // the most recent first
  std::map<Key, decltype(used_)::iterator> by_key_;
};

}  // namespace flowstone::workers
