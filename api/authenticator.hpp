// API keys: their text, and the view of all keys against which requests are checked.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/principal.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "eventstore/store.hpp"

namespace flowstone::api {

// `fsk_<base64url(16 bytes of the workspace's id, 16 bytes of the key's id)>_<base64url(32 secret bytes)>`: 91
// characters.
struct KeyParts {
  std::string workspace;
  std::string id;
  Bytes secret;
};
std::optional<KeyParts> parse_key(std::string_view text);
// Both ids are UUIDs.
std::string key_text(std::string_view workspace, std::string_view id, BytesView secret);

// A fresh secret and what the log keeps of it.
struct KeySecret {
  Bytes secret;        // 32 bytes
  std::string digest;  // SHA-256 of the secret in hexadecimal: the field `secret_digest` of CreateApiKey
};
KeySecret mint_secret();

struct MintedKey {
  std::string text;
  std::string secret_digest;
};
MintedKey mint_key(std::string_view workspace, std::string_view id);

enum class AuthFailure : std::uint8_t { missing, malformed, unknown, revoked, expired };
std::string_view sentence_of(AuthFailure failure);

// Threads: every member may be called from any thread.
// Order: what `catch_up` has seen holds for every request that is checked afterwards: a revoked key ends at once.
class Authenticator {
 public:
  Authenticator(eventstore::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Folds the keys' events up to the log's end. Blocking. Cost: the index's look-up and the keys' events since the last
  // time.
  Result<void, eventstore::StoreError> catch_up();
  // True if the log has grown since the last `catch_up`.
  [[nodiscard]] bool is_behind() const;

  // `authorization` is the header's value. Compares digests in constant time.
  Result<std::shared_ptr<const Principal>, AuthFailure> authenticate(std::string_view authorization) const;
  // True while the key behind `principal` is neither revoked nor expired.
  [[nodiscard]] bool still_holds(const Principal& principal) const;
  // Changes whenever a key does: what was checked under one generation still holds under the same, unless it expired.
  [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  [[nodiscard]] bool is_expired(const Principal& principal) const;

 private:
  struct Key {
    std::shared_ptr<const Principal> principal;
    Bytes digest;  // 32 bytes
    bool revoked = false;
  };
  void fold(const eventstore::RecordedEvent& event);

  eventstore::Store& store_;
  const Clock& clock_;
  std::mutex following_;
  std::atomic<std::uint64_t> followed_{0};
  std::atomic<std::uint64_t> generation_{1};
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Key> keys_;  // by workspace id and key id, one after the other
};

}  // namespace flowstone::api
