#include "commands/webhook.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/hmac.hpp"
#include "base/uuid.hpp"

namespace flowstone::commands {
namespace {

constexpr std::size_t kSealBytes = 16;
constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kStandardPrefix = "v1,";
constexpr std::string_view kGithubPrefix = "sha256=";

Digest made_for(BytesView key, std::string_view purpose, std::string_view workspace, std::string_view trigger_id,
                std::uint32_t generation) {
  return hmac_sha256(key, fmt::format("{}\n{}\n{}\n{}", purpose, workspace, trigger_id, generation));
}

auto refused(std::string_view code, std::string_view header, std::string detail) {
  return failure(DeliveryRefusal{std::string(code), std::string(header), std::move(detail)});
}

bool is_delivery_id(std::string_view id) {
  return id.size() <= kMostDeliveryId && std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<void, DeliveryRefusal> check_time(std::string_view text, Timestamp now) {
  std::int64_t seconds = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, seconds);
  if (text.size() > 12 || read.ec != std::errc{} || read.ptr != end)
    return refused("timestamp_out_of_tolerance", "webhook-timestamp",
                   "must be the time of sending, in seconds since 1970");
  const Timestamp sent{seconds * 1'000'000};
  if (now - sent > kDeliveryTolerance || sent - now > kDeliveryTolerance)
    return refused("timestamp_out_of_tolerance", "webhook-timestamp",
                   fmt::format("must be no more than {} s from this server's clock", kDeliveryTolerance.count()));
  return {};
}

// One of several signatures, between spaces, is that of the message: a sender that changes its secret gives both.
bool is_signed(std::string_view signatures, BytesView key, BytesView message) {
  const auto wanted = std::string(kStandardPrefix) + to_base64(view(hmac_sha256(key, message)));
  while (!signatures.empty()) {
    const auto space = std::min(signatures.find(' '), signatures.size());
    if (equal_in_constant_time(signatures.substr(0, space), wanted)) return true;
    signatures.remove_prefix(std::min(space + 1, signatures.size()));
  }
  return false;
}

Result<std::string, DeliveryRefusal> check_standard(std::string_view secret, const DeliveryHeaders& headers,
                                                    BytesView body, Timestamp now) {
  if (headers.id.empty()) return refused("signature_missing", "webhook-id", "must name the delivery");
  if (!is_delivery_id(headers.id) || headers.id.find('.') != std::string_view::npos)
    return refused("signature_invalid", "webhook-id",
                   fmt::format("must have at most {} visible ASCII characters, none of them a dot", kMostDeliveryId));
  if (headers.timestamp.empty())
    return refused("signature_missing", "webhook-timestamp", "must be the time of sending, in seconds since 1970");
  if (headers.signature.empty())
    return refused("signature_missing", "webhook-signature", "must be `v1,` and the signature in base64");
  const auto key = from_base64(secret.substr(kSecretPrefix.size()));
  const auto message = fmt::format("{}.{}.{}", headers.id, headers.timestamp, body);
  if (!is_signed(headers.signature, key.value_or(Bytes()), message))
    return refused("signature_invalid", "webhook-signature",
                   "must be `v1,` and the base64 of HMAC-SHA-256 over `webhook-id.webhook-timestamp.body`");
  FLOWSTONE_TRY_VOID(check_time(headers.timestamp, now));
  return std::string(headers.id);
}

Result<std::string, DeliveryRefusal> check_github(std::string_view secret, const DeliveryHeaders& headers,
                                                  BytesView body) {
  constexpr std::string_view kHeader = "X-Hub-Signature-256";
  if (headers.github_signature.empty())
    return refused("signature_missing", kHeader, "must be `sha256=` and the signature in hexadecimal");
  const auto wanted = std::string(kGithubPrefix) + to_hex(view(hmac_sha256(secret, body)));
  if (!equal_in_constant_time(headers.github_signature, wanted))
    return refused("signature_invalid", kHeader, "must be `sha256=` and the HMAC-SHA-256 of the body in hexadecimal");
  // The delivery's own header is not signed: the body is what makes it the same delivery.
  return to_hex(view(sha256(body)));
}

}  // namespace

std::string WebhookKeys::token(std::string_view workspace, std::string_view trigger_id,
                               std::uint32_t generation) const {
  const auto seal = made_for(key_, "token", workspace, trigger_id, generation);
  return to_base64url(uuid_bytes(workspace).value_or(Bytes()) + uuid_bytes(trigger_id).value_or(Bytes()) +
                      Bytes(view(seal).substr(0, kSealBytes)));
}

std::string WebhookKeys::secret(std::string_view workspace, std::string_view trigger_id,
                                std::uint32_t generation) const {
  return std::string(kSecretPrefix) + to_base64(view(made_for(key_, "secret", workspace, trigger_id, generation)));
}

std::optional<WebhookKeys::Address> WebhookKeys::address_in(std::string_view token) {
  const auto bytes = from_base64url(token);
  if (!bytes || bytes->size() != 2 * kUuidBytes + kSealBytes) return std::nullopt;
  const BytesView all(*bytes);
  return Address{.workspace = uuid_text(all.substr(0, kUuidBytes)),
                 .trigger_id = uuid_text(all.substr(kUuidBytes, kUuidBytes))};
}

Result<std::string, DeliveryRefusal> check_delivery(workflows::Signature scheme, std::string_view secret,
                                                    const DeliveryHeaders& headers, BytesView body, Timestamp now) {
  switch (scheme) {
    case workflows::Signature::standard:
      return check_standard(secret, headers, body, now);
    case workflows::Signature::github:
      break;
  }
  return check_github(secret, headers, body);
}

}  // namespace flowstone::commands
