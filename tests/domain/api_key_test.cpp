#include "domain/api_key.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

CreateApiKeyT create() {
  CreateApiKeyT command;
  command.name = "build server";
  command.roles = {Role::member, Role::auditor};
  command.scopes = {"run:write", "task:read"};
  command.expires_at = kNow.micros + 1;
  command.secret_digest = std::string(64, 'a');
  return command;
}

using KeyStory = Story<ApiKey>;

TEST(ApiKey, IsCreatedWithRolesScopesAndDigest) {
  const auto ending = KeyStory().when(create());
  EXPECT_EQ(ending.recorded, Types{"api_key.created"});
  EXPECT_EQ(ending.state.name, "build server");
  EXPECT_EQ(ending.state.roles, (std::vector<Role>{Role::member, Role::auditor}));
  EXPECT_EQ(ending.state.scopes, (std::vector<std::string>{"run:write", "task:read"}));
  EXPECT_EQ(ending.state.secret_digest, std::string(64, 'a'));
  EXPECT_EQ(ending.state.key, "") << "the key itself is never stored";
  EXPECT_FALSE(ending.state.revoked);
}

TEST(ApiKey, IsNotCreatedTwice) {
  KeyStory story;
  story.when(create());
  EXPECT_EQ(story.when(create()).refused, "api_key_exists");
}

TEST(ApiKey, ExpiresInTheFuture) {
  auto command = create();
  command.expires_at = kNow.micros;
  EXPECT_EQ(KeyStory().when(command).field, "expires_at");
}

TEST(ApiKey, AScopeNamesAnAggregateAndAnAccess) {
  for (const std::string scope : {"run", "runs:write", "run:delete", "run:", ":read", "run:write:more"}) {
    auto command = create();
    command.scopes = {"task:read", scope};
    EXPECT_EQ(KeyStory().when(command).field, "scopes[1]") << scope;
  }
}

TEST(ApiKey, NeedsTheDigestOfItsSecret) {
  for (const std::string& digest : {std::string(), std::string(63, 'a'), std::string(64, 'x'), std::string(66, 'a')}) {
    auto command = create();
    command.secret_digest = digest;
    EXPECT_EQ(KeyStory().when(command).field, "secret_digest");
  }
}

TEST(ApiKey, RevokingTwiceChangesNothing) {
  KeyStory story;
  story.when(create());
  const auto first = story.when(RevokeApiKeyT{});
  EXPECT_EQ(first.recorded, Types{"api_key.revoked"});
  EXPECT_TRUE(first.state.revoked);
  EXPECT_EQ(first.state.revoked_at, kNow.micros);
  EXPECT_EQ(story.when(RevokeApiKeyT{}).recorded, Types{});
}

TEST(ApiKey, ThatDoesNotExistIsNotRevoked) { EXPECT_EQ(KeyStory().when(RevokeApiKeyT{}).refused, "api_key_not_found"); }

}  // namespace
}  // namespace flowstone::domain
