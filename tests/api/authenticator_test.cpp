#include "api/authenticator.hpp"

#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/identifier.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000000a";
constexpr std::string_view kId = "01920000-0000-7000-8000-0000000000f1";

TEST(KeyText, RoundTripsItsParts) {
  const Bytes secret(32, '\x5a');
  const auto text = key_text(kWorkspace, kId, secret);
  EXPECT_EQ(text.size(), 91U);
  const auto parts = parse_key(text);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->workspace, kWorkspace);
  EXPECT_EQ(parts->id, kId);
  EXPECT_EQ(parts->secret, secret);
}

TEST(KeyText, OtherTextsAreNone) {
  const auto text = key_text(kWorkspace, kId, Bytes(32, 'x'));
  EXPECT_FALSE(parse_key(""));
  EXPECT_FALSE(parse_key(text + "A"));
  EXPECT_FALSE(parse_key(text.substr(1)));
  EXPECT_FALSE(parse_key("fsx_" + text.substr(4)));
  EXPECT_FALSE(parse_key(text.substr(0, 47) + "-" + text.substr(48)));
  EXPECT_FALSE(parse_key(text.substr(0, 90) + "!"));
}

TEST(KeyText, SecretsAreNeverTheSame) {
  const auto first = mint_secret();
  const auto second = mint_secret();
  EXPECT_NE(first.secret, second.secret);
  EXPECT_EQ(first.digest, to_hex(view(sha256(first.secret))));
}

class SteppedClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return at; }
  Timestamp at{1'800'000'000'000'000};
};

class Keys : public testing::Test {
 protected:
  Keys() : directory_(std::filesystem::temp_directory_path() / fmt::format("flowstone-keys-{}", getpid())) {
    std::filesystem::create_directories(directory_);
    eventstore::StoreOptions options;
    options.directory = directory_;
    store = std::move(eventstore::Store::open(std::move(options))).value();
    authenticator = std::make_unique<Authenticator>(*store, clock);
  }
  ~Keys() override {
    store.reset();
    std::filesystem::remove_all(directory_);
  }
  void append(std::string_view type, std::string_view json) {
    const auto* table = schemas::contracts().find_event(type);
    auto payload = schemas::decode_json(*table, json, {.target = {}, .accept_hidden = true});
    ASSERT_TRUE(payload);
    eventstore::Append append;
    append.workspace = kWorkspace;
    append.writes.resize(1);
    append.writes[0].stream = fmt::format("api_key-{}", kId);
    append.writes[0].events.push_back({std::string(type), 1, *std::move(payload)});
    ASSERT_TRUE(store->append(std::move(append)));
  }
  std::string make(std::string_view more = {}) {
    const auto minted = mint_key(kWorkspace, kId);
    append("api_key.created", fmt::format(R"({{"name":"k","roles":["member","operator"],"secret_digest":"{}"{}}})",
                                          minted.secret_digest, more));
    return "Bearer " + minted.text;
  }

  SteppedClock clock;
  std::unique_ptr<eventstore::Store> store;
  std::unique_ptr<Authenticator> authenticator;

 private:
  std::filesystem::path directory_;
};

TEST_F(Keys, AreKnownOnceTheirEventsWereFollowed) {
  const auto key = make();
  EXPECT_TRUE(authenticator->is_behind());
  EXPECT_EQ(authenticator->authenticate(key).error(), AuthFailure::unknown);
  ASSERT_TRUE(authenticator->catch_up());
  EXPECT_FALSE(authenticator->is_behind());
  const auto principal = authenticator->authenticate(key);
  ASSERT_TRUE(principal);
  EXPECT_EQ((*principal)->workspace, kWorkspace);
  EXPECT_EQ((*principal)->actor, fmt::format("key:{}", kId));
  EXPECT_TRUE((*principal)->roles.allow(Role::member));
  EXPECT_TRUE((*principal)->roles.allow(Role::operates));
  EXPECT_FALSE((*principal)->roles.allow(Role::admin));
}

TEST_F(Keys, SchemeIsBearerWhateverItsCase) {
  const auto key = make();
  ASSERT_TRUE(authenticator->catch_up());
  EXPECT_TRUE(authenticator->authenticate("bearer " + key.substr(7)));
  EXPECT_EQ(authenticator->authenticate("Basic " + key.substr(7)).error(), AuthFailure::malformed);
  EXPECT_EQ(authenticator->authenticate("").error(), AuthFailure::missing);
}

TEST_F(Keys, EndWhenRevoked) {
  const auto key = make();
  ASSERT_TRUE(authenticator->catch_up());
  const auto principal = authenticator->authenticate(key).value();
  const auto generation = authenticator->generation();
  append("api_key.revoked", "{}");
  ASSERT_TRUE(authenticator->catch_up());
  EXPECT_NE(authenticator->generation(), generation);
  EXPECT_FALSE(authenticator->still_holds(*principal));
  EXPECT_EQ(authenticator->authenticate(key).error(), AuthFailure::revoked);
}

TEST_F(Keys, EndWhenTheyExpire) {
  const auto key = make(fmt::format(R"(,"expires_at":"{}")", to_rfc3339(clock.at + std::chrono::seconds(60))));
  ASSERT_TRUE(authenticator->catch_up());
  EXPECT_TRUE(authenticator->authenticate(key));
  clock.at = clock.at + std::chrono::seconds(60);
  EXPECT_EQ(authenticator->authenticate(key).error(), AuthFailure::expired);
}

TEST(Scopes, WriteIncludesRead) {
  Principal principal;
  EXPECT_TRUE(principal.in_scope("task", Access::write));
  principal.scopes = {"run:write", "task:read"};
  EXPECT_TRUE(principal.in_scope("run", Access::read));
  EXPECT_TRUE(principal.in_scope("task", Access::read));
  EXPECT_FALSE(principal.in_scope("task", Access::write));
  EXPECT_FALSE(principal.in_scope("intent", Access::read));
}

}  // namespace
}  // namespace flowstone::api
