// The HTTP and WebSocket front of Flowstone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "api/options.hpp"
#include "base/result.hpp"

namespace flowstone::api {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  bool secure = false;
};

// Threads: `start` and `stop` by the owner, each once; the server runs threads of its own.
// Lifetime: the services outlive it; its destructor stops it.
// Limits: see `ServerOptions`.
class Server {
 public:
  Server(ServerOptions options, Services services);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Reads the keys, opens the socket and serves. The error is a sentence: what could not be opened, and why.
  Result<Endpoint, std::string> start();
  // Takes no more connections, lets requests finish, closes streams with the position to resume from, and cuts what is
  // left after the deadline.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flowstone::api
