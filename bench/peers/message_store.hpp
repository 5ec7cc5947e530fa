// An event store in PostgreSQL with the documented contract of message-db: `write_message` appends one message to a
// stream, if the stream is at the expected version; a category is read in the order of the global position.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace flowstone::bench {

// Makes the table and the functions in an empty database.
void make_message_store(const std::string& address);

struct Load {
  int connections = 64;
  int categories = 1;  // connection c writes to a stream of its own in category c modulo this
  std::chrono::milliseconds duration{};
};

struct Written {
  std::uint64_t messages = 0;
  double per_second = 0;
  double median_ms = 0;
  double p99_ms = 0;
};

// Empties the store, then writes 300-byte messages for `duration`, each connection its next one when its last was
// acknowledged, each with its expected version. One thread drives all connections, so that little of the machine goes
// to the client. Before it returns it checks that exactly the acknowledged messages are stored, with dense versions,
// and that reading the categories yields each once and in order.
Written write_messages(const std::string& address, const Load& load);

}  // namespace flowstone::bench
