// One HTTP/1.1 connection to a server, plain or TLS, with a deadline on everything it does.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/endpoint.hpp"

namespace flowstone::cli {

struct HttpRequest {
  std::string method = "GET";
  std::string target{};  // "/v1/tasks?limit=5", without the endpoint's prefix
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
};

struct HttpResponse {
  unsigned status = 0;
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};

  // Of the first header with this name, in any case; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct TransportError {
  enum class Kind : std::uint8_t { unreachable, timeout, tls, cut } kind = Kind::cut;
  std::string detail;  // a sentence
};

// Order: one request at a time; `send` returns when its answer is complete.
// Threads: one thread at a time.
// Limits: an answer of `send` may have 64 MiB.
class Connection {
 public:
  explicit Connection(Endpoint endpoint);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Connects first, if need be. After an error the next call connects anew.
  Result<HttpResponse, TransportError> send(const HttpRequest& request, std::chrono::milliseconds timeout);

  // Sends a request whose answer may go on for ever. With a 2xx status the body goes to `take` piece by piece as it
  // arrives, until it ends or `take` returns false; any other answer is returned whole with its body.
  // `idle` bounds the silence between two pieces.
  using Take = std::function<bool(std::string_view piece)>;
  Result<HttpResponse, TransportError> stream(const HttpRequest& request, std::chrono::milliseconds idle,
                                              const Take& take);

  // Sends a request whose body of `length` bytes comes piece by piece from `give`, once the server wants it
  // (`Expect: 100-continue`): what it refuses by its head is not sent. `give` returns nothing if it cannot go on.
  using Give = std::function<std::optional<std::string_view>()>;
  Result<HttpResponse, TransportError> upload(const HttpRequest& request, std::uint64_t length,
                                              std::chrono::milliseconds idle, const Give& give);

  void close();

 private:
  struct Session;
  Result<void, TransportError> connect(std::chrono::milliseconds timeout);

  Endpoint endpoint_;
  std::unique_ptr<Session> session_;
};

}  // namespace flowstone::cli
