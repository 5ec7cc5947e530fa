#include "asl/path.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "asl/query.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

Value json(std::string_view text) { return *jsonata::read_json(text); }

std::string found(std::string_view path, std::string_view document) {
  const auto parsed = Path::parse(path);
  if (!parsed) return "no path: " + parsed.error();
  const auto value = find(*parsed, json(document));
  return value ? *jsonata::write_json(*value) : fmt::format("missed at {}", value.error().steps);
}

TEST(Path, NamesAndIndexesFindOneValue) {
  EXPECT_EQ(found("$", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(found("$.a.b", R"({"a":{"b":[1,2]}})"), "[1,2]");
  EXPECT_EQ(found("$['a b']['it''s']", R"({"a b":1})"), "no path: `]` is missing at character 14");
  EXPECT_EQ(found("$['a b']", R"({"a b":1})"), "1");
  EXPECT_EQ(found("$.delivery-partner", R"({"delivery-partner":"x"})"), R"("x")");
  EXPECT_EQ(found("$.a[-1]", R"({"a":[1,2,3]})"), "3");
}

TEST(Path, ABackslashEscapesTheQuotationMarkAndItselfAlone) {
  EXPECT_EQ(found(R"($['it\'s'])", R"({"it's":1})"), "1");
  EXPECT_EQ(found(R"($['a\"b'])", R"({"a\\\"b":1})"), "1");
}

TEST(Path, WhatIsMissingSaysWhichStepFoundNothing) {
  EXPECT_EQ(found("$.a.b.c", R"({"a":{}})"), "missed at 2");
  EXPECT_EQ(found("$.a[3]", R"({"a":[]})"), "missed at 2");
  EXPECT_EQ(found("$.a[*]", R"({})"), "[]");
}

TEST(Path, WildcardsSlicesAndFiltersFindLists) {
  EXPECT_EQ(found("$.a[*].b", R"({"a":[{"b":1},{"c":2},{"b":3}]})"), "[1,3]");
  EXPECT_EQ(found("$[1:3]", "[0,1,2,3]"), "[1,2]");
  EXPECT_EQ(found("$[-2:]", "[0,1,2,3]"), "[2,3]");
  EXPECT_EQ(found("$[::2]", "[0,1,2,3]"), "[0,2]");
  EXPECT_EQ(found("$[0,2]", "[0,1,2,3]"), "[0,2]");
  EXPECT_EQ(found("$..id", R"({"id":1,"x":[{"id":2}]})"), "[1,2]");
  EXPECT_EQ(
      found("$.u[?(@.age >= 18 && @.name != 'x')].name", R"({"u":[{"age":18,"name":"a"},{"age":20,"name":"x"}]})"),
      R"(["a"])");
  EXPECT_EQ(found("$.u[?(!@.gone || (@.n == 1))].n", R"({"u":[{"n":1,"gone":true},{"n":2},{"n":3,"gone":1}]})"),
            "[1,2]");
  EXPECT_EQ(found("$.u[?(@.n > $.least)].n", R"({"least":1,"u":[{"n":1},{"n":2}]})"), "[2]");
}

TEST(Path, WhatIsNoPathIsRefused) {
  for (const auto* text :
       {"", "a", "$.", "$[", "$['a", "$[?(@.a]", "$a b", "$$23", "$.a[1:2:0]", "$.a[]", "$[?(1 ==)]"})
    EXPECT_FALSE(Path::parse(text)) << text;
}

TEST(Path, RootsAreTheInputTheContextAndVariables) {
  EXPECT_EQ(Path::parse("$.a")->root(), Path::Root::input);
  EXPECT_EQ(Path::parse("$$.Execution.Id")->root(), Path::Root::context);
  EXPECT_EQ(Path::parse("$total.sum")->root(), Path::Root::variable);
  EXPECT_EQ(Path::parse("$total.sum")->variable(), "total");
}

TEST(Path, OneThatVisitsTooMuchMisses) {
  std::string many = "[0";
  for (int at = 0; at < 2'000; ++at) many += ",0";
  many += "]";
  const auto value = find(*Path::parse("$[?($..[?($..x)])]"), json(many));
  ASSERT_FALSE(value);
  EXPECT_TRUE(value.error().too_many);
}

TEST(Path, FiltersNestToALimit) {
  const auto nested = [](std::size_t levels) {
    return "$[?(" + std::string(levels, '(') + "@.a" + std::string(levels, ')') + ")]";
  };
  EXPECT_TRUE(Path::parse(nested(kMaxFilterNesting - 1)));
  EXPECT_FALSE(Path::parse(nested(kMaxFilterNesting)));
  EXPECT_FALSE(Path::parse("$." + std::string(kMaxPathBytes, 'a')));
}

TEST(Path, ReplacingMakesTheObjectsOnTheWay) {
  const auto replaced = [](std::string_view path, std::string_view document) {
    const auto made = replace(json(document), *Path::parse(path), json("7"));
    return made ? *jsonata::write_json(*made) : std::string("impossible");
  };
  EXPECT_EQ(replaced("$", R"({"a":1})"), "7");
  EXPECT_EQ(replaced("$.a", R"({"a":1,"b":2})"), R"({"a":7,"b":2})");
  EXPECT_EQ(replaced("$.x.y", R"({"a":1})"), R"({"a":1,"x":{"y":7}})");
  EXPECT_EQ(replaced("$.a[1]", R"({"a":[1,2]})"), R"({"a":[1,7]})");
  EXPECT_EQ(replaced("$.a[2]", R"({"a":[1,2]})"), "impossible");
  EXPECT_EQ(replaced("$.a.b", R"({"a":1})"), "impossible");
}

TEST(Query, CallsNestAndTakeTheirArguments) {
  const auto query = Query::parse("States.Format('{}: {}', $.a, States.MathAdd(1, $$.b))");
  ASSERT_TRUE(query);
  ASSERT_NE(query->call(), nullptr);
  EXPECT_EQ(query->call()->arguments.size(), 3U);
  EXPECT_TRUE(Query::parse("States.UUID()"));
  EXPECT_TRUE(Query::parse(R"(States.Format('It\'s \{{}\}', true))"));
}

TEST(Query, WhatIsNoCallIsRefused) {
  for (const auto* text : {"States.Xyz()", "States.UUID(1)", "States.Format()", "States.Array(1", "States.Array(1,)",
                           "States.Array('a)", "States.Array(a)", R"(States.Array('\n'))", "States.Array(1) ",
                           "States.", "States.Array({})", "States.Array(\"a\")"})
    EXPECT_FALSE(Query::parse(text)) << text;
}

TEST(Query, CallsNestToALimit) {
  const auto nested = [](std::size_t levels) {
    std::string out;
    for (std::size_t at = 0; at < levels; ++at) out += "States.Array(";
    return out + std::string(levels, ')');
  };
  EXPECT_TRUE(Query::parse(nested(kMaxCallNesting)));
  EXPECT_FALSE(Query::parse(nested(kMaxCallNesting + 1)));
}

}  // namespace
}  // namespace flowstone::asl
