// The interface: errors with their places, bindings, functions of the host, time and chance.
#include "jsonata/expression.hpp"

#include <gtest/gtest.h>

#include "jsonata/json_text.hpp"

namespace flowstone::jsonata {
namespace {

const Context kContext{.now = Timestamp::from_millis(1'700'000'000'000), .random = [] { return 0.25; }};

Value json(std::string_view text) { return read_json(text).value(); }

Result<Value, Error> evaluated(std::string_view text, const Value& input = {}, const Bindings& bindings = {}) {
  const auto expression = compile(text);
  if (!expression) return failure(Error(expression.error()));
  return expression->evaluate(input, bindings, kContext);
}

std::string shown(const Result<Value, Error>& result) {
  if (!result) return result.error().code;
  return result->is_undefined() ? "nothing" : write_json(*result).value();
}

TEST(Expression, SyntaxErrorsSayWhere) {
  const auto wrong = compile("ä + [1, 2)");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "S0202");
  EXPECT_EQ(wrong.error().position, 9U);
  EXPECT_EQ(wrong.error().token, ")");
  EXPECT_EQ(wrong.error().message, "] was expected, not )");
}

TEST(Expression, TypeErrorsNameTheOperator) {
  const auto wrong = evaluated("1 + ('a' - 2)");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "T2001");
  EXPECT_EQ(wrong.error().position, 9U);
  EXPECT_EQ(wrong.error().token, "-");
  EXPECT_EQ(wrong.error().message, "the left side of - must be a number, not \"a\"");
}

TEST(Expression, ArgumentErrorsNameTheFunctionAndTheArgument) {
  const auto wrong = evaluated("$substring('a', 'b')");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "T0410");
  EXPECT_EQ(wrong.error().token, "substring");
  EXPECT_EQ(wrong.error().index, 2U);
}

TEST(Expression, NothingIsNotNull) {
  EXPECT_TRUE(evaluated("missing", json("{}"))->is_undefined());
  EXPECT_TRUE(evaluated("missing", json(R"({"missing":null})"))->is_null());
}

TEST(Expression, BindingsAreVariables) {
  EXPECT_EQ(shown(evaluated("$a & $b.c", {}, {{"a", Value::string("x")}, {"b", json(R"({"c":1})")}})), R"("x1")");
}

TEST(Expression, TimeIsTheContexts) {
  EXPECT_EQ(shown(evaluated("$now()")), R"("2023-11-14T22:13:20.000Z")");
  EXPECT_EQ(shown(evaluated("$millis()")), "1700000000000");
}

TEST(Expression, ChanceIsTheContexts) {
  EXPECT_EQ(shown(evaluated("$random()")), "0.25");
  EXPECT_EQ(shown(evaluated("$shuffle([1,2,3,4])")), shown(evaluated("$shuffle([1,2,3,4])")));
  const auto without = compile("$random()")->evaluate({}, {}, {.now = {}, .random = {}});
  EXPECT_EQ(without.error().code, "D3144");
}

TEST(Expression, TextIsNotEvaluatedWhereTheContextForbidsIt) {
  const auto result = compile("$eval('1')")->evaluate({}, {}, {.now = {}, .random = {}, .evaluates_text = false});
  EXPECT_EQ(result.error().code, "T1006");
}

TEST(Expression, FunctionsOfTheHostAreCalled) {
  const auto twice = host_function("twice", "<n-:n>", [](const std::vector<Value>& arguments) -> Result<Value, Error> {
    return Value::number(2 * arguments[0].as_number());
  });
  ASSERT_TRUE(twice);
  EXPECT_EQ(shown(evaluated("$twice(4)", {}, {{"twice", *twice}})), "8");
  EXPECT_EQ(shown(evaluated("[1,2].$twice()", {}, {{"twice", *twice}})), "[2,4]");
  EXPECT_EQ(shown(evaluated("$twice('a')", {}, {{"twice", *twice}})), "T0410");
}

TEST(Expression, ErrorsOfTheHostAreErrors) {
  const auto broken = host_function("broken", "<:x>", [](const std::vector<Value>&) -> Result<Value, Error> {
    return failure(Error{.code = "X1", .message = "no"});
  });
  EXPECT_EQ(shown(evaluated("$broken()", {}, {{"broken", *broken}})), "X1");
}

TEST(Expression, FunctionsDieWithTheirEvaluation) {
  const auto function = evaluated("($x := 1; function(){$x})");
  ASSERT_TRUE(function);
  EXPECT_TRUE(function->is_function());
  EXPECT_EQ(shown(evaluated("$f()", {}, {{"f", *function}})), "T1006");
}

TEST(JsonText, ReadsWhatItWrites) {
  for (const std::string_view text :
       {R"({"a":[1,2.5,-3e-7],"b":{"c":null,"d":true},"e":"\u0001\"\\ü😀"})", "[]", "{}", R"("\ud800")", "1e+21"}) {
    EXPECT_EQ(write_json(json(text)).value(), text);
  }
}

TEST(JsonText, RefusesWhatIsNotJson) {
  for (const std::string_view text : {"", "[1,]", "{\"a\" 1}", "01", "1.", "\"a", "nul", "1 2", "\"\\x\"", "\"\x01\"",
                                      "\"\xff\"", "[", "{\"a\":1", "1e999", "'a'"}) {
    const auto value = read_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, "J0001");
  }
}

TEST(JsonText, RefusesWhatNestsTooDeeply) {
  const std::string deep = std::string(kMaxNesting, '[') + std::string(kMaxNesting, ']');
  EXPECT_TRUE(read_json(deep));
  EXPECT_FALSE(read_json("[" + deep + "]"));
  EXPECT_FALSE(read_json(std::string(1'000'000, '[')));
}

TEST(JsonText, TheLastOfMembersWithOneNameStands) {
  EXPECT_EQ(write_json(json(R"({"a":1,"b":2,"a":3})")).value(), R"({"a":3,"b":2})");
}

TEST(Value, MembersOfLargeObjectsAreFound) {
  std::vector<Member> members;
  for (int at = 0; at < 1000; ++at) members.push_back({"k" + std::to_string(at), Value::number(at)});
  const Value object = Value::object(std::move(members));
  EXPECT_EQ(object.find("k777")->as_number(), 777);
  EXPECT_EQ(object.find("k1000"), nullptr);
  EXPECT_EQ(object.members()[5].key, "k5");
}

}  // namespace
}  // namespace flowstone::jsonata
