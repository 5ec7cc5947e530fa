// Definitions in YAML: the same as in JSON, with their own places and their own dangers.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "jsonata/json_text.hpp"
#include "workflows/canonical.hpp"
#include "workflows/definition.hpp"

namespace flowstone::workflows {
namespace {

Source yaml(std::string_view text) {
  auto read = read_source(text, Format::yaml);
  EXPECT_TRUE(read.has_value()) << text << ": " << (read ? "" : read.error().front().sentence);
  return read ? *std::move(read) : Source{};
}

std::string json_of_yaml(std::string_view text) { return jsonata::write_json(yaml(text).value).value_or("none"); }

Problem first_problem(std::string_view text) {
  const auto read = read_source(text, Format::yaml);
  return read || read.error().empty() ? Problem{} : read.error().front();
}

TEST(Yaml, ScalarsAreThoseOfTheCoreSchema) {
  EXPECT_EQ(json_of_yaml("[a, 'b', \"c\\n\", 1, -2, +3, 007, 1.5, .5, 2., 1e3, 0x1F, 0o17]"),
            R"(["a","b","c\n",1,-2,3,7,1.5,0.5,2,1000,31,15])");
  EXPECT_EQ(json_of_yaml("[true, False, TRUE, null, ~, Null, yes, no, on, off, 2030-01-31, 1_000, 1e, '1', \"null\"]"),
            R"([true,false,true,null,null,null,"yes","no","on","off","2030-01-31","1_000","1e","1","null"])");
  EXPECT_EQ(json_of_yaml("a:\nb: ''\nc: |\n  x\n  y\nd: >-\n  x\n  y\n"),
            R"({"a":null,"b":"","c":"x\ny\n","d":"x y"})");
}

TEST(Yaml, TagsOfTheCoreSchemaAreReadAndOthersRefused) {
  EXPECT_EQ(json_of_yaml("[!!str 1, !!int '7', !!float 1, !!bool 'true', !!null '', !!seq [], !!map {}]"),
            R"(["1",7,1,true,null,[],{}])");
  EXPECT_EQ(first_problem("a: !secret x").code, "not_yaml");
  EXPECT_EQ(first_problem("a: !!binary aGk=").code, "not_yaml");
  EXPECT_EQ(first_problem("a: !!int x").code, "not_yaml");
}

TEST(Yaml, NumbersThatJsonDoesNotHaveAreRefused) {
  for (const auto* text : {".inf", "-.INF", ".nan", "1e999"}) EXPECT_EQ(first_problem(text).code, "not_yaml") << text;
}

TEST(Yaml, KnowsWhereEachMemberAndItemBegins) {
  const auto source = yaml("a:\n  - 1\n  - b: true\nc: {d: 1, ä: x, e: 2}\n");
  EXPECT_EQ(source.place_of("/a"), (Place{1, 1}));
  EXPECT_EQ(source.place_of("/a/0"), (Place{2, 5}));
  EXPECT_EQ(source.place_of("/a/1/b"), (Place{3, 5}));
  EXPECT_EQ(source.place_of("/c/d"), (Place{4, 5}));
  EXPECT_EQ(source.place_of("/c/e"), (Place{4, 17}));
}

TEST(Yaml, NamesTheMemberThatComesTwice) {
  const auto problem = first_problem("a:\n  x: 1\n  y: 2\n  x: 3\n");
  EXPECT_EQ(problem.code, "repeated_member");
  EXPECT_EQ(problem.path, "/a/x");
  EXPECT_EQ(problem.place, (Place{4, 3}));
}

TEST(Yaml, NamesAreTextsAsTheyStand) {
  EXPECT_EQ(json_of_yaml("1: a\ntrue: b\n'c d': e\n"), R"({"1":"a","true":"b","c d":"e"})");
  EXPECT_EQ(first_problem("? [a]\n: b").code, "wrong_type");
  EXPECT_EQ(first_problem("? {a: b}\n: b").code, "wrong_type");
  EXPECT_EQ(first_problem("~: b").code, "wrong_type");
}

TEST(Yaml, AliasesStandForWhatTheyName) {
  EXPECT_EQ(json_of_yaml("a: &x {b: [1]}\nc: *x\nd: [*x, *x]\n"),
            R"({"a":{"b":[1]},"c":{"b":[1]},"d":[{"b":[1]},{"b":[1]}]})");
  EXPECT_EQ(yaml("a: &x {b: 1}\nc: *x\n").place_of("/c"), (Place{2, 1}));
  EXPECT_EQ(first_problem("a: *x").code, "not_yaml");
  EXPECT_EQ(first_problem("a: &x [*x]").code, "not_yaml");
  EXPECT_EQ(first_problem("a: &x y\n*x : b").code, "wrong_type");
}

TEST(Yaml, MergeKeysAreRefused) {
  const auto problem = first_problem("a: &x {b: 1}\nc:\n  <<: *x\n");
  EXPECT_EQ(problem.code, "not_yaml");
  EXPECT_EQ(problem.place, (Place{3, 3}));
  EXPECT_EQ(json_of_yaml("'<<': 1"), R"({"<<":1})");
}

TEST(Yaml, ALaughThatGrowsIsRefusedBeforeItIsBuilt) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 60; ++i) {
    text += fmt::format("a{0}: &a{0} [", i);
    for (int j = 0; j < 9; ++j) text += fmt::format("{}*a{}", j == 0 ? "" : ", ", i - 1);
    text += "]\n";
  }
  EXPECT_EQ(first_problem(text).code, "too_long");
}

TEST(Yaml, AliasesDoNotNestDeeperThanTheLimit) {
  std::string text;
  const std::string open(100, '['), close(100, ']');
  text += "a: &a " + open + "1" + close + "\n";
  text += "b: " + std::string(99, '[') + "*a" + std::string(99, ']') + "\n";
  EXPECT_TRUE(read_source(text, Format::yaml).has_value());
  text += "c: " + std::string(100, '[') + "*a" + std::string(100, ']') + "\n";
  EXPECT_EQ(first_problem(text).code, "too_deep");
}

TEST(Yaml, TakesTheDeepestNestingAndNoDeeper) {
  const auto flow = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_TRUE(read_source(flow(kMaxNesting), Format::yaml).has_value());
  EXPECT_EQ(first_problem(flow(kMaxNesting + 1)).code, "too_deep");
  EXPECT_EQ(first_problem(flow(20'000)).code, "too_deep");
  std::string block;
  for (int i = 0; i < 20'000; ++i) block += "- ";
  EXPECT_FALSE(read_source(block, Format::yaml).has_value());
}

TEST(Yaml, TakesTheLongestTextAndNoLonger) {
  const std::string text = "a: " + std::string(kMaxSourceBytes - 3, 'x');
  EXPECT_TRUE(read_source(text, Format::yaml).has_value());
  EXPECT_EQ(first_problem(text + "x").code, "too_long");
}

TEST(Yaml, OneDocumentAndNoMore) {
  EXPECT_EQ(json_of_yaml("---\na: 1\n...\n"), R"({"a":1})");
  EXPECT_EQ(first_problem("a: 1\n---\nb: 2\n").code, "not_yaml");
  EXPECT_EQ(first_problem("").code, "not_yaml");
  EXPECT_EQ(first_problem("# nothing\n").code, "not_yaml");
}

TEST(Yaml, BytesThatAreNoTextAreRefusedWhereTheyStand) {
  EXPECT_EQ(first_problem("a: 1\nb: \x04").place, (Place{2, 4}));
  for (const std::string_view text : {std::string_view("a\0b", 3), std::string_view("\xFF"),
                                      std::string_view("\xC0\x80"), std::string_view("\xED\xA0\x80"),
                                      std::string_view("\xEF\xBB\xBF"
                                                       "a: 1"),
                                      std::string_view("\xF4\x90\x80\x80"), std::string_view("\xE2\x82")})
    EXPECT_EQ(first_problem(text).code, "not_yaml");
}

TEST(Yaml, WhatIsNoYamlIsToldWithItsPlace) {
  const auto problem = first_problem("a: [1,\nb: }\n");
  EXPECT_EQ(problem.code, "not_yaml");
  EXPECT_EQ(problem.place.line, 2U);
}

TEST(Yaml, ADefinitionHasTheDigestOfTheSameInJson) {
  const auto in_yaml = read_definition(
      "name: Intake\nbody:\n  StartAt: Done\n  States:\n    Done: # the end\n      Type: Succeed\n", Format::yaml);
  const auto in_json = read_definition(
      R"({"name":"Intake","body":{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}})", Format::json);
  ASSERT_TRUE(in_yaml.has_value() && in_json.has_value());
  EXPECT_EQ(digest_of(*in_yaml), digest_of(*in_json));
  EXPECT_EQ(json_of(*in_yaml), json_of(*in_json));
}

TEST(Yaml, ProblemsHaveTheLinesOfTheText) {
  const auto problems = lint(
      "# an order\nbody:\n  StartAt: Pay\n  States:\n    Pay:\n      Type: Pass\n      Next: Shipp\n    Ship:\n"
      "      Type: Succeed\n",
      Format::yaml);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].code, "endless");
  EXPECT_EQ(problems[0].place, (Place{5, 5}));
  EXPECT_EQ(problems[1].code, "no_such_state");
  EXPECT_EQ(problems[1].place, (Place{7, 7}));
  EXPECT_EQ(problems[2].code, "unreachable");
  EXPECT_EQ(problems[2].place, (Place{8, 5}));
}

// JSON is YAML, but for its longest names and oddest escapes.
RC_GTEST_PROP(Yaml, ReadsJsonAsJson, ()) {
  const auto numbers = *rc::gen::arbitrary<std::vector<int>>();
  const auto words = *rc::gen::container<std::vector<std::string>>(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab {}[]:,#&*!|>'\"%@`-?~\\\n"))));
  std::vector<jsonata::Member> members;
  for (const int number : numbers) members.push_back({"n" + std::to_string(number), Value::number(number)});
  for (std::size_t i = 0; i < words.size(); ++i) members.push_back({"w" + std::to_string(i), Value::string(words[i])});
  const auto json = *jsonata::write_json(Value::object(std::move(members)));
  const auto read = read_source(json, Format::yaml);
  RC_ASSERT(read.has_value());
  RC_ASSERT(*jsonata::write_json(read->value) == json);
}

}  // namespace
}  // namespace flowstone::workflows
