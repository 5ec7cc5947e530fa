// A web server that says exactly what a test wants it to say, on a free port of this machine.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace flowstone::tests {

class WebServer {
 public:
  // From a path to every byte of the answer; nothing: the connection is held open without one.
  using Answers = std::function<std::optional<std::string>(const std::string& path)>;

  explicit WebServer(Answers answers);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url(const std::string& path) const { return "http://" + host() + path; }
  [[nodiscard]] int visits() const { return visits_; }
  // Every byte of what was asked, in the order in which it came.
  [[nodiscard]] std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve();

  const Answers answers_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> visits_{0};
  std::atomic<bool> stopping_{false};
  std::vector<int> held_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

std::string page(const std::string& body, const std::string& media_type = "text/html; charset=utf-8");
std::string redirect(const std::string& location);

}  // namespace flowstone::tests
