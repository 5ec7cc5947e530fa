#include "workers/engine/roster.hpp"

#include <gtest/gtest.h>

namespace flowstone::workers {
namespace {

TEST(Roster, OfVeryManyThatAreDueSoManyAreWokenTogetherTheOthersNext) {
  constexpr std::size_t kRuns = Roster::kWokenTogether * 3 / 2;
  const Timestamp due{1'000};
  Roster roster(kRuns);
  for (std::size_t at = 0; at < kRuns; ++at) {
    bool made = false;
    roster.wake_at(roster.add("workspace", std::to_string(at), made), due);
  }
  roster.wake_due({due.micros - 1});
  EXPECT_EQ(roster.counts().waiting_for_turn, 0U);
  roster.wake_due(due);
  EXPECT_EQ(roster.counts().waiting_for_turn, Roster::kWokenTogether);
  EXPECT_EQ(roster.counts().timers, kRuns - Roster::kWokenTogether);
  roster.wake_due(due);
  EXPECT_EQ(roster.counts().waiting_for_turn, kRuns);
}

}  // namespace
}  // namespace flowstone::workers
