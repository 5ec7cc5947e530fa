#include "base/result.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/check.hpp"
#include "base/locked.hpp"
#include "base/position.hpp"

namespace flowstone {
namespace {

enum class Refusal { too_small, too_large };

Result<int, Refusal> within(int value) {
  if (value < 0) return failure(Refusal::too_small);
  if (value > 9) return failure(Refusal::too_large);
  return value;
}

Result<std::string, Refusal> two_digits(int tens, int ones) {
  FLOWSTONE_TRY(const int high, within(tens));
  FLOWSTONE_TRY(const int low, within(ones));
  return std::to_string(high) + std::to_string(low);
}

Result<std::unique_ptr<int>, Refusal> boxed(int value) {
  FLOWSTONE_TRY(value, within(value));
  return std::make_unique<int>(value);
}

Result<int, Refusal> unboxed(int value) {
  FLOWSTONE_TRY(auto box, boxed(value));
  return *box;
}

Result<void, Refusal> all_within(std::initializer_list<int> values, int& looked_at) {
  for (const int value : values) {
    FLOWSTONE_TRY_VOID(within(value));
    ++looked_at;
  }
  return {};
}

TEST(Try, GivesTheValuesWhenAllSucceed) { EXPECT_EQ(two_digits(4, 2), "42"); }

TEST(Try, ReturnsTheFirstError) {
  EXPECT_EQ(two_digits(-1, 10).error(), Refusal::too_small);
  EXPECT_EQ(two_digits(1, 10).error(), Refusal::too_large);
}

TEST(Try, MovesWhatCannotBeCopied) {
  EXPECT_EQ(unboxed(7), 7);
  EXPECT_EQ(unboxed(-7).error(), Refusal::too_small);
}

TEST(TryVoid, GoesOnAfterSuccessAndStopsAtTheFirstError) {
  int looked_at = 0;
  EXPECT_TRUE(all_within({1, 2, 3}, looked_at));
  EXPECT_EQ(looked_at, 3);
  EXPECT_EQ(all_within({1, 12, 3}, looked_at).error(), Refusal::too_large);
  EXPECT_EQ(looked_at, 4);
}

TEST(CheckDeathTest, AFailedCheckNamesTheInvariantAndStops) {
  check(true, "nothing happens");
  EXPECT_DEATH(check(false, "positions are gapless"), "broken invariant: positions are gapless \\(.*result_test.cpp:");
}

TEST(Locked, GivesWhatTheUseReturns) {
  Locked<std::string> text("ab");
  text.with([](std::string& value) { value += 'c'; });
  EXPECT_EQ(text.with([](const std::string& value) { return value.size(); }), 3U);
  EXPECT_EQ(std::as_const(text).with([](const std::string& value) { return value; }), "abc");
}

TEST(Position, CountsFromOneAndOrders) {
  EXPECT_EQ(Position{}.next(), Position{1});
  EXPECT_LT(Position{1}, Position{1}.next());
  EXPECT_EQ(Revision{41}.next(), Revision{42});
}

}  // namespace
}  // namespace flowstone
