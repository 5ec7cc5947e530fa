// What the log does by itself: durable appends beside the disk's own limit, scan, restart, and bytes on disk.
//
// FLOWSTONE_BENCH_EVENTS sets the size of the log for scan and restart (default 1,000,000).
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <semaphore>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/digest.hpp"
#include "base/identifier.hpp"
#include "base/time.hpp"
#include "bench/disk.hpp"
#include "bench/report.hpp"
#include "eventstore/store.hpp"

namespace flowstone::bench {
namespace {

using eventstore::Append;
using eventstore::AppendResult;
using eventstore::Store;

constexpr std::size_t kPayload = 300;
constexpr std::size_t kStreams = 1'000;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::unique_ptr<Store> open(const std::filesystem::path& directory) {
  eventstore::StoreOptions options;
  options.directory = directory;
  auto opened = Store::open(std::move(options));
  check(opened.has_value(), opened ? "" : opened.error().detail);
  return *std::move(opened);
}

// What a request makes: ids of 36 characters in every name that has one, and a payload of which a third is text that
// repeats.
class Appends {
 public:
  explicit Appends(std::uint64_t seed) : random_(seed) {
    for (std::size_t stream = 0; stream < kStreams; ++stream) streams_.push_back("task-" + ids_.fresh());
  }
  Append next() {
    Append append;
    append.workspace = workspace_;
    append.actor = actor_;
    append.correlation = request_;
    append.request_id = request_;
    Bytes payload(kPayload, '\0');
    for (std::size_t at = 0; at < kPayload; at += 8) {
      const std::uint64_t word = at % 3 == 0 ? 0x20656874'20646e61ULL : random_();
      std::memcpy(payload.data() + at, &word, std::min<std::size_t>(8, kPayload - at));
    }
    append.writes.push_back(
        {.stream = streams_[random_() % kStreams], .expected = eventstore::AnyRevision{}, .events = {}});
    append.writes[0].events.push_back({.type = "task.updated", .schema_version = 1, .payload = std::move(payload)});
    return append;
  }

 private:
  SystemClock clock_;
  UuidV7Source ids_{clock_};
  std::mt19937_64 random_;
  std::string workspace_ = ids_.fresh();
  std::string actor_ = "key:" + ids_.fresh();
  std::string request_ = ids_.fresh();
  std::vector<std::string> streams_;
};

// One producer that never waits for an answer, as long as fewer than `in_flight` are open.
void append_pipelined(Store& store, std::size_t events, std::ptrdiff_t in_flight, bool with_command_ids) {
  Appends appends(1);
  const SystemClock clock;
  UuidV7Source ids(clock);
  std::counting_semaphore<> room(in_flight);
  std::atomic<std::size_t> failed = 0;
  for (std::size_t event = 0; event < events; ++event) {
    room.acquire();
    Append append = appends.next();
    if (with_command_ids) append.command_id = ids.fresh();
    store.append(std::move(append), [&](AppendResult result) {
      if (!result) ++failed;
      room.release();
    });
  }
  for (std::ptrdiff_t open = 0; open < in_flight; ++open) room.acquire();
  check(failed == 0, "every append is answered with success");
}

void append_from_threads(Store& store, std::size_t threads, std::size_t each) {
  std::vector<std::thread> writers;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    writers.emplace_back([&store, thread, each] {
      Appends appends(thread);
      for (std::size_t event = 0; event < each; ++event) check(store.append(appends.next()).has_value(), "appended");
    });
  }
  for (std::thread& writer : writers) writer.join();
}

// Every position once and in order, every stream's revisions dense.
void check_dense(Store& store, std::uint64_t events) {
  auto reader = store.read({}, {});
  check(reader.has_value(), "the log can be read");
  std::map<std::string, std::uint64_t, std::less<>> revisions;
  std::uint64_t position = 0;
  while (true) {
    const auto next = (*reader)->next();
    check(next.has_value(), "every event can be read");
    if (*next == nullptr) break;
    check((*next)->position.value == ++position, "positions are dense");
    auto stream = revisions.find((*next)->stream);
    if (stream == revisions.end()) stream = revisions.emplace((*next)->stream, 0).first;
    check((*next)->revision.value == ++stream->second, "revisions are dense");
  }
  check(position == events, "all events are there");
}

void check_root(Store& store) {
  const auto verified = store.verify({});
  check(verified.has_value() && verified->recomputed.root == store.tree_head().root, "the root is that of the records");
}

double scan(Store& store, std::uint64_t events) {
  std::uint64_t seen = 0;
  std::uint64_t bytes = 0;
  const double seconds = seconds_of([&] {
    auto reader = store.read({}, {});
    while (const auto* event = *(*reader)->next()) {
      ++seen;
      bytes += event->payload.size();
    }
  });
  check(seen == events && bytes == events * kPayload, "the scan sees every event");
  return static_cast<double>(events) / seconds;
}

std::uint64_t bytes_below(const std::filesystem::path& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {}

  void run() {
    const std::size_t scale = options_.tiny ? 100 : 1;
    measure_append("append, 1 writer, 1 event each", 0.8, 8'000 / scale,
                   [](Store& store, std::size_t events) { append_from_threads(store, 1, events); });
    measure_append("append, 64 writers, 1 event each", 15, 256'000 / scale,
                   [](Store& store, std::size_t events) { append_from_threads(store, 64, events / 64); });
    measure_append("append, pipelined, 4,096 in flight", 60, 1'000'000 / scale,
                   [](Store& store, std::size_t events) { append_pipelined(store, events, 4'096, false); });
    measure_append("append, pipelined, with command ids", {}, 500'000 / scale,
                   [](Store& store, std::size_t events) { append_pipelined(store, events, 4'096, true); });
    measure_log();
  }

 private:
  void measure_append(std::string_view measure, std::optional<double> goal_in_f, std::size_t events,
                      const std::function<void(Store&, std::size_t)>& work) {
    const auto directory = options_.directory / "append";
    const auto probe = std::chrono::milliseconds(options_.tiny ? 20 : 1'000);
    const double before = syncs_per_second(options_.directory, probe);
    const auto store = open(directory);
    const double seconds = seconds_of([&] { work(*store, events); });
    const auto metrics = store->metrics();
    const double after = syncs_per_second(options_.directory, probe);
    const double f = (before + after) / 2;
    const double rate = static_cast<double>(metrics.events) / seconds;
    check_dense(*store, metrics.events);
    check_root(*store);
    report({.measure = measure,
            .value = rate,
            .unit = "events/s",
            .at_least = goal_in_f ? std::optional(*goal_in_f * f) : std::nullopt,
            .at_most = {},
            .beside = fmt::format("{:.1f} F; F = {} syncs/s ({} before, {} after); {} syncs of {:.0f} us", rate / f,
                                  readable(f), readable(before), readable(after),
                                  readable(static_cast<double>(metrics.syncs)),
                                  metrics.sync_seconds / static_cast<double>(metrics.syncs) * 1e6)});
    std::filesystem::remove_all(directory);
  }

  void measure_log() {
    const std::uint64_t events = size_from(options_, "FLOWSTONE_BENCH_EVENTS", 1'000'000, 5'000);
    const auto directory = options_.directory / "log";
    auto store = open(directory);
    append_pipelined(*store, events, 4'096, false);
    check_dense(*store, events);
    const double close = seconds_of([&] { store.reset(); });
    const double restart = seconds_of([&] { store = open(directory); });
    const std::string of = fmt::format("{} events", readable(static_cast<double>(events)));
    report({.measure = "restart",
            .value = restart,
            .unit = "s",
            .at_least = {},
            .at_most = 2.0,
            .beside = fmt::format("{}; closing took {:.2f} s", of, close)});
    scan(*store, events);
    report({.measure = "scan of the log, warm",
            .value = scan(*store, events),
            .unit = "events/s",
            .at_least = 1'500'000,
            .at_most = {},
            .beside = of});
    const double verify = seconds_of([&] { check_root(*store); });
    report({.measure = "verify: every digest and root recomputed",
            .value = static_cast<double>(events) / verify,
            .unit = "events/s",
            .at_least = {},
            .at_most = {},
            .beside = of});
    store.reset();
    report({.measure = "bytes on disk an event, log",
            .value = static_cast<double>(bytes_below(directory / "log")) / static_cast<double>(events),
            .unit = "bytes",
            .at_least = {},
            .at_most = {},
            .beside = fmt::format("payload {} bytes", kPayload)});
    report({.measure = "bytes on disk an event, index",
            .value = static_cast<double>(bytes_below(directory / "index")) / static_cast<double>(events),
            .unit = "bytes",
            .at_least = {},
            .at_most = {},
            .beside = "with the tree's tiles"});
  }

  const Options options_;
};

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;  // NOLINT: the program is this room's
  const Options options = options_of(count, arguments);
  Bench(options).run();
  remove_directory(options);
}
