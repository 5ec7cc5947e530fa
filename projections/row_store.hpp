// Where the rows of projections' builds are kept, each build apart from the others.
//
// Threads: every member may be called from any thread; one build has one writer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "projections/build.hpp"
#include "projections/keys.hpp"

namespace flowstone::projections {

class RowStore {
 public:
  virtual ~RowStore() = default;
  // How far the rows of a build are; nothing if it has none yet.
  [[nodiscard]] virtual Result<std::optional<Checkpoint>, std::string> checkpoint(BuildId build) const = 0;
  // The builds that have rows, in order.
  [[nodiscard]] virtual std::vector<BuildId> builds() const = 0;
  // Deletes everything of a build.
  virtual Result<void, std::string> drop(BuildId build) = 0;
};

}  // namespace flowstone::projections
