// The cost of what every event and every request goes through in `base`, and the disk's own limit.
#include <chrono>
#include <string>

#include "base/check.hpp"
#include "base/digest.hpp"
#include "base/identifier.hpp"
#include "base/time.hpp"
#include "bench/disk.hpp"
#include "bench/report.hpp"

namespace flowstone::bench {
namespace {

// Nanoseconds a round, of `rounds`.
template <class Round>
double nanoseconds_each(int rounds, Round round) {
  const auto start = std::chrono::steady_clock::now();
  for (int at = 0; at < rounds; ++at) round();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return took.count() / rounds;
}

void measure_ids(int rounds) {
  const SystemClock clock;
  UuidV7Source source(clock);
  std::string last;
  const double each = nanoseconds_each(rounds, [&] {
    std::string id = source.fresh();
    check(id > last, "ids increase");
    last = std::move(id);
  });
  report({.measure = "base: a fresh UUIDv7", .value = each, .unit = "ns", .at_least = {}, .at_most = {}, .beside = {}});
}

void measure_times(int rounds) {
  Timestamp at{1'795'608'000'000'001};
  const double each = nanoseconds_each(rounds, [&] {
    check(from_rfc3339(to_rfc3339(at)) == at, "times go there and back");
    at.micros += 86'399'999'999;
  });
  report({.measure = "base: RFC 3339 written and read",
          .value = each,
          .unit = "ns",
          .at_least = {},
          .at_most = {},
          .beside = {}});
}

void measure_digests(int rounds) {
  Bytes header(300, 'h');
  const double each = nanoseconds_each(rounds, [&] {
    const Digest digest = sha256({BytesView("\0", 1), header});
    header[0] = static_cast<char>(digest[0]);
  });
  check(sha256({"a", "bc"}) == sha256("abc"), "parts are hashed as one");
  report({.measure = "base: SHA-256 of a 300-byte leaf",
          .value = each,
          .unit = "ns",
          .at_least = {},
          .at_most = {},
          .beside = {}});
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;  // NOLINT: the program is this room's
  const Options options = options_of(count, arguments);
  const int rounds = options.tiny ? 1'000 : 1'000'000;
  measure_ids(rounds);
  measure_times(rounds);
  measure_digests(rounds);
  const auto duration = std::chrono::milliseconds(options.tiny ? 20 : 2'000);
  report({.measure = "disk: F, 4 KiB appended and fdatasynced",
          .value = syncs_per_second(options.directory, duration),
          .unit = "syncs/s",
          .at_least = {},
          .at_most = {},
          .beside = "the physical limit of this run"});
  remove_directory(options);
}
