// Files that hold a secret: for the server's own user alone (mode 0600).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace flowstone::cli {

// Written whole and synced before the name is there. The error is a sentence.
Result<void, std::string> write_secret(const std::filesystem::path& file, std::string_view text);

// The key that the file holds in base64, so many random bytes; made if there is no file. What is there and is no key is
// refused, and stays.
Result<Bytes, std::string> read_or_make_key(const std::filesystem::path& file, std::size_t bytes);

}  // namespace flowstone::cli
