// A projection's way from events to rows, without knowing who drives it.
//
// Threads: a fold belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <string>

#include <rocksdb/write_batch.h>

#include "base/result.hpp"
#include "eventstore/event.hpp"
#include "projections/build.hpp"

namespace flowstone::projections {

class Fold {
 public:
  virtual ~Fold() = default;
  // Folds one event in memory. On an error nothing changed, and the error says why the event cannot be folded.
  virtual Result<void, std::string> take(const eventstore::RecordedEvent& event) = 0;
  // How much the next `write` will write, roughly.
  [[nodiscard]] virtual std::size_t pending_bytes() const = 0;
  // Puts everything that changed since the last call into the batch, and keeps count in `checkpoint`.
  virtual Result<void, std::string> write(rocksdb::WriteBatch& batch, Checkpoint& checkpoint) = 0;
  // Ends the bulk phase: makes what `write` left out, and counts rows and digest into `checkpoint`.
  virtual Result<void, std::string> finish_bulk(Checkpoint& checkpoint) = 0;
};

}  // namespace flowstone::projections
