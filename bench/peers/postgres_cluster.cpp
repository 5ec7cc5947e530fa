#include "bench/peers/postgres_cluster.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/check.hpp"
#include "bench/peers/peer_process.hpp"

namespace flowstone::bench {
namespace {

const std::filesystem::path kPrograms = "/usr/lib/postgresql/15/bin";
constexpr const char* kUser = "postgres";

void become_user() {
  if (::geteuid() != 0) return;
  const passwd* const user = ::getpwnam(kUser);
  if (user == nullptr || ::initgroups(kUser, user->pw_gid) != 0 || ::setgid(user->pw_gid) != 0 ||
      ::setuid(user->pw_uid) != 0)
    ::_exit(126);
}

pid_t start(std::vector<std::string> words, const std::filesystem::path& log) {
  return start_peer({.words = std::move(words), .log = log, .prepare = become_user});
}

// A new directory below `below` that belongs to the cluster's user.
std::filesystem::path fresh_directory(const std::filesystem::path& below) {
  std::string pattern = (below / "peer-XXXXXX").string();
  check(::mkdtemp(pattern.data()) != nullptr, "a directory for PostgreSQL can be made");
  if (const passwd* const user = ::getpwnam(kUser); user != nullptr && ::geteuid() == 0)
    check(::chown(pattern.c_str(), user->pw_uid, user->pw_gid) == 0, "it can be given to postgres");
  return pattern;
}

// The cluster's user must be able to walk down to its data; below a closed home directory it cannot.
bool can_reach(const std::filesystem::path& directory) {
  return peer_succeeded(start({"/usr/bin/test", "-w", directory.string()}, "/dev/null"));
}

}  // namespace

bool PostgresCluster::installed() {
  return std::filesystem::exists(kPrograms / "initdb") && std::filesystem::exists(kPrograms / "postgres");
}

PostgresCluster::PostgresCluster(const std::filesystem::path& directory) {
  sockets_ = fresh_directory("/tmp");  // a socket's path may not be longer than 107 bytes
  std::filesystem::permissions(directory, std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
  data_ = fresh_directory(directory);
  if (!can_reach(data_)) {
    std::filesystem::remove_all(data_);
    data_ = fresh_directory("/var/tmp");
    fmt::print(stderr, "bench: user {} cannot reach {}; its cluster is in {}\n", kUser, directory.string(),
               data_.string());
  }
  const std::filesystem::path cluster = data_ / "cluster";
  check(peer_succeeded(start({(kPrograms / "initdb").string(), "--pgdata", cluster.string(), "--username", "bench",
                              "--auth", "trust", "--locale", "C.UTF-8"},
                             sockets_ / "log")),
        "initdb makes a cluster");
  server_ = start(
      {(kPrograms / "postgres").string(), "-D", cluster.string(), "-k", sockets_.string(), "-c", "listen_addresses="},
      sockets_ / "log");
  wait_until_it_answers();
}

PostgresCluster::~PostgresCluster() {
  ::kill(server_, SIGINT);
  peer_succeeded(server_);
  std::filesystem::remove_all(data_);
  std::filesystem::remove_all(sockets_);
}

std::string PostgresCluster::address() const {
  return fmt::format("host={} user=bench dbname=postgres", sockets_.string());
}

std::string PostgresCluster::url(std::string_view database) const {
  return fmt::format("postgresql://bench@localhost/{}?host={}", database, sockets_.string());
}

void PostgresCluster::wait_until_it_answers() const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (::PQping(address().c_str()) != PQPING_OK) {
    check(::waitpid(server_, nullptr, WNOHANG) == 0, "PostgreSQL runs");
    check(std::chrono::steady_clock::now() < deadline, "PostgreSQL answers within a minute");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace flowstone::bench
