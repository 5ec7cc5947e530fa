// An executor on a store in a fresh directory, on either journal, that can be closed and opened again.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/identifier.hpp"
#include "base/locked.hpp"
#include "commands/executor.hpp"
#include "domain/aggregate.hpp"
#include "eventstore/journal.hpp"
#include "eventstore/scratch_directory.hpp"
#include "eventstore/store.hpp"
#include "schemas/json.hpp"
#include "schemas/row.hpp"

namespace flowstone::commands {

inline constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000aaaa";

// Threads that may wait for the disk.
class BlockingThreads {
 public:
  explicit BlockingThreads(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this](std::stop_token stop) { run(stop); });
  }

  void operator()(std::move_only_function<void()> work) {
    {
      const std::lock_guard guard(mutex_);
      waiting_.push_back(std::move(work));
    }
    arrived_.notify_one();
  }

 private:
  void run(const std::stop_token& stop) {
    while (true) {
      std::unique_lock lock(mutex_);
      if (!arrived_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      auto work = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      work();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<std::move_only_function<void()>> waiting_;
  std::vector<std::jthread> threads_;
};

inline Command command(std::string_view name, std::string id, std::string_view json = "{}") {
  const auto found = schemas::contracts().find_command(name);
  EXPECT_TRUE(found) << name;
  Command result;
  result.workspace = kWorkspace;
  result.aggregate = domain::find_aggregate_type(found->aggregate->name);
  result.command = found->command;
  auto body = schemas::decode_json(*found->command->table, json, {.target = id, .accept_hidden = true});
  EXPECT_TRUE(body) << name << " " << json << (body ? "" : ": " + body.error().problems.front().detail);
  if (body) result.body = *std::move(body);
  result.id = std::move(id);
  result.actor = "key:tester";
  result.request_id = "r1";
  return result;
}

inline Command with_id(Command given, std::string command_id, std::string_view request = "one") {
  given.command_id = std::move(command_id);
  given.fingerprint = sha256(request);
  return given;
}

inline std::string json_of(const Command& command, const Outcome& outcome) {
  std::string text;
  schemas::encode_json(*command.aggregate->contract().state, outcome.row, text);
  return text;
}

// The value of a field of the outcome's row as JSON; "" if absent.
inline std::string field_of(std::string_view aggregate, const Outcome& outcome, std::string_view field) {
  const auto* table = domain::find_aggregate_type(aggregate)->contract().state;
  return schemas::field_json(*table->find(field), outcome.row).value_or("");
}

class ExecutorTest : public testing::TestWithParam<bool> {  // true: on the memory journal
 protected:
  void SetUp() override { open(); }

  void open() {
    eventstore::StoreOptions options;
    options.directory = directory_.path();
    options.queue_bytes = queue_bytes_;
    if (GetParam()) options.journal = memory_;
    auto opened = eventstore::Store::open(std::move(options));
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = *std::move(opened);
    executor_ = std::make_unique<Executor>(
        *store_, clock_, ids_, [this](std::move_only_function<void()> work) { blocking_(std::move(work)); }, options_);
  }

  // A restart of the process, as far as the log and the commands see it.
  void reopen() {
    executor_.reset();
    store_.reset();
    open();
  }

  Outcome succeed(Command given) {
    auto result = executor_->execute(std::move(given));
    if (!result) {
      ADD_FAILURE() << static_cast<int>(result.error().code) << " " << result.error().rejection.code << " "
                    << result.error().detail;
      return {};
    }
    return *std::move(result);
  }

  CommandError fail(Command given) {
    auto result = executor_->execute(std::move(given));
    if (result) {
      ADD_FAILURE() << "succeeded";
      return {};
    }
    return std::move(result).error();
  }

  std::vector<CommandResult> atomically(std::vector<Command> given) {
    std::vector<CommandResult> results;
    std::binary_semaphore here{0};
    executor_->execute_atomically(std::move(given), [&](std::vector<CommandResult> got) {
      results = std::move(got);
      here.release();
    });
    here.acquire();
    return results;
  }

  [[nodiscard]] Position head() const { return store_->state().durable; }

  eventstore::ScratchDirectory directory_{"flowstone-commands"};
  std::shared_ptr<eventstore::Journal> memory_ = eventstore::make_memory_journal();
  std::size_t queue_bytes_ = 64 << 20;
  ExecutorOptions options_;
  SystemClock clock_;
  UuidV7Source ids_{clock_};
  BlockingThreads blocking_{4};
  std::unique_ptr<eventstore::Store> store_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace flowstone::commands
