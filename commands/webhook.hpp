// Webhooks: where a trigger listens, the secret that its sender shares, and whether a delivery is from who knows it.
//
// No secret is in the log: addresses and secrets are made of the server's own key, the trigger and how often they were
// replaced. Whoever has the key can make them all.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "workflows/start_rule.hpp"

namespace flowstone::commands {

// Threads: immutable.
class WebhookKeys {
 public:
  static constexpr std::size_t kKeyBytes = 32;

  explicit WebhookKeys(Bytes key) : key_(std::move(key)) {}

  // The last part of the address: 64 characters of base64url. `generation` counts how often it was replaced.
  [[nodiscard]] std::string token(std::string_view workspace, std::string_view trigger_id,
                                  std::uint32_t generation) const;
  // "whsec_" and 32 bytes in base64, as Standard Webhooks writes it.
  [[nodiscard]] std::string secret(std::string_view workspace, std::string_view trigger_id,
                                   std::uint32_t generation) const;

  struct Address {
    std::string workspace, trigger_id;
  };
  // What a token speaks of; nothing where it can be none. Compare it with `token` before it counts.
  [[nodiscard]] static std::optional<Address> address_in(std::string_view token);

 private:
  const Bytes key_;
};

// The headers of a delivery; empty where the sender gave none.
struct DeliveryHeaders {
  std::string_view id, timestamp, signature;  // Standard Webhooks: `webhook-id` and so on
  std::string_view github_signature;          // `X-Hub-Signature-256`
};

// A timestamp may be so far from the server's clock.
inline constexpr std::chrono::seconds kDeliveryTolerance{300};
inline constexpr std::size_t kMostDeliveryId = 255;

struct DeliveryRefusal {
  std::string code;    // "signature_invalid", "timestamp_out_of_tolerance", "signature_missing"
  std::string header;  // the one that is at fault
  std::string detail;  // what it must be
};

// The delivery's id, the same whenever it is sent again: what is sent twice is one delivery. Without an id of the
// sender's it is the digest of the body.
Result<std::string, DeliveryRefusal> check_delivery(workflows::Signature scheme, std::string_view secret,
                                                    const DeliveryHeaders& headers, BytesView body, Timestamp now);

}  // namespace flowstone::commands
