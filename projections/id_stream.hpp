// Ids in order, out of equality entries of an index: one value's, any of several values', or those that several
// conditions share.
//
// Lifetime: the snapshot outlives its streams.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "projections/views.hpp"

namespace flowstone::projections {

// Encoded ids in ascending order, or in descending order. Starts at the first.
class IdStream {
 public:
  virtual ~IdStream() = default;
  // Empty: there is no more.
  [[nodiscard]] virtual BytesView id() const = 0;
  virtual void next() = 0;
  // Moves forward, in the stream's direction, to `id` or the first one beyond it; never back.
  virtual void seek(BytesView id) = 0;
  // What went wrong when reading; empty: nothing.
  [[nodiscard]] virtual std::string error() const = 0;
};

// `prefix` is everything in the entries' keys before the id.
std::unique_ptr<IdStream> ids_after_prefix(const Snapshot& snapshot, Bytes prefix, bool descending);
std::unique_ptr<IdStream> any_of(std::vector<std::unique_ptr<IdStream>> streams, bool descending);
// All in one direction. Cost: proportional to the shortest stream.
std::unique_ptr<IdStream> all_of(std::vector<std::unique_ptr<IdStream>> streams);

}  // namespace flowstone::projections
