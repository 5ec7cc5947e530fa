#include "api/feed.hpp"

#include <filesystem>
#include <semaphore>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000000a";

class FeedsOfALog : public testing::Test {
 protected:
  FeedsOfALog() : directory_(std::filesystem::temp_directory_path() / fmt::format("flowstone-feeds-{}", getpid())) {
    std::filesystem::create_directories(directory_);
    eventstore::StoreOptions options;
    options.directory = directory_;
    store = std::move(eventstore::Store::open(std::move(options))).value();
    loop.start();
  }
  ~FeedsOfALog() override {
    feeds.reset();
    pool.reset();
    loop.finish();
    loop.join();
    store.reset();
    std::filesystem::remove_all(directory_);
  }
  void open(std::size_t memory) {
    feeds = std::make_unique<Feeds>(*store, *pool, memory);
    feeds->start();
    filter.workspace = kWorkspace;
  }
  void append(std::size_t count, std::string_view stream = "task-a") {
    eventstore::Append append;
    append.workspace = kWorkspace;
    append.writes.resize(1);
    append.writes[0].stream = stream;
    const auto payload = schemas::decode_json(*schemas::contracts().find_event("task.created"), R"({"title":"t"})");
    for (std::size_t at = 0; at < count; ++at) append.writes[0].events.push_back({"task.created", 1, *payload});
    ASSERT_TRUE(store->append(std::move(append)));
  }
  // What a reader on the loop gets, waiting for it as a connection would.
  Batch read(Feeds::Wanted wanted) {
    const auto feed = feeds->find(filter, Framing::ndjson);
    Batch batch;
    std::binary_semaphore done(0);
    Signal signal;
    const auto waker = std::make_shared<Waker>(loop, signal);
    loop.post([&] {
      net::co_spawn(loop.executor(), wait_for(feed, wanted, waker, &signal, &batch),
                    [&](std::exception_ptr) { done.release(); });
    });
    done.acquire();
    return batch;
  }
  std::vector<std::uint64_t> positions(const Batch& batch) {
    std::vector<std::uint64_t> found;
    for (const auto piece : batch.pieces) {
      for (std::size_t at = piece.find("\"position\":"); at != std::string_view::npos;
           at = piece.find("\"position\":", at + 1)) {
        found.push_back(std::strtoull(piece.data() + at + 11, nullptr, 10));
      }
    }
    return found;
  }

  Task<void> wait_for(std::shared_ptr<Feed> feed, Feeds::Wanted wanted, std::shared_ptr<Waker> waker, Signal* signal,
                      Batch* batch) {
    for (*batch = feeds->next(feed, wanted, waker); batch->examined.value == 0;
         *batch = feeds->next(feed, wanted, waker)) {
      co_await signal->wait();
    }
    feeds->leave(*feed, waker);
  }

  std::unique_ptr<eventstore::Store> store;
  std::unique_ptr<BlockingPool> pool = std::make_unique<BlockingPool>(2);
  Loop loop{std::chrono::milliseconds(10)};
  std::unique_ptr<Feeds> feeds;
  eventstore::Filter filter;

 private:
  std::filesystem::path directory_;
};

TEST_F(FeedsOfALog, HistoryComesInOrder) {
  open(1 << 20);
  append(100);
  std::vector<std::uint64_t> all;
  for (Position from{1}; from.value <= 100;) {
    const Batch batch = read({from, {UINT64_MAX}});
    for (const auto position : positions(batch)) all.push_back(position);
    from = batch.examined.next();
  }
  ASSERT_EQ(all.size(), 100U);
  for (std::uint64_t at = 0; at < 100; ++at) EXPECT_EQ(all[at], at + 1);
}

TEST_F(FeedsOfALog, ReadersBeginInTheMiddleOfAChunk) {
  open(1 << 20);
  append(50);
  read({{1}, {UINT64_MAX}});
  EXPECT_EQ(positions(read({{20}, {22}})), (std::vector<std::uint64_t>{20, 21, 22}));
}

TEST_F(FeedsOfALog, AskedNumberIsNotExceeded) {
  open(1 << 20);
  append(50);
  const Batch batch = read({{10}, {UINT64_MAX}, 3});
  EXPECT_EQ(positions(batch), (std::vector<std::uint64_t>{10, 11, 12}));
  EXPECT_EQ(batch.examined.value, 12U);
}

TEST_F(FeedsOfALog, TwoReadersGetTheSameBytes) {
  open(1 << 20);
  append(10);
  const Batch first = read({{1}, {UINT64_MAX}});
  const Batch second = read({{1}, {UINT64_MAX}});
  ASSERT_FALSE(first.chunks.empty());
  EXPECT_EQ(first.chunks[0].get(), second.chunks[0].get());
}

TEST_F(FeedsOfALog, WaitingReaderIsWokenByACommit) {
  open(1 << 20);
  append(3);
  std::jthread later([this] { append(1); });
  EXPECT_EQ(positions(read({{4}, {UINT64_MAX}})), std::vector<std::uint64_t>{4});
}

TEST_F(FeedsOfALog, FilterThatMatchesNothingStillMovesOn) {
  open(1 << 20);
  append(40);
  filter.stream = "task-b";
  const Batch batch = read({{1}, {UINT64_MAX}});
  EXPECT_EQ(batch.events, 0U);
  EXPECT_EQ(batch.examined.value, 40U);
}

TEST_F(FeedsOfALog, MemoryStaysWithinItsBound) {
  constexpr std::size_t kMemory = 100'000;
  open(kMemory);
  append(3000);
  for (Position from{1}; from.value <= 3000;) from = read({from, {UINT64_MAX}}).examined.next();
  // One load of eight chunks may be on top before it is noticed.
  EXPECT_LE(feeds->bytes(), kMemory + 8 * 64 * 1024);
  EXPECT_EQ(positions(read({{1}, {2}})), (std::vector<std::uint64_t>{1, 2}));
}

TEST(Batches, CutTellsTheRestOfTheEventAndItsPosition) {
  auto chunk = std::make_shared<Chunk>();
  chunk->bytes = "aaaabbbbcccc";
  chunk->entries = {{7, 0}, {9, 4}, {12, 8}};
  Batch batch;
  batch.chunks.push_back(chunk);
  batch.pieces.push_back(std::string_view(chunk->bytes).substr(4));
  EXPECT_EQ(batch.cut_after(0).last.value, 0U);
  EXPECT_EQ(batch.cut_after(0).rest, "");
  EXPECT_EQ(batch.cut_after(1).last.value, 9U);
  EXPECT_EQ(batch.cut_after(1).rest, "bbb");
  EXPECT_EQ(batch.cut_after(4).last.value, 9U);
  EXPECT_EQ(batch.cut_after(4).rest, "");
  EXPECT_EQ(batch.cut_after(5).last.value, 12U);
  EXPECT_EQ(batch.cut_after(5).rest, "ccc");
}

}  // namespace
}  // namespace flowstone::api
