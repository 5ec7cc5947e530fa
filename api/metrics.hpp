// Counters and histograms of the HTTP front, in Prometheus's base units.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flowstone::api {

// Threads: any. Cost: three relaxed additions.
class Histogram {
 public:
  void observe(std::chrono::nanoseconds took);
  // Appends the sample lines of `name` with these labels (`route="..."` or empty).
  void append(std::string_view name, std::string_view labels, std::string& out) const;
  [[nodiscard]] std::uint64_t count() const;

 private:
  static constexpr std::array<double, 14> kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                     0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets_{};
  std::atomic<std::uint64_t> nanoseconds_{0};
};

struct RouteMetrics {
  Histogram duration;
  std::array<std::atomic<std::uint64_t>, 6> by_class{};  // answers by the first digit of their status
};

struct Metrics {
  explicit Metrics(std::size_t routes) : routes(routes) {}

  std::vector<RouteMetrics> routes;
  Histogram append;                        // from the decoded command to its durable outcome
  std::atomic<std::uint64_t> unrouted{0};  // answers to paths that do not exist, and to broken requests
  std::atomic<std::uint64_t> accepted{0}, refused_connections{0}, timed_out{0};
  std::atomic<std::int64_t> connections{0};
  std::atomic<std::int64_t> websocket_subscribers{0}, sse_subscribers{0}, ndjson_subscribers{0};
  std::atomic<std::uint64_t> delivered_events{0}, delivered_bytes{0}, slow_readers_closed{0};
  std::atomic<std::uint64_t> log_lines_dropped{0};
};

}  // namespace flowstone::api
