#include "bench/peers/restate.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include <fmt/format.h>

#include "base/check.hpp"
#include "bench/http_lane.hpp"
#include "bench/peers/npm_peers.hpp"
#include "bench/peers/peer_process.hpp"

namespace flowstone::bench {
namespace {

constexpr std::chrono::seconds kPatience{120};
constexpr std::chrono::milliseconds kPause{100};

std::filesystem::path server_program() {
  return npm_package(fmt::format("@restatedev/restate-server-linux-{}", kNpmProcessor)) / "bin" / "restate-server";
}

std::string at(std::string_view setting, std::uint16_t port) {
  return fmt::format("RESTATE_{}=127.0.0.1:{}", setting, port);
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
  wait_until_listening(steps_, {server_, service_});
  wait_until_listening(admin_, {server_, service_});
  register_service();
  wait_until_listening(ingress_, {server_, service_});
}

Restate::~Restate() {
  // Its data goes with it, so it need not tidy up.
  end_peer(server_);
  end_peer(service_);
  std::filesystem::remove_all(data_);
}

void Restate::start_service(const std::filesystem::path& log) {
  service_ =
      start_peer({.words = {"/usr/bin/env", "NODE_ENV=production", "RESTATE_LOGGING=WARN", node_program().string(),
                            npm_peer("restate_steps.mjs").string(), std::to_string(steps_)},
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

}  // namespace flowstone::bench
