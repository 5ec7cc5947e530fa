// Webhooks: the examples of the standards themselves, and everything that must not pass.
#include "commands/webhook.hpp"

#include <gtest/gtest.h>

#include "base/digest.hpp"
#include "base/hmac.hpp"

namespace flowstone::commands {
namespace {

using std::chrono::seconds;
using workflows::Signature;

constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000000a";
constexpr std::string_view kTrigger = "01920000-0000-7000-8000-0000000000b1";

// The example of the Standard Webhooks specification's libraries.
constexpr std::string_view kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view kTime = "1614265330";
constexpr std::string_view kBody = R"({"test": 2432232314})";
constexpr std::string_view kSigned = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr Timestamp kThen{1'614'265'330'000'000};

Result<std::string, DeliveryRefusal> standard(std::string_view signature, Timestamp now = kThen,
                                              std::string_view body = kBody, std::string_view id = kId,
                                              std::string_view time = kTime) {
  return check_delivery(Signature::standard, kSecret,
                        {.id = id, .timestamp = time, .signature = signature, .github_signature = {}}, body, now);
}

std::string code_of(const Result<std::string, DeliveryRefusal>& checked) {
  return checked ? "" : checked.error().code + " " + checked.error().header;
}

TEST(Hmac, GivesWhatRfc4231Says) {
  EXPECT_EQ(to_hex(view(hmac_sha256("Jefe", "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(view(hmac_sha256(Bytes(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Webhook, StandardExampleIsTaken) { EXPECT_EQ(standard(kSigned).value(), kId); }

TEST(Webhook, OneOfSeveralSignaturesIsEnough) {
  EXPECT_TRUE(standard("v1,AAAA v2,BBBB " + std::string(kSigned)));
  EXPECT_EQ(code_of(standard("v1,AAAA  v2,BBBB ")), "signature_invalid webhook-signature");
}

TEST(Webhook, AnythingElseIsRefusedWithItsHeader) {
  EXPECT_EQ(code_of(standard(kSigned, kThen, R"({"test": 2432232315})")), "signature_invalid webhook-signature");
  EXPECT_EQ(code_of(standard(kSigned, kThen, kBody, "msg_other")), "signature_invalid webhook-signature");
  EXPECT_EQ(code_of(standard(kSigned, kThen, kBody, kId, "1614265331")), "signature_invalid webhook-signature");
  EXPECT_EQ(code_of(standard(kSigned.substr(3))), "signature_invalid webhook-signature");
  EXPECT_EQ(code_of(standard("")), "signature_missing webhook-signature");
  EXPECT_EQ(code_of(standard(kSigned, kThen, kBody, "")), "signature_missing webhook-id");
  EXPECT_EQ(code_of(standard(kSigned, kThen, kBody, kId, "")), "signature_missing webhook-timestamp");
  EXPECT_EQ(code_of(standard(kSigned, kThen, kBody, "a.b")), "signature_invalid webhook-id");
  EXPECT_EQ(code_of(standard(kSigned, kThen, kBody, std::string(kMostDeliveryId + 1, 'a'))),
            "signature_invalid webhook-id");
}

TEST(Webhook, DeliveryMayBeFiveMinutesOff) {
  EXPECT_TRUE(standard(kSigned, kThen + kDeliveryTolerance));
  EXPECT_TRUE(standard(kSigned, kThen + -kDeliveryTolerance));
  EXPECT_EQ(code_of(standard(kSigned, kThen + kDeliveryTolerance + seconds(1))),
            "timestamp_out_of_tolerance webhook-timestamp");
  EXPECT_EQ(code_of(standard(kSigned, kThen + -(kDeliveryTolerance + seconds(1)))),
            "timestamp_out_of_tolerance webhook-timestamp");
}

TEST(Webhook, TimeThatIsNoneIsRefusedThoughItIsSigned) {
  for (const std::string time : {"soon", "16142653301614265330", "1614265330.5"}) {
    const auto message = std::string(kId) + "." + time + "." + std::string(kBody);
    const auto key = from_base64(kSecret.substr(6));
    const auto signature = "v1," + to_base64(view(hmac_sha256(*key, message)));
    EXPECT_EQ(code_of(standard(signature, kThen, kBody, kId, time)), "timestamp_out_of_tolerance webhook-timestamp")
        << time;
  }
}

// The example of GitHub's documentation.
TEST(Webhook, GithubExampleIsTakenAndItsBodyNamesIt) {
  const auto check = [](std::string_view signature, std::string_view body) {
    return check_delivery(Signature::github, "It's a Secret to Everybody",
                          {.id = {}, .timestamp = {}, .signature = {}, .github_signature = signature}, body, kThen);
  };
  constexpr std::string_view kGithub = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  EXPECT_EQ(check(kGithub, "Hello, World!").value(), to_hex(view(sha256("Hello, World!"))));
  EXPECT_EQ(code_of(check(kGithub, "Hello, World")), "signature_invalid X-Hub-Signature-256");
  EXPECT_EQ(code_of(check(kGithub.substr(7), "Hello, World!")), "signature_invalid X-Hub-Signature-256");
  EXPECT_EQ(code_of(check("", "Hello, World!")), "signature_missing X-Hub-Signature-256");
}

TEST(WebhookKeys, AddressesAndSecretsBelongToOneTriggerAndOneGeneration) {
  const WebhookKeys keys(Bytes(32, 'k')), others(Bytes(32, 'l'));
  const auto token = keys.token(kWorkspace, kTrigger, 0);
  EXPECT_EQ(token.size(), 64U);
  const auto address = WebhookKeys::address_in(token);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->workspace, kWorkspace);
  EXPECT_EQ(address->trigger_id, kTrigger);
  EXPECT_NE(token, keys.token(kWorkspace, kTrigger, 1));
  EXPECT_NE(token, others.token(kWorkspace, kTrigger, 0));
  EXPECT_NE(keys.secret(kWorkspace, kTrigger, 0), keys.secret(kWorkspace, kTrigger, 1));
  EXPECT_NE(keys.secret(kWorkspace, kTrigger, 0), keys.secret(kTrigger, kWorkspace, 0));
  EXPECT_EQ(from_base64(keys.secret(kWorkspace, kTrigger, 0).substr(6)).value().size(), 32U);
}

TEST(WebhookKeys, WhatIsNoTokenHasNoAddress) {
  for (const std::string_view text : {"", "a", "not base64!", "AAAA"})
    EXPECT_FALSE(WebhookKeys::address_in(text)) << text;
  EXPECT_FALSE(WebhookKeys::address_in(to_base64url(Bytes(49, 'a'))));
}

}  // namespace
}  // namespace flowstone::commands
