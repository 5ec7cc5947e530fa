// Gives every append its place: one thread decides, numbers, hashes and commits; one sync serves all that wait.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/locked.hpp"
#include "base/time.hpp"
#include "eventstore/block.hpp"
#include "eventstore/high_water.hpp"
#include "eventstore/index.hpp"
#include "eventstore/indexed_cache.hpp"
#include "eventstore/journal.hpp"
#include "eventstore/log_tail.hpp"
#include "eventstore/submission_queue.hpp"

namespace flowstone::eventstore {

// Whether the log takes appends, and why not. Threads: any.
class Acceptance {
 public:
  // The first reason stays.
  void refuse(std::string why);
  [[nodiscard]] bool accepting() const { return accepting_.load(std::memory_order_acquire); }
  [[nodiscard]] std::string failure() const;

 private:
  std::atomic<bool> accepting_{true};
  Locked<std::string> failure_;
};

// Order: completions run in log order, after the sync that covers them.
// Threads: `submit` from any; completions and listeners run on the sequencer's own thread.
class Sequencer {
 public:
  struct Start {
    std::uint64_t block = 0;  // number of the last block
    CompactRange tree;        // over the whole log
    Timestamp time;           // of the last append
  };
  struct Parts {
    Journal& journal;
    Index& index;
    LogTail& tail;
    HighWater& high_water;
    Acceptance& acceptance;
    const Clock& clock;
  };
  Sequencer(Parts parts, Start start, std::size_t queue_bytes, std::size_t stream_heads);
  // Finishes what is queued.
  ~Sequencer();

  void submit(Submission submission);
  std::shared_ptr<void> listen(Store::Listener tell);
  [[nodiscard]] Store::Metrics metrics() const;
  // The last position given, durable or not yet.
  [[nodiscard]] Position appended() const { return {appended_.load(std::memory_order_acquire)}; }

 private:
  struct Head {
    Revision revision;
  };
  struct Listeners {
    std::mutex mutex;
    std::vector<std::shared_ptr<Store::Listener>> list;
  };

  void run();
  void commit(std::span<Submission> batch);
  AppendResult decide(Submission& submission);
  Result<std::optional<Store::StoredAnswer>, StoreError> find_answer(const Submission& submission);
  Result<void, AppendError> advance_heads(const Submission& submission);
  Result<Head*, AppendError> head_of(const Submission::Write& write);
  Result<void, AppendError> check_positioned(const Submission& submission) const;
  Result<void, AppendError> check_parts_unknown(const Submission& submission);
  AppendResult stage(Submission& submission);
  void place(const AppendEntry& entry, BytesView records);
  void place_parts(const Submission& submission, Position first);
  void digest_payloads(std::span<Submission> batch);
  void close_block();
  void hash_blocks();
  Result<void, JournalFailure> write_journal();
  void complete(std::span<Submission> batch);
  void refuse_all(std::span<Submission> batch, AppendErrorCode code, const std::string& why);
  void tell_listeners();

  Journal& journal_;
  Index& index_;
  LogTail& tail_;
  HighWater& high_water_;
  Acceptance& acceptance_;
  const Clock& clock_;
  SubmissionQueue queue_;
  const std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();

  // The sequencer's thread alone.
  std::uint64_t block_number_;
  CompactRange tree_;  // of what is hashed
  Position last_;      // given
  Timestamp time_;
  IndexedCache<Head> heads_;
  IndexedCache<Store::StoredAnswer> commands_;
  BlockBuilder builder_;
  Position block_first_;
  std::vector<std::size_t> streams_;
  std::vector<WriteSpan> spans_;
  std::vector<std::pair<Head*, std::uint32_t>> advanced_;
  std::vector<std::shared_ptr<CommittedBlock>> staged_;  // not hashed yet
  std::vector<SharedBlock> blocks_;                      // hashed, not durable yet
  std::vector<BytesView> hashed_;                        // what is hashed side by side, and its digests
  std::vector<char*> digested_;
  std::vector<Digest> digests_;
  std::vector<AppendResult> answers_;
  Bytes command_key_;

  std::atomic<std::uint64_t> appended_{0};
  std::atomic<std::uint64_t> appends_{0};
  std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> payload_bytes_{0};
  std::atomic<std::uint64_t> syncs_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> sync_nanoseconds_{0};

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace flowstone::eventstore
