// Positions worth looking at, in order: all of a range, or those that the index names.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "eventstore/index.hpp"

namespace flowstone::eventstore {

// Both ends included. Backward: from >= to.
struct PositionRange {
  Position from;
  Position to;
  Direction direction = Direction::forward;

  [[nodiscard]] bool empty() const { return direction == Direction::forward ? from > to : from < to; }
  [[nodiscard]] bool passed(Position at) const { return direction == Direction::forward ? at > to : at < to; }
};

class Candidates {
 public:
  virtual ~Candidates() = default;
  virtual Result<std::optional<Position>, StoreError> next() = 0;
};

std::unique_ptr<Candidates> every_position(PositionRange range);
// The union of the lists within the range.
std::unique_ptr<Candidates> listed_positions(std::vector<Postings> lists, PositionRange range);
// A stream's list from a revision on, within the range.
std::unique_ptr<Candidates> revisions_from(Postings stream, Revision from, PositionRange range);

}  // namespace flowstone::eventstore
