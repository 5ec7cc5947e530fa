#include "bench/peers/restate.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <netinet/in.h>
#include <random>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "base/check.hpp"
#include "bench/http_lane.hpp"
#include "bench/peers/peer_process.hpp"

namespace flowstone::bench {
namespace {

#ifdef __aarch64__
constexpr std::string_view kProcessor = "arm64";
#else
constexpr std::string_view kProcessor = "x64";
#endif

constexpr std::chrono::seconds kPatience{120};
constexpr std::chrono::milliseconds kPause{100};

std::filesystem::path home() { return std::filesystem::path(FLOWSTONE_SOURCE) / "bench" / "peers" / "restate"; }

std::filesystem::path server_program() {
  return home() / "node_modules" / "@restatedev" / fmt::format("restate-server-linux-{}", kProcessor) / "bin" /
         "restate-server";
}

std::filesystem::path node_program() {
  return home() / "node_modules" / fmt::format("node-linux-{}", kProcessor) / "bin" / "node";
}

// Nobody listens there now; and below what the kernel gives to those who ask for any port, so that none of them will.
std::uint16_t free_port() {
  constexpr std::uint16_t kFirst = 20'000;
  constexpr std::uint16_t kLast = 32'000;
  static std::random_device chance;
  std::uniform_int_distribution<std::uint16_t> any(kFirst, kLast);
  for (;;) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(any(chance));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_free = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;  // NOLINT
    ::close(socket);
    if (is_free) return ntohs(address.sin_port);
  }
}

std::string at(std::string_view setting, std::uint16_t port) {
  return fmt::format("RESTATE_{}=127.0.0.1:{}", setting, port);
}

void stop(pid_t process, int signal) {
  ::kill(process, signal);
  peer_succeeded(process);
}

}  // namespace

bool Restate::installed() {
  return std::filesystem::exists(server_program()) && std::filesystem::exists(node_program());
}

Restate::Restate(const std::filesystem::path& directory)
    : data_(directory / "restate"),
      ingress_(free_port()),
      admin_(free_port()),
      node_(free_port()),
      steps_(free_port()) {
  std::filesystem::create_directories(data_);
  start_service(data_ / "service.log");
  start_server(data_ / "server.log");
  wait_for(steps_);
  wait_for(admin_);
  register_service();
  wait_for(ingress_);
}

Restate::~Restate() {
  // Its data goes with it, so it need not tidy up.
  stop(server_, SIGKILL);
  stop(service_, SIGKILL);
  std::filesystem::remove_all(data_);
}

void Restate::start_service(const std::filesystem::path& log) {
  service_ =
      start_peer({.words = {"/usr/bin/env", "NODE_ENV=production", "RESTATE_LOGGING=WARN", node_program().string(),
                            (home() / "three_steps.mjs").string(), std::to_string(steps_)},
                  .log = log,
                  .when_orphaned = SIGKILL});
}

void Restate::start_server(const std::filesystem::path& log) {
  server_ = start_peer(
      {.words = {"/usr/bin/env", at("INGRESS__BIND_ADDRESS", ingress_), at("ADMIN__BIND_ADDRESS", admin_),
                 at("BIND_ADDRESS", node_), fmt::format("RESTATE_ADVERTISED_ADDRESS=http://127.0.0.1:{}/", node_),
                 "RESTATE_DISABLE_TELEMETRY=true", "RESTATE_LOG_FILTER=warn", server_program().string(),
                 "--node-name=bench", "--listen-mode=tcp", "--no-logo",
                 fmt::format("--base-dir={}", (data_ / "data").string())},
       .log = log,
       .when_orphaned = SIGKILL});
}

void Restate::register_service() const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  const auto request = http_request("POST /deployments", "", fmt::format(R"({{"uri":"http://127.0.0.1:{}"}})", steps_));
  for (;;) {
    const auto answer = HttpLane(admin_).ask(request);
    if (answer.status / 100 == 2) return;
    check(std::chrono::steady_clock::now() < deadline, "Restate takes its service within two minutes: " + answer.body);
    std::this_thread::sleep_for(kPause);
  }
}

void Restate::wait_for(std::uint16_t port) const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!is_listening(port)) {
    check(::waitpid(server_, nullptr, WNOHANG) == 0 && ::waitpid(service_, nullptr, WNOHANG) == 0, "Restate runs");
    check(std::chrono::steady_clock::now() < deadline, "Restate listens within two minutes");
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace flowstone::bench
