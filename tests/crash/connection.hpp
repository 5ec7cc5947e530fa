// One HTTP/1.1 connection over a blocking socket: what a client sees when its server is killed, without a library
// between.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace flowstone::crash {

using Headers = std::map<std::string, std::string, std::less<>>;

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  std::string key;  // of the workspace's admin
};

struct Request {
  std::string method;
  std::string path;
  std::string body = {};
  Headers headers = {};
};

struct Answer {
  int status = 0;
  Headers headers;  // names in lower case
  std::string body;

  [[nodiscard]] bool succeeded() const { return status >= 200 && status < 300; }
  [[nodiscard]] std::string_view header(std::string_view name) const;
  // Of the entity tag "12"; 0 without one.
  [[nodiscard]] std::uint64_t revision() const;
  // Of Flowstone-Position; 0 without one.
  [[nodiscard]] std::uint64_t position() const;
};

// Threads: used by one at a time.
class Connection {
 public:
  explicit Connection(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Connects if it must, sends, and reads the whole answer. Nothing: it was not answered, and may or may not have been
  // done.
  // Limits: gives up after 60 seconds without a byte.
  std::optional<Answer> ask(const Request& request);

  // Asks, and hands out each line of a body without end, until the connection ends or `take` returns false.
  // Nothing: not even a head came.
  std::optional<Answer> follow(const Request& request, const std::function<bool(std::string_view line)>& take);

 private:
  bool open();
  void close();
  bool send_all(std::string_view bytes);
  bool send_request(const Request& request);
  bool fill();
  std::optional<std::string> read_line();
  std::optional<std::string> read_exactly(std::size_t count);
  std::optional<Answer> read_head();
  bool read_body(Answer& answer);
  std::optional<std::string> read_chunk();

  Endpoint endpoint_;
  int socket_ = -1;
  std::string received_;
};

}  // namespace flowstone::crash
