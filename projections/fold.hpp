// A projection's way from events to rows, without knowing who drives it.
//
// Durability: rows and the checkpoint that produced them are written together, whatever they are kept in.
// Threads: a fold belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"
#include "eventstore/event.hpp"
#include "projections/build.hpp"

namespace flowstone::projections {

class Fold {
 public:
  virtual ~Fold() = default;
  // Folds one event; nobody sees it before the next `commit`. On an error nothing changed, and the error says why the
  // event cannot be folded.
  virtual Result<void, std::string> take(const eventstore::RecordedEvent& event) = 0;
  // How much has changed since the last `commit`, roughly.
  [[nodiscard]] virtual std::size_t pending_bytes() const = 0;
  // Writes everything that changed since the last call, counted into `checkpoint`, and `checkpoint`: all or nothing.
  virtual Result<void, std::string> commit(Checkpoint& checkpoint) = 0;
  // Ends the bulk phase: makes what `commit` left out, counts rows and digest into `checkpoint`, and writes that.
  virtual Result<void, std::string> finish_bulk(Checkpoint& checkpoint) = 0;
};

}  // namespace flowstone::projections
