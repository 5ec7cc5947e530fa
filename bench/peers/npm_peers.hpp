// Where the programs are that npm brings for the peers: in bench/peers/npm, got by `cmake/npm_install bench/peers/npm`.
#pragma once

#include <filesystem>
#include <string_view>

namespace flowstone::bench {

// As packages call this machine's processor.
#ifdef __aarch64__
inline constexpr std::string_view kNpmProcessor = "arm64";
#else
inline constexpr std::string_view kNpmProcessor = "x64";
#endif

// A file of this project beside the packages.
std::filesystem::path npm_peer(std::string_view file);
// Whether or not it is installed.
std::filesystem::path npm_package(std::string_view name);
std::filesystem::path node_program();

}  // namespace flowstone::bench
