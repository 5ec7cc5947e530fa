#include "cli/serve/welcome.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/core.h>

namespace flowstone::cli {
namespace {

std::string first_line_of(const std::filesystem::path& file) {
  std::ifstream text(file);
  std::string line;
  std::getline(text, line);
  return line;
}

// A word for the shell, quoted where it must be.
std::string shell_word(const std::string& text) {
  if (text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@%+=,-") ==
      std::string::npos)
    return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// What must be exported for `flowstone` to be this very program; nothing where the shell finds it already.
std::string path_to_export() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return {};
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  std::istringstream directories(path == nullptr ? "" : path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    const auto found = std::filesystem::path(directory) / "flowstone";
    if (std::filesystem::exists(found, failed))
      return std::filesystem::equivalent(found, program, failed)
                 ? std::string()
                 : fmt::format("PATH={}:$PATH ", shell_word(program.parent_path()));
  }
  return fmt::format("PATH={}:$PATH ", shell_word(program.parent_path()));
}

}  // namespace

std::string welcome(const std::string& url, const std::filesystem::path& directory) {
  std::string out = "\n";
  std::filesystem::path best;
  for (const auto* name : {"admin.key", "demo.key"}) {
    if (std::filesystem::exists(directory / name)) best = std::filesystem::absolute(directory / name);
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
      "  export {}FLOWSTONE_URL={} FLOWSTONE_KEY=\"$(cat {})\"\n"
      "  flowstone list tasks --sort -priority\n"
      "  flowstone do create_task title='Try Flowstone' priority=4\n"
      "  flowstone exec -- sh -c 'echo ::step hello; date; echo ::step world; uname -a'\n"
      "  flowstone watch latest\n\n",
      path_to_export(), url, shell_word(best.string()));
  return out;
}

}  // namespace flowstone::cli
