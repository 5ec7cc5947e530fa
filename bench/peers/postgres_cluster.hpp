// A PostgreSQL cluster of the bench's own, as its package installs it: default settings, and so default durability.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace flowstone::bench {

// Lifetime: the cluster runs until the object goes; it dies with this process even if that is killed.
// Limits: it listens on a unix socket in a directory of its own and nowhere else, and takes PostgreSQL's default of 100 connections.
class PostgresCluster {
 public:
  // True if PostgreSQL 15's programs are installed.
  static bool installed();

  // Makes and starts a cluster below `directory`, as the user `postgres` where this process is root, which PostgreSQL
  // refuses.
  explicit PostgresCluster(const std::filesystem::path& directory);
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  // For PQconnectdb.
  [[nodiscard]] std::string address() const;
  // Of a database of this name, which need not be there.
  [[nodiscard]] std::string url(std::string_view database) const;

 private:
  void wait_until_it_answers() const;

  std::filesystem::path sockets_;
  std::filesystem::path data_;
  pid_t server_ = 0;
};

}  // namespace flowstone::bench
