#include "projections/run_comparison.hpp"

#include <gtest/gtest.h>

namespace flowstone::projections {
namespace {

StepVisit visit(std::string step, std::uint64_t occurrence, std::string output, std::string path = {}) {
  StepVisit made;
  made.step = std::move(step);
  made.path = std::move(path);
  made.occurrence = occurrence;
  made.status = schemas::StepStatus::completed;
  made.input = "{}";
  made.output = std::move(output);
  return made;
}

std::string told(const std::vector<StepPair>& pairs) {
  std::string text;
  for (const auto& pair : pairs) {
    if (!text.empty()) text += ' ';
    text += pair.one().path + pair.one().step +
            (pair.a == nullptr   ? "+"
             : pair.b == nullptr ? "-"
             : pair.same         ? "="
                                 : "!");
  }
  return text;
}

TEST(RunComparison, StepsArePairedByNamePlaceAndHowOftenTheyBegan) {
  RunVisits a, b;
  for (auto* run : {&a, &b}) run->steps.push_back(visit("A", 1, R"({"n":1,"m":2})"));
  b.steps.front().output = R"({"m":2,"n":1})";
  a.steps.push_back(visit("B", 1, "1"));
  a.steps.push_back(visit("A", 2, "1"));
  a.steps.push_back(visit("F", 1, "1", "M[0]"));
  b.steps.push_back(visit("C", 1, "1"));
  b.steps.push_back(visit("A", 2, "2"));
  b.steps.push_back(visit("F", 1, "1", "M[1]"));
  EXPECT_EQ(told(compare(a, b)), "A= B- C+ A! M[0]F- M[1]F+");
  EXPECT_EQ(told(compare(b, a)), "A= C- B+ A! M[1]F- M[0]F+");
  EXPECT_EQ(told(compare(a, a)), "A= B= A= M[0]F=");
  EXPECT_EQ(told(compare({}, {})), "");
}

TEST(RunComparison, DifferencesOfValuesHavePointersAndAreBounded) {
  const auto found =
      differences(R"({"a":1,"b":[1,2],"c/d":"x","same":{"x":1}})", R"({"same":{"x":1},"a":2,"b":[1],"e":null})");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].pointer, "/a");
  EXPECT_EQ(found[0].b, "2");
  EXPECT_EQ(found[1].pointer, "/b/1");
  EXPECT_EQ(found[1].b, "");
  EXPECT_EQ(found[2].pointer, "/c~1d");
  EXPECT_EQ(found[3].pointer, "/e");
  EXPECT_EQ(found[3].a, "");
  std::string many = "[0";
  for (int each = 0; each < 100; ++each) many += ",0";
  EXPECT_EQ(differences(many + "]", "[]").size(), kMostDifferences);
  EXPECT_TRUE(differences("", "").empty());
  EXPECT_EQ(differences("", "1").front().pointer, "");
}

TEST(RunComparison, LongValuesAreToldByTheirBeginning) {
  const auto found = differences("1", "\"" + std::string(2 * kMostDifferentBytes, 'x') + "\"");
  EXPECT_LT(found.front().b.size(), kMostDifferentBytes + 20);
  EXPECT_TRUE(found.front().b.ends_with("…\"")) << found.front().b;
}

TEST(RunComparison, TheSameValueInAnotherOrderIsTheSame) {
  EXPECT_TRUE(same_value(R"({"a":1,"b":2})", R"({"b":2, "a":1})"));
  EXPECT_FALSE(same_value("1", "2"));
  EXPECT_FALSE(same_value("", "null"));
}

}  // namespace
}  // namespace flowstone::projections
