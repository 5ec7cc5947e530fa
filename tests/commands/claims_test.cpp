#include "commands/claims.hpp"

#include <atomic>

#include <gtest/gtest.h>

#include "tests/commands/executor_fixture.hpp"

namespace flowstone::commands {
namespace {

class ClaimsTest : public ExecutorTest {
 protected:
  static Command create(std::string_view code) {
    return command("create_intent", "", R"({"code":")" + std::string(code) + R"(","name":"An intent"})");
  }
  static Command recode(const std::string& id, std::string_view code) {
    return command("update_intent", id, R"({"code":")" + std::string(code) + R"("})");
  }
};
INSTANTIATE_TEST_SUITE_P(OnEmbeddedJournal, ClaimsTest, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(OnMemoryJournal, ClaimsTest, testing::Values(true));

const schemas::Aggregate& intent() { return domain::find_aggregate_type("intent")->contract(); }
const schemas::Field& code_field() { return *intent().state->find("code"); }

TEST(ClaimStream, IsNamedAfterTheFoldedValue) {
  EXPECT_EQ(claim_stream(intent(), code_field(), "DEEP_Work.1-a"), "claim-intent.code-deep_work.1-a");
}

TEST(ClaimStream, WritesForeignBytesAsPercentAndLongValuesAsDigest) {
  EXPECT_EQ(claim_stream(intent(), code_field(), "a b%"), "claim-intent.code-a%20b%25");
  const auto name = claim_stream(intent(), code_field(), std::string(300, 'x'));
  EXPECT_EQ(name.substr(0, 26), "claim-intent.code-%sha256-");
  EXPECT_LE(name.size(), 255u);
  EXPECT_NE(name, claim_stream(intent(), code_field(), std::string(301, 'x')));
}

TEST_P(ClaimsTest, ACodeIsTakenOnceWithoutRegardToCase) {
  const auto first = succeed(create("DEEP"));
  const auto error = fail(create("deep"));
  EXPECT_EQ(error.code, CommandError::Code::duplicate_value);
  EXPECT_EQ(error.rejection.field, "code");
  EXPECT_NE(error.detail.find("'deep'"), std::string::npos) << error.detail;
  EXPECT_EQ(head(), Position{2}) << "the intent and its claim";
  EXPECT_EQ(first.position, Position{2});
}

TEST_P(ClaimsTest, ACodeIsTakenAcrossARestart) {
  succeed(create("DEEP"));
  reopen();
  EXPECT_EQ(fail(create("DEEP")).code, CommandError::Code::duplicate_value);
}

TEST_P(ClaimsTest, AWorkspaceHasItsOwnCodes) {
  succeed(create("DEEP"));
  auto foreign = create("DEEP");
  foreign.workspace = "01920000-0000-7000-8000-00000000bbbb";
  succeed(std::move(foreign));
}

TEST_P(ClaimsTest, AChangedCodeReleasesTheOldOne) {
  const auto first = succeed(create("DEEP"));
  succeed(recode(first.id, "WIDE"));
  const auto second = succeed(create("DEEP"));
  EXPECT_EQ(fail(recode(second.id, "WIDE")).code, CommandError::Code::duplicate_value);
  EXPECT_EQ(fail(recode(first.id, "DEEP")).code, CommandError::Code::duplicate_value);
  succeed(recode(second.id, "HIGH"));
  succeed(recode(first.id, "DEEP"));
}

TEST_P(ClaimsTest, ChangingTheCaseKeepsTheClaim) {
  const auto first = succeed(create("DEEP"));
  const Position before = head();
  EXPECT_EQ(field_of("intent", succeed(recode(first.id, "Deep")), "code"), R"("Deep")");
  EXPECT_EQ(head(), before.next());
  EXPECT_EQ(fail(create("DEEP")).code, CommandError::Code::duplicate_value);
}

TEST_P(ClaimsTest, AnArchivedIntentKeepsItsCode) {
  const auto first = succeed(create("DEEP"));
  succeed(command("archive_intent", first.id));
  EXPECT_EQ(fail(create("DEEP")).code, CommandError::Code::duplicate_value);
}

TEST_P(ClaimsTest, OfManyCreatesWithOneCodeExactlyOneWins) {
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> won{0}, lost{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
          const auto result = executor_->execute(create("CODE" + std::to_string(round)));
          if (result) {
            ++won;
          } else {
            EXPECT_EQ(result.error().code, CommandError::Code::duplicate_value);
            EXPECT_EQ(result.error().rejection.field, "code");
            ++lost;
          }
        });
      }
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 15);
  }
}

TEST_P(ClaimsTest, InOneBatchTheSecondOfOneCodeIsRefused) {
  std::vector<Command> batch;
  batch.push_back(create("DEEP"));
  batch.push_back(create("deep"));
  const auto results = atomically(std::move(batch));
  EXPECT_EQ(results[0].error().code, CommandError::Code::stopped);
  EXPECT_EQ(results[1].error().code, CommandError::Code::duplicate_value);
  EXPECT_EQ(head(), Position{0});
}

TEST_P(ClaimsTest, ABatchMayHandACodeOn) {
  const auto first = succeed(create("DEEP"));
  std::vector<Command> batch;
  batch.push_back(recode(first.id, "WIDE"));
  batch.push_back(create("DEEP"));
  for (const auto& result : atomically(std::move(batch))) EXPECT_TRUE(result);
  EXPECT_EQ(fail(create("DEEP")).code, CommandError::Code::duplicate_value);
  EXPECT_EQ(fail(create("WIDE")).code, CommandError::Code::duplicate_value);
}

TEST_P(ClaimsTest, TwoMayNotExchangeTheirCodesWhileBothAreHeld) {
  const auto first = succeed(create("DEEP"));
  const auto second = succeed(create("WIDE"));
  std::vector<Command> batch;
  batch.push_back(recode(first.id, "WIDE"));
  batch.push_back(recode(second.id, "DEEP"));
  const auto results = atomically(std::move(batch));
  EXPECT_EQ(results[0].error().code, CommandError::Code::duplicate_value);
}

}  // namespace
}  // namespace flowstone::commands
