#include "workers/engine/definitions.hpp"

#include <fmt/core.h>

#include "projections/workflow_versions.hpp"

namespace flowstone::workers {

Result<DefinitionPointer, std::string> Definitions::find(const std::string& workspace, const std::string& workflow_id,
                                                         Revision revision) {
  const Key key{workspace, workflow_id, revision.value};
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = by_key_.find(key); known != by_key_.end()) {
      used_.splice(used_.begin(), used_, known->second);
      return known->second->second;
    }
  }
  FLOWSTONE_TRY(auto definition, read(key));
  const std::lock_guard lock(mutex_);
  if (const auto known = by_key_.find(key); known != by_key_.end()) return known->second->second;
  used_.emplace_front(key, definition);
  by_key_[key] = used_.begin();
  if (used_.size() > kMaxDefinitions) {
    by_key_.erase(used_.back().first);
    used_.pop_back();
  }
  return definition;
}

Result<DefinitionPointer, std::string> Definitions::read(const Key& key) {
  const auto& [workspace, workflow_id, revision] = key;
  const auto published = projections::read_published_workflow(store_, workspace, workflow_id, Revision{revision});
  if (!published) return failure(published.error().detail);
  if (!*published) return failure(fmt::format("workflow {} published nothing at revision {}", workflow_id, revision));
  auto read = workflows::read_definition((*published)->definition, workflows::Format::json);
  if (!read) return failure(fmt::format("workflow {}: its definition cannot be read", workflow_id));
  return std::make_shared<const workflows::Definition>(*std::move(read));
}

}  // namespace flowstone::workers
