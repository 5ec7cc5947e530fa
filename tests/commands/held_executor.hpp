// An executor whose appends become durable only when the test says so.
#pragma once

#include <future>
#include <memory>
#include <utility>

#include "tests/commands/executor_fixture.hpp"
#include "tests/eventstore/held_journal.hpp"

namespace flowstone::commands {

class HeldExecutor {
 public:
  HeldExecutor() {
    eventstore::StoreOptions options;
    options.directory = directory_.path();
    options.journal = journal_;
    options.queue_bytes = 8'000;
    auto opened = eventstore::Store::open(std::move(options));
    EXPECT_TRUE(opened);
    store_ = *std::move(opened);
    executor_ = std::make_unique<Executor>(
        *store_, clock_, ids_, [this](std::move_only_function<void()> work) { blocking_(std::move(work)); });
  }

  std::future<CommandResult> start(Command command) {
    std::promise<CommandResult> promise;
    auto result = promise.get_future();
    executor_->execute(std::move(command), [promise = std::move(promise)](CommandResult got) mutable {
      promise.set_value(std::move(got));
    });
    return result;
  }

  void release() { journal_->release(); }
  Executor& executor() { return *executor_; }

 private:
  eventstore::ScratchDirectory directory_{"flowstone-commands"};
  std::shared_ptr<eventstore::HeldJournal> journal_ = std::make_shared<eventstore::HeldJournal>(true);
  SystemClock clock_;
  UuidV7Source ids_{clock_};
  BlockingThreads blocking_{2};
  std::unique_ptr<eventstore::Store> store_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace flowstone::commands
