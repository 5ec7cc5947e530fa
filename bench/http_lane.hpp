// A keep-alive connection to a server on this machine, for load generators: one request under way, one answer read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flowstone::bench {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// "POST /v1/tasks", a key (none if empty) and JSON (no body if empty) as the bytes of a request.
std::string http_request(std::string_view call, std::string_view key, std::string_view json);

// Not for more than one thread. An error of the connection ends the program.
class HttpLane {
 public:
  explicit HttpLane(std::uint16_t port);
  ~HttpLane();
  HttpLane(HttpLane&& other) noexcept;
  HttpLane& operator=(HttpLane&&) = delete;

  // Readable when `receive` will not block.
  [[nodiscard]] int socket() const { return socket_; }
  void send(std::string_view request);
  // Takes what has come; the answer, once it is there whole.
  std::optional<HttpAnswer> receive();
  // Both, blocking.
  HttpAnswer ask(std::string_view request);

 private:
  std::optional<HttpAnswer> take_answer();

  int socket_ = -1;
  std::string received_;
};

// A socket of the caller's, connected to a server on this machine; -1: nobody listens.
int connect_to(std::uint16_t port);

// Whether somebody listens there now.
bool is_listening(std::uint16_t port);

}  // namespace flowstone::bench
