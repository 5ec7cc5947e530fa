// `flowstone run` and `flowstone workflow graph --run` against a server.
#include <fstream>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run_events.hpp"
#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

using testing::HasSubstr;

class RunCommands : public testing::Test {
 protected:
  Ran ask(std::vector<std::string> arguments) {
    return run(scratch_.path(), std::move(arguments), server_.environment());
  }
  void publish(const std::string& expression) {
    std::ofstream(scratch_ / "flow.json", std::ios::binary)
        << R"({"StartAt":"First","States":{"First":{"Type":"Pass","Next":"Second"},
      "Second":{"Type":"Task","Resource":"flowstone:jsonata","Parameters":{"Expression":")"
        << expression << R"("},"End":true}}})";
    const auto pushed = ask({"workflow", "push", (scratch_ / "flow.json").string(), "--name", "Flow", "--publish"});
    EXPECT_EQ(pushed.status, 0) << pushed.err;
  }
  std::string failed_run() {
    publish("$error('no')");
    std::ofstream(scratch_ / "input.json", std::ios::binary) << R"({"order":7})";
    const auto made =
        server_.ask({"run", "start", "Flow", "--input", (scratch_ / "input.json").string(), "--wait", "30"});
    EXPECT_EQ(made.at("input").at("order"), 7);
    EXPECT_EQ(text_of(made.as_object(), "status"), "failed");
    return text_of(made.as_object(), "id");
  }

  ScratchDirectory scratch_;
  DemoServer server_{scratch_ / "data"};
};

TEST_F(RunCommands, AFailedRunIsMendedRetriedAndCompared) {
  const auto failed = failed_run();
  publish("2");
  const auto retried = ask({"run", "retry", failed, "--version", "2", "--wait", "30"});
  EXPECT_EQ(retried.status, 0) << retried.err;
  EXPECT_THAT(retried.out, HasSubstr(": completed, from 3 of the events of " + failed));
  const auto again = server_.ask({"run", "rerun", failed, "Second", "--name", "Once more", "--wait", "30"});
  EXPECT_EQ(text_of(again.as_object(), "name"), "Once more");
  EXPECT_EQ(text_of(again.as_object(), "status"), "failed");
  const auto forked = server_.ask({"run", "fork", failed, "--at", "2", "--version", "2", "--wait", "30"});
  EXPECT_EQ(text_of(forked.as_object(), "status"), "completed");
  const auto compared = ask({"run", "compare", failed, text_of(forked.as_object(), "id")});
  EXPECT_EQ(compared.status, 0) << compared.err;
  EXPECT_THAT(compared.out, HasSubstr("1 steps are the same, 1 differ, 0 are only in a, 0 only in b\n"));
  EXPECT_THAT(compared.out, HasSubstr("first difference: Second, output differs\n"));
  const auto told = server_.ask({"run", "compare", failed, failed, "--all"});
  EXPECT_TRUE(flag_of(told.as_object(), "same"));
  EXPECT_EQ(told.at("steps").as_array().size(), 2U);
}

TEST_F(RunCommands, AWorkflowIsDrawnWithTheStateOfARun) {
  const auto drawn = ask({"workflow", "graph", "Flow", "--run", failed_run()});
  EXPECT_EQ(drawn.status, 0) << drawn.err;
  EXPECT_THAT(drawn.out, HasSubstr(R"([label="First", tooltip="Pass", shape=box, style=filled, fillcolor="#d3eed3"])"));
  EXPECT_THAT(drawn.out, HasSubstr("fillcolor=\"#f8d0cd\""));
}

TEST_F(RunCommands, WhatCannotBeTakenUpIsSaid) {
  const auto failed = failed_run();
  EXPECT_THAT(ask({"run", "rerun", failed, "Nowhere"}).err, HasSubstr("never began"));
  EXPECT_EQ(ask({"run", "rerun", failed, "Nowhere"}).status, 1);
  EXPECT_EQ(ask({"run", "fork", failed, "--at", "x"}).status, 2);
  EXPECT_EQ(ask({"run", "compare", failed}).status, 2);
}

}  // namespace
}  // namespace flowstone::cli
