// Any bytes as the TOML file of settings: it is refused with a sentence that names the file, or every setting has a
// value that is allowed.
#include <cstdint>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.hpp"
#include "cli/serve/settings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;  // NOLINT: the whole program is this function
  static const int kFile = memfd_create("settings", 0);
  static const std::string kPath = "/proc/self/fd/" + std::to_string(kFile);
  check(ftruncate(kFile, 0) == 0 && pwrite(kFile, data, size, 0) == static_cast<ssize_t>(size), "the file is written");
  const auto loaded =
      cli::load_settings({.flags = {}, .environment = [](const std::string&) { return nullptr; }, .file = kPath});
  if (!loaded) {
    check(loaded.error().find(kPath) != std::string::npos, "a refusal names the file");
    return 0;
  }
  for (const auto& setting : cli::setting_table()) {
    const auto* number = std::get_if<std::uint64_t cli::Settings::*>(&setting.member);
    if (number == nullptr) continue;
    const auto value = loaded->settings.**number;
    check(setting.least <= value && value <= setting.most, "a number is within its bounds");
  }
  return 0;
}
