#include <fstream>
#include <numeric>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): SIGTERM is POSIX's

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/run_events.hpp"
#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

class Exec : public testing::Test {
 protected:
  // Records `sh -c script`; the run's id is in `run_`.
  Ran record(const std::string& script, std::vector<std::string> options = {}) {
    Process process(scratch_.path(), arguments(script, std::move(options)), server_.environment());
    const int status = process.wait();
    return {.status = status, .out = process.out(), .err = process.err()};
  }
  std::vector<std::string> arguments(const std::string& script, std::vector<std::string> options = {}) {
    run_ = "01920000-0000-7000-8000-" + std::to_string(100'000'000'000 + ++count_);
    std::vector<std::string> all{"exec", "--id", run_};
    all.insert(all.end(), options.begin(), options.end());
    all.insert(all.end(), {"--", "/bin/sh", "-c", script});
    return all;
  }
  boost::json::object run_state() { return server_.ask({"get", "run", run_}).as_object(); }
  RecordedRun recorded() { return read_run(server_, run_); }
  std::string status_of_run() { return text_of(run_state(), "status"); }
  std::vector<std::filesystem::path> spools() {
    std::vector<std::filesystem::path> found;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(scratch_ / "spool", failed))
      found.push_back(entry.path());
    return found;
  }

  ScratchDirectory scratch_;
  DemoServer server_{scratch_ / "data"};
  std::string run_;
  int count_ = 0;
};

// Lines 1 to `last` as `seq` prints them.
std::string numbers_to(int last) {
  std::string out;
  for (int number = 1; number <= last; ++number) out += std::to_string(number) + "\n";
  return out;
}

TEST_F(Exec, PassesOutputThroughAndRecordsIt) {
  const auto ran = record("echo to out; echo to err >&2");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "to out\n");
  EXPECT_EQ(ran.err, "to err\n");
  const auto run = recorded();
  EXPECT_EQ(run.output("stdout"), "to out\n");
  EXPECT_EQ(run.output("stderr"), "to err\n");
  EXPECT_EQ(status_of_run(), "completed");
  EXPECT_TRUE(spools().empty());
}

TEST_F(Exec, EndsWithTheProgramsExitCode) {
  EXPECT_EQ(record("exit 7").status, 7);
  EXPECT_EQ(status_of_run(), "failed");
  EXPECT_EQ(number_of(run_state(), "exit_code"), 7);
}

TEST_F(Exec, EndsWith128AndTheSignal) {
  EXPECT_EQ(record("kill -KILL $$").status, 137);
  EXPECT_EQ(text_of(run_state(), "signal"), "SIGKILL");
}

TEST_F(Exec, AProgramThatIsNotThereIs127AndRecorded) {
  const auto id = "01920000-0000-7000-8000-000000009999";
  const auto ran = run(scratch_.path(), {"exec", "--id", id, "--", "no-such-program-anywhere"}, server_.environment());
  EXPECT_EQ(ran.status, 127);
  run_ = id;
  EXPECT_EQ(status_of_run(), "failed");
  EXPECT_NE(text_of(run_state(), "error").find("no-such-program-anywhere"), std::string::npos);
}

TEST_F(Exec, MarkersBeginSteps) {
  record("echo before; echo '::step build'; echo b; echo '::step test '; echo t; echo '::step build'; exit 3");
  const auto run = recorded();
  EXPECT_EQ(run.steps(), (std::vector<std::string>{"sh", "build", "test", "build (2)"}));
  EXPECT_EQ(run.output("stdout"), "before\nb\nt\n");
  const auto state = run_state();
  const auto& steps = state.at("steps").as_array();
  EXPECT_EQ(text_of(steps.at(1).as_object(), "status"), "completed");
  EXPECT_EQ(text_of(steps.at(3).as_object(), "status"), "failed");
}

TEST_F(Exec, WithoutMarkersThereIsOneStepNamedAfterTheProgram) {
  record("echo x");
  EXPECT_EQ(recorded().steps(), std::vector<std::string>{"sh"});
}

TEST_F(Exec, MarkersCanBeTurnedOff) {
  record("echo '::step build'", {"--no-step-markers"});
  const auto run = recorded();
  EXPECT_EQ(run.steps(), std::vector<std::string>{"sh"});
  EXPECT_EQ(run.output("stdout"), "::step build\n");
}

TEST_F(Exec, AHundredThousandLinesArriveInOrder) {
  const auto ran = record("seq 1 100000", {"--deliver-timeout", "120"});
  EXPECT_EQ(ran.status, 0);
  const auto expected = numbers_to(100'000);
  EXPECT_TRUE(ran.out == expected);
  EXPECT_TRUE(recorded().output("stdout") == expected);
  EXPECT_EQ(number_of(run_state(), "output_lines"), 100'000);
}

TEST_F(Exec, BinaryOutputSurvives) {
  const auto ran = record(R"(printf 'a\000b\377\376\n\303\251\n')");
  const std::string expected("a\0b\xFF\xFE\n\xC3\xA9\n", 9);
  EXPECT_EQ(ran.out, expected);
  EXPECT_EQ(recorded().output("stdout"), expected);
}

TEST_F(Exec, ALineLongerThanAnEventComesInPieces) {
  const auto ran = record("head -c 200000 /dev/zero | tr '\\0' x; echo");
  EXPECT_EQ(ran.out.size(), 200'001U);
  const auto run = recorded();
  EXPECT_EQ(run.output("stdout"), ran.out);
  EXPECT_GT(run.count("run.step_output"), 5U);
}

TEST_F(Exec, ALastLineWithoutItsEndIsRecorded) {
  const auto ran = record("printf 'no end'");
  EXPECT_EQ(ran.out, "no end");
  EXPECT_EQ(recorded().output("stdout"), "no end\n");
}

TEST_F(Exec, APromptIsRecordedWhileItWaits) {
  Process process(scratch_.path(),
                  arguments("printf 'Continue? '; read answer < " + (scratch_ / "fifo").string() + "; echo $answer"),
                  server_.environment());
  ASSERT_EQ(::system(("mkfifo " + (scratch_ / "fifo").string()).c_str()),
            0);  // NOLINT(concurrency-mt-unsafe,cert-env33-c)
  EXPECT_TRUE(eventually([&] {
    const auto found = run(scratch_.path(), {"get", "run", run_}, server_.environment());
    return found.status == 0 && recorded().count("run.step_output") == 1;
  }));
  std::ofstream(scratch_ / "fifo") << "yes\n";
  EXPECT_EQ(process.wait(), 0);
  EXPECT_EQ(recorded().output("stdout"), "Continue? yes\n");
}

TEST_F(Exec, SignalsReachTheProgram) {
  Process process(scratch_.path(),
                  arguments("trap 'echo caught; exit 5' TERM; echo ready; while :; do sleep 0.05; done"),
                  server_.environment());
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; }));
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 5);
  EXPECT_EQ(recorded().output("stdout"), "ready\ncaught\n");
}

TEST_F(Exec, ACancelOnTheServerEndsTheProgram) {
  Process process(scratch_.path(), arguments("echo ready; exec sleep 600"), server_.environment());
  ASSERT_TRUE(eventually([&] {
    return run(scratch_.path(), {"get", "run", run_}, server_.environment()).out.find("running") != std::string::npos;
  }));
  server_.ask({"do", "cancel_run", run_});
  EXPECT_EQ(process.wait(), 128 + SIGTERM);
  EXPECT_EQ(status_of_run(), "cancelled");
}

TEST_F(Exec, ACancelThatIsIgnoredEndsWithSigkill) {
  Process process(scratch_.path(),
                  arguments("trap '' TERM; echo ready; while :; do sleep 0.05; done", {"--cancel-grace", "1"}),
                  server_.environment());
  ASSERT_TRUE(eventually([&] {
    return run(scratch_.path(), {"get", "run", run_}, server_.environment()).out.find("running") != std::string::npos;
  }));
  server_.ask({"do", "cancel_run", run_});
  EXPECT_EQ(process.wait(), 128 + SIGKILL);
  EXPECT_EQ(status_of_run(), "cancelled");
}

TEST_F(Exec, TheProgramLearnsThatNobodyReadsItsOutput) {
  const auto ran = run(scratch_.path(),
                       {"exec", "--", "/bin/sh", "-c",
                        FLOWSTONE_PROGRAM " exec --id 01920000-0000-7000-8000-000000008888 -- yes | head -n 2"},
                       server_.environment());
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "y\ny\n");
  run_ = "01920000-0000-7000-8000-000000008888";
  EXPECT_TRUE(eventually([&] { return status_of_run() == "failed"; }));
  EXPECT_EQ(text_of(run_state(), "signal"), "SIGPIPE");
}

TEST_F(Exec, AServerKilledInTheMiddleGetsEveryLineOnce) {
  // Each part is printed while the server goes away; the next one begins when it is back, however long that takes.
  const auto program = fmt::format(
      "for part in 0 1 2; do for i in $(seq 1 13); do seq 1 500; sleep 0.05; done;"
      " until [ -e '{}/back-'$part ]; do sleep 0.05; done; done; seq 1 500",
      scratch_.path().string());
  Process process(scratch_.path(), arguments(program), server_.environment());
  for (int part = 0; part < 3; ++part) {
    const auto seen = process.out().size();
    ASSERT_TRUE(eventually([&] { return process.out().size() > seen + 5000; }));
    server_.kill();
    server_.start_again();
    std::ofstream(scratch_.path() / fmt::format("back-{}", part)).put('\n');
  }
  EXPECT_EQ(process.wait(), 0);
  std::string expected;
  for (int round = 0; round < 40; ++round) expected += numbers_to(500);
  EXPECT_TRUE(process.out() == expected);
  EXPECT_TRUE(recorded().output("stdout") == expected);
  EXPECT_EQ(status_of_run(), "completed");
}

TEST_F(Exec, WithoutAServerTheProgramRunsAndTheNextExecDelivers) {
  server_.kill();
  const auto ran = record("echo kept; exit 4", {"--deliver-timeout", "0"});
  const auto kept = run_;
  EXPECT_EQ(ran.status, 4);
  EXPECT_EQ(ran.out, "kept\n");
  ASSERT_EQ(spools().size(), 1U);
  EXPECT_NE(ran.err.find(spools().front().string()), std::string::npos) << ran.err;
  server_.start_again();
  record("echo next");
  EXPECT_TRUE(spools().empty());
  run_ = kept;
  EXPECT_EQ(recorded().output("stdout"), "kept\n");
  EXPECT_EQ(number_of(run_state(), "exit_code"), 4);
}

TEST_F(Exec, AnIdThatIsTakenIsNotRecordedOver) {
  record("echo first");
  Process again(scratch_.path(), {"exec", "--id", run_, "--", "/bin/sh", "-c", "echo second; exit 3"},
                server_.environment());
  EXPECT_EQ(again.wait(), 3);
  EXPECT_EQ(again.out(), "second\n");
  EXPECT_NE(again.err().find("another program was recorded as run " + run_), std::string::npos) << again.err();
  EXPECT_EQ(spools().size(), 1U);
  EXPECT_EQ(recorded().output("stdout"), "first\n");
}

TEST_F(Exec, AnIdThatIsNoneIsWrongUsageAndNothingRuns) {
  Process refused(scratch_.path(), {"exec", "--id", "nope", "--", "/bin/sh", "-c", "echo ran"}, server_.environment());
  EXPECT_EQ(refused.wait(), 2);
  EXPECT_EQ(refused.out(), "");
  EXPECT_NE(refused.err().find("id: must be a UUID"), std::string::npos) << refused.err();
  EXPECT_TRUE(spools().empty());
}

TEST_F(Exec, ASpoolThatIsRefusedDoesNotKeepOthersBack) {
  record("echo first");
  Process again(scratch_.path(), {"exec", "--id", run_, "--", "/bin/sh", "-c", "echo second"}, server_.environment());
  EXPECT_EQ(again.wait(), 0);
  ASSERT_EQ(spools().size(), 1U);
  const auto poisoned = spools().front();
  server_.kill();
  record("echo kept", {"--deliver-timeout", "0"});
  server_.start_again();
  record("echo next");
  EXPECT_EQ(spools(), std::vector{poisoned});
}

TEST_F(Exec, WhatARecorderKilledBySigkillLeftCanBeDelivered) {
  server_.kill();
  Process process(scratch_.path(), arguments("seq 1 1000; exec sleep 5"), server_.environment());
  ASSERT_TRUE(eventually([&] { return process.out() == numbers_to(1000); }));
  ASSERT_TRUE(
      eventually([&] { return spools().size() == 1 && std::filesystem::file_size(spools().front()) > 10'000; }));
  process.signal(SIGKILL);
  process.wait();
  server_.start_again();
  const auto delivered = run(scratch_.path(), {"exec", "--deliver", spools().front().string()}, server_.environment());
  EXPECT_EQ(delivered.status, 0) << delivered.err;
  EXPECT_EQ(recorded().output("stdout"), numbers_to(1000));
  EXPECT_EQ(status_of_run(), "failed");
  EXPECT_TRUE(spools().empty());
}

TEST_F(Exec, AProgramLeftInTheBackgroundDoesNotHoldItUp) {
  const auto start = std::chrono::steady_clock::now();
  const auto ran = record("sleep 60 & echo done");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

}  // namespace
}  // namespace flowstone::cli
