#include "cli/serve/welcome.hpp"

#include <fstream>

#include <fmt/core.h>

namespace flowstone::cli {
namespace {

std::string first_line_of(const std::filesystem::path& file) {
  std::ifstream text(file);
  std::string line;
  std::getline(text, line);
  return line;
}

}  // namespace

std::string welcome(const std::string& url, const std::filesystem::path& directory) {
  std::string out = "\n";
  std::filesystem::path best;
  for (const auto* name : {"admin.key", "demo.key"}) {
    if (std::filesystem::exists(directory / name)) best = directory / name;
  }
  if (best.filename() == "demo.key") out += fmt::format("  API key      {}\n", first_line_of(best));
  if (!best.empty()) out += fmt::format("  kept in      {}\n", best.string());
  out += fmt::format(
      "  Reference    {0}/docs\n  OpenAPI      {0}/openapi.json\n  Health       {0}/readyz\n  Metrics      "
      "{0}/metrics\n",
      url);
  if (best.empty()) return out;
  out += fmt::format(
      "\nTo try in another terminal:\n\n"
      "  export FLOWSTONE_URL={} FLOWSTONE_KEY=$(cat {})\n"
      "  flowstone list tasks --sort -priority\n"
      "  flowstone do create_task title='Try Flowstone' priority=4\n"
      "  flowstone exec -- sh -c 'echo ::step hello; date; echo ::step world; uname -a'\n"
      "  flowstone watch latest\n\n",
      url, best.string());
  return out;
}

}  // namespace flowstone::cli
