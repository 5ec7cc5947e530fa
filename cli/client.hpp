// What every command that talks to a server uses: address, key, retries, and refusals as sentences.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.hpp"
#include "cli/connection.hpp"

namespace flowstone::cli {

struct ClientOptions {
  std::string url{};
  std::string key{};  // sent as `Authorization: Bearer`; empty: none
  std::chrono::milliseconds timeout{30'000};
  int attempts = 4;  // of a request that may safely be sent again
};

// Why a request was not answered with success.
struct Refusal {
  unsigned status = 0;     // 0: no answer came
  std::string code{};      // of the problem document: "invalid_field"
  std::string sentence{};  // everything a person needs, several lines if fields are named
  boost::json::value document{};
};

// Turns an answer that is no success into a refusal, reading its problem document (RFC 9457) if it has one.
Refusal refusal_of(const HttpResponse& response);

// Order: one request at a time. Threads: one thread at a time.
// Retries: what carries an Idempotency-Key, and reads, are sent again after a cut or a 429, 502, 503 or 504 with
// growing pauses (or the server's Retry-After); anything else never, and nothing after a timeout: that was long enough.
class Client {
 public:
  static Result<Client, Refusal> make(ClientOptions options);

  Result<HttpResponse, Refusal> send(HttpRequest request);
  // The body of a successful answer as JSON; null where it is empty.
  Result<boost::json::value, Refusal> get(const std::string& target);
  // Sends a command with a fresh Idempotency-Key, or with the one given.
  Result<boost::json::value, Refusal> post(const std::string& target, const boost::json::value& body,
                                           std::string idempotency_key = {});
  Result<boost::json::value, Refusal> command(std::string method, const std::string& target, std::string body,
                                              std::string idempotency_key = {});
  // Sends a command that is safe to repeat by its own content, without a key, and once only.
  Result<boost::json::value, Refusal> post_once(const std::string& target, std::string body);

  // A body that is given piece by piece, anew for each attempt: see `Connection::upload`.
  struct Body {
    std::string content_type;
    std::uint64_t length = 0;
    std::function<Connection::Give()> begin;
  };
  // Sends it under one fresh Idempotency-Key.
  Result<boost::json::value, Refusal> upload(const std::string& target, const Body& body);

  // Reads an answer of JSON lines. `line` gets each whole line as it arrives and returns false to stop.
  // Returns when the answer ends; a cut is an error with status 0.
  Result<void, Refusal> lines(const std::string& target, std::chrono::milliseconds idle,
                              const std::function<bool(std::string_view line)>& line);

  [[nodiscard]] const ClientOptions& options() const { return options_; }

 private:
  Client(ClientOptions options, Endpoint endpoint);
  Result<boost::json::value, Refusal> document_of(HttpRequest request);
  // Sends up to `attempts` times.
  Result<HttpResponse, Refusal> send_patiently(int attempts,
                                               const std::function<Result<HttpResponse, TransportError>()>& send_once);
  static Result<boost::json::value, Refusal> document_in(const HttpResponse& response);
  void add_common_headers(HttpRequest& request) const;

  ClientOptions options_;
  std::unique_ptr<Connection> connection_;
};

// A fresh UUIDv7, for ids and idempotency keys made here.
std::string fresh_id();

}  // namespace flowstone::cli
