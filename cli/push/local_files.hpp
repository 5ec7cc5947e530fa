// The files of a directory that are to be a bundle's version: what they are known by, and what they hold.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace flowstone::cli {

struct LocalFile {
  std::string path;  // in the bundle: relative, with `/`
  std::filesystem::path file;
  std::uint64_t size = 0;
  std::filesystem::file_time_type changed_at{};

  bool operator==(const LocalFile&) const = default;
};

// The files that are named, each under its name, and those of the directories that are named, under their paths below
// them, in the order of their paths. Below a directory nothing is taken whose name begins with a dot, no symbolic link
// is followed, and what a glob of `exclude` matches (its path or its name; `*` matches `/` too) is left out.
// The error is a sentence.
Result<std::vector<LocalFile>, std::string> find_files(const std::vector<std::string>& named,
                                                       const std::vector<std::string>& exclude);

// SHA-256 in lower-case hexadecimal, read piece by piece. The error is a sentence.
Result<std::string, std::string> digest_of(const LocalFile& file);

}  // namespace flowstone::cli
