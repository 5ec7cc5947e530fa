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
  EXPECT_EQ(problems[1].at("path"), "/States/A/Foo");
  EXPECT_EQ(problems[1].at("line"), 3);
  EXPECT_EQ(problems[2].at("code"), "no_such_state");
}

TEST_F(Workflow, LintOfWarningsAloneSucceeds) {
  const auto ran = lint(R"({"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[
      {"Variable":"$.a","IsNull":true,"Next":"L"}],"Default":"E"},"L":{"Type":"Pass","Next":"L"},"E":{"Type":"Fail"}}})");
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_EQ(boost::json::parse(ran.out).at("problems").as_array().size(), 1U);
}

TEST_F(Workflow, LintOfYamlSaysThatItIsNotRead) {
  const auto ran = run(scratch_.path(), {"workflow", "lint", "flow.yaml"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("YAML is not read"), std::string::npos);
}

}  // namespace
}  // namespace flowstone::cli
