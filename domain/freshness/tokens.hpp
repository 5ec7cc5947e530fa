// Whether a value stands in a text, token by token: "12 %" stands in "takes 12\n% of", and neither in "112 %" nor in
// "12.5 %". Case counts, white space does not.
#pragma once

#include <string_view>

namespace flowstone::domain::freshness {

// False for a value without tokens.
bool stands_in(std::string_view value, std::string_view text);

}  // namespace flowstone::domain::freshness
