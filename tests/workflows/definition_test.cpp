#include "workflows/definition.hpp"

#include <gtest/gtest.h>

#include "jsonata/json_text.hpp"

namespace flowstone::workflows {
namespace {

constexpr std::string_view kBody = R"({"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}})";

std::string envelope(std::string_view members) {
  return "{" + std::string(members) + (members.empty() ? "" : ",") + "\"body\":" + std::string(kBody) + "}";
}

Definition read(const std::string& text) {
  auto definition = read_definition(text, Format::json);
  EXPECT_TRUE(definition.has_value()) << (definition ? "" : definition.error().front().sentence);
  return definition ? *std::move(definition) : Definition{};
}

// "CODE at PATH" of each.
std::vector<std::string> problems_of(const std::string& text) {
  std::vector<std::string> told;
  for (const auto& problem : lint(text, Format::json)) told.push_back(problem.code + " at " + problem.path);
  return told;
}
using Told = std::vector<std::string>;

TEST(Definition, HasEverythingOfItsEnvelope) {
  const auto definition =
      read(envelope(R"("name":"Intake","description":"Mail to task","inputs":{"type":"object","required":["mail"]},)"
                    R"("concurrency":{"mode":"queued","max":3},"layout":{"Done":[1,2]})"));
  EXPECT_EQ(definition.name, "Intake");
  EXPECT_EQ(definition.description, "Mail to task");
  EXPECT_TRUE(definition.inputs.has_value());
  EXPECT_EQ(definition.concurrency.mode, Concurrency::Mode::queued);
  EXPECT_EQ(definition.concurrency.max, 3U);
  EXPECT_TRUE(definition.layout.is_object());
  EXPECT_EQ(definition.machine.machine.start_at, "Done");
}

TEST(Definition, NeedsABodyAndNothingElse) {
  const auto definition = read(envelope(""));
  EXPECT_FALSE(definition.inputs.has_value());
  EXPECT_EQ(definition.concurrency.mode, Concurrency::Mode::parallel);
  EXPECT_EQ(definition.concurrency.max, 10U);
  EXPECT_EQ(problems_of("{}"), Told{"missing_field at "});
  EXPECT_EQ(problems_of("[]"), Told{"wrong_type at "});
  EXPECT_EQ(problems_of(R"({"body":[]})"), Told{"wrong_type at /body"});
}

TEST(Definition, IsTheSameAsAMachineAlone) {
  const auto alone = read(std::string(kBody));
  const auto wrapped = read(envelope(""));
  EXPECT_EQ(json_of(alone), json_of(wrapped));
  EXPECT_EQ(digest_of(alone), digest_of(wrapped));
}

TEST(Definition, HasOneDigestWhateverTheOrderOfMembersAndTheWhiteSpace) {
  const auto one = read(envelope(R"("name":"A","description":"B")"));
  const auto other = read("{ \"body\" : " + std::string(kBody) + ",\n\"description\":\"B\",\"n\\u0061me\":\"A\" }");
  EXPECT_EQ(digest_of(one), digest_of(other));
  EXPECT_NE(json_of(one), json_of(other));
  EXPECT_NE(digest_of(one), digest_of(read(envelope(R"("name":"A","description":"C")"))));
}

TEST(Definition, NamesAllProblemsAtOnceInTheOrderOfTheirPlaces) {
  const std::string text =
      "{\n\"starters\": [],\n\"name\": 7,\n\"concurrency\": {\"mode\": \"often\", \"most\": 1},\n"
      "\"inputs\": {\"oneOf\": []},\n\"body\": {\"StartAt\": \"A\",\n\"States\": {\"A\": {\"Type\": \"Pass\",\n"
      "\"Next\": \"B\"}}}}";
  EXPECT_EQ(problems_of(text),
            (Told{"unknown_field at /starters", "wrong_type at /name", "unknown_value at /concurrency/mode",
                  "unknown_field at /concurrency/most", "unknown_field at /inputs/oneOf", "no_end at /body/States",
                  "no_such_state at /body/States/A/Next"}));
  const auto problems = lint(text, Format::json);
  EXPECT_EQ(problems.back().place, (Place{8, 1}));
  EXPECT_EQ(problems.front().place, (Place{2, 1}));
}

TEST(Definition, ProblemsOfAMachineAloneHaveNoBodyInTheirPaths) {
  EXPECT_EQ(problems_of(R"({"StartAt":"B","States":{"A":{"Type":"Succeed"}}})"),
            (Told{"no_such_state at /StartAt", "unreachable at /States/A"}));
}

TEST(Definition, LimitsOfTheEnvelopeAreHeld) {
  EXPECT_TRUE(problems_of(envelope("\"name\":\"" + std::string(200, 'n') + "\"")).empty());
  EXPECT_EQ(problems_of(envelope("\"name\":\"" + std::string(201, 'n') + "\"")), Told{"out_of_range at /name"});
  EXPECT_EQ(problems_of(envelope(R"("name":"")")), Told{"out_of_range at /name"});
  EXPECT_TRUE(problems_of(envelope("\"description\":\"" + std::string(2000, 'd') + "\"")).empty());
  EXPECT_EQ(problems_of(envelope("\"description\":\"" + std::string(2001, 'd') + "\"")),
            Told{"out_of_range at /description"});
  EXPECT_TRUE(problems_of(envelope(R"("concurrency":{"max":1000})")).empty());
  for (const auto* max : {"0", "1001", "1.5", "-1"})
    EXPECT_EQ(problems_of(envelope(std::string(R"("concurrency":{"max":)") + max + "}")),
              Told{"out_of_range at /concurrency/max"});
  EXPECT_EQ(problems_of(envelope(R"("concurrency":{"max":"3"})")), Told{"wrong_type at /concurrency/max"});
  EXPECT_EQ(problems_of(envelope(R"("layout":3)")), Told{"wrong_type at /layout"});
}

TEST(Definition, OneRunAtATimeHasNoMaximum) {
  EXPECT_EQ(problems_of(envelope(R"("concurrency":{"mode":"single","max":2})")),
            Told{"exclusive_fields at /concurrency/max"});
  EXPECT_TRUE(problems_of(envelope(R"("concurrency":{"mode":"restart"})")).empty());
}

TEST(Definition, WarningsDoNotRefuseIt) {
  const auto definition =
      read(R"({"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.x","IsNull":true,"Next":"L"}],)"
           R"("Default":"E"},"L":{"Type":"Pass","Next":"L"},"E":{"Type":"Succeed"}}})");
  ASSERT_EQ(definition.warnings.size(), 1U);
  EXPECT_EQ(definition.warnings.front().code, "endless");
}

TEST(Definition, JsonKeepsTheOrderOfTheText) {
  EXPECT_EQ(json_of(read("{\"body\": " + std::string(kBody) + ", \"name\": \"A\"}")),
            "{\"body\":" + std::string(kBody) + ",\"name\":\"A\"}");
}

}  // namespace
}  // namespace flowstone::workflows
