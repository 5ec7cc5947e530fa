// What a person reads when the server is up.
#pragma once

#include <filesystem>
#include <string>

namespace flowstone::cli {

// Where the keys are, the addresses, and four commands to try; ends with a line end. `url` as in the ready line.
std::string welcome(const std::string& url, const std::filesystem::path& directory);

}  // namespace flowstone::cli
