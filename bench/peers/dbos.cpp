#include "bench/peers/dbos.hpp"

#include "bench/peers/npm_peers.hpp"
#include "bench/peers/peer_process.hpp"

namespace flowstone::bench {

bool Dbos::installed() {
  return PostgresCluster::installed() && std::filesystem::exists(node_program()) &&
         std::filesystem::exists(npm_package("@dbos-inc/dbos-sdk"));
}

Dbos::Dbos(const std::filesystem::path& directory) : cluster_(directory), port_(free_port()) {
  service_ = start_peer({.words = {"/usr/bin/env", "NODE_ENV=production", node_program().string(),
                                   npm_peer("dbos_steps.mjs").string(), std::to_string(port_), cluster_.url("dbos")},
                         .log = directory / "dbos.log",
                         .when_orphaned = SIGKILL});
  wait_until_listening(port_, {service_});
}

Dbos::~Dbos() { end_peer(service_); }

}  // namespace flowstone::bench
