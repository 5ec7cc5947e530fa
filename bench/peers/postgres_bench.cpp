// PostgreSQL 15 as an event store, the way message-db uses it: what durable appends cost there.
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "bench/disk.hpp"
#include "bench/peers/message_store.hpp"
#include "bench/peers/postgres_cluster.hpp"
#include "bench/report.hpp"

namespace flowstone::bench {
namespace {

constexpr int kSkipped = 77;

void measure(const PostgresCluster& cluster, const Options& options, std::string_view name, int connections,
             int categories) {
  const std::chrono::milliseconds duration(options.tiny ? 200 : 5'000);
  const double before = syncs_per_second(options.directory, duration / 10);
  const Written written =
      write_messages(cluster.address(), {.connections = connections, .categories = categories, .duration = duration});
  const double after = syncs_per_second(options.directory, duration / 10);
  const double syncs = (before + after) / 2;
  report({.measure = name,
          .value = written.per_second,
          .unit = "events/s",
          .at_least = {},
          .at_most = {},
          .beside = fmt::format("{:.2f} F at {} syncs/s; p50 {:.2f} ms, p99 {:.2f} ms", written.per_second / syncs,
                                readable(syncs), written.median_ms, written.p99_ms)});
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;  // NOLINT: the program is this room's
  const Options options = options_of(count, arguments);
  if (!PostgresCluster::installed()) {
    fmt::print(stderr, "bench: PostgreSQL 15 is not installed; `./x install` does that\n");
    remove_directory(options);
    return kSkipped;
  }
  {
    const PostgresCluster cluster(options.directory);
    make_message_store(cluster.address());
    measure(cluster, options, "peer PostgreSQL: 64 connections, 1 category", 64, 1);
    measure(cluster, options, "peer PostgreSQL: 64 connections, 64 categories", 64, 64);
    measure(cluster, options, "peer PostgreSQL: 1 connection", 1, 1);
  }
  remove_directory(options);
}
