#include "documents/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

namespace flowstone::documents {
namespace {

ChildLimits within(std::chrono::milliseconds time) { return {.deadline = std::chrono::steady_clock::now() + time}; }

ChildFailure failure_of(const Result<ChildOutput, ChildFailure>& run) {
  EXPECT_FALSE(run);
  return run ? ChildFailure::no_resources : run.error();
}

TEST(ChildProcess, ReadsItsInputAndTellsItsOutput) {
  const std::string input(300'000, 'x');
  const auto run = run_child({"cat", kChildInput}, input, within(std::chrono::seconds(20)));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->output, input);
  EXPECT_EQ(run->exit_code, 0);
}

TEST(ChildProcess, ErrorsAndExitCodeAreKept) {
  const auto run = run_child({"ls", "/nowhere/at/all"}, "", within(std::chrono::seconds(20)));
  ASSERT_TRUE(run);
  EXPECT_NE(run->exit_code, 0);
  EXPECT_NE(run->errors.find("/nowhere/at/all"), std::string::npos);
}

TEST(ChildProcess, AMissingProgramIsSaid) {
  EXPECT_EQ(failure_of(run_child({"no-such-program-anywhere"}, "", within(std::chrono::seconds(20)))),
            ChildFailure::missing_program);
}

// A child that ends before it is another program is told of to the thread that waits here, with a time limit.
TEST(ChildProcess, NobodyWhoWaitsElsewhereIsInterrupted) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const timeval patience{60, 0};
  ::setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::jthread children([&ends] {
    for (int each = 0; each < 50; ++each)
      static_cast<void>(run_child({"no-such-program-anywhere"}, "", within(std::chrono::seconds(20))));
    ::send(ends[1], "x", 1, MSG_NOSIGNAL);
  });
  char byte = 0;
  EXPECT_EQ(::recv(ends[0], &byte, 1, 0), 1) << std::strerror(errno);
  children.join();
  for (const int end : ends) ::close(end);
}

TEST(ChildProcess, IsKilledAtItsDeadline) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(failure_of(run_child({"sleep", "60"}, "", within(std::chrono::milliseconds(50)))), ChildFailure::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(ChildProcess, IsKilledAlsoWhenItHasClosedItsOutput) {
  EXPECT_EQ(failure_of(run_child({"sh", "-c", "exec >&- 2>&-; sleep 60"}, "", within(std::chrono::milliseconds(200)))),
            ChildFailure::timed_out);
}

TEST(ChildProcess, OutputIsBounded) {
  auto limits = within(std::chrono::seconds(20));
  limits.output_bytes = 1'000'000;
  EXPECT_EQ(failure_of(run_child({"cat", "/dev/zero"}, "", limits)), ChildFailure::too_much_output);
  limits.output_bytes = 3;
  EXPECT_TRUE(run_child({"printf", "abc"}, "", limits));
  limits.output_bytes = 2;
  EXPECT_EQ(failure_of(run_child({"printf", "abc"}, "", limits)), ChildFailure::too_much_output);
}

TEST(ChildProcess, TimeOfTheProcessorIsBounded) {
  auto limits = within(std::chrono::seconds(60));
  limits.cpu_seconds = 1;
  EXPECT_EQ(failure_of(run_child({"sh", "-c", "while :; do :; done"}, "", limits)), ChildFailure::timed_out);
}

TEST(ChildProcess, ACrashIsSaid) {
  EXPECT_EQ(failure_of(run_child({"sh", "-c", "kill -SEGV $$"}, "", within(std::chrono::seconds(20)))),
            ChildFailure::crashed);
}

TEST(ChildProcess, HasNoDescriptorsAndNoEnvironmentOfItsParent) {
  const auto files = run_child({"sh", "-c", "echo /proc/self/fd/*"}, "", within(std::chrono::seconds(20)));
  ASSERT_TRUE(files);
  EXPECT_EQ(files->output.find("/proc/self/fd/5"), std::string::npos) << files->output;
  const auto environment = run_child({"env"}, "", within(std::chrono::seconds(20)));
  ASSERT_TRUE(environment);
  EXPECT_EQ(environment->output, "LC_ALL=C.UTF-8\n");
}

TEST(ChildProcess, ManyDescriptorsOfTheParentAreNoMatter) {
  std::vector<int> taken;
  for (int at = 0; at < 200; ++at) taken.push_back(dup(0));
  for (std::size_t free = 60; free < 75; ++free) close(std::exchange(taken[free], -1));
  const auto run = run_child({"cat", kChildInput}, "input", within(std::chrono::seconds(20)));
  for (const int descriptor : taken) close(descriptor);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->output, "input");
}

TEST(ChildProcess, CannotMakeFilesLarger) {
  for (int round = 0; round < 20; ++round) {
    const auto run = run_child({"sh", "-c", "echo more >> /dev/fd/3"}, "", within(std::chrono::seconds(20)));
    EXPECT_TRUE(!run || run->exit_code != 0);
  }
}

TEST(ChildProcess, MemoryIsBounded) {
  auto limits = within(std::chrono::seconds(20));
  const std::vector<std::string> program{"dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"};
  const auto enough = run_child(program, "", limits);
  ASSERT_TRUE(enough);
  EXPECT_EQ(enough->exit_code, 0);
  limits.memory_bytes = std::size_t{100} << 20;
  const auto short_of = run_child(program, "", limits);
  ASSERT_TRUE(short_of);
  EXPECT_NE(short_of->exit_code, 0);
}

TEST(ChildProcess, IsGivenItsInputAsStandardInputAndItsEnvironment) {
  const auto run = run_program({.arguments = {"sh", "-c", "cat; pwd; echo $COLOUR $HOME"},
                                .environment = {"COLOUR=red"},
                                .input = "in ",
                                .input_is_standard = true},
                               within(std::chrono::seconds(20)));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->output, "in /\nred\n");
}

TEST(ChildProcess, WhatIsTooMuchCanBeCut) {
  auto limits = within(std::chrono::seconds(20));
  limits.output_bytes = 1'000;
  const auto run = run_program({.arguments = {"head", "-c", "500000", "/dev/zero"}, .cut_output = true}, limits);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->output, std::string(1'000, '\0'));
}

TEST(ChildProcess, ItsSignalIsTold) {
  const auto run = run_program({.arguments = {"sh", "-c", "kill -TERM $$"}}, within(std::chrono::seconds(20)));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->signal, SIGTERM);
}

TEST(ChildProcess, ItIsStoppedFromElsewhere) {
  std::stop_source stop;
  std::jthread stopper([&stop] { stop.request_stop(); });
  EXPECT_EQ(failure_of(run_program({.arguments = {"sleep", "60"}, .stop = stop.get_token()},
                                   within(std::chrono::seconds(20)))),
            ChildFailure::stopped);
}

TEST(ChildProcess, WhoHoldsItsOutputIsNotWaitedFor) {
  const auto begin = std::chrono::steady_clock::now();
  const auto run = run_program({.arguments = {"sh", "-c", "sleep 60 & echo done"}}, within(std::chrono::seconds(50)));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->output, "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(40));
}

}  // namespace
}  // namespace flowstone::documents
