#include "workflows/resources.hpp"

#include <gtest/gtest.h>

#include "workflows/definition.hpp"

namespace flowstone::workflows {
namespace {

// A machine of one task.
std::string task(std::string_view fields) {
  return "{\"StartAt\":\"T\",\n\"States\":{\"T\":{\"Type\":\"Task\",\n" + std::string(fields) + ",\"End\":true}}}";
}

std::string with_resource(std::string_view resource) { return task("\"Resource\":\"" + std::string(resource) + "\""); }

// "CODE at PATH" of each.
std::vector<std::string> problems_of(const std::string& text) {
  std::vector<std::string> told;
  for (const auto& problem : lint(text, Format::json)) told.push_back(problem.code + " at " + problem.path);
  return told;
}
using Told = std::vector<std::string>;

TEST(Resources, ThoseOfFlowstoneAreKnown) {
  for (const auto& resource : task_resources()) EXPECT_EQ(problems_of(with_resource(resource.name)), Told{});
}

TEST(Resources, AnUnknownOneOfFlowstoneIsAnErrorThatNamesTheOthers) {
  for (const std::string resource : {"flowstone:htp", "flowstone:fax", "flowstone:http:get"})
    EXPECT_EQ(problems_of(with_resource(resource)), Told{"unknown_resource at /States/T/Resource"}) << resource;
  const auto problem = lint(with_resource("flowstone:htp"), Format::json).front();
  EXPECT_EQ(problem.severity, Severity::error);
  EXPECT_EQ(problem.place, (Place{3, 1}));
  EXPECT_TRUE(problem.sentence.contains("flowstone:http, flowstone:command")) << problem.sentence;
}

TEST(Resources, AForeignOneIsAWarning) {
  const auto problems = lint(with_resource("arn:aws:lambda:eu-west-1:1:function:f"), Format::json);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Severity::warning);
  EXPECT_EQ(problems[0].code, "foreign_resource");
  EXPECT_EQ(problems[0].path, "/States/T/Resource");
}

TEST(Resources, WhatHasNoEffectHereIsAWarning) {
  EXPECT_EQ(
      problems_of(task(R"("Resource":"flowstone:sleep","Parameters":{"Seconds":1},"Credentials":{"RoleArn":"r"})")),
      Told{"not_carried_out at /States/T/Credentials"});
  const auto problems = lint(
      R"({"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},
          "ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"p"}}}}})",
      Format::json);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Severity::warning);
  EXPECT_EQ(problems[0].code, "not_carried_out");
  EXPECT_EQ(problems[0].path, "/States/M/ResultWriter");
}

TEST(Resources, AreLookedAtInAllLevels) {
  const std::string inner = R"({"StartAt":"I","States":{"I":{"Type":"Task","Resource":"flowstone:x","End":true}}})";
  EXPECT_EQ(
      problems_of(R"({"StartAt":"P","States":{"P":{"Type":"Parallel","Branches":[)" + inner + R"(],"End":true}}})"),
      Told{"unknown_resource at /States/P/Branches/0/States/I/Resource"});
  EXPECT_EQ(problems_of(R"({"body":{"StartAt":"M","States":{"M":{"Type":"Map","ItemProcessor":)" + inner +
                        R"(,"End":true}}}})"),
            Told{"unknown_resource at /body/States/M/ItemProcessor/States/I/Resource"});
}

TEST(Resources, AreToldBesideTheOtherProblems) {
  EXPECT_EQ(problems_of(R"({"StartAt":"T","States":{"T":{"Type":"Task","Resource":"flowstone:x","Next":"Nowhere"}}})"),
            (Told{"no_end at /States", "unknown_resource at /States/T/Resource", "no_such_state at /States/T/Next"}));
}

TEST(Resources, ArgumentsThatAreWrittenOutMustBeTheirs) {
  EXPECT_EQ(problems_of(task(R"("Resource":"flowstone:http","Parameters":{"Method":"GET"})")),
            Told{"missing_argument at /States/T/Parameters"});
  EXPECT_EQ(problems_of(task(R"("Resource":"flowstone:http","Parameters":{"Url.$":"$.url","Verb":"GET"})")),
            Told{"unknown_argument at /States/T/Parameters/Verb"});
  EXPECT_EQ(
      problems_of(task(
          R"("QueryLanguage":"JSONata","Resource":"flowstone:sleep","Arguments":{"Seconds":"{% $states.input.n %}"})")),
      Told{});
  EXPECT_EQ(
      problems_of(task(R"("QueryLanguage":"JSONata","Resource":"flowstone:sleep","Arguments":"{% $states.input %}")")),
      Told{});
  EXPECT_EQ(problems_of(task(R"("Resource":"flowstone:run","Parameters":{"Anything":1})")),
            (Told{"missing_argument at /States/T/Parameters", "unknown_argument at /States/T/Parameters/Anything"}));
}

TEST(Resources, NotifyMustSayWhat) {
  EXPECT_EQ(problems_of(task(R"("Resource":"flowstone:notify","Parameters":{"Title.$":"$.t","Recipient":["everyone"],)"
                             R"("Body":"b","Urgency":"high","About":"run-1"})")),
            Told{});
  EXPECT_EQ(problems_of(task(R"("Resource":"flowstone:notify","Parameters":{"Message":"b"})")),
            (Told{"missing_argument at /States/T/Parameters", "unknown_argument at /States/T/Parameters/Message"}));
}

TEST(Resources, WhatATaskWaitsForMustBeEventsAndACondition) {
  const auto waits = [](std::string_view arguments) {
    return problems_of(task("\"Resource\":\"flowstone:event\",\"Parameters\":" + std::string(arguments)));
  };
  EXPECT_EQ(waits(R"({"Type":["task.completed","run.*"],"Condition":"event.data.late"})"), Told{});
  EXPECT_EQ(waits(R"({"Type.$":"$.type","Condition.$":"$.condition"})"), Told{});
  EXPECT_EQ(waits(R"({"Condition":"true"})"), Told{"missing_argument at /States/T/Parameters"});
  EXPECT_EQ(waits(R"({"Type":"Task done"})"), Told{"invalid_argument at /States/T/Parameters/Type"});
  EXPECT_EQ(waits(R"({"Type":"*","Condition":"1 +"})"),
            Told{"expression_does_not_compile at /States/T/Parameters/Condition"});
  EXPECT_EQ(problems_of(task(R"("QueryLanguage":"JSONata","Resource":"flowstone:event",
      "Arguments":{"Type":"{% $states.input.type %}","Condition":"{% $states.input.condition %}"})")),
            Told{});
}

}  // namespace
}  // namespace flowstone::workflows
