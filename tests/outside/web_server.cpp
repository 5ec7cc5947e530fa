#include "tests/outside/web_server.hpp"

#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "tests/outside/listener.hpp"

namespace flowstone::tests {
namespace {

// Up to the empty line after the headers.
std::string read_request(int socket) {
  std::string request;
  char piece[4096];
  while (!request.contains("\r\n\r\n")) {
    const auto got = ::recv(socket, piece, sizeof piece, 0);
    if (got <= 0) break;
    request.append(piece, static_cast<std::size_t>(got));
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
