#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/json.hpp"
#include "schemas/row.hpp"

namespace flowstone::schemas {

void PrintTo(const FieldProblem& problem, std::ostream* out) { *out << problem.field << ": " << problem.detail; }

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

const Table& table(std::string_view name) { return *contracts().find_table(name); }

auto problem(const std::string& field, const std::string& detail) {
  return AllOf(Field(&FieldProblem::field, field), Field(&FieldProblem::detail, HasSubstr(detail)));
}

std::vector<FieldProblem> problems_of(std::string_view name, std::string_view json, const DecodeOptions& options = {}) {
  const auto decoded = decode_json(table(name), json, options);
  if (decoded.has_value()) return {{"", "was accepted"}};
  if (decoded.error().code != DecodeError::Code::invalid)
    return {{"", "is malformed: " + decoded.error().problems[0].detail}};
  return decoded.error().problems;
}

// The document as the contract understands it.
std::string understood(std::string_view name, std::string_view json, const DecodeOptions& options = {}) {
  const auto decoded = decode_json(table(name), json, options);
  if (!decoded) return decoded.error().problems[0].field + " " + decoded.error().problems[0].detail;
  EXPECT_TRUE(verify(table(name), *decoded));
  std::string out;
  encode_json(table(name), *decoded, out, {.hidden = true, .nulls = false});
  return out;
}

TEST(DecodeJson, AWholeCommandIsUnderstood) {
  const std::string json =
      R"({"id":"01920000-0000-7000-8000-000000000001","title":"a","description":"b","priority":4,)"
      R"("labels":["x","y"],"effort_minutes":90,"due_at":"2030-03-31T17:00:00.000Z","preferred_time":"evening"})";
  EXPECT_EQ(understood("CreateTask", json), json);
}

TEST(DecodeJson, DefaultsAreFilledIn) {
  EXPECT_EQ(understood("CreateTask", R"({"title":"a"})"), R"({"title":"a","priority":3})");
}

TEST(DecodeJson, TheOrderOfKeysDoesNotChangeTheBytes) {
  const auto one = decode_json(table("CreateTask"), R"({"title":"a","labels":["x"],"priority":1,"description":"d"})");
  const auto other =
      decode_json(table("CreateTask"), R"({ "description":"d", "priority":1, "labels":["x"], "title":"a" })");
  EXPECT_EQ(one.value(), other.value());
}

TEST(DecodeJson, EveryProblemIsReportedNotOnlyTheFirst) {
  EXPECT_THAT(
      problems_of("CreateTask", R"({"title":"","priority":9,"labels":["a","a",3],"due_at":"tomorrow","dueat":1})"),
      ElementsAre(problem("title", "must not be empty"), problem("priority", "must be from 1 to 5"),
                  problem("labels[2]", "must be text (is a number)"), problem("labels", "same item twice"),
                  problem("due_at", "must be an RFC 3339 time such as 2030-01-31T09:00:00Z"),
                  problem("dueat", "is not a field of create_task; did you mean `due_at`?")));
}

TEST(DecodeJson, ReportedProblemsAreBounded) {
  std::string json = R"({"title":"a")";
  for (int i = 0; i < 80; ++i) json += fmt::format(R"(,"unknown_{}":1)", i);
  EXPECT_EQ(problems_of("CreateTask", json + "}").size(), 50U);
}

TEST(DecodeJson, MandatoryFieldsMustBeGiven) {
  EXPECT_THAT(problems_of("CreateTask", "{}"), ElementsAre(problem("title", "must be given")));
  EXPECT_THAT(problems_of("CreateTask", R"({"title":null})"), ElementsAre(problem("title", "must not be null")));
}

TEST(DecodeJson, NullIsAbsentOutsideOfPatches) {
  EXPECT_EQ(understood("CreateTask", R"({"title":"a","due_at":null,"labels":null})"), R"({"title":"a","priority":3})");
}

TEST(DecodeJson, DuplicateFieldsAreRefused) {
  EXPECT_THAT(problems_of("CreateTask", R"({"title":"a","title":"b"})"),
              ElementsAre(problem("title", "is given twice")));
  EXPECT_THAT(problems_of("CreateTask", R"({"title":"a","t\u0069tle":"b"})"),
              ElementsAre(problem("title", "is given twice")));
}

TEST(DecodeJson, LongUnknownNamesAreCutBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "é";
  const auto problems = problems_of("CreateTask", R"({"title":"a",")" + name + R"(x":1})");
  EXPECT_EQ(problems.at(0).field, name.substr(0, 100));
}

TEST(DecodeJson, PathsNameItemsAndNestedFields) {
  EXPECT_THAT(
      problems_of("RecordRunEvents",
                  R"({"events":[{"sequence":0,"kind":"started"},{"sequence":2,"kind":"x","artifact":{"nam":"r"}}]})"),
      ElementsAre(problem("events[0].sequence", "must be from 1"),
                  problem("events[1].kind", "must be one of `started`, "),
                  problem("events[1].artifact.nam", "is not a field of run_artifact; did you mean `name`?"),
                  problem("events[1].artifact.name", "must be given")));
}

TEST(DecodeJson, ItemsAreCounted) {
  EXPECT_THAT(problems_of("RecordRunEvents", R"({"events":[]})"),
              ElementsAre(problem("events", "must have at least 1 item (has 0)")));
  EXPECT_THAT(problems_of("CreateApiKey", R"({"name":"a","roles":["admin","admin"]})"),
              ElementsAre(problem("roles", "same item twice")));
}

TEST(DecodeJson, LengthsAreCodePoints) {
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "ü";
  EXPECT_TRUE(decode_json(table("CreateTask"), R"({"title":")" + umlauts + R"("})").has_value());
  EXPECT_THAT(problems_of("CreateTask", R"({"title":")" + umlauts + std::string(14, 'x') + R"("})"),
              ElementsAre(problem("title", "must be at most 200 characters (has 214)")));
}

TEST(DecodeJson, PatternsHoldForTheWholeText) {
  EXPECT_THAT(problems_of("CreateRun", R"({"name":"a","kind":"exec!"})"),
              ElementsAre(problem("kind", "must match the pattern `[a-z][a-z0-9_]*`")));
  EXPECT_TRUE(decode_json(table("CreateRun"), R"({"name":"a","kind":"exec_2"})").has_value());
}

struct Refused {
  std::string_view table, json, field, detail;
};

void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.table << ' ' << testing::PrintToString(refused.json);
}

class RefusedValues : public testing::TestWithParam<Refused> {};

TEST_P(RefusedValues, AreNamed) {
  const auto& [name, json, field, detail] = GetParam();
  EXPECT_THAT(problems_of(name, json), testing::Contains(problem(std::string(field), std::string(detail))));
}

INSTANTIATE_TEST_SUITE_P(
    DecodeJson, RefusedValues,
    testing::Values(
        Refused{"CreateTask", R"({"title":12})", "title", "must be text (is a number)"},
        Refused{"CreateTask", R"({"title":["a"]})", "title", "must be text (is a list)"},
        Refused{"CreateTask", R"({"title":"a","labels":"x"})", "labels", "must be a list (is text)"},
        Refused{"CreateTask", R"({"title":"a","labels":[null]})", "labels[0]", "must be text (is null)"},
        Refused{"CreateTask", R"({"title":"a","priority":"3"})", "priority", "must be a whole number (is text)"},
        Refused{"CreateTask", R"({"title":"a","priority":2.5})", "priority", "must be a whole number"},
        Refused{"CreateTask", R"({"title":"a","effort_minutes":-1})", "effort_minutes", "must be from 1 to 100000"},
        Refused{"CreateTask", R"({"title":"a","effort_minutes":99999999999999999999999})", "effort_minutes",
                "must be from 1 to 100000"},
        Refused{"CreateTask", R"({"title":"a","effort_minutes":1e300})", "effort_minutes", "must be from 1 to 100000"},
        Refused{"CreateTask", R"({"title":"a","preferred_time":"noon"})", "preferred_time",
                "must be one of `morning`, `afternoon`, `evening`"},
        Refused{"CreateTask", R"({"title":"a","preferred_time":1})", "preferred_time", "must be one of the names"},
        Refused{"CreateTask", R"({"title":"a","due_at":1900000000})", "due_at",
                "must be an RFC 3339 time as text (is a number)"},
        Refused{"CreateTask", R"({"title":"a","due_at":"2030-02-30T00:00:00Z"})", "due_at", "must be an RFC 3339 time"},
        Refused{"CreateTask", R"({"title":"a\u0000b"})", "title", "must not contain the character U+0000"},
        Refused{"CreateTask", R"({"title":"a","intent_id":"01920000-0000-7000-8000-00000000000X"})", "intent_id",
                "must be a UUID"},
        Refused{"UpdateTask", R"({"status":"completed"})", "status", "must be one of `todo`, `in_progress`"},
        Refused{"CreateIntent", R"({"name":"a","code":"_X"})", "code", "must start with a letter or digit"},
        Refused{"CreateIntent", R"({"name":"a","code":"A B"})", "code", "must start with a letter or digit"},
        Refused{"CreateApiKey", R"({"name":"a","roles":["member"],"secret_digest":"x"})", "secret_digest",
                "is not a field of create_api_key"},
        Refused{"RebuildProjection", R"({"auto_switch":1})", "auto_switch", "must be true or false (is a number)"},
        Refused{"RunArtifact", R"({"name":"a","sha256":"ABC"})", "sha256", "must be a SHA-256 digest"},
        Refused{"RunArtifact", R"({"name":"a","size_bytes":"12x"})", "size_bytes", "or its decimal digits as text"},
        Refused{"RunEventInput", R"({"sequence":1,"kind":"started","bytes":"a"})", "bytes", "must be base64"},
        Refused{"RunEventInput", R"({"sequence":1,"kind":"started","artifact":1})", "artifact",
                "must be an object (is a number)"},
        Refused{"BatchCommand", R"({"command":"a","command_id":"b","if_match":"18446744073709551616"})", "if_match",
                "must be from 0 to 18446744073709551615"},
        Refused{"RunCompleted", R"({"exit_code":2147483648})", "exit_code", "must be from -2147483648 to 2147483647"},
        Refused{"ProjectionStatus", R"({"events_per_second":1e999})", "events_per_second",
                "must be a number that 64 bits can hold"},
        Refused{"CreateTask", "[1]", "", "must be a JSON object"},
        Refused{"CreateTask", "\"a\"", "", "must be a JSON object"}));

struct Malformed {
  std::string_view json, detail;
};

void PrintTo(const Malformed& malformed, std::ostream* out) { *out << testing::PrintToString(malformed.json); }

class MalformedDocuments : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedDocuments, AreRefusedWithTheReason) {
  const auto decoded = decode_json(table("CreateTask"), GetParam().json);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, DecodeError::Code::malformed);
  EXPECT_THAT(decoded.error().problems, ElementsAre(problem("", std::string(GetParam().detail))));
}

INSTANTIATE_TEST_SUITE_P(
    DecodeJson, MalformedDocuments,
    testing::Values(
        Malformed{"", "is empty"}, Malformed{"  \n", "is empty"},
        Malformed{R"({"title":"a")", "ends before every bracket"}, Malformed{R"({"title":"a"} x)", "is not JSON"},
        Malformed{R"({"title":"a"} {})", "is not JSON"}, Malformed{R"({"title":"a",})", "is not JSON"},
        Malformed{R"({"title" "a"})", "is not JSON"}, Malformed{R"({"title":})", "is not JSON"},
        Malformed{R"({title:"a"})", "is not JSON"}, Malformed{"{\"title\":\"\xff\"}", "is not UTF-8"},
        Malformed{"{\"title\":\"a\nb\"}", "control character"}, Malformed{R"({"title":"\ud800"})", "invalid escape"},
        Malformed{R"({"title":"\x"})", "invalid escape"}, Malformed{R"({"title":"a)", "is not closed"},
        Malformed{R"({"title":tru})", "an unknown word"}, Malformed{R"({"title":"a","x":nul})", "an unknown word"},
        Malformed{R"({"title":"a","priority":01})", "a number is malformed"},
        Malformed{R"({"title":"a","x":[1,+2]})", "is not JSON"},
        Malformed{R"({"title":"a","x":1.})", "a number is malformed"},
        Malformed{R"({"title":"a","x":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]})", "is nested more than 16 deep"},
        Malformed{R"({"title":"a","priority":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]})", "is nested more than 16 deep"},
        Malformed{"nul", "is not JSON"}, Malformed{"}", "is not JSON"}));

TEST(DecodeJson, SixteenLevelsAreNotTooDeep) {
  EXPECT_THAT(problems_of("CreateTask", R"({"title":"a","x":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]})"),
              ElementsAre(problem("x", "is not a field")));
}

TEST(DecodeJson, IntegersOf64BitsMayBeText) {
  EXPECT_EQ(understood("BatchCommand", R"({"command":"a","command_id":"b","if_match":"18446744073709551615"})"),
            R"({"command":"a","command_id":"b","if_match":18446744073709551615})");
}

TEST(DecodeJson, WholeNumbersMayBeWrittenAsReals) {
  EXPECT_EQ(understood("CreateTask", R"({"title":"a","priority":4.0})"), R"({"title":"a","priority":4})");
  EXPECT_EQ(understood("CreateTask", R"({"title":"a","effort_minutes":1.2e2})"),
            R"({"title":"a","priority":3,"effort_minutes":120})");
}

TEST(DecodeJson, OffsetsOfTimesAreUnderstood) {
  EXPECT_EQ(understood("SnoozeTask", R"({"until":"2030-01-01T01:30:00.5+01:30"})"),
            R"({"until":"2030-01-01T00:00:00.500Z"})");
}

TEST(DecodeJson, AnyJsonIsKeptAsItsCompactText) {
  EXPECT_EQ(understood("BatchCommand",
                       R"({"command":"a","command_id":"b","data": { "x" : [1, 2.50, "a b\" c"] , "y":null } })"),
            R"({"command":"a","command_id":"b","data":{"x":[1,2.50,"a b\" c"],"y":null}})");
  EXPECT_EQ(understood("BatchCommand", R"({"data" : "x y"  ,"command":"a","command_id":"b"})"),
            R"({"command":"a","command_id":"b","data":"x y"})");
  EXPECT_EQ(understood("BatchCommand", R"({"data": 1e5 ,"command":"a","command_id":"b"})"),
            R"({"command":"a","command_id":"b","data":1e5})");
}

TEST(DecodeJson, HiddenFieldsAreTakenWhereAllowed) {
  EXPECT_EQ(understood("CreateApiKey", R"({"name":"a","roles":["member"],"secret_digest":"x"})",
                       {.target = {}, .accept_hidden = true}),
            R"({"name":"a","roles":["member"],"secret_digest":"x"})");
}

TEST(DecodePatch, NullsAreNotedAsCleared) {
  EXPECT_EQ(understood("UpdateTask", R"({"due_at":null,"progress":40,"labels":null})"),
            R"({"progress":40,"cleared":["labels","due_at"]})");
  EXPECT_EQ(understood("SnoozeTask", R"({"until":null})"), R"({"cleared":["until"]})");
}

TEST(DecodePatch, WhatTheEntityCannotBeWithoutCannotBeNull) {
  EXPECT_THAT(problems_of("UpdateTask", R"({"title":null,"priority":null})"),
              ElementsAre(problem("title", "must not be null"), problem("priority", "must not be null")));
  EXPECT_THAT(problems_of("UpdateIntent", R"({"code":null})"), ElementsAre(problem("code", "must not be null")));
}

TEST(DecodePatch, ClearedItselfCannotBeSent) {
  EXPECT_THAT(problems_of("UpdateTask", R"({"cleared":["title"]})"),
              ElementsAre(problem("cleared", "is not a field of update_task")));
}

TEST(DecodePatch, EmptyValuesAreValues) {
  EXPECT_EQ(understood("UpdateTask", R"({"description":"","labels":[]})"), R"({"description":"","labels":[]})");
}

constexpr std::string_view kId = "01920000-0000-7000-8000-000000000001";

TEST(DecodeTarget, TheTargetIsFilledIn) {
  EXPECT_EQ(understood("CompleteTask", "{}", {.target = kId, .accept_hidden = false}),
            R"({"id":"01920000-0000-7000-8000-000000000001"})");
}

TEST(DecodeTarget, TheTargetMayBeRepeated) {
  const std::string json = R"({"id":"01920000-0000-7000-8000-000000000001"})";
  EXPECT_EQ(understood("CompleteTask", json, {.target = kId, .accept_hidden = false}), json);
}

TEST(DecodeTarget, TheTargetCannotBeContradicted) {
  EXPECT_THAT(problems_of("CompleteTask", R"({"id":"01920000-0000-7000-8000-000000000002"})",
                          {.target = kId, .accept_hidden = false}),
              ElementsAre(problem("id", "must be `01920000-0000-7000-8000-000000000001`, or left out")));
}

TEST(DecodeJson, ALargeDocumentIsTaken) {
  std::string json = R"({"events":[)";
  for (int i = 1; i <= 1000; ++i) {
    json += fmt::format(R"({}{{"sequence":{},"kind":"step_output","text":"{}"}})", i == 1 ? "" : ",", i,
                        std::string(1000, 'x'));
  }
  EXPECT_TRUE(decode_json(table("RecordRunEvents"), json + "]}").has_value());
}

}  // namespace
}  // namespace flowstone::schemas
