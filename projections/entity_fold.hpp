// The table of an aggregate's present state: each row is folded by the same `evolve` that the decider uses.
//
// Cost: an entity that changed lately is in memory; another one costs one read of its row. Each changed row is written once a
// batch, with those of its index entries that differ.
// Limits: entities in memory up to a number of bytes, least recently changed out first.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/aggregate.hpp"
#include "projections/row_indexes.hpp"
#include "projections/views_fold.hpp"

namespace flowstone::projections {

class EntityFold final : public ViewsFold {
 public:
  EntityFold(Views& views, BuildId build, const domain::AggregateType& aggregate, bool bulk);

  Result<void, std::string> take(const eventstore::RecordedEvent& event) override;
  [[nodiscard]] std::size_t pending_bytes() const override { return pending_bytes_; }

 private:
  Result<void, std::string> write(rocksdb::WriteBatch& batch, Checkpoint& checkpoint) override;
  Result<void, std::string> complete(Checkpoint& checkpoint) override;

  struct Slot {
    std::string name;  // workspace NUL stream
    std::size_t workspace_size = 0;
    std::unique_ptr<domain::Entity> entity;
    Bytes row;              // as last written; empty: none yet, or not kept (bulk)
    std::size_t bytes = 0;  // that it is counted with
    bool changed = false;

    [[nodiscard]] std::string_view workspace() const { return std::string_view(name).substr(0, workspace_size); }
    [[nodiscard]] std::string_view stream() const { return std::string_view(name).substr(workspace_size + 1); }
  };
  using Slots = std::list<Slot>;

  Result<Slot*, std::string> find_or_load(const eventstore::RecordedEvent& event, std::string_view id);
  void write_row(rocksdb::WriteBatch& batch, Checkpoint& checkpoint, Slot& slot);
  void write_indexes(rocksdb::WriteBatch& batch, const Slot& slot, BytesView row, std::string_view id);
  void count(Slot& slot, std::size_t row_bytes);
  void forget_oldest();

  const domain::AggregateType& aggregate_;
  const RowIndexes indexes_;
  bool bulk_;

  Slots slots_;                                                    // last changed first
  std::unordered_map<std::string_view, Slots::iterator> by_name_;  // keys point into the slots
  std::vector<Slot*> changed_;
  std::string name_;  // of the event at hand
  std::size_t pending_bytes_ = 0;
  std::size_t cached_bytes_ = 0;
};

}  // namespace flowstone::projections
