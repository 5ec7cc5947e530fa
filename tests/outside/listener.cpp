#include "tests/outside/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/check.hpp"

namespace flowstone::tests {

Listener listen_on_loopback() {
  Listener listener{.socket = ::socket(AF_INET, SOCK_STREAM, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);  // NOLINT: as the interface wants it
  socklen_t size = sizeof address;
  check(::bind(listener.socket, generic, size) == 0 && ::listen(listener.socket, 16) == 0, "there is a free port");
  ::getsockname(listener.socket, generic, &size);
  listener.port = ntohs(address.sin_port);
  return listener;
}

}  // namespace flowstone::tests
