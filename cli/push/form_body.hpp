// Files as a form (multipart/form-data): its length is known before a byte of them is read.
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/push/local_files.hpp"

namespace flowstone::cli {

// Lifetime: the files' list outlives it. Cost: one piece of 256 KiB.
class FormBody {
 public:
  // `label` is a field of the form unless it is empty.
  FormBody(const std::vector<LocalFile>& files, std::string_view label, std::string boundary);

  [[nodiscard]] std::string content_type() const;
  [[nodiscard]] std::uint64_t length() const { return length_; }

  // From the beginning again.
  void rewind();
  // The next piece, empty at the end; nothing if a file is not what it was when it was found.
  std::optional<std::string_view> next();
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  [[nodiscard]] std::string head_of(const LocalFile& file) const;
  bool fill();

  const std::vector<LocalFile>& files_;
  const std::string boundary_, opening_, closing_;
  std::uint64_t length_ = 0;
  std::size_t at_ = 0;      // the file that is read
  bool opened_ = false;     // the opening was given
  bool closed_ = false;     // the closing was given
  std::uint64_t left_ = 0;  // of the file that is read
  std::ifstream in_;
  std::string piece_;
  std::string problem_;
};

}  // namespace flowstone::cli
