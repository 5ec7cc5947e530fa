#include "eventstore/candidates.hpp"

namespace flowstone::eventstore {
namespace {

class EveryPosition final : public Candidates {
 public:
  explicit EveryPosition(PositionRange range) : range_(range) {}

  Result<std::optional<Position>, StoreError> next() override {
    if (range_.empty()) return std::nullopt;
    const Position at = range_.from;
    range_.from.value += range_.direction == Direction::forward ? 1 : std::uint64_t(-1);
    return at;
  }

 private:
  PositionRange range_;
};

class ListedPositions final : public Candidates {
 public:
  ListedPositions(std::vector<Postings> lists, PositionRange range) : range_(range) {
    for (Postings& list : lists) lists_.push_back({.list = std::move(list), .next = {}});
  }

  Result<std::optional<Position>, StoreError> next() override {
    if (!started_) {
      for (List& list : lists_) {
        FLOWSTONE_TRY(list.next, list.list.seek(range_.from, range_.direction));
      }
      started_ = true;
    }
    std::optional<Position> nearest;
    for (const List& list : lists_) {
      if (list.next && (!nearest || is_before(list.next->position, *nearest))) nearest = list.next->position;
    }
    if (!nearest || range_.passed(*nearest)) return std::nullopt;
    for (List& list : lists_) {
      if (!list.next || list.next->position != *nearest) continue;
      FLOWSTONE_TRY(list.next, list.list.next());
    }
    return nearest;
  }

 private:
  struct List {
    Postings list;
    std::optional<Postings::Entry> next;
  };
  [[nodiscard]] bool is_before(Position left, Position right) const {
    return range_.direction == Direction::forward ? left < right : left > right;
  }

  PositionRange range_;
  std::vector<List> lists_;
  bool started_ = false;
};

class RevisionsFrom final : public Candidates {
 public:
  RevisionsFrom(Postings stream, Revision from, PositionRange range)
      : stream_(std::move(stream)), from_(from), range_(range) {}

  Result<std::optional<Position>, StoreError> next() override {
    std::optional<Postings::Entry> entry;
    if (!started_) {
      started_ = true;
      FLOWSTONE_TRY(entry, stream_.seek(from_, range_.direction));
    } else {
      FLOWSTONE_TRY(entry, stream_.next());
    }
    // Entries newer than the range may be met first when going backward.
    while (entry && range_.direction == Direction::backward && entry->position > range_.from) {
      FLOWSTONE_TRY(entry, stream_.next());
    }
    if (!entry || range_.passed(entry->position)) return std::nullopt;
    return entry->position;
  }

 private:
  Postings stream_;
  const Revision from_;
  const PositionRange range_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Candidates> every_position(PositionRange range) { return std::make_unique<EveryPosition>(range); }

std::unique_ptr<Candidates> listed_positions(std::vector<Postings> lists, PositionRange range) {
  return std::make_unique<ListedPositions>(std::move(lists), range);
}

std::unique_ptr<Candidates> revisions_from(Postings stream, Revision from, PositionRange range) {
  return std::make_unique<RevisionsFrom>(std::move(stream), from, range);
}

}  // namespace flowstone::eventstore
