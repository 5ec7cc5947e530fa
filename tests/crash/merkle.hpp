// The tree over an exported log, computed a second time from what docs/formats/record.md and tree.md say, and from
// nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "tests/crash/history.hpp"

namespace flowstone::crash {

// RFC 6962, section 2.1: the tree hash over the leaves.
Digest tree_hash(const std::vector<Digest>& leaves);

// The leaf of an event as `flowstone export` writes it.
Digest leaf_of(const boost::json::object& exported);

struct Recomputed {
  std::uint64_t size = 0;
  std::string root;   // hexadecimal
  Findings findings;  // payloads that are not what their digests say
};

// Of all events of an export, which is JSON lines.
Recomputed recompute(const std::string& exported);

}  // namespace flowstone::crash
