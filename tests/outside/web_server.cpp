#include "tests/outside/web_server.hpp"

#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "tests/outside/listener.hpp"

namespace flowstone::tests {
namespace {

std::size_t body_length(const std::string& head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const auto at = head.find(kName);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + kName.size()));
}

// Its head, and as much of a body as the head says.
std::string read_request(int socket) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::string request;
  char piece[4096];
  std::size_t whole = std::string::npos;
  while (request.size() < whole) {
    const auto got = ::recv(socket, piece, sizeof piece, 0);
    if (got <= 0) break;
    request.append(piece, static_cast<std::size_t>(got));
    const auto end = request.find(kEnd);
    if (end != std::string::npos) whole = end + kEnd.size() + body_length(request.substr(0, end));
  }
  return request;
}

void write_all(int socket, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto took = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (took <= 0) return;
    sent += static_cast<std::size_t>(took);
  }
}

}  // namespace

WebServer::WebServer(Answers answers) : answers_(std::move(answers)) {
  const Listener listener = listen_on_loopback();
  listener_ = listener.socket;
  port_ = listener.port;
  thread_ = std::thread([this] { serve(); });
}

WebServer::~WebServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
  for (const int socket : held_) ::close(socket);
}

void WebServer::serve() {
  while (!stopping_) {
    const int socket = ::accept(listener_, nullptr, nullptr);
    if (socket < 0) return;
    ++visits_;
    const std::string request = read_request(socket);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const auto begin = request.find(' ') + 1;
    const auto answer = answers_(request.substr(begin, request.find(' ', begin) - begin));
    if (!answer) {
      held_.push_back(socket);
      continue;
    }
    write_all(socket, *answer);
    ::close(socket);
  }
}

std::string page(const std::string& body, const std::string& media_type) {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + media_type + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string redirect(const std::string& location) {
  return "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace flowstone::tests
