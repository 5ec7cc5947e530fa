// CRC-32C (Castagnoli, RFC 3720 appendix B.4): finds damage in a block. It does not protect against an attacker; the
// tree does.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace flowstone::eventstore {

// Cost: eight bytes in three cycles where the processor has SSE 4.2, a byte a step elsewhere.
std::uint32_t crc32c(BytesView bytes);

}  // namespace flowstone::eventstore
