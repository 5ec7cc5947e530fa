// A socket that listens on a free port of 127.0.0.1.
#pragma once

#include <cstdint>

namespace flowstone::tests {

struct Listener {
  int socket = -1;  // whoever asked for it closes it
  std::uint16_t port = 0;
};

Listener listen_on_loopback();

}  // namespace flowstone::tests
