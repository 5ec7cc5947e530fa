#include "tests/crash/connection.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <fmt/format.h>

namespace flowstone::crash {
namespace {

std::uint64_t number(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

}  // namespace

std::string_view Answer::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

std::uint64_t Answer::revision() const {
  std::string_view tag = header("etag");
  if (tag.starts_with('"')) tag.remove_prefix(1);
  return number(tag);
}

std::uint64_t Answer::position() const { return number(header("flowstone-position")); }

Connection::~Connection() { close(); }

std::optional<Answer> Connection::ask(const Request& request) {
  if (!send_request(request)) return {};
  auto answer = read_head();
  if (!answer || !read_body(*answer)) {
    close();
    return {};
  }
  if (answer->header("connection") == "close") close();
  return answer;
}

std::optional<Answer> Connection::follow(const Request& request,
                                         const std::function<bool(std::string_view line)>& take) {
  if (!send_request(request)) return {};
  auto answer = read_head();
  if (!answer) return {};
  const bool chunked = answer->header("transfer-encoding") == "chunked";
  std::string lines;
  for (bool going = answer->succeeded(); going;) {
    const std::optional<std::string> part = chunked ? read_chunk() : read_exactly(1);
    if (!part || part->empty()) break;
    lines += *part;
    std::size_t from = 0;
    for (std::size_t end = 0; going && (end = lines.find('\n', from)) != std::string::npos; from = end + 1)
      going = take(std::string_view(lines).substr(from, end - from));
    lines.erase(0, from);
  }
  close();
  return answer;
}

bool Connection::open() {
  if (socket_ >= 0) return true;
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint_.port);
  ::inet_pton(AF_INET, endpoint_.host.c_str(), &address.sin_addr);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;  // NOLINT
  close();
  return false;
}

void Connection::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  received_.clear();
}

bool Connection::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      close();
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Connection::send_request(const Request& request) {
  if (!open()) return false;
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\nAuthorization: Bearer {}\r\n", request.method,
                                 request.path, endpoint_.host, endpoint_.port, endpoint_.key);
  for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
  if (!request.body.empty() || request.method != "GET")
    text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", request.body.size());
  return send_all(text + "\r\n" + request.body);
}

bool Connection::fill() {
  std::array<char, 65'536> part;  // NOLINT: filled below
  const ssize_t count = ::recv(socket_, part.data(), part.size(), 0);
  if (count <= 0) return false;
  received_.append(part.data(), static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> Connection::read_line() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n")) == std::string::npos)
    if (!fill()) return {};
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 2);
  return line;
}

std::optional<std::string> Connection::read_exactly(std::size_t count) {
  while (received_.size() < count)
    if (!fill()) return {};
  std::string bytes = received_.substr(0, count);
  received_.erase(0, count);
  return bytes;
}

std::optional<Answer> Connection::read_head() {
  Answer answer;
  auto line = read_line();
  if (!line || line->size() < 12) {
    close();
    return {};
  }
  answer.status = static_cast<int>(number(line->substr(9, 3)));
  while ((line = read_line()) && !line->empty()) {
    const std::size_t colon = line->find(':');
    const std::size_t value = line->find_first_not_of(' ', colon + 1);
    answer.headers[lower(line->substr(0, colon))] = value == std::string::npos ? "" : line->substr(value);
  }
  if (line) return answer;
  close();
  return {};
}

std::optional<std::string> Connection::read_chunk() {
  const auto size = read_line();
  if (!size) return {};
  auto chunk = read_exactly(number(*size, 16));
  return chunk && read_line() ? chunk : std::nullopt;
}

bool Connection::read_body(Answer& answer) {
  if (answer.status == 204 || answer.status == 304) return true;
  if (answer.header("transfer-encoding") != "chunked") {
    auto body = read_exactly(number(answer.header("content-length")));
    if (body) answer.body = *std::move(body);
    return body.has_value();
  }
  for (auto chunk = read_chunk(); chunk; chunk = read_chunk()) {
    if (chunk->empty()) return true;
    answer.body += *chunk;
  }
  return false;
}

}  // namespace flowstone::crash
