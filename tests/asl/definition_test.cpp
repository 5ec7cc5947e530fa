#include "asl/definition.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowstone::asl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// "code path" of each problem.
std::vector<std::string> problems(std::string_view text) {
  const auto read = read_definition(text);
  std::vector<std::string> out;
  for (const auto& problem : read ? read->warnings : read.error())
    out.push_back(fmt::format("{} {}", problem.code, problem.path));
  return out;
}

// A machine whose only state that matters is A; B is there to be led to.
std::string machine(std::string_view state, std::string_view fields = "") {
  return fmt::format(R"({{"StartAt":"A",{}"States":{{"A":{},"B":{{"Type":"Succeed"}}}}}})", fields, state);
}

TEST(Definition, IsReadWithItsStatesInOrder) {
  const auto read = read_definition(machine(R"({"Type":"Pass","Next":"B","Parameters":{"x.$":"$.y","z":1}})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->machine.start_at, "A");
  ASSERT_EQ(read->machine.states.size(), 2U);
  EXPECT_EQ(read->machine.states[0].next, "B");
  EXPECT_NE(read->machine.states[0].field(Field::parameters), nullptr);
  EXPECT_EQ(read->machine.states[0].field(Field::parameters)->literal(), nullptr);
  EXPECT_EQ(read->machine.find("B")->type, StateType::succeed);
}

TEST(Definition, ProblemsAreAllToldAtOnceInTheOrderOfTheirLines) {
  const auto read = read_definition(R"({
  "StartAt": "A",
  "States": {
    "A": {
      "Type": "Wait",
      "Seconds": -1,
      "Next": "C"
    },
    "B": {
      "Type": "Nothing"
    }
  }
})");
  ASSERT_FALSE(read);
  std::vector<std::pair<std::uint32_t, std::string>> found;
  for (const auto& problem : read.error()) found.emplace_back(problem.line, problem.code);
  EXPECT_THAT(found, ElementsAre(std::pair(3U, "no_end"), std::pair(6U, "out_of_range"), std::pair(7U, "no_such_state"),
                                 std::pair(9U, "unreachable"), std::pair(10U, "unknown_value")));
}

TEST(Definition, TextThatIsNoJsonSaysInWhichLine) {
  const auto read = read_definition("{\n\"StartAt\": \n}");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().front().code, "not_json");
  EXPECT_EQ(read.error().front().line, 3U);
}

TEST(Definition, AMemberThatIsThereTwiceIsAProblem) {
  EXPECT_THAT(problems(R"({"StartAt":"A","StartAt":"A","States":{"A":{"Type":"Succeed"}}})"),
              ElementsAre("repeated_member /StartAt"));
}

TEST(Definition, AStateMustLeadOnOrEnd) {
  EXPECT_THAT(problems(machine(R"({"Type":"Pass"})")),
              UnorderedElementsAre("missing_field /States/A", "unreachable /States/B"));
  EXPECT_THAT(problems(machine(R"({"Type":"Pass","Next":"B","End":true})")), ElementsAre("exclusive_fields /States/A"));
}

TEST(Definition, PathsOfJsonataStatesAreRefusedAndExpressionsOfTheOthersAreText) {
  EXPECT_THAT(problems(machine(R"({"Type":"Pass","Next":"B","InputPath":"$.a"})", R"("QueryLanguage":"JSONata",)")),
              ElementsAre("unknown_field /States/A/InputPath"));
  EXPECT_THAT(problems(machine(R"({"Type":"Pass","Next":"B","Parameters":"{% 1 + %}"})")), IsEmpty());
  EXPECT_THAT(
      problems(machine(R"({"Type":"Pass","Next":"B","Output":{"a":["{% 1 + %}"]}})", R"("QueryLanguage":"JSONata",)")),
      ElementsAre("not_an_expression /States/A/Output/a/0"));
}

TEST(Definition, JsonataStandsInOneStateOfAJsonPathMachineButNotTheOtherWayRound) {
  EXPECT_THAT(problems(machine(R"({"Type":"Pass","Next":"B","QueryLanguage":"JSONata","Output":"{% 1 %}"})")),
              IsEmpty());
  EXPECT_THAT(
      problems(machine(R"({"Type":"Pass","Next":"B","QueryLanguage":"JSONPath"})", R"("QueryLanguage":"JSONata",)")),
      ElementsAre("language_mixed /States/A"));
}

TEST(Definition, RulesOfChoicesAreReadToTheBottom) {
  EXPECT_THAT(
      problems(machine(R"({"Type":"Choice","Choices":[
      {"And":[{"Variable":"$.a","NumericEquals":"1"},{"Not":{"Variable":"a","IsPresent":true}}],"Next":"B"},
      {"Variable":"$.a","StringEquals":"x","StringMatches":"y","Next":"B"},
      {"Variable":"$.a","BooleanLessThan":true,"Next":"B"},
      {"Variable":"$.a","StringEqualsPath":"b","Next":"B"}]})")),
      UnorderedElementsAre("wrong_type /States/A/Choices/0/And/0/NumericEquals",
                           "not_a_path /States/A/Choices/0/And/1/Not/Variable", "exclusive_fields /States/A/Choices/1",
                           "unknown_field /States/A/Choices/2/BooleanLessThan",
                           "not_a_path /States/A/Choices/3/StringEqualsPath"));
}

TEST(Definition, RetriersAndCatchersAreReadWithTheirDefaults) {
  const auto read = read_definition(machine(R"({"Type":"Task","Resource":"urn:x","Next":"B",
      "Retry":[{"ErrorEquals":["E"]},{"ErrorEquals":["States.ALL"],"IntervalSeconds":2,"MaxAttempts":0,"BackoffRate":1.5,
                "MaxDelaySeconds":9,"JitterStrategy":"FULL"}],
      "Catch":[{"ErrorEquals":["States.ALL"],"Next":"B","ResultPath":"$.e"}]})"));
  ASSERT_TRUE(read);
  const auto& state = read->machine.states.front();
  ASSERT_EQ(state.retriers.size(), 2U);
  EXPECT_EQ(state.retriers[0].interval_seconds, 1);
  EXPECT_EQ(state.retriers[0].max_attempts, 3U);
  EXPECT_EQ(state.retriers[0].backoff_rate, 2);
  EXPECT_EQ(state.retriers[1].max_attempts, 0U);
  EXPECT_TRUE(state.retriers[1].full_jitter);
  EXPECT_EQ(state.catchers.at(0).next, "B");
}

TEST(Definition, AStateLedToByUnreachableOnesAloneIsUnreachable) {
  EXPECT_THAT(
      problems(R"({"StartAt":"A","States":{"A":{"Type":"Succeed"},"X":{"Type":"Pass","Next":"Y"},
                           "Y":{"Type":"Pass","Next":"X"}}})"),
      UnorderedElementsAre("unreachable /States/X", "unreachable /States/Y", "endless /States/X", "endless /States/Y"));
}

TEST(Definition, ALoopWithoutAWayOutIsWarnedOf) {
  const auto read = read_definition(R"({"StartAt":"A","States":{
      "A":{"Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":true,"Next":"L"}],"Default":"B"},
      "L":{"Type":"Wait","Seconds":1,"Next":"L"},"B":{"Type":"Succeed"}}})");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->warnings.size(), 1U);
  EXPECT_EQ(read->warnings.front().path, "/States/L");
  EXPECT_EQ(read->warnings.front().severity, Severity::warning);
}

TEST(Definition, PointersEscapeTheNamesOfStates) {
  EXPECT_THAT(problems(R"({"StartAt":"a/b~c","States":{"a/b~c":{"Type":"Fail","Error":1}}})"),
              ElementsAre("wrong_type /States/a~1b~0c/Error"));
}

TEST(Definition, NamesOfVariablesAreIdentifiers) {
  EXPECT_THAT(problems(machine(R"({"Type":"Pass","Next":"B","Assign":{"a b":1,"states":2,"ok.$":"$.x"}})")),
              UnorderedElementsAre("not_a_variable /States/A/Assign/a b", "not_a_variable /States/A/Assign/states"));
}

TEST(Definition, IsRefusedAboveItsLimits) {
  EXPECT_THAT(problems(std::string(kMaxDefinitionBytes + 1, ' ')), ElementsAre("too_long "));
  const auto nested = [](std::uint32_t levels) {
    std::string out = R"({"Type":"Succeed"})";
    for (std::uint32_t at = 1; at < levels; ++at)
      out = fmt::format(R"({{"Type":"Parallel","End":true,"Branches":[{{"StartAt":"{0}","States":{{"{0}":{1}}}}}]}})",
                        at, out);
    return fmt::format(R"({{"StartAt":"s","States":{{"s":{}}}}})", out);
  };
  EXPECT_THAT(problems(nested(kMaxMachineNesting)), IsEmpty());
  EXPECT_EQ(problems(nested(kMaxMachineNesting + 1)).size(), 1U);
}

TEST(Definition, TellsALimitedNumberOfProblems) {
  std::string states;
  for (std::size_t at = 0; at <= kMaxProblems; ++at) states += fmt::format(R"("S{}":1,)", at);
  EXPECT_EQ(problems(fmt::format(R"({{"StartAt":"A","States":{{{}"A":{{"Type":"Succeed"}}}}}})", states)).size(),
            kMaxProblems);
}

}  // namespace
}  // namespace flowstone::asl
