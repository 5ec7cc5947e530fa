// Recomputes the log from its records.
#pragma once

#include <functional>

#include "eventstore/journal.hpp"
#include "eventstore/store.hpp"

namespace flowstone::eventstore {

// Reads every block up to `committed.size`, checks checksums, payload digests, density of positions and block
// numbers, and every root. `corrupt` with the position of the first thing that does not match.
Result<Store::Verification, StoreError> verify_log(Journal& journal, const TreeHead& committed,
                                                   const std::function<void(Position)>& progress);

}  // namespace flowstone::eventstore
