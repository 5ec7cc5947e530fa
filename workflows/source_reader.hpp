// The languages that a definition's text can be in.
#pragma once

#include <string>
#include <string_view>

#include "workflows/source.hpp"

namespace flowstone::workflows {

inline constexpr std::size_t kMostSourceProblems = 100;  // of one kind

Result<Source, Problems> read_json_source(std::string_view text);
Result<Source, Problems> read_yaml_source(std::string_view text);

// A warning if the number is an integer that a double may not hold.
void warn_if_inexact(std::string_view token, const std::string& pointer, Place place, Problems& warnings);

}  // namespace flowstone::workflows
