#include "eventstore/log_reader.hpp"

#include <algorithm>
#include <functional>

#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

// Which revisions a reader of one stream wants.
struct RevisionBounds {
  Revision lowest{0};
  Revision highest{UINT64_MAX};
};

class LogReader final : public Reader {
 public:
  LogReader(const LogView& log, Filter filter, PositionRange range, RevisionBounds bounds, Journal::Access access)
      : filter_(std::move(filter)), range_(range), bounds_(bounds), cursor_(log.journal, log.tail, access) {
    const bool forward = range.direction == Direction::forward;
    examined_ = {forward ? range.from.value - 1 : range.from.value + 1};
    if (!filter_.workspace.empty() && !filter_.stream.empty()) {
      Bytes key;
      append_stream_key(key, filter_.workspace, filter_.stream);
      stream_hash_ = std::hash<std::string_view>{}(key);
    }
  }

  void then(std::unique_ptr<Candidates> candidates) { parts_.push_back(std::move(candidates)); }

  Result<const RecordedEvent*, StoreError> next() override {
    while (!parts_.empty()) {
      FLOWSTONE_TRY(const auto candidate, parts_.front()->next());
      if (!candidate) {
        parts_.pop_front();
        continue;
      }
      FLOWSTONE_TRY(const bool wanted, look_at(*candidate));
      examined_ = *candidate;
      if (wanted) return &event_;
    }
    if (!range_.empty()) examined_ = range_.to;
    return nullptr;
  }

  [[nodiscard]] Position examined() const override { return examined_; }

 private:
  Result<bool, StoreError> look_at(Position position) {
    if (stream_hash_ && !cursor_.may_be_of(position, *stream_hash_)) return false;
    FLOWSTONE_TRY(BlockReader* const block, cursor_.at(position));
    if (!block->event(position, event_)) return failure(corrupt(position, "the record is malformed"));
    return event_.revision >= bounds_.lowest && event_.revision <= bounds_.highest && filter_.matches(event_);
  }

  const Filter filter_;
  const PositionRange range_;
  const RevisionBounds bounds_;
  std::optional<std::size_t> stream_hash_;
  std::deque<std::unique_ptr<Candidates>> parts_;
  BlockCursor cursor_;
  RecordedEvent event_;
  Position examined_;
};

// A range cut where the index ends, in reading order.
struct Cut {
  PositionRange indexed;
  PositionRange rest;
};

Cut cut(const PositionRange& range, Position indexed) {
  Cut parts{.indexed = range, .rest = range};
  if (range.direction == Direction::forward) {
    parts.indexed.to = std::min(range.to, indexed);
    parts.rest.from = std::max(range.from, indexed.next());
  } else {
    parts.indexed.from = std::min(range.from, indexed);
    parts.rest.to = std::max(range.to, indexed.next());
  }
  return parts;
}

void add_parts(LogReader& reader, const Cut& parts, std::unique_ptr<Candidates> listed) {
  auto rest = every_position(parts.rest);
  if (parts.rest.direction == Direction::forward) {
    if (!parts.indexed.empty()) reader.then(std::move(listed));
    reader.then(std::move(rest));
  } else {
    reader.then(std::move(rest));
    if (!parts.indexed.empty()) reader.then(std::move(listed));
  }
}

// The lists that together name every match; none if the filter needs a scan.
std::vector<Postings> lists_for(const Index& index, const Filter& filter) {
  std::vector<Postings> lists;
  if (!filter.stream.empty() && !filter.workspace.empty()) {
    lists.push_back(index.stream(filter.workspace, filter.stream));
  } else if (!filter.types.empty()) {
    for (const std::string& type : filter.types) lists.push_back(index.type(filter.workspace, type));
  } else {
    for (const std::string& category : filter.categories) lists.push_back(index.category(filter.workspace, category));
  }
  return lists;
}

}  // namespace

std::unique_ptr<Reader> make_reader(const LogView& log, Filter filter, PositionRange range) {
  const Position indexed = log.tail.indexed();
  auto lists = lists_for(log.index, filter);
  const auto access = lists.empty() ? Journal::Access::scan : Journal::Access::points;
  auto reader = std::make_unique<LogReader>(log, std::move(filter), range, RevisionBounds{}, access);
  if (lists.empty()) {
    reader->then(every_position(range));
  } else {
    const Cut parts = cut(range, indexed);
    add_parts(*reader, parts, listed_positions(std::move(lists), parts.indexed));
  }
  return reader;
}

std::unique_ptr<Reader> make_stream_reader(const LogView& log, std::string_view workspace, std::string_view stream,
                                           Revision from, Direction direction) {
  const Position indexed = log.tail.indexed();
  const Position durable = log.tail.durable();
  PositionRange range{.from = {1}, .to = durable, .direction = direction};
  RevisionBounds bounds{.lowest = from};
  if (direction == Direction::backward) {
    std::swap(range.from, range.to);
    bounds = {.highest = from};
  }
  Filter filter;
  filter.workspace = workspace;
  filter.stream = stream;
  auto reader = std::make_unique<LogReader>(log, std::move(filter), range, bounds, Journal::Access::points);
  const Cut parts = cut(range, indexed);
  add_parts(*reader, parts, revisions_from(log.index.stream(workspace, stream), from, parts.indexed));
  return reader;
}

Result<Position, StoreError> last_position_at(const LogView& log, Index& index, Timestamp time) {
  const Position indexed = log.tail.indexed();
  Position high = log.tail.durable();
  if (high == Position{}) return Position{};
  BlockCursor cursor(log.journal, log.tail, Journal::Access::points);
  RecordedEvent event;
  const auto is_younger = [&](Position at) -> Result<bool, StoreError> {
    FLOWSTONE_TRY(BlockReader* const block, cursor.at(at));
    if (!block->event(at, event)) return failure(corrupt(at, "the record is malformed"));
    return event.time > time;
  };
  Position low{};  // not younger, or 0
  bool in_index = high <= indexed;
  if (!in_index) {
    FLOWSTONE_TRY(in_index, is_younger(indexed.next()));
    low = indexed.next();
  }
  if (in_index) {
    if (indexed == Position{}) return Position{};
    FLOWSTONE_TRY(low, index.block_at(time));
    if (low == Position{}) return low;
    FLOWSTONE_TRY(BlockReader* const block, cursor.at(low));
    high = block->last();
  }
  while (low < high) {
    const Position middle{low.value + (high.value - low.value + 1) / 2};
    FLOWSTONE_TRY(const bool younger, is_younger(middle));
    if (younger) {
      high = {middle.value - 1};
    } else {
      low = middle;
    }
  }
  return low;
}

}  // namespace flowstone::eventstore
