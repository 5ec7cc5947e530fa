#define OPENSSL_SUPPRESS_DEPRECATED  // SHA256_* has no context allocation; EVP costs three times as much on 64 bytes.
#include "base/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "base/check.hpp"

namespace flowstone {

Digest sha256(std::initializer_list<BytesView> parts) {
  SHA256_CTX context;
  SHA256_Init(&context);
  for (const BytesView part : parts) SHA256_Update(&context, part.data(), part.size());
  Digest digest;
  SHA256_Final(digest.data(), &context);
  return digest;
}

Bytes random_bytes(std::size_t count) {
  Bytes bytes(count, '\0');
  const int done = RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count));  // NOLINT
  check(done == 1, "the operating system gives random bytes");
  return bytes;
}

bool equal_in_constant_time(BytesView left, BytesView right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace flowstone
