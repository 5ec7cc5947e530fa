#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventstore/scratch_directory.hpp"
#include "tests/workers/task_calls.hpp"
#include "workers/tasks/exec_task.hpp"

namespace flowstone::workers {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const Programs kPrograms = {{"sh", "/bin/sh"}, {"cat", "/bin/cat"}, {"gone", "/nowhere/at/all"}};

TaskCall run_of(std::string_view arguments, std::string key = "key-1") {
  return call_of("flowstone:exec", arguments, std::move(key));
}

TaskOutcome run(std::string_view arguments) {
  ExecTask task(kPrograms, {});
  return outcome_of(task, run_of(arguments));
}

std::string script(const std::string& text, const std::string& more = "") {
  return R"({"Program": "sh", "Arguments": ["-c", )" + json_of(Value::string(text)) + "]" + more + "}";
}

// What a program has written, once it has.
std::string first_line_of(const std::filesystem::path& file) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::string line;
  while (std::chrono::steady_clock::now() < until) {
    std::ifstream stream(file);
    if (std::getline(stream, line) && !stream.eof()) return line;
    std::this_thread::yield();
  }
  return {};
}

bool ends_soon(pid_t process) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    // A process that nobody has waited for yet has ended too.
    std::ifstream status("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    if (!std::getline(status, text) || text.contains(") Z ")) return true;
    std::this_thread::yield();
  }
  return false;
}

TEST(ExecTask, TellsWhatTheProgramSaid) {
  EXPECT_EQ(told(run(script("printf out; printf err >&2"))),
            R"({"ExitCode":0,"Signal":null,"Stdout":"out","Stderr":"err"})");
  EXPECT_EQ(told(run(R"({"Program": "cat", "Input": "{\"a\": [1]}\n"})")),
            R"({"ExitCode":0,"Signal":null,"Stdout":"{\"a\": [1]}\n","Stderr":"","Json":{"a":[1]}})");
}

TEST(ExecTask, GivesItsArgumentsAsTheyAreAndAFewVariables) {
  EXPECT_THAT(
      told(run(R"js({"Program": "sh", "Arguments": ["-c", "printf '%s|' \"$@\"", "x", "a b", "$(id)", 3, true]})js")),
      HasSubstr(R"("Stdout":"a b|$(id)|3|true|")"));
  EXPECT_THAT(told(run(script("echo $FLOWSTONE_IDEMPOTENCY_KEY $COLOUR $HOME; pwd; env | wc -l",
                              R"(, "Environment": {"COLOUR": "red"})"))),
              HasSubstr(R"("Stdout":"key-1 red\n/\n6\n")"));
}

TEST(ExecTask, OnlyWhatTheOperatorAllowsRuns) {
  for (const auto* program : {"ls", "/bin/sh", "../bin/sh"})
    EXPECT_THAT(told(run(R"({"Program": ")" + std::string(program) + "\"}")), StartsWith("Exec.NotAllowed: "));
  ExecTask off({}, {});
  EXPECT_EQ(outcome_of(off, run_of(R"({"Program": "sh"})")).error, "Exec.NotAllowed");
}

TEST(ExecTask, AFailureSaysHowItEndedAndWhatItSaid) {
  EXPECT_EQ(told(run(script("echo oh no >&2; exit 3"))), "Exec.Failed: sh ended with exit status 3: oh no");
  EXPECT_EQ(told(run(script("echo said; exit 4"))), "Exec.Failed: sh ended with exit status 4: said");
  EXPECT_EQ(told(run(script("kill -TERM $$"))), "Exec.Failed: sh was ended by signal 15");
  EXPECT_EQ(told(run(R"({"Program": "gone"})")), "Exec.Failed: gone cannot be started: there is no such program.");
}

TEST(ExecTask, OutputIsCutAndAlwaysText) {
  const auto outcome = run(script("head -c 100000 /dev/zero | tr '\\0' x; head -c 70000 /dev/zero | tr '\\0' y >&2"));
  ASSERT_FALSE(outcome.error) << told(outcome);
  EXPECT_EQ(outcome.output.find("Stdout")->text(), std::string(65'536, 'x'));
  EXPECT_EQ(outcome.output.find("Stderr")->text(), std::string(65'536, 'y'));
  EXPECT_EQ(run(script("printf 'a\\377b\\000c'")).output.find("Stdout")->text(),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd"
            "c");
  EXPECT_EQ(run(script("printf x; while printf '\\303\\251'; do :; done 2>/dev/null | head -c 65536"))
                .output.find("Stdout")
                ->text()
                .size(),
            65'535U);
}

TEST(ExecTask, WhatItsGroupStartedEndsWithIt) {
  const eventstore::ScratchDirectory directory{"flowstone-exec"};
  const auto file = directory.path() / "child";
  const auto began = std::chrono::steady_clock::now();
  const auto outcome = run(script("sleep 600 & echo $! > " + file.string() + "; echo done"));
  EXPECT_THAT(told(outcome), HasSubstr(R"("Stdout":"done\n")"));
  EXPECT_TRUE(ends_soon(std::stoi(first_line_of(file))));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(300));
}

TEST(ExecTask, AtItsTimesEndTheWholeGroupIsKilled) {
  const eventstore::ScratchDirectory directory{"flowstone-exec"};
  const auto file = directory.path() / "child";
  // A machine that is busy may not have begun when the time is over; then it is given more.
  for (const std::string seconds : {"0.5", "5", "50"}) {
    const auto outcome = run(script("(trap '' TERM; sleep 600) & echo $! > " + file.string() + "; wait",
                                    R"(, "TimeoutSeconds": )" + seconds));
    EXPECT_EQ(told(outcome), "Exec.Timeout: sh did not end within " + seconds + " seconds.");
    if (std::filesystem::exists(file) && std::filesystem::file_size(file) > 0) break;
  }
  EXPECT_TRUE(ends_soon(std::stoi(first_line_of(file))));
}

TEST(ExecTask, CancellingKillsItAndTellsNothing) {
  const eventstore::ScratchDirectory directory{"flowstone-exec"};
  const auto file = directory.path() / "child";
  ExecTask task(kPrograms, {.at_once = 1});
  Pending hanging(task, run_of(script("sleep 600 & echo $! > " + file.string() + "; wait"), "a"));
  const auto child = std::stoi(first_line_of(file));
  Pending next(task, run_of(script("echo next"), "b"));
  task.cancel("a");
  EXPECT_THAT(told(next.outcome()), HasSubstr("next"));
  EXPECT_TRUE(ends_soon(child));
  EXPECT_FALSE(hanging.was_told());
}

TEST(ExecTask, EndingKillsWhatRuns) {
  const eventstore::ScratchDirectory directory{"flowstone-exec"};
  const auto file = directory.path() / "child";
  auto task = std::make_unique<ExecTask>(kPrograms, LaneLimits{});
  Pending hanging(*task, run_of(script("echo $$ > " + file.string() + "; sleep 600"), "a"));
  const auto child = std::stoi(first_line_of(file));
  task.reset();
  EXPECT_TRUE(ends_soon(child));
  EXPECT_FALSE(hanging.was_told());
}

TEST(ExecTask, VariablesThatChangeWhatRunsAreRefused) {
  for (const auto* name :
       {"LD_PRELOAD", "PATH", "BASH_ENV", "PYTHONPATH", "FLOWSTONE_IDEMPOTENCY_KEY", "A=B", "1A", ""})
    EXPECT_EQ(run(R"({"Program": "sh", "Environment": {")" + std::string(name) + R"(": "x"}})").error, "Task.Invalid")
        << name;
  EXPECT_EQ(run(R"({"Program": "sh", "Arguments": ["a\u0000b"]})").error, "Task.Invalid");
  EXPECT_EQ(run(R"({"Program": "sh", "Arguments": [")" + std::string(300'000, 'x') + "\"]}").error, "Task.Invalid");
  EXPECT_EQ(run(R"({"Program": "sh", "Arguments": "-c"})").error, "Task.Invalid");
}

TEST(ExecTask, ProgramsAreNamedWithAbsolutePaths) {
  const auto programs = read_programs({"a=/bin/a", "b.c-9_=/b=c"});
  ASSERT_TRUE(programs) << programs.error();
  EXPECT_EQ(*programs, (Programs{{"a", "/bin/a"}, {"b.c-9_", "/b=c"}}));
  for (const auto* line : {"a", "a=bin", "=/a", "a b=/a", "a="}) EXPECT_FALSE(read_programs({line})) << line;
  EXPECT_FALSE(read_programs({"a=/1", "a=/2"}));
}

}  // namespace
}  // namespace flowstone::workers
