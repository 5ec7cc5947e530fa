#include "api/metrics.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowstone::api {

void Histogram::observe(std::chrono::nanoseconds took) {
  const double seconds = static_cast<double>(took.count()) * 1e-9;
  const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(kBounds, seconds) - kBounds.begin());
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  nanoseconds_.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t sum = 0;
  for (const auto& bucket : buckets_) sum += bucket.load(std::memory_order_relaxed);
  return sum;
}

void Histogram::append(std::string_view name, std::string_view labels, std::string& out) const {
  auto line = std::back_inserter(out);
  const std::string_view comma = labels.empty() ? "" : ",";
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < kBounds.size(); ++at) {
    sum += buckets_[at].load(std::memory_order_relaxed);
    fmt::format_to(line, "{}_bucket{{{}{}le=\"{}\"}} {}\n", name, labels, comma, kBounds[at], sum);
  }
  sum += buckets_.back().load(std::memory_order_relaxed);
  fmt::format_to(line, "{}_bucket{{{}{}le=\"+Inf\"}} {}\n", name, labels, comma, sum);
  const std::string braces = labels.empty() ? std::string() : fmt::format("{{{}}}", labels);
  fmt::format_to(line, "{}_sum{} {}\n", name, braces,
                 static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) * 1e-9);
  fmt::format_to(line, "{}_count{} {}\n", name, braces, sum);
}

}  // namespace flowstone::api
