#include <fstream>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

class Workflow : public testing::Test {
 protected:
  Ran lint(const std::string& definition, const std::string& more = "--json") {
    std::ofstream(scratch_ / "flow.json", std::ios::binary) << definition;
    return run(scratch_.path(), {"workflow", "lint", (scratch_ / "flow.json").string(), more});
  }

  ScratchDirectory scratch_;
};

TEST_F(Workflow, LintOfASoundDefinitionIsSilent) {
  const auto ran = lint(R"({"StartAt":"A","States":{"A":{"Type":"Succeed"}}})");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(boost::json::parse(ran.out), boost::json::parse(R"({"valid":true,"problems":[]})"));
}

TEST_F(Workflow, LintNamesEachProblemWithItsLine) {
  const auto ran = lint("{\"StartAt\":\"A\",\n\"States\":{\n\"A\":{\"Type\":\"Pass\",\"Next\":\"B\",\"Foo\":1}}}");
  EXPECT_EQ(ran.status, 1);
  const auto problems = boost::json::parse(ran.out).at("problems").as_array();
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].at("code"), "no_end");
  EXPECT_EQ(problems[1].at("code"), "no_such_state");
  EXPECT_EQ(problems[2].at("path"), "/States/A/Foo");
  EXPECT_EQ(problems[2].at("line"), 3);
  EXPECT_EQ(problems[2].at("column"), 31);
}

TEST_F(Workflow, LintOfWarningsAloneSucceeds) {
  const auto ran = lint(R"({"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[
      {"Variable":"$.a","IsNull":true,"Next":"L"}],"Default":"E"},"L":{"Type":"Pass","Next":"L"},"E":{"Type":"Fail"}}})");
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_EQ(boost::json::parse(ran.out).at("problems").as_array().size(), 1U);
}

TEST_F(Workflow, LintReadsYaml) {
  std::ofstream(scratch_ / "flow.yaml") << "StartAt: A\nStates:\n  B: {Type: Succeed}\n";
  const auto ran = run(scratch_.path(), {"workflow", "lint", (scratch_ / "flow.yaml").string()});
  EXPECT_EQ(ran.status, 1);
  const auto file = (scratch_ / "flow.yaml").string();
  EXPECT_EQ(ran.out, file + ":1:1: error: there is no state \"A\" to start at at /StartAt [no_such_state]\n" + file +
                         ":3:3: error: no transition leads to state \"B\" at /States/B [unreachable]\n");
  EXPECT_EQ(run(scratch_.path(), {"workflow", "lint", (scratch_ / "flow.yaml").string(), "--format", "json"}).status,
            1);
}

TEST_F(Workflow, AFileIsDrawnWithoutAServer) {
  std::ofstream(scratch_ / "flow.json") << R"({"StartAt":"A","States":{"A":{"Type":"Succeed"}}})";
  const auto ran =
      run(scratch_.path(), {"workflow", "graph", (scratch_ / "flow.json").string(), "--format", "mermaid"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "flowchart TD\n  start0(( ))\n  s0([\"A\"])\n  start0 --> s0\n");
}

TEST_F(Workflow, AFileWithErrorsIsNeitherDrawnNorPublished) {
  std::ofstream(scratch_ / "flow.json") << R"({"StartAt":"B","States":{"A":{"Type":"Succeed"}}})";
  EXPECT_EQ(run(scratch_.path(), {"workflow", "graph", (scratch_ / "flow.json").string()}).status, 1);
  const auto ran =
      run(scratch_.path(), {"workflow", "push", (scratch_ / "flow.json").string(), "--name", "F", "--publish"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("nothing was sent"), std::string::npos) << ran.err;
}

TEST_F(Workflow, PushWantsAName) {
  std::ofstream(scratch_ / "flow.json") << R"({"StartAt":"A","States":{"A":{"Type":"Succeed"}}})";
  EXPECT_EQ(run(scratch_.path(), {"workflow", "push", (scratch_ / "flow.json").string()}).status, 2);
}

constexpr std::string_view kRetried = R"({"StartAt":"F","States":{"F":{"Type":"Task","Resource":"urn:x:f","Next":"W",
  "Retry":[{"ErrorEquals":["Busy"]}]},"W":{"Type":"Wait","Seconds":60,"End":true}}})";

class Simulated : public Workflow {
 protected:
  Ran simulate(std::string_view definition, const std::vector<std::string>& more) {
    std::ofstream(scratch_ / "flow.json", std::ios::binary) << definition;
    std::ofstream(scratch_ / "answers.json")
        << R"({"F":[{"Throw":{"Error":"Busy","Cause":"c"},"Seconds":2},{"Return":{"ok":true}}]})";
    std::vector<std::string> arguments{"workflow", "simulate", (scratch_ / "flow.json").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(scratch_.path(), arguments);
  }
};

TEST_F(Simulated, ARunPrintsWhatHappenedWhen) {
  const auto ran = simulate(kRetried, {"--mock", (scratch_ / "answers.json").string()});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("+2s  F task failed Busy: c\n"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("+2s  F retry 1 at +3s\n"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("+3s  W waits until +63s\n"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("SUCCEEDED after 63s"), std::string::npos) << ran.out;
}

TEST_F(Simulated, TheSameSeedAndTimeGiveTheSameRun) {
  constexpr std::string_view kRandom =
      R"x({"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"u.$":"States.UUID()"},"End":true}}})x";
  const std::vector<std::string> same{"--json", "--seed", "5", "--now", "2026-11-21T09:30:00Z"};
  const auto once = simulate(kRandom, same), again = simulate(kRandom, same);
  EXPECT_EQ(once.out, again.out);
  EXPECT_EQ(boost::json::parse(once.out).at("status"), "SUCCEEDED");
  EXPECT_EQ(boost::json::parse(once.out).at("events").as_array()[0].at("time"), "2026-11-21T09:30:00.000Z");
  EXPECT_NE(once.out, simulate(kRandom, {"--json", "--seed", "6", "--now", "2026-11-21T09:30:00Z"}).out);
}

TEST_F(Simulated, AHistoryHasTheServicesVocabulary) {
  const auto ran = simulate(R"({"StartAt":"S","States":{"S":{"Type":"Fail","Error":"E"}}})", {"--history", "asl"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  const auto events = boost::json::parse(ran.out).at("events").as_array();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[1].at("type"), "FailStateEntered");
  EXPECT_EQ(events[2].at("executionFailedEventDetails").at("error"), "E");
}

TEST_F(Simulated, ATaskWithoutAnAnswerSaysSo) {
  const auto ran = simulate(kRetried, {});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("the task 'F' (urn:x:f) has no answer; --mock FILE gives answers"), std::string::npos)
      << ran.err;
}

TEST_F(Simulated, WhatIsWrongWithItsFilesIsSaid) {
  EXPECT_EQ(simulate(R"({"StartAt":"S"})", {}).status, 1);
  const auto time = simulate(kRetried, {"--now", "noon"});
  EXPECT_NE(time.err.find("--now: \"noon\" is no RFC 3339 time"), std::string::npos) << time.err;
  const auto file = simulate(kRetried, {"--input", "absent.json"});
  EXPECT_NE(file.err.find("absent.json: cannot be read"), std::string::npos) << file.err;
  std::ofstream(scratch_ / "wrong.json") << R"({"F":[{"Throw":{}}]})";
  const auto mock = simulate(kRetried, {"--mock", (scratch_ / "wrong.json").string()});
  EXPECT_NE(mock.err.find("F: \"Throw\" must name an \"Error\""), std::string::npos) << mock.err;
}

}  // namespace
}  // namespace flowstone::cli
