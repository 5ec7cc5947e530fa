// The store's readers: candidates from the index or a range, their events from the blocks, the filter over all.
#pragma once

#include <deque>
#include <memory>

#include "eventstore/block_cursor.hpp"
#include "eventstore/candidates.hpp"

namespace flowstone::eventstore {

// What reading needs. All outlive the readers.
struct LogView {
  Journal& journal;
  const LogTail& tail;
  const Index& index;
};

// `range` is within the durable positions and may be empty.
std::unique_ptr<Reader> make_reader(const LogView& log, Filter filter, PositionRange range);
// `from` is never {0}.
std::unique_ptr<Reader> make_stream_reader(const LogView& log, std::string_view workspace, std::string_view stream,
                                           Revision from, Direction direction);

// The last position whose event is not younger than `time`; {0} if all are younger.
Result<Position, StoreError> last_position_at(const LogView& log, Index& index, Timestamp time);

}  // namespace flowstone::eventstore
