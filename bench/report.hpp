// What every bench program shares: its options, and the rows of the one table that `./x bench` prints.
//
// A program checks its results with `base/check.hpp` before it reports the time they took.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace flowstone::bench {

struct Options {
  bool tiny = false;                // as a test: small numbers, results checked, times without meaning
  std::filesystem::path directory;  // empty, on a real disk, removed by `remove_directory`
};

// Reads `--tiny` and `--directory DIR` (default: a new directory below FLOWSTONE_BENCH_DIR, or below the working
// directory). Ends the program with a sentence on anything else.
Options options_of(int count, char** arguments);
void remove_directory(const Options& options);

// The number in the environment variable; `usual` if it is not set, `tiny` if the program is run as a test.
std::uint64_t size_from(const Options& options, const char* variable, std::uint64_t usual, std::uint64_t tiny);

struct Row {
  std::string_view measure;        // "append, 64 writers, 1 event each"
  double value = 0;                // in `unit`
  std::string_view unit;           // "events/s", "ms", "bytes"
  std::optional<double> at_least;  // the goal, in `unit`
  std::optional<double> at_most;
  std::string beside;  // what bounds it, or what a peer did: "disk: 4,100 syncs/s"
};

// One line of the table on stdout; with FLOWSTONE_BENCH_JSON also one JSON object a line, appended to that file.
void report(const Row& row);

// "1,234,567" from 1,000 up; three significant digits below.
std::string readable(double value);

}  // namespace flowstone::bench
