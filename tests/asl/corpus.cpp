#include "tests/asl/corpus.hpp"

#include <fmt/core.h>

namespace flowstone::asl {
namespace {

std::filesystem::path source(const std::string& file) { return std::filesystem::path(FLOWSTONE_SOURCE) / file; }

}  // namespace

std::set<std::string> known_differences(const std::string& folder) {
  std::set<std::string> out;
  const auto known = json_of(source("tests/asl/known_differences.json"));
  const auto documented = bytes_of(source("docs/conformance.md"));
  for (const auto& [name, reason] : known.find(folder)->members()) {
    EXPECT_FALSE(reason.text().empty()) << name;
    EXPECT_NE(documented.find(name), std::string::npos) << "docs/conformance.md does not name " << name;
    out.insert(name);
  }
  return out;
}

void check_known(const std::filesystem::path& file, const std::string& wrong, const std::set<std::string>& known) {
  const auto name = file.stem().string();
  if (wrong.empty())
    EXPECT_FALSE(known.contains(name)) << file << " is known to differ, but holds";
  else if (!known.contains(name))
    fmt::print("  {}\n    {}\n", name, wrong);
}

void check_stated(const std::string& folder, std::size_t passed, std::size_t all) {
  fmt::print("asl: {} of {} {}\n", passed, all, folder);
  const auto documented = bytes_of(source("docs/conformance.md"));
  if (documented.find(fmt::format(" of {}** {}", all, folder)) == std::string::npos) {
    EXPECT_GE(passed * 100, all * 95);
    return;
  }
  const auto stated = fmt::format("**{} of {}** {}", passed, all, folder);
  EXPECT_NE(documented.find(stated), std::string::npos) << "docs/conformance.md does not say " << stated;
}

}  // namespace flowstone::asl
