#include "bench/peers/npm_peers.hpp"

#include <fmt/format.h>

namespace flowstone::bench {

std::filesystem::path npm_peer(std::string_view file) {
  return std::filesystem::path(FLOWSTONE_SOURCE) / "bench" / "peers" / "npm" / file;
}

std::filesystem::path npm_package(std::string_view name) { return npm_peer("node_modules") / name; }

std::filesystem::path node_program() {
  return npm_package(fmt::format("node-linux-{}", kNpmProcessor)) / "bin" / "node";
}

}  // namespace flowstone::bench
