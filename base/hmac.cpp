#include "base/hmac.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.hpp"

namespace flowstone {

Digest hmac_sha256(BytesView key, BytesView message) {
  Digest digest;
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());  // NOLINT: bytes seen as unsigned
  const auto* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, message.size(), digest.data(), nullptr);
  check(done != nullptr, "a message can be authenticated");
  return digest;
}

}  // namespace flowstone
