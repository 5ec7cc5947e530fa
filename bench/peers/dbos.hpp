// DBOS, a library for durable workflows in a program's own process, here in Node behind HTTP, with a PostgreSQL of the
// bench's own: default settings of both, and so default durability.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <sys/types.h>

#include "bench/peers/postgres_cluster.hpp"

namespace flowstone::bench {

// Lifetime: as of its PostgresCluster.
// Limits: it listens on loopback alone, on a port that was free when the object was made.
class Dbos {
 public:
  // True if the npm packages and PostgreSQL are there.
  static bool installed();

  // What a client posts to `port`, as to Restate.
  static constexpr std::string_view kCall = "POST /";

  // To be made before this process has other threads.
  explicit Dbos(const std::filesystem::path& directory);
  ~Dbos();
  Dbos(const Dbos&) = delete;
  Dbos& operator=(const Dbos&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  const PostgresCluster cluster_;
  const std::uint16_t port_;
  pid_t service_ = 0;
};

}  // namespace flowstone::bench
