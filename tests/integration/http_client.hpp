// A client that sees every byte: tests say exactly what they send and read exactly what comes back.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowstone::tests {

struct Answer {
  int status = 0;                              // 0: the connection ended without one
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const;
  // The value of the first member of this name in the body: text without its quotes, anything else as it stands.
  [[nodiscard]] std::string member(std::string_view name) const;
  [[nodiscard]] std::uint64_t number(std::string_view name) const;
};

std::string member_of(std::string_view json, std::string_view name);

// Not thread-safe. Every wait ends after ten seconds.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False if the peer takes no more.
  bool send(std::string_view bytes);
  // Reads one answer with its body, by length or chunked.
  Answer read(bool has_body = true);
  Answer request(std::string_view method, std::string_view target, std::string_view body = {},
                 std::string_view headers = {});

  // Reads until there are `count` bytes, or a line end; what is left stays for the next call. Nothing at the end.
  std::optional<std::string> take(std::size_t count);
  std::optional<std::string> take_line();
  // The next chunk of a chunked body; nothing at its end.
  std::optional<std::string> take_chunk();
  // True if the peer closes the connection; what it sends before is dropped.
  bool is_closed_by_peer();

  std::string key;  // sent as a Bearer token by `request`

 private:
  bool fill();

  int socket_ = -1;
  std::string buffer_;
};

struct Message {
  int opcode = -1;  // -1: the connection ended
  std::string payload;

  [[nodiscard]] int close_code() const;
  [[nodiscard]] std::string close_reason() const { return payload.size() > 2 ? payload.substr(2) : std::string(); }
};

// A WebSocket after its handshake.
class Socket {
 public:
  Socket(std::uint16_t port, std::string_view key, std::string_view target, std::string_view headers = {});

  Answer handshake;
  Message next();
  // The next text message that is an event, answering pings on the way.
  Message next_event();
  bool send(std::uint8_t first_byte, std::string_view payload);
  Client& wire() { return client_; }

 private:
  Client client_;
};

}  // namespace flowstone::tests
