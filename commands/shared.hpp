// What all commands under way share.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>

#include "base/locked.hpp"
#include "commands/entities.hpp"
#include "commands/executor.hpp"
#include "commands/turns.hpp"

namespace flowstone::commands {

// How many batches have begun and not ended.
class UnderWay {
 public:
  void begin();
  void end();
  void wait_for_none();

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::uint64_t count_ = 0;
};

struct Shared {
  Shared(eventstore::Store& used_store, const Clock& used_clock, IdSource& used_ids,
         Executor::RunBlocking used_run_blocking, ExecutorOptions given_options);

  eventstore::Store& store;
  const Clock& clock;
  IdSource& ids;
  const Executor::RunBlocking run_blocking;
  const ExecutorOptions options;

  Entities entities;
  Turns turns;
  RecentlyUsed<bool> existing;                          // workspace and stream of entities that others refer to
  Locked<std::unordered_set<std::string>> command_ids;  // workspace and id of those being carried out
  UnderWay under_way;
};

}  // namespace flowstone::commands
