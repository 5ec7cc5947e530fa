#include "cli/serve/secret_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include <fmt/core.h>

#include "base/digest.hpp"

namespace flowstone::cli {

Result<void, std::string> write_secret(const std::filesystem::path& file, std::string_view text) {
  const auto reason = [&] {
    return failure(fmt::format("{}: {}", file.string(), std::strerror(errno)));
  };  // NOLINT(concurrency-mt-unsafe): glibc's is safe
  const auto draft = file.string() + ".new";
  const int descriptor = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);  // NOLINT: POSIX
  if (descriptor < 0) return reason();
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fdatasync(descriptor) == 0;
  ::close(descriptor);
  if (!written || ::rename(draft.c_str(), file.c_str()) != 0) return reason();
  return {};
}

Result<Bytes, std::string> read_or_make_key(const std::filesystem::path& file, std::size_t bytes) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) {
    if (failed) return failure(fmt::format("{}: {}", file.string(), failed.message()));
    auto key = random_bytes(bytes);
    FLOWSTONE_TRY_VOID(write_secret(file, to_base64(key) + "\n"));
    return key;
  }
  std::ifstream in(file);
  std::string text;
  std::getline(in, text);
  const auto key = from_base64(text);
  if (key && key->size() == bytes) return *key;
  return failure(
      fmt::format("{}: must be {} bytes in base64; without the file a fresh key is made, and what was made of "
                  "the old one holds no longer",
                  file.string(), bytes));
}

}  // namespace flowstone::cli
