#include "bench/report.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

namespace flowstone::bench {
namespace {

std::filesystem::path fresh_directory() {
  const char* const chosen = std::getenv("FLOWSTONE_BENCH_DIR");
  const std::filesystem::path below = chosen != nullptr ? chosen : std::filesystem::current_path();
  auto pattern = (below / "flowstone-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    fmt::print(stderr, "bench: cannot make a directory below {}\n", below.string());
    std::exit(2);
  }
  return pattern;
}

std::string goal_of(const Row& row) {
  if (row.at_least)
    return fmt::format("{} >= {}", row.value >= *row.at_least ? "met  " : "short", readable(*row.at_least));
  if (row.at_most)
    return fmt::format("{} <= {}", row.value <= *row.at_most ? "met  " : "short", readable(*row.at_most));
  return {};
}

std::string json_text(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

void append_json(const Row& row, const char* path) {
  std::FILE* const file = std::fopen(path, "a");
  if (file == nullptr) return;
  fmt::print(file, "{{\"measure\":{},\"value\":{},\"unit\":{},\"beside\":{}}}\n", json_text(row.measure), row.value,
             json_text(row.unit), json_text(row.beside));
  std::fclose(file);
}

}  // namespace

Options options_of(int count, char** arguments) {
  Options options;
  for (int at = 1; at < count; ++at) {
    const std::string_view argument = arguments[at];
    if (argument == "--tiny") {
      options.tiny = true;
    } else if (argument == "--directory" && at + 1 < count) {
      options.directory = arguments[++at];
      std::filesystem::create_directories(options.directory);
    } else {
      fmt::print(stderr, "usage: {} [--tiny] [--directory DIR]\n", arguments[0]);
      std::exit(2);
    }
  }
  if (options.directory.empty()) options.directory = fresh_directory();
  return options;
}

void remove_directory(const Options& options) { std::filesystem::remove_all(options.directory); }

std::uint64_t size_from(const Options& options, const char* variable, std::uint64_t usual, std::uint64_t tiny) {
  if (options.tiny) return tiny;
  const char* const given = std::getenv(variable);
  return given == nullptr ? usual : std::strtoull(given, nullptr, 10);
}

void report(const Row& row) {
  fmt::print("{:<52} {:>14} {:<12} {:<22} {}\n", row.measure, readable(row.value), row.unit, goal_of(row), row.beside);
  std::fflush(stdout);
  if (const char* const path = std::getenv("FLOWSTONE_BENCH_JSON")) append_json(row, path);
}

std::string readable(double value) {
  if (std::abs(value) < 999.5) return fmt::format("{:.3g}", value);
  std::string digits = fmt::format("{:.0f}", value);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

}  // namespace flowstone::bench
