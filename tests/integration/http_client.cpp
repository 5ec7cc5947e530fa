#include "tests/integration/http_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

namespace flowstone::tests {
namespace {

constexpr int kPatienceSeconds = 10;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(lower(name));
  return found == headers.end() ? std::string() : found->second;
}

std::string member_of(std::string_view json, std::string_view name) {
  const std::string wanted = fmt::format("\"{}\":", name);
  const std::size_t at = json.find(wanted);
  if (at == std::string_view::npos) return {};
  auto rest = json.substr(at + wanted.size());
  if (!rest.starts_with('"')) return std::string(rest.substr(0, rest.find_first_of(",}]")));
  rest.remove_prefix(1);
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
  return std::string(rest.substr(0, end));
}

std::string Answer::member(std::string_view name) const { return member_of(body, name); }

std::uint64_t Answer::number(std::string_view name) const { return std::strtoull(member(name).c_str(), nullptr, 10); }

Client::Client(std::uint16_t port, int receive_buffer) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{kPatienceSeconds, 0};
  const int yes = 1;
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (receive_buffer > 0) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {  // NOLINT: the sockets API
    ::close(socket_);
    socket_ = -1;
  }
}

Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Client::fill() {
  char chunk[65536];
  ssize_t count = 0;
  do count = ::recv(socket_, chunk, sizeof chunk, 0);
  while (count < 0 && errno == EINTR);
  if (count <= 0) return false;
  buffer_.append(chunk, static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> Client::take(std::size_t count) {
  while (buffer_.size() < count) {
    if (!fill()) return std::nullopt;
  }
  std::string taken = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return taken;
}

std::optional<std::string> Client::take_line() {
  std::size_t end = 0;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  auto line = take(end + 1);
  line->pop_back();
  if (line->ends_with('\r')) line->pop_back();
  return line;
}

std::optional<std::string> Client::take_chunk() {
  const auto head = take_line();
  if (!head) return std::nullopt;
  const std::size_t size = std::strtoull(head->c_str(), nullptr, 16);
  auto chunk = take(size);
  take_line();
  if (size == 0) return std::nullopt;
  return chunk;
}

Answer Client::read(bool has_body) {
  Answer answer;
  const auto first = take_line();
  if (!first || first->size() < 12) return answer;
  answer.status = std::atoi(first->c_str() + 9);
  for (auto line = take_line(); line && !line->empty(); line = take_line()) {
    const std::size_t colon = line->find(':');
    if (colon != std::string::npos)
      answer.headers[lower(line->substr(0, colon))] = line->substr(std::min(line->size(), colon + 2));
  }
  if (!has_body || answer.status < 200 || answer.status == 204 || answer.status == 304) return answer;
  if (answer.headers.contains("content-length")) {
    answer.body = take(std::strtoull(answer.header("content-length").c_str(), nullptr, 10)).value_or("");
  } else if (answer.header("transfer-encoding") == "chunked") {
    for (auto chunk = take_chunk(); chunk; chunk = take_chunk()) answer.body += *chunk;
  }
  return answer;
}

Answer Client::request(std::string_view method, std::string_view target, std::string_view body,
                       std::string_view headers) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, target);
  if (!key.empty()) text += fmt::format("Authorization: Bearer {}\r\n", key);
  if (!body.empty() && headers.find("Content-Type") == std::string_view::npos)
    text += "Content-Type: application/json\r\n";
  if (!body.empty() || method == "POST" || method == "PATCH")
    text += fmt::format("Content-Length: {}\r\n", body.size());
  text.append(headers).append("\r\n").append(body);
  if (!send(text)) return {};
  return read(method != "HEAD");
}

bool Client::is_closed_by_peer() {
  buffer_.clear();
  for (;;) {
    char chunk[4096];
    const auto count = ::recv(socket_, chunk, sizeof chunk, 0);
    if (count == 0) return true;
    if (count < 0) return errno == ECONNRESET;
  }
}

int Message::close_code() const {
  if (opcode != 8 || payload.size() < 2) return 0;
  return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

Socket::Socket(std::uint16_t port, std::string_view key, std::string_view target, std::string_view headers)
    : client_(port) {
  std::string text =
      fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n", target);
  text += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (!key.empty()) text += fmt::format("Authorization: Bearer {}\r\n", key);
  text.append(headers).append("\r\n");
  client_.send(text);
  handshake = client_.read();
}

Message Socket::next() {
  Message message;
  const auto head = client_.take(2);
  if (!head) return message;
  std::uint64_t size = static_cast<unsigned char>((*head)[1]);
  const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (more > 0) {
    const auto digits = client_.take(more);
    if (!digits) return message;
    size = 0;
    for (const char c : *digits) size = size << 8 | static_cast<unsigned char>(c);
  }
  const auto payload = client_.take(size);
  if (!payload) return message;
  message.opcode = (*head)[0] & 0x0f;
  message.payload = *payload;
  return message;
}

Message Socket::next_event() {
  for (;;) {
    Message message = next();
    if (message.opcode == 9) send(0x8a, message.payload);
    if (message.opcode == -1 || message.opcode == 8) return message;
    if (message.opcode == 1 && message.payload.find("\"specversion\"") != std::string::npos) return message;
  }
}

bool Socket::send(std::uint8_t first_byte, std::string_view payload) {
  std::string frame(1, static_cast<char>(first_byte));
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    frame.push_back(static_cast<char>(0x80 | 126));
    frame.push_back(static_cast<char>(payload.size() >> 8));
    frame.push_back(static_cast<char>(payload.size() & 0xff));
  }
  frame.append(4, '\0');
  frame.append(payload);
  return client_.send(frame);
}

}  // namespace flowstone::tests
