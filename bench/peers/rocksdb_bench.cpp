// RocksDB as an event log, the way one starts: every thread writes its event with a sync of its own.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <rocksdb/db.h>

#include "base/check.hpp"
#include "bench/disk.hpp"
#include "bench/report.hpp"

namespace flowstone::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::size_t kEventBytes = 300;

std::string key_of(int thread, std::uint64_t revision) { return fmt::format("stream-{:04}/{:012}", thread, revision); }

// Writes until `deadline`; milliseconds of each write.
std::vector<double> write_events(rocksdb::DB& database, int thread, SteadyClock::time_point deadline) {
  const std::string event(kEventBytes, static_cast<char>('a' + thread % 26));
  rocksdb::WriteOptions durable;
  durable.sync = true;
  std::vector<double> took;
  for (auto now = SteadyClock::now(); now < deadline;) {
    const auto sent_at = now;
    check(database.Put(durable, key_of(thread, took.size() + 1), event).ok(), "RocksDB writes and syncs");
    now = SteadyClock::now();
    took.push_back(std::chrono::duration<double, std::milli>(now - sent_at).count());
  }
  return took;
}

void check_events(rocksdb::DB& database, const std::vector<std::vector<double>>& took) {
  const std::unique_ptr<rocksdb::Iterator> at(database.NewIterator({}));
  at->SeekToFirst();
  for (std::size_t thread = 0; thread < took.size(); ++thread) {
    for (std::uint64_t revision = 1; revision <= took[thread].size(); ++revision, at->Next())
      check(at->Valid() && at->key() == key_of(static_cast<int>(thread), revision), "every event is stored, once");
  }
  check(!at->Valid(), "nothing else is stored");
}

std::unique_ptr<rocksdb::DB> open(const std::filesystem::path& directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* database = nullptr;
  check(rocksdb::DB::Open(options, directory.string(), &database).ok(), "RocksDB opens");
  return std::unique_ptr<rocksdb::DB>(database);
}

void measure(const Options& options, std::string_view name, int threads) {
  const std::chrono::milliseconds duration(options.tiny ? 200 : 5'000);
  const double before = syncs_per_second(options.directory, duration / 10);
  const auto directory = options.directory / fmt::format("rocksdb-{}", threads);
  auto database = open(directory);
  std::vector<std::vector<double>> took(static_cast<std::size_t>(threads));
  const auto start = SteadyClock::now();
  {
    std::vector<std::jthread> writers;
    for (int at = 0; at < threads; ++at) {
      writers.emplace_back(
          [&, at] { took[static_cast<std::size_t>(at)] = write_events(*database, at, start + duration); });
    }
  }
  const std::chrono::duration<double> seconds = SteadyClock::now() - start;
  check_events(*database, took);
  database.reset();
  std::filesystem::remove_all(directory);
  const double syncs = (before + syncs_per_second(options.directory, duration / 10)) / 2;

  std::vector<double> all;
  for (const auto& each : took) all.insert(all.end(), each.begin(), each.end());
  std::ranges::sort(all);
  const double per_second = static_cast<double>(all.size()) / seconds.count();
  report({.measure = name,
          .value = per_second,
          .unit = "events/s",
          .at_least = {},
          .at_most = {},
          .beside = fmt::format("{:.2f} F at {} syncs/s; p50 {:.2f} ms, p99 {:.2f} ms", per_second / syncs,
                                readable(syncs), all[all.size() / 2], all[all.size() * 99 / 100])});
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;  // NOLINT: the program is this room's
  const Options options = options_of(count, arguments);
  measure(options, "peer RocksDB: a synced write a thread, 64 threads", 64);
  measure(options, "peer RocksDB: a synced write a thread, 1 thread", 1);
  remove_directory(options);
}
