// Takes tasks of one activity from a server, and has a program do each of them.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/client.hpp"
#include "cli/worker/held_task.hpp"

namespace flowstone::cli {

struct WorkOptions {
  std::string activity, name;
  std::size_t at_once = 1;
  std::optional<std::uint64_t> tasks{};  // then it ends; nothing: it goes on until it is stopped
  std::vector<std::string> command;
  ClientOptions client;
};

// A server that is away is asked again with pauses from 0.2 to 10 seconds, for ever; one that refuses (no such right,
// no such call) ends the work.
// Threads: as many as tasks at once; every member may be called from any thread. The destructor stops and joins.
class Work {
 public:
  explicit Work(WorkOptions options);
  ~Work();
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  // Takes nothing more; what it holds is finished.
  void stop();
  // True once everything has ended, false if it has not within `patience`.
  bool wait(std::chrono::milliseconds patience);
  // What ended it, if it was not asked to end.
  [[nodiscard]] std::optional<Refusal> refused() const;

 private:
  void serve();
  void take_tasks(Client& client);
  // One task fewer is to be taken. False: there are none left.
  bool claim();
  void put_back();
  void pause(int failures);

  const WorkOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t left_;
  std::size_t going_on_;
  bool stopping_ = false;
  std::optional<Refusal> refused_;
  std::vector<std::jthread> threads_;  // last: joined first
};

}  // namespace flowstone::cli
