// Many readers of the same events: each event is read, encoded and framed once for all who follow one filter.
//
// A feed is the log through one filter in one framing. Its spans say what is known of it: "positions 100 to 163 gave
// these bytes". A reader that is behind takes whole spans; at the end of the log all readers wait together, and one
// thread reads what was appended, once for all feeds, and wakes them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/blocking_pool.hpp"
#include "api/framing.hpp"
#include "api/loop.hpp"
#include "base/position.hpp"
#include "eventstore/store.hpp"

namespace flowstone::api {

// Consecutive matching events, framed one after the other. Immutable.
struct Chunk {
  struct Entry {
    std::uint64_t position = 0;
    std::uint32_t offset = 0;
  };
  std::vector<Entry> entries;
  std::string bytes;

  // The bytes of the events at `from` to `to`.
  struct Slice {
    std::string_view bytes;
    std::size_t events = 0;
    Position last;  // of them
  };
  // At most `most` events.
  [[nodiscard]] Slice slice(Position from, Position to, std::uint64_t most) const;
};

// Wakes one reader's coroutine, from any thread.
class Waker final : public Mail, public std::enable_shared_from_this<Waker> {
 public:
  Waker(Loop& loop, Signal& signal) : loop_(loop), signal_(&signal) {}
  void wake();
  // On the loop's thread: the signal is going away.
  void detach() { signal_ = nullptr; }
  // On the loop's thread: true once after each `wake`.
  bool take_call() { return std::exchange(called_, false); }

 private:
  void deliver() override;

  Loop& loop_;
  Signal* signal_;
  bool called_ = false;
  std::atomic<bool> under_way_{false};
  std::shared_ptr<Waker> self_;  // while under way
};

// Threads: any. Members below the mutex are guarded by it.
class Feed {
 public:
  Feed(eventstore::Filter what, Framing how) : filter(std::move(what)), framing(how) {}
  const eventstore::Filter filter;
  const Framing framing;

 private:
  friend class Feeds;
  friend class FeedBuilder;
  struct Span {
    std::uint64_t last = 0;
    std::shared_ptr<const Chunk> chunk;  // null: nothing matched
    std::uint64_t used = 0;              // when; for eviction
  };
  std::mutex mutex_;
  std::map<std::uint64_t, Span> spans_;  // by first position; disjoint
  std::vector<std::shared_ptr<Waker>> waiting_;
  bool loading_ = false;
  int warmth_ = 0;       // passes of the live thread that still keep it up to date although nobody waits
  std::string failure_;  // of the last load
};

struct Batch {
  std::vector<std::shared_ptr<const Chunk>> chunks;  // keep the pieces alive
  std::vector<std::string_view> pieces;
  std::size_t events = 0, bytes = 0;
  Position examined;    // everything up to here has been seen; {0}: nothing there yet, the waker will be called
  std::string failure;  // the log could not be read; nothing will come

  // Where a write broke off after so many bytes: the rest of the event it broke off in, and the position of the last
  // event that is complete with it ({0}: none).
  struct Cut {
    std::string_view rest;
    Position last;
  };
  [[nodiscard]] Cut cut_after(std::size_t written) const;
};

// Threads: any.
// Limits: `memory` bytes of encoded events, least recently used out first; 4,096 feeds that nobody reads are forgotten first.
class Feeds {
 public:
  Feeds(eventstore::Store& store, BlockingPool& pool, std::size_t memory);
  ~Feeds();
  Feeds(const Feeds&) = delete;
  Feeds& operator=(const Feeds&) = delete;

  void start();
  void stop();

  std::shared_ptr<Feed> find(const eventstore::Filter& filter, Framing framing);
  struct Wanted {
    Position from, to;
    std::uint64_t events = UINT64_MAX;  // at most so many
  };
  // What the feed has of it; if that is not known yet, `waker` is called when it may be.
  // Limits: 64 pieces and 256 KiB at once.
  Batch next(const std::shared_ptr<Feed>& feed, const Wanted& wanted, const std::shared_ptr<Waker>& waker);
  // The waker will not be called any more.
  void leave(Feed& feed, const std::shared_ptr<Waker>& waker);

  [[nodiscard]] std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t feeds() const;

 private:
  void gather(Feed& feed, const Wanted& wanted, Batch& batch);
  void begin_load(const std::shared_ptr<Feed>& feed, Position from);
  void load(const std::shared_ptr<Feed>& feed, Position from);
  void insert(Feed& feed, std::uint64_t first, std::uint64_t last, std::shared_ptr<const Chunk> chunk);
  static std::vector<std::shared_ptr<Waker>> take_waiting(Feed& feed);
  void heat();
  void run_live(std::stop_token stop);
  std::vector<std::shared_ptr<Feed>> warm_feeds();
  void pass(const std::vector<std::shared_ptr<Feed>>& feeds, Position head);
  void evict();

  eventstore::Store& store_;
  BlockingPool& pool_;
  const std::size_t memory_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::uint64_t> clock_{0};
  std::uint64_t live_mark_ = 0;  // of the live thread

  mutable std::mutex mutex_;
  std::condition_variable warmed_;
  std::map<std::string, std::shared_ptr<Feed>> feeds_;
  bool any_warm_ = false;
  int loads_ = 0;  // under way on the pool
  std::jthread live_;
};

}  // namespace flowstone::api
