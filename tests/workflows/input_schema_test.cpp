#include "workflows/input_schema.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "jsonata/json_text.hpp"

namespace flowstone::workflows {
namespace {

using jsonata::Value;

Value json(std::string_view text) {
  auto read = jsonata::read_json(text);
  EXPECT_TRUE(read.has_value()) << text;
  return read ? *std::move(read) : Value();
}

// "CODE at PATH" of each.
using Told = std::vector<std::string>;
Told told(const Misfits& misfits) {
  Told all;
  for (const auto& misfit : misfits) all.push_back(misfit.code + " at " + misfit.path);
  return all;
}

Told wrong_in_schema(std::string_view schema) {
  const auto compiled = InputSchema::compile(json(schema));
  return compiled ? Told{} : told(compiled.error());
}

Told wrong_in_input(std::string_view schema, std::string_view input) {
  const auto compiled = InputSchema::compile(json(schema));
  EXPECT_TRUE(compiled.has_value()) << schema << (compiled ? "" : compiled.error().front().sentence);
  return compiled ? told(compiled->check(json(input))) : Told{"no schema"};
}

bool fits(std::string_view schema, std::string_view input) { return wrong_in_input(schema, input).empty(); }

TEST(InputSchema, ChecksTypes) {
  const std::vector<std::pair<std::string, std::string>> kinds{
      {"null", "null"}, {"boolean", "true"}, {"number", "1.5"}, {"string", "\"a\""}, {"array", "[]"}, {"object", "{}"}};
  for (const auto& [type, own] : kinds)
    for (const auto& [other, value] : kinds)
      EXPECT_EQ(fits("{\"type\":\"" + type + "\"}", value), type == other) << type << " " << value;
  EXPECT_TRUE(fits(R"({"type":"integer"})", "1"));
  EXPECT_TRUE(fits(R"({"type":"integer"})", "1.0"));
  EXPECT_FALSE(fits(R"({"type":"integer"})", "1.5"));
  EXPECT_TRUE(fits(R"({"type":"number"})", "1"));
  EXPECT_TRUE(fits(R"({"type":["string","null"]})", "null"));
  EXPECT_FALSE(fits(R"({"type":["string","null"]})", "1"));
}

TEST(InputSchema, ChecksMembers) {
  constexpr std::string_view kSchema =
      R"({"type":"object","properties":{"a":{"type":"string"},"b/c":{"minimum":3}},"required":["a","d"],)"
      R"("additionalProperties":false})";
  EXPECT_EQ(wrong_in_input(kSchema, R"({"a":"x","d":1})"), Told{"unknown_field at /d"});
  EXPECT_EQ(wrong_in_input(kSchema, R"({"a":1,"b/c":2})"),
            (Told{"missing_field at ", "wrong_type at /a", "out_of_range at /b~1c"}));
  EXPECT_TRUE(fits(R"({"additionalProperties":{"type":"number"}})", R"({"x":1})"));
  EXPECT_FALSE(fits(R"({"additionalProperties":{"type":"number"}})", R"({"x":"1"})"));
  EXPECT_TRUE(fits(R"({"additionalProperties":true})", R"({"x":"1"})"));
  EXPECT_FALSE(fits(R"({"minProperties":1})", "{}"));
  EXPECT_FALSE(fits(R"({"maxProperties":1})", R"({"a":1,"b":2})"));
}

TEST(InputSchema, ChecksItems) {
  EXPECT_EQ(wrong_in_input(R"({"items":{"items":{"type":"number"}}})", R"([[1],[2,"x"]])"), Told{"wrong_type at /1/1"});
  EXPECT_FALSE(fits(R"({"minItems":1})", "[]"));
  EXPECT_FALSE(fits(R"({"maxItems":1})", "[1,2]"));
  EXPECT_EQ(wrong_in_input(R"({"uniqueItems":true})", R"([{"a":1,"b":2},3,{"b":2,"a":1.0}])"),
            Told{"repeated_value at /2"});
  EXPECT_TRUE(fits(R"({"uniqueItems":true})", R"([1,"1",[1]])"));
}

TEST(InputSchema, ChecksNumbers) {
  EXPECT_TRUE(fits(R"({"minimum":1,"maximum":2})", "1"));
  EXPECT_TRUE(fits(R"({"minimum":1,"maximum":2})", "2"));
  EXPECT_FALSE(fits(R"({"minimum":1})", "0.5"));
  EXPECT_FALSE(fits(R"({"maximum":2})", "2.5"));
  EXPECT_FALSE(fits(R"({"exclusiveMinimum":1})", "1"));
  EXPECT_FALSE(fits(R"({"exclusiveMaximum":1})", "1"));
  EXPECT_TRUE(fits(R"({"multipleOf":0.01})", "19.99"));
  EXPECT_FALSE(fits(R"({"multipleOf":0.01})", "19.999"));
  EXPECT_TRUE(fits(R"({"minimum":5})", "\"no number\""));
}

TEST(InputSchema, ChecksTexts) {
  EXPECT_TRUE(fits(R"({"minLength":2,"maxLength":2})", "\"ä€\""));
  EXPECT_FALSE(fits(R"({"minLength":2})", "\"€\""));
  EXPECT_FALSE(fits(R"({"maxLength":1})", "\"ab\""));
  EXPECT_TRUE(fits(R"({"pattern":"b+"})", "\"abbc\""));
  EXPECT_FALSE(fits(R"({"pattern":"^b+$"})", "\"abbc\""));
}

TEST(InputSchema, ChecksFormats) {
  const auto has = [](const char* format, const char* text) {
    return fits(std::string("{\"format\":\"") + format + "\"}", std::string("\"") + text + "\"");
  };
  EXPECT_TRUE(has("date-time", "2030-01-31T09:00:00+02:00"));
  EXPECT_FALSE(has("date-time", "2030-01-31"));
  EXPECT_TRUE(has("date", "2028-02-29"));
  EXPECT_FALSE(has("date", "2030-02-29"));
  EXPECT_FALSE(has("date", "2030-2-9"));
  EXPECT_TRUE(has("email", "ada@example.org"));
  for (const auto* wrong : {"ada", "@x", "a@", "a b@x", "a@b@c", "a@.x"}) EXPECT_FALSE(has("email", wrong)) << wrong;
  EXPECT_TRUE(has("uri", "urn:isbn:1"));
  EXPECT_TRUE(has("uri", "https://example.org/a?b=c#d"));
  for (const auto* wrong : {"example.org", "1a:b", ":x", "http://a b"}) EXPECT_FALSE(has("uri", wrong)) << wrong;
  EXPECT_TRUE(has("uuid", "01920000-0000-7000-8000-0000000000AA"));
  EXPECT_FALSE(has("uuid", "01920000-0000-7000-8000-0000000000ag"));
  EXPECT_FALSE(has("uuid", "0192000000007000800000000000000aa"));
}

TEST(InputSchema, ChecksAllowedValues) {
  EXPECT_TRUE(fits(R"({"enum":["a",1,{"x":[null]}]})", R"({"x":[null]})"));
  EXPECT_EQ(wrong_in_input(R"({"enum":["a",1]})", "\"b\""), Told{"unknown_value at "});
  EXPECT_TRUE(fits(R"({"const":1})", "1.0"));
  EXPECT_FALSE(fits(R"({"const":1})", "2"));
  EXPECT_FALSE(fits(R"({"enum":[1,2],"const":2})", "1"));
}

TEST(InputSchema, FillsInDefaults) {
  const auto schema = InputSchema::compile(json(
      R"({"properties":{"a":{"default":1},"b":{"properties":{"c":{"default":"x"}}},)"
      R"("d":{"items":{"properties":{"e":{"default":true}}}},"f":{"default":{},"properties":{"g":{"default":[]}}}}})"));
  ASSERT_TRUE(schema.has_value());
  const auto filled = [&schema](std::string_view input) {
    return *jsonata::write_json(schema->with_defaults(json(input)));
  };
  EXPECT_EQ(filled("{}"), R"({"a":1,"f":{"g":[]}})");
  EXPECT_EQ(filled(R"({"a":2,"b":{},"d":[{},{"e":false}],"f":{"g":1}})"),
            R"({"a":2,"b":{"c":"x"},"d":[{"e":true},{"e":false}],"f":{"g":1}})");
  EXPECT_EQ(filled("[1]"), "[1]");
}

TEST(InputSchema, RefusesWhatItDoesNotCheckByName) {
  EXPECT_EQ(wrong_in_schema(R"({"properties":{"a":{"oneOf":[]}},"$ref":"#"})"),
            (Told{"unknown_field at /properties/a/oneOf", "unknown_field at /$ref"}));
  EXPECT_EQ(wrong_in_schema(R"({"items":{"if":{}}})"), Told{"unknown_field at /items/if"});
}

TEST(InputSchema, RefusesMalformedWords) {
  EXPECT_EQ(wrong_in_schema("true"), Told{"wrong_type at "});
  EXPECT_EQ(wrong_in_schema(R"({"type":"text"})"), Told{"unknown_value at /type"});
  EXPECT_EQ(wrong_in_schema(R"({"type":[]})"), Told{"wrong_type at /type"});
  EXPECT_EQ(wrong_in_schema(R"({"type":7})"), Told{"wrong_type at /type"});
  EXPECT_EQ(wrong_in_schema(R"({"properties":[]})"), Told{"wrong_type at /properties"});
  EXPECT_EQ(wrong_in_schema(R"({"required":["a",1]})"), Told{"wrong_type at /required"});
  EXPECT_EQ(wrong_in_schema(R"({"required":["a","a"]})"), Told{"repeated_name at /required"});
  EXPECT_EQ(wrong_in_schema(R"({"enum":[]})"), Told{"wrong_type at /enum"});
  EXPECT_EQ(wrong_in_schema(R"({"minimum":"1"})"), Told{"wrong_type at /minimum"});
  EXPECT_EQ(wrong_in_schema(R"({"multipleOf":0})"), Told{"out_of_range at /multipleOf"});
  EXPECT_EQ(wrong_in_schema(R"({"minLength":-1})"), Told{"out_of_range at /minLength"});
  EXPECT_EQ(wrong_in_schema(R"({"maxItems":1.5})"), Told{"wrong_type at /maxItems"});
  EXPECT_EQ(wrong_in_schema(R"({"maxItems":1e300})"), Told{"out_of_range at /maxItems"});
  EXPECT_EQ(wrong_in_schema(R"({"uniqueItems":1})"), Told{"wrong_type at /uniqueItems"});
  EXPECT_EQ(wrong_in_schema(R"({"pattern":"("})"), Told{"not_an_expression at /pattern"});
  EXPECT_EQ(wrong_in_schema(R"({"format":"ipv4"})"), Told{"unknown_value at /format"});
  EXPECT_EQ(wrong_in_schema(R"({"title":1})"), Told{"wrong_type at /title"});
  EXPECT_EQ(wrong_in_schema(R"({"items":[{}]})"), Told{"wrong_type at /items"});
  EXPECT_EQ(wrong_in_schema(R"({"additionalProperties":3})"), Told{"wrong_type at /additionalProperties"});
}

TEST(InputSchema, RefusesADefaultThatDoesNotFit) {
  EXPECT_EQ(wrong_in_schema(R"({"properties":{"a":{"type":"string","default":1}}})"),
            Told{"wrong_type at /properties/a/default"});
  EXPECT_EQ(wrong_in_schema(R"({"default":{"x":1},"additionalProperties":{"type":"string"}})"),
            Told{"wrong_type at /default/x"});
}

TEST(InputSchema, NestsAsDeepAsTheLimitAndNoDeeper) {
  const auto nested = [](std::uint32_t levels) {
    std::string schema = "{}";
    for (std::uint32_t i = 1; i < levels; ++i) schema = R"({"items":)" + schema + "}";
    return schema;
  };
  EXPECT_EQ(wrong_in_schema(nested(kMaxSchemaNesting)), Told{});
  EXPECT_EQ(wrong_in_schema(nested(kMaxSchemaNesting + 1)).size(), 1U);
}

TEST(InputSchema, TellsAHundredProblemsAndNoMore) {
  std::string input = "[0";
  for (int i = 0; i < 1000; ++i) input += ",0";
  EXPECT_EQ(wrong_in_input(R"({"items":{"type":"string"}})", input + "]").size(), kMaxMisfits);
}

// Numbers and their ranges, whatever they are.
RC_GTEST_PROP(InputSchema, ANumberFitsExactlyTheRangesItIsIn, (int low, int high, int value)) {
  const auto schema = "{\"minimum\":" + std::to_string(low) + ",\"exclusiveMaximum\":" + std::to_string(high) + "}";
  RC_ASSERT(fits(schema, std::to_string(value)) == (value >= low && value < high));
}

}  // namespace
}  // namespace flowstone::workflows
