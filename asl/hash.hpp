// The digests that States.Hash knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flowstone::asl {

// In hexadecimal. Nothing unless the algorithm is MD5, SHA-1, SHA-256, SHA-384 or SHA-512.
std::optional<std::string> hash(std::string_view algorithm, std::string_view bytes);

}  // namespace flowstone::asl
