#include <fstream>

#include <gtest/gtest.h>

#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

class Jsonata : public testing::Test {
 protected:
  Ran evaluate(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "jsonata");
    return run(scratch_.path(), std::move(arguments));
  }
  std::string file(const std::string& name, const std::string& content) {
    std::ofstream(scratch_ / name) << content;
    return (scratch_ / name).string();
  }

  ScratchDirectory scratch_;
};

TEST_F(Jsonata, PrintsTheValueAsJson) {
  const auto ran = evaluate({"$sum(a.b)", "--input", file("in.json", R"({"a":[{"b":1},{"b":2.5}]})")});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "3.5\n");
}

TEST_F(Jsonata, PrintsNothingForNothing) {
  const auto ran = evaluate({"missing", "--input", file("in.json", "{}")});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "");
}

TEST_F(Jsonata, ReadsTheExpressionAndTheVariablesFromFiles) {
  const auto ran =
      evaluate({"--file", file("e.jsonata", "$greeting & /* whom */ name\n"), "--bindings",
                file("b.json", R"({"greeting":"hello "})"), "--input", file("in.json", R"({"name":"you"})")});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "\"hello you\"\n");
}

TEST_F(Jsonata, PrintsErrorsAsJson) {
  const auto ran = evaluate({"1 + 'a'"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out,
            "{\"error\":{\"code\":\"T2002\",\"message\":\"the right side of + must be a number, not \\\"a\\\"\","
            "\"position\":2,\"token\":\"+\",\"value\":\"a\"}}\n");
}

TEST_F(Jsonata, PrintsErrorsOfTheText) {
  const auto ran = evaluate({"a["});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.out.find("\"code\":\"S0203\""), std::string::npos);
}

TEST_F(Jsonata, KeepsItsLimits) {
  const auto ran = evaluate({"($f := function(){$f()}; $f())", "--max-steps", "10000"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.out.find("U1001"), std::string::npos);
}

TEST_F(Jsonata, SaysWhatIsWrongWithTheInput) {
  const auto ran = evaluate({"a", "--input", file("in.json", "{\"a\":")});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("in.json is not JSON: a value was expected (byte 5)"), std::string::npos);
}

TEST_F(Jsonata, RefusesBindingsThatAreNoObject) {
  const auto ran = evaluate({"1", "--bindings", file("b.json", "[1]")});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("must be an object"), std::string::npos);
}

TEST_F(Jsonata, ExpressionsMayBeginWithAMinus) {
  EXPECT_EQ(evaluate({"-5 + 1"}).out, "-4\n");
  EXPECT_EQ(evaluate({"--5"}).out, "5\n");
  EXPECT_EQ(evaluate({"1", "--other"}).status, 2);
}

TEST_F(Jsonata, WantsAnExpression) { EXPECT_EQ(evaluate({}).status, 2); }

}  // namespace
}  // namespace flowstone::cli
