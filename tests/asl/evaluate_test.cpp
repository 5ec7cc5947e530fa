#include "asl/evaluate.hpp"

#include <fmt/core.h>

#include "tests/asl/corpus.hpp"

namespace flowstone::asl {
namespace {

const std::function<double()> kHalf = [] { return 0.5; };

Value json(std::string_view text) { return *jsonata::read_json(text); }

// What an intrinsic call or a path gives for an input, or why not.
std::string value_of(std::string_view query, std::string_view input) {
  const Variables variables{{"total", json("3")}};
  const Scope scope{json(input), json(R"({"Execution":{"Name":"n"}})"), {}, {}, variables, {}, kHalf};
  const auto parsed = Query::parse(query);
  if (!parsed) return "no query: " + parsed.error();
  const auto value = evaluate(*parsed, scope, "x.$");
  return value ? text_of(*value) : value.error().error + ": " + value.error().cause;
}

TEST(Evaluate, RootsAreTheInputTheContextAndVariables) {
  EXPECT_EQ(value_of("$.a", R"({"a":1})"), "1");
  EXPECT_EQ(value_of("$$.Execution.Name", "{}"), R"("n")");
  EXPECT_EQ(value_of("$total", "{}"), "3");
  EXPECT_EQ(
      value_of("$.b", R"({"a":1})"),
      R"(States.Runtime: The JSONPath '$.b' specified for the field 'x.$' could not be found in the input '{"a":1}')");
}

TEST(Evaluate, IntrinsicFunctionsGiveWhatTheirManualSays) {
  EXPECT_EQ(value_of(R"(States.Format('{} is \{{}\}, it\'s {}', 'a', 1.5, $))", R"({"b":[null,"c"]})"),
            R"("a is {1.5}, it's {b=[null, c]}")");
  EXPECT_EQ(value_of("States.StringToJson($.t)", R"({"t":"[1,{\"a\":2}]"})"), R"([1,{"a":2}])");
  EXPECT_EQ(value_of("States.JsonToString($)", R"({"a":[1]})"), R"("{\"a\":[1]}")");
  EXPECT_EQ(value_of("States.Array(1, 'b', $.c, null)", R"({"c":true})"), R"([1,"b",true,null])");
  EXPECT_EQ(value_of("States.ArrayPartition($, 2)", "[1,2,3]"), "[[1,2],[3]]");
  EXPECT_EQ(value_of("States.ArrayContains($, 2)", "[1,2,3]"), "true");
  EXPECT_EQ(value_of("States.ArrayRange(9, 1, -4)", "{}"), "[9,5,1]");
  EXPECT_EQ(value_of("States.ArrayGetItem($, 1)", "[1,2,3]"), "2");
  EXPECT_EQ(value_of("States.ArrayLength($)", "[1,2,3]"), "3");
  EXPECT_EQ(value_of("States.ArrayUnique($)", R"([1,{"a":1},1,{"a":1}])"), R"([1,{"a":1}])");
  EXPECT_EQ(value_of("States.Base64Encode('Data to encode')", "{}"), R"("RGF0YSB0byBlbmNvZGU=")");
  EXPECT_EQ(value_of("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "{}"), R"("Data to encode")");
  EXPECT_EQ(value_of("States.Hash('input data', 'SHA-1')", "{}"), R"("aaff4a450a104cd177d28d18d74485e8cae074b7")");
  EXPECT_EQ(value_of("States.Hash('input data', 'MD5')", "{}"), R"("812f45842bc6d66ee14572ce20db8e86")");
  EXPECT_EQ(value_of("States.JsonMerge($.a, $.b, false)", R"({"a":{"x":1,"y":1},"b":{"y":2}})"), R"({"x":1,"y":2})");
  EXPECT_EQ(value_of("States.MathRandom(10, 20)", "{}"), "15");
  EXPECT_EQ(value_of("States.MathAdd(1, -3)", "{}"), "-2");
  EXPECT_EQ(value_of("States.StringSplit('a.b+,c', '.,+')", "{}"), R"(["a","b","c"])");
  EXPECT_EQ(value_of("States.UUID()", "{}"), R"("88888888-8888-4888-a888-888888888888")");
}

TEST(Evaluate, ASeedGivesTheSameNumberEachTime) {
  EXPECT_EQ(value_of("States.MathRandom(0, 999, 3)", "{}"), value_of("States.MathRandom(0, 999, 3)", "{}"));
}

TEST(Evaluate, CallsThatCannotBeCarriedOutSayWhy) {
  for (const auto* call : {"States.ArrayGetItem($, 3)", "States.Format('{}', 1, 2)", "States.Format('{} {}', 1)",
                           "States.ArrayRange(0, 1000, 1)", "States.ArrayRange(0, 1, 0)", "States.StringToJson('{')",
                           "States.Base64Decode('*')", "States.Hash('a', 'MD4')", "States.JsonMerge($, $, true)",
                           "States.ArrayPartition($, 0)", "States.MathRandom(2, 1)"})
    EXPECT_TRUE(value_of(call, "[1,2,3]").starts_with("States.IntrinsicFailure: The function '")) << call;
}

TEST(Evaluate, ConditionsAgreeWithEveryRecordedChoice) {
  FLOWSTONE_NEEDS_CORPUS();
  std::size_t rows = 0, wrong = 0;
  for (const auto& file : files_in("choice")) {
    const auto given = json_of(file);
    for (const auto& row : given.find("cases")->items()) {
      ++rows;
      const auto definition = read_definition(text_of(*row.find("definition")));
      ASSERT_TRUE(definition);
      const auto& choice = *definition->machine.find(definition->machine.start_at);
      const Variables none;
      const Scope scope{*row.find("input"), Value(), {}, {}, none, {}, kHalf};
      const auto verdict = holds(choice.choices.front().condition, scope);
      const auto expected = row.find("output")->find("TestResult.$")->text() == "ConditionTrue";
      if (verdict && *verdict == expected) continue;
      ++wrong;
      ADD_FAILURE() << file << text_of(*row.find("input")) << text_of(*row.find("definition"))
                    << (verdict ? "" : verdict.error().cause);
    }
  }
  EXPECT_EQ(rows, 351U);
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace flowstone::asl
