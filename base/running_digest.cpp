#define OPENSSL_SUPPRESS_DEPRECATED  // as in digest.cpp
#include "base/running_digest.hpp"

#include <openssl/sha.h>

namespace flowstone {

struct RunningDigest::State {
  SHA256_CTX context;
};

RunningDigest::RunningDigest() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
RunningDigest::~RunningDigest() = default;

void RunningDigest::add(BytesView piece) { SHA256_Update(&state_->context, piece.data(), piece.size()); }

Digest RunningDigest::finish() {
  Digest digest;
  SHA256_Final(digest.data(), &state_->context);
  SHA256_Init(&state_->context);
  return digest;
}

}  // namespace flowstone
