// A process that is killed while it folds: what is there afterwards is the fold of some prefix of the log, rows and
// checkpoint in step, and going on from it ends where a process that was never killed ends.
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/projections/world.hpp"

namespace flowstone::projections {
namespace {

constexpr char kRound = '\7';  // not among what a test program prints

// Runs until it is killed. Writes a byte after each round.
[[noreturn]] void write_and_fold(const std::filesystem::path& root, std::uint32_t seed, int progress) {
  World world(root);
  world.options.write_buffer_bytes = 64 << 10;  // so that some batches are flushed and some are lost
  world.options.bulk_events = seed % 2 == 0 ? 50 : 20'000;
  world.open_catalog();
  TaskHistory history(world, seed);
  for (int round = 1;; ++round) {
    history.run(20);
    world.step_all();
    if (round % 4 == 0 && world.status().state == Status::State::live)
      static_cast<void>(world.catalog->rebuild("tasks", true));
    if (write(progress, &kRound, 1) != 1) _exit(1);
  }
}

// The child's part, started by `run_and_kill` as a program of its own: a forked RocksDB has no background threads.
TEST(CrashChild, DISABLED_WritesUntilKilled) {
  const char* const root = std::getenv("FLOWSTONE_CRASH_ROOT");
  const char* const seed = std::getenv("FLOWSTONE_CRASH_SEED");
  if (root == nullptr || seed == nullptr) GTEST_SKIP() << "only as a child";
  write_and_fold(root, static_cast<std::uint32_t>(std::stoul(seed)), STDOUT_FILENO);
}

[[noreturn]] void become_child(const std::filesystem::path& root, std::uint32_t seed, int progress) {
  dup2(progress, STDOUT_FILENO);
  setenv("FLOWSTONE_CRASH_ROOT", root.c_str(), 1);
  setenv("FLOWSTONE_CRASH_SEED", std::to_string(seed).c_str(), 1);
  execl("/proc/self/exe", "projections_test", "--gtest_also_run_disabled_tests",
        "--gtest_filter=CrashChild.DISABLED_WritesUntilKilled", nullptr);
  _exit(1);
}

// Kills the child after so many rounds of its own.
void run_and_kill(const std::filesystem::path& root, std::uint32_t seed, int rounds) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) become_child(root, seed, ends[1]);
  close(ends[1]);
  char byte = 0;
  for (int round = 0; round < rounds;) {
    ASSERT_EQ(read(ends[0], &byte, 1), 1) << "the child ended by itself";
    if (byte == kRound) ++round;
  }
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  close(ends[0]);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST(Crash, RowsAndCheckpointAreInStepAfterEveryKill) {
  const eventstore::ScratchDirectory directory("flowstone-crash");
  std::mt19937 random(1);
  for (std::uint32_t round = 0; round < 6; ++round) {
    ASSERT_NO_FATAL_FAILURE(run_and_kill(directory.path(), round, static_cast<int>(1 + random() % 12)));
    World world(directory.path());
    world.open_catalog();
    const Position kept = world.catalog->position("tasks");
    EXPECT_LE(kept, world.store->state().durable);
    EXPECT_EQ(world.served(tasks()), kept == Position{} ? Table() : world.fold(task_type(), kept));
    world.catch_up();
    world.step_until([&] { return world.status().state == Status::State::live; });
    EXPECT_EQ(world.served(tasks()), world.fold(task_type()));
    EXPECT_EQ(world.status().digests_equal.value_or(true), true);
  }
}

}  // namespace
}  // namespace flowstone::projections
