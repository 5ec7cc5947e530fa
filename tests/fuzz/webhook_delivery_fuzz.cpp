// Deliveries of webhooks from anywhere (id, timestamp and signature a line each, then the body): what is accepted says
// its signature, what is signed is accepted, and what is refused names the header.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include <fmt/core.h>

#include "base/check.hpp"
#include "base/hmac.hpp"
#include "commands/webhook.hpp"

namespace {

using namespace flowstone;            // NOLINT: a program of its own
using namespace flowstone::commands;  // NOLINT
using workflows::Signature;

const std::string kKey(32, 'k');
const std::string kSecret = "whsec_" + to_base64(kKey);
constexpr Timestamp kNow{1'774'000'000'000'000};

void look_at(Signature scheme, const DeliveryHeaders& headers, BytesView body, const std::string& wanted) {
  const auto accepted = check_delivery(scheme, kSecret, headers, body, kNow);
  if (!accepted) {
    check(!accepted.error().code.empty() && !accepted.error().header.empty() && !accepted.error().detail.empty(),
          "a refusal names the header");
    return;
  }
  const auto given = scheme == Signature::standard ? headers.signature : headers.github_signature;
  check(given.find(wanted) != std::string_view::npos, "nothing is accepted that is not signed");
  check(!accepted->empty() && accepted->size() <= kMostDeliveryId, "a delivery has an id");
}

void look_at_token(std::string_view token) {
  const auto address = WebhookKeys::address_in(token);
  if (!address) return;
  const WebhookKeys keys(kKey);
  const auto own = WebhookKeys::address_in(keys.token(address->workspace, address->trigger_id, 0));
  check(own && own->workspace == address->workspace && own->trigger_id == address->trigger_id,
        "an address goes there and back");
}

std::string_view cut_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes as text
  look_at_token(text);
  const auto id = cut_line(text), timestamp = cut_line(text), signature = cut_line(text);
  const auto of_message = to_base64(view(hmac_sha256(kKey, fmt::format("{}.{}.{}", id, timestamp, text))));
  const auto of_body = to_hex(view(hmac_sha256(kSecret, text)));
  look_at(Signature::standard, {.id = id, .timestamp = timestamp, .signature = signature, .github_signature = {}}, text,
          of_message);
  look_at(Signature::github, {.id = {}, .timestamp = {}, .signature = {}, .github_signature = signature}, text,
          of_body);

  const auto right = "v1,none v1," + of_message;
  const auto signed_one =
      check_delivery(Signature::standard, kSecret,
                     {.id = id, .timestamp = timestamp, .signature = right, .github_signature = {}}, text, kNow);
  check(signed_one || signed_one.error().header != "webhook-signature", "what is signed is not refused for it");
  const auto from_github =
      check_delivery(Signature::github, kSecret,
                     {.id = {}, .timestamp = {}, .signature = {}, .github_signature = "sha256=" + of_body}, text, kNow);
  check(from_github.has_value(), "what is signed is accepted");
  return 0;
}
