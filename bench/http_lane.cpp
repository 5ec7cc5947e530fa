#include "bench/http_lane.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"

namespace flowstone::bench {
namespace {

constexpr std::string_view kLength = "content-length: ";

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

}  // namespace

std::string http_request(std::string_view call, std::string_view key, std::string_view json) {
  auto request = fmt::format("{} HTTP/1.1\r\nHost: localhost\r\n", call);
  if (!key.empty()) request += fmt::format("Authorization: Bearer {}\r\n", key);
  if (!json.empty()) request += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", json.size());
  request += "\r\n";
  request += json;
  return request;
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return socket;  // NOLINT
  ::close(socket);
  return -1;
}

HttpLane::HttpLane(std::uint16_t port) : socket_(connect_to(port)) { check(socket_ >= 0, "the client connects"); }

HttpLane::HttpLane(HttpLane&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

HttpLane::~HttpLane() {
  if (socket_ >= 0) ::close(socket_);
}

void HttpLane::send(std::string_view request) {
  check(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()),
        "a request is sent whole");
}

std::optional<HttpAnswer> HttpLane::receive() {
  char chunk[16'384];
  const auto count = ::recv(socket_, chunk, sizeof chunk, 0);
  check(count > 0, "the server keeps its connections");
  received_.append(chunk, static_cast<std::size_t>(count));
  return take_answer();
}

HttpAnswer HttpLane::ask(std::string_view request) {
  send(request);
  for (;;) {
    if (auto answer = receive()) return *std::move(answer);
  }
}

std::optional<HttpAnswer> HttpLane::take_answer() {
  const auto end = received_.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  const std::string_view head(received_.data(), end);
  const auto length = std::ranges::search(head, kLength, {}, lower);
  check(!length.empty(), "an answer has a length");
  const std::size_t size = std::strtoull(received_.c_str() + (length.end() - head.begin()), nullptr, 10);
  const auto body = end + 4;
  if (received_.size() < body + size) return std::nullopt;
  HttpAnswer answer{.status = std::atoi(received_.c_str() + received_.find(' ')), .body = received_.substr(body, size)};
  received_.erase(0, body + size);
  return answer;
}

bool is_listening(std::uint16_t port) {
  const int socket = connect_to(port);
  if (socket >= 0) ::close(socket);
  return socket >= 0;
}

}  // namespace flowstone::bench
