// The store of this process: a data directory, a journal, an index, and the two threads that feed them.
#pragma once

#include <optional>

#include "eventstore/directory.hpp"
#include "eventstore/high_water.hpp"
#include "eventstore/indexer.hpp"
#include "eventstore/log_reader.hpp"
#include "eventstore/recovery.hpp"
#include "eventstore/sequencer.hpp"
#include "eventstore/store.hpp"

namespace flowstone::eventstore {

class LocalStore final : public Store {
 public:
  struct Owner {
    DirectoryLock lock;
    HighWater high_water;
  };
  struct Parts {
    std::optional<Owner> owner;  // none: read-only
    std::shared_ptr<Journal> journal;
    std::unique_ptr<Index> index;
    LogEnd end;
  };
  LocalStore(Parts parts, const StoreOptions& options);
  ~LocalStore() override;

  using Store::append;
  void append(Append append, Completion done) override;
  Result<void, StoreError> import(std::span<const RecordedEvent> events) override;
  [[nodiscard]] Result<std::optional<StoredAnswer>, StoreError> find_command(std::string_view workspace,
                                                                             std::string_view command_id) override;
  [[nodiscard]] Result<std::unique_ptr<Reader>, StoreError> read(const Filter& filter,
                                                                 const ReadOptions& options) override;
  [[nodiscard]] Result<std::unique_ptr<Reader>, StoreError> read_stream(std::string_view workspace,
                                                                        std::string_view stream, Revision from,
                                                                        Direction direction) override;
  [[nodiscard]] Result<Revision, StoreError> stream_head(std::string_view workspace, std::string_view stream) override;
  [[nodiscard]] Result<Position, StoreError> position_at(Timestamp time) override;
  [[nodiscard]] LogState state() const override;
  Position wait_beyond(Position position, std::chrono::milliseconds timeout, std::stop_token stop) override;
  [[nodiscard]] std::shared_ptr<void> on_commit(Listener tell) override;
  [[nodiscard]] TreeHead tree_head() const override;
  [[nodiscard]] Result<TreeHead, StoreError> tree_head_at(Position size) override;
  [[nodiscard]] Result<std::vector<Digest>, StoreError> inclusion_proof(Position position, Position size) override;
  [[nodiscard]] Result<std::vector<Digest>, StoreError> consistency_proof(Position first, Position second) override;
  [[nodiscard]] Result<Verification, StoreError> verify(const std::function<void(Position)>& progress) override;
  [[nodiscard]] Metrics metrics() const override;

 private:
  [[nodiscard]] LogView view() const { return {.journal = *journal_, .tail = tail_, .index = *index_}; }
  void look_up_command(Submission& submission);
  Result<void, StoreError> import_group(std::span<Submission> group);
  Result<void, StoreError> reach(Position size);

  std::optional<Owner> owner_;
  std::shared_ptr<Journal> journal_;
  std::unique_ptr<Index> index_;
  SystemClock system_clock_;
  Acceptance acceptance_;
  mutable LogTail tail_;
  std::unique_ptr<Indexer> indexer_;      // none: read-only
  std::unique_ptr<Sequencer> sequencer_;  // none: read-only
};

}  // namespace flowstone::eventstore
