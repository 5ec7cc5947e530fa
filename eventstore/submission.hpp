// An append made ready on its caller's thread: checked and encoded. The sequencer numbers and hashes it, with all that
// are committed with it side by side; the digest of a large payload is computed on the caller's thread already.
#pragma once

#include <string>
#include <vector>

#include "eventstore/append.hpp"
#include "eventstore/store.hpp"

namespace flowstone::eventstore {

struct Submission {
  struct Write {
    Bytes stream_key;
    std::size_t stream_hash = 0;
    ExpectedRevision expected;
    std::uint32_t events = 0;
  };
  std::string workspace;
  std::string command_id;
  Digest fingerprint{};
  std::vector<Write> writes;
  std::vector<AppendPart> parts;
  std::uint32_t events = 0;
  std::size_t payload_bytes = 0;
  bool digested = true;     // the payload digests are in the records
  Bytes records;            // encoded; position, revision and time are filled in by the sequencer
  bool positioned = false;  // an import: the records are complete, and must fit where the log stands

  // Of the command id: the answer found in the index when it held everything up to block `command_checked`.
  std::optional<Store::StoredAnswer> known_answer;
  std::uint64_t command_checked = 0;

  Store::Completion done;
  [[nodiscard]] std::size_t cost() const { return records.size() + 256 + 128 * writes.size(); }
};

// `invalid` names what is out of bounds.
Result<Submission, AppendError> prepare(const Append& append);

}  // namespace flowstone::eventstore
