// What a scalar of a YAML text stands for, by the core schema of YAML 1.2: yes, no, on, off and dates are texts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "jsonata/value.hpp"

namespace flowstone::workflows {

// `tag` is "?" of what stands plain, "!" of what is quoted, or a tag that was written. The error is a sentence.
Result<jsonata::Value, std::string> read_yaml_scalar(std::string_view tag, const std::string& text);

// Where the text has something that YAML does not allow: control characters, or bytes that are not UTF-8.
std::optional<std::size_t> first_forbidden_byte(std::string_view text);

}  // namespace flowstone::workflows
