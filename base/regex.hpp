// Which regular expressions users may give: RE2's, which match in time linear in the text, within a bound of memory.
// Syntax: https://github.com/google/re2/wiki/Syntax
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flowstone {

// What a compiled expression may take.
inline constexpr std::int64_t kRegexMemory = std::int64_t{1} << 20;  // bytes

// Why it is none, in a few words such as `missing ): (a`; nothing if it is fine. Threads: any.
std::optional<std::string> problem_of_regex(std::string_view text);

}  // namespace flowstone
