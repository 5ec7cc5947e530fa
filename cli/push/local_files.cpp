#include "cli/push/local_files.hpp"

#include <algorithm>
#include <fnmatch.h>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "base/running_digest.hpp"

namespace flowstone::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadBytes = 256 << 10;

bool is_excluded(const std::string& path, const std::vector<std::string>& globs) {
  const auto name = path.substr(path.rfind('/') + 1);
  return std::ranges::any_of(globs, [&](const std::string& glob) {
    return ::fnmatch(glob.c_str(), path.c_str(), 0) == 0 || ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
  });
}

// The error is a sentence.
Result<void, std::string> add_file(std::string path, const fs::path& file, std::vector<LocalFile>& found) {
  std::error_code error;
  LocalFile local{.path = std::move(path), .file = file, .size = fs::file_size(file, error)};
  if (!error) local.changed_at = fs::last_write_time(file, error);
  if (error) return failure(fmt::format("{}: {}", file.string(), error.message()));
  found.push_back(std::move(local));
  return {};
}

Result<void, std::string> add_directory(const fs::path& directory, const std::vector<std::string>& exclude,
                                        std::vector<LocalFile>& found) {
  std::error_code error;
  fs::recursive_directory_iterator each(directory, error);
  for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    const auto path = each->path().lexically_relative(directory).generic_string();
    const bool hidden = each->path().filename().native().starts_with('.');
    const auto status = each->symlink_status(error);
    if (error) break;
    if (hidden || is_excluded(path, exclude)) {
      each.disable_recursion_pending();
    } else if (fs::is_regular_file(status)) {
      FLOWSTONE_TRY_VOID(add_file(path, each->path(), found));
    }
  }
  if (error) return failure(fmt::format("{}: {}", directory.string(), error.message()));
  return {};
}

}  // namespace

Result<std::vector<LocalFile>, std::string> find_files(const std::vector<std::string>& named,
                                                       const std::vector<std::string>& exclude) {
  std::vector<LocalFile> found;
  for (const std::string& name : named) {
    std::error_code error;
    const auto status = fs::status(name, error);
    if (fs::is_directory(status)) {
      FLOWSTONE_TRY_VOID(add_directory(name, exclude, found));
    } else if (fs::is_regular_file(status)) {
      FLOWSTONE_TRY_VOID(add_file(fs::path(name).filename().string(), name, found));
    } else {
      return failure(fmt::format("{}: {}", name, error ? error.message() : "is neither a file nor a directory"));
    }
  }
  std::ranges::sort(found, {}, &LocalFile::path);
  const auto twice = std::ranges::adjacent_find(found, {}, &LocalFile::path);
  if (twice != found.end()) {
    return failure(fmt::format("{} and {} would both be the document '{}'", twice->file.string(),
                               std::next(twice)->file.string(), twice->path));
  }
  if (found.empty()) return failure(std::string("there are no files to push"));
  return found;
}

Result<std::string, std::string> digest_of(const LocalFile& file) {
  std::ifstream in(file.file, std::ios::binary);
  std::string piece(kReadBytes, '\0');
  RunningDigest digest;
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    digest.add(BytesView(piece).substr(0, static_cast<std::size_t>(in.gcount())));
  }
  if (!in.eof()) return failure(fmt::format("{}: cannot be read", file.file.string()));
  return to_hex(view(digest.finish()));
}

}  // namespace flowstone::cli
