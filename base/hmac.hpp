// HMAC-SHA-256 (RFC 2104, FIPS 198-1): shows that who made a message knows a key.
#pragma once

#include "base/bytes.hpp"
#include "base/digest.hpp"

namespace flowstone {

// Compare what comes from outside with `equal_in_constant_time`.
Digest hmac_sha256(BytesView key, BytesView message);

}  // namespace flowstone
