// One JSON line a request, written by a thread of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace spdlog {
class async_logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace flowstone::api {

struct AccessEntry {
  std::string_view method, path, request_id, actor, workspace, peer;
  std::uint16_t status = 0;
  std::size_t request_bytes = 0, response_bytes = 0;
  std::chrono::nanoseconds took{};
};

// Threads: any.
// Limits: 8,192 lines wait at most; then the oldest are dropped rather than a request held up.
class AccessLog {
 public:
  explicit AccessLog(bool enabled);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // Of requests; failures are written in any case.
  [[nodiscard]] bool enabled() const { return enabled_; }
  void write(const AccessEntry& entry);
  // For what is no request: a failure inside the server.
  void error(std::string_view what, std::string_view request_id);

 private:
  const bool enabled_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace flowstone::api
