// Values that no two entities of a workspace may share. Who holds one is the last event of the value's claim stream; it
// is taken and released in the same append as the event that gives or takes the value, so no reader sees them disagree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "eventstore/store.hpp"
#include "schemas/contract.hpp"

namespace flowstone::commands {

// "claim-intent.code-deep_work". Bytes that a stream's name cannot have are written as %XX, and a value that is too
// long for a name as its SHA-256.
std::string claim_stream(const schemas::Aggregate& aggregate, const schemas::Field& field, std::string_view value);

struct DuplicateValue {
  std::string field;
  std::string value;
};

// The claims that one append changes, command by command. What is not known of a claim is taken to be untouched; an
// append that this was wrong for is refused, and after `learn` the next attempt knows.
class ClaimChanges {
 public:
  explicit ClaimChanges(std::string workspace) : workspace_(std::move(workspace)) {}

  // Forgets the changes, but not what was learnt.
  void restart();

  // The writes that take and release what changes between two rows of an entity (`before` is empty for a new one), or
  // the value that another entity holds.
  Result<std::vector<eventstore::StreamWrite>, DuplicateValue> change(const schemas::Aggregate& aggregate,
                                                                      std::string_view id, BytesView before,
                                                                      BytesView after);

  // Reads who holds the claim. May read the disk.
  Result<void, eventstore::StoreError> learn(eventstore::Store& store, const std::string& stream);

 private:
  struct Claim {
    eventstore::ExpectedRevision at = eventstore::NoStream{};
    std::string owner;  // empty: nobody
  };

  Claim& claim(const std::string& stream);

  const std::string workspace_;
  std::unordered_map<std::string, Claim> learnt_;
  std::unordered_map<std::string, Claim> now_;  // as of the commands so far
};

// True if values of the state's fields must be unique.
bool has_unique_fields(const schemas::Aggregate& aggregate);

}  // namespace flowstone::commands
