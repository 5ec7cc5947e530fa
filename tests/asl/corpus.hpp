// The recorded behaviour of a States Language service, where it is installed beside the repository.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "jsonata/json_text.hpp"

namespace flowstone::asl {

inline std::filesystem::path corpus() { return std::filesystem::path(FLOWSTONE_SOURCE) / "../shared/corpora/asl"; }

#define FLOWSTONE_NEEDS_CORPUS() \
  if (!std::filesystem::exists(corpus())) GTEST_SKIP() << "the recordings are not at " << corpus()

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

inline jsonata::Value json_of(const std::filesystem::path& file) {
  auto value = jsonata::read_json(bytes_of(file));
  EXPECT_TRUE(value) << file;
  return value ? *std::move(value) : jsonata::Value();
}

inline std::string text_of(const jsonata::Value& value) {
  auto text = jsonata::write_json(value);
  EXPECT_TRUE(text);
  return text ? *std::move(text) : std::string();
}

inline std::vector<std::filesystem::path> files_in(const std::string& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(corpus() / folder))
    if (entry.path().extension() == ".json") out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

// Cases of a folder that are known to differ.
std::set<std::string> known_differences(const std::string& folder);

// `wrong` is empty where the case holds: it must where it is not known to differ, and must not where it is.
void check_known(const std::filesystem::path& file, const std::string& wrong, const std::set<std::string>& known);

// Prints the line, and compares it with what docs/conformance.md states. Of other cases than those that it counts, 95
// of 100 must hold.
void check_stated(const std::string& folder, std::size_t passed, std::size_t all);

}  // namespace flowstone::asl
