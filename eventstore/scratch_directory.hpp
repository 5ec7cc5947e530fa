// A fresh directory under the system's temporary one, removed with its contents when the object goes.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/bytes.hpp"
#include "base/digest.hpp"

namespace flowstone::eventstore {

class ScratchDirectory {
 public:
  explicit ScratchDirectory(std::string_view prefix)
      : path_(std::filesystem::temp_directory_path() / (std::string(prefix) + "-" + to_hex(random_bytes(8)))) {
    std::filesystem::create_directories(path_);
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace flowstone::eventstore
