#include "base/identifier.hpp"

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace flowstone {
namespace {

class SetClock final : public Clock {
 public:
  explicit SetClock(Timestamp at) : micros_(at.micros) {}
  [[nodiscard]] Timestamp now() const override { return {micros_.load()}; }
  void set(Timestamp at) { micros_ = at.micros; }

 private:
  std::atomic<std::int64_t> micros_;
};

constexpr auto kNoon = Timestamp::from_millis(1'795'608'000'000);

std::vector<std::string> draw(UuidV7Source& source, int count) {
  std::vector<std::string> ids;
  for (int at = 0; at < count; ++at) ids.push_back(source.fresh());
  return ids;
}

bool strictly_increasing(const std::vector<std::string>& ids) {
  return std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end();
}

std::int64_t millis_in(std::string_view id) {
  return std::stoll(std::string(id.substr(0, 8)) + std::string(id.substr(9, 4)), nullptr, 16);
}

TEST(UuidV7, HasVersionVariantAndTheTimeOfTheClock) {
  const SetClock clock(kNoon);
  UuidV7Source source(clock);
  const std::string id = source.fresh();
  EXPECT_TRUE(is_uuid(id));
  EXPECT_EQ(id[14], '7');
  EXPECT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos) << id;
  EXPECT_EQ(millis_in(id), kNoon.millis());
}

TEST(UuidV7, IdsWithinOneMillisecondIncrease) {
  const SetClock clock(kNoon);
  UuidV7Source source(clock);
  EXPECT_TRUE(strictly_increasing(draw(source, 3'000)));
}

TEST(UuidV7, MoreThan4096IdsInOneMillisecondBorrowFromTheNext) {
  const SetClock clock(kNoon);
  UuidV7Source source(clock);
  const auto ids = draw(source, 4'097);
  EXPECT_EQ(millis_in(ids[4'095]), kNoon.millis());
  EXPECT_EQ(millis_in(ids[4'096]), kNoon.millis() + 1);
  EXPECT_TRUE(strictly_increasing(ids));
}

TEST(UuidV7, IdsIncreaseWhenTheClockStepsBack) {
  SetClock clock(kNoon);
  UuidV7Source source(clock);
  auto ids = draw(source, 10);
  clock.set({kNoon.micros - 3'600'000'000});
  for (auto& id : draw(source, 10)) ids.push_back(std::move(id));
  clock.set({kNoon.micros + 1'000});
  for (auto& id : draw(source, 10)) ids.push_back(std::move(id));
  EXPECT_TRUE(strictly_increasing(ids));
  EXPECT_EQ(millis_in(ids.back()), kNoon.millis() + 1);
}

TEST(UuidV7, ThreadsUnderASteppingClockNeverDrawTheSameIdAndEachSeesItsOwnIncrease) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5'000;
  SetClock clock(kNoon);
  UuidV7Source source(clock);
  std::vector<std::vector<std::string>> drawn(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int at = 0; at < kEach; ++at) {
          clock.set({kNoon.micros + (at % 7 - 3) * 2'000});
          drawn[static_cast<std::size_t>(thread)].push_back(source.fresh());
        }
      });
    }
  }
  std::set<std::string> all;
  for (const auto& ids : drawn) {
    EXPECT_TRUE(strictly_increasing(ids));
    all.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kThreads * kEach));
}

TEST(UuidV7, TailsAreRandom) {
  const SetClock clock(kNoon);
  UuidV7Source source(clock);
  std::set<std::string> tails;
  for (const auto& id : draw(source, 2'000)) tails.insert(id.substr(19));
  EXPECT_EQ(tails.size(), 2'000U);
}

TEST(IsUuid, OnlyTheCanonicalFormIsOne) {
  EXPECT_TRUE(is_uuid("0190b8f0-4c3a-7def-8123-456789abcdef"));
  EXPECT_TRUE(is_uuid("00000000-0000-0000-0000-000000000000"));
  for (const std::string_view text : {"", "0190b8f04c3a7def8123456789abcdef", "0190B8F0-4c3a-7def-8123-456789abcdef",
                                      "0190b8f0-4c3a-7def-8123-456789abcde", "0190b8f0-4c3a-7def-8123-456789abcdef0",
                                      "{190b8f0-4c3a-7def-8123-456789abcde}", "0190b8f0_4c3a-7def-8123-456789abcdef",
                                      "0190b8f0-4c3a-7def-8123-456789abcdeg", "0190b8f-04c3a-7def-8123-456789abcdef"}) {
    EXPECT_FALSE(is_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace flowstone
