// Cases in the form of the language's own suite (../shared/corpora/jsonata/README.md): read, run, compared.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "jsonata/value.hpp"

namespace flowstone::jsonata {

struct Case {
  std::string group, name;  // "regex", "case001.json#0"
  Value fields;
  std::string expression;
};

struct Outcome {
  bool passed = false;
  std::string reason;
};

// All cases below DIR/groups, in order; nothing where there are none.
std::vector<Case> read_suite(const std::filesystem::path& directory);
std::vector<Case> read_cases(const std::filesystem::path& file, const std::string& group);
Outcome run_case(const Case& tried, const std::filesystem::path& directory);

}  // namespace flowstone::jsonata
