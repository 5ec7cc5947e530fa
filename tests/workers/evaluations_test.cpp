#include "workers/triggers/evaluations.hpp"

#include <gtest/gtest.h>

namespace flowstone::workers {
namespace {

using schemas::EvaluationOutcome;
using Evaluation = schemas::RecordTriggerEvaluationT;

constexpr Timestamp kNow{1'900'000'000'000'000};

Evaluation skipped(std::uint64_t position, std::string condition = "a") {
  Evaluation evaluation;
  evaluation.outcome = EvaluationOutcome::skipped;
  evaluation.reason = "condition_false";
  evaluation.condition = std::move(condition);
  evaluation.position = position;
  return evaluation;
}

Evaluation started(std::uint64_t position) {
  auto evaluation = skipped(position, "");
  evaluation.outcome = EvaluationOutcome::started;
  evaluation.reason.clear();
  return evaluation;
}

std::vector<Evaluation> taken(Evaluations& evaluations) {
  std::vector<Evaluation> told;
  for (const auto& command : evaluations.take()) {
    Evaluation evaluation;
    flatbuffers::GetRoot<schemas::RecordTriggerEvaluation>(command.body.data())->UnPackTo(&evaluation);
    told.push_back(std::move(evaluation));
  }
  return told;
}

TEST(Evaluations, WhatIsAlikeIsToldOnce) {
  Evaluations evaluations;
  for (std::uint64_t at = 1; at <= 5; ++at) evaluations.add("w", "t", skipped(at), kNow);
  EXPECT_TRUE(taken(evaluations).empty());
  evaluations.release(kNow + Evaluations::kLongest, false);
  const auto told = taken(evaluations);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].count, 5U);
  EXPECT_EQ(told[0].first_position, 1U);
  EXPECT_EQ(told[0].position, 5U);
}

TEST(Evaluations, AnotherReasonEndsWhatWasAlike) {
  Evaluations evaluations;
  evaluations.add("w", "t", skipped(1), kNow);
  evaluations.add("w", "t", skipped(2, "b"), kNow);
  evaluations.add("w", "t", started(3), kNow);
  const auto told = taken(evaluations);
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].condition, "a");
  EXPECT_EQ(told[1].condition, "b");
  EXPECT_EQ(told[2].outcome, EvaluationOutcome::started);
}

TEST(Evaluations, OneStandsForAThousandAtMost) {
  Evaluations evaluations;
  for (std::uint64_t at = 1; at <= Evaluations::kMost + 1; ++at) evaluations.add("w", "t", skipped(at), kNow);
  const auto told = taken(evaluations);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].count, Evaluations::kMost);
}

TEST(Evaluations, TheyWaitTenSecondsAndNotWhenTheClockGoesBack) {
  Evaluations evaluations;
  evaluations.add("w", "t", skipped(1), kNow);
  evaluations.release(kNow + std::chrono::seconds(9), false);
  EXPECT_TRUE(taken(evaluations).empty());
  evaluations.release(kNow + -std::chrono::seconds(1), false);
  EXPECT_EQ(taken(evaluations).size(), 1U);
}

}  // namespace
}  // namespace flowstone::workers
