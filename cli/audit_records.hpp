// The log's records from a server, checked and folded into a Merkle root on this side.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "cli/client.hpp"

namespace flowstone::cli {

// The root over the first `size` events. Each record of the key's workspace is hashed here, and its payload against the
// digest in its header; of other workspaces the server gives the leaf hash alone. The error is a sentence that names
// the position.
Result<Digest, std::string> recompute_root(Client& client, std::uint64_t size,
                                           const std::function<void(std::uint64_t)>& progress);

}  // namespace flowstone::cli
