// What a table refers to: the ids, streams and actors in its fields with `reference`, also in the tables inside it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "schemas/contract.hpp"

namespace flowstone::schemas {

// The `reference` of a text that names an actor: one that is a key, `key:` and its id, must exist.
inline constexpr std::string_view kActorReference = "actor";

struct Reference {
  const Field* field = nullptr;
  std::string path;    // of the field, from the outermost table: "diff.bundle_id"; items of lists have no number
  std::string stream;  // "bundle-01920000-0000-7000-8000-000000000021"
};

// In the contract's order. Texts that are absent or empty, and actors that are no keys, refer to nothing. `flatbuffer`
// must be valid for the table.
// Cost: nothing for a table that cannot refer to anything.
std::vector<Reference> references_in(const Table& table, BytesView flatbuffer);

}  // namespace flowstone::schemas
