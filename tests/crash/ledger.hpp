// What the clients tried and what they were answered, kept outside the server and its data directory.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/crash/connection.hpp"

namespace flowstone::crash {

// One command of an attempt: alone in its request, or one of a batch.
struct Expected {
  std::string command_id = {};      // its idempotency key; empty: sent without one
  std::string aggregate = {};       // "task"
  std::string marker = {};          // without a command id: text that this command alone writes into its event
  bool changes = true;              // if it succeeds, it records at least one event
  std::uint64_t last_sequence = 0;  // of the events that it brings to a run
};

struct Attempt {
  Request request;
  std::vector<Expected> commands = {};  // one, or those of a batch in order
  bool batch = false;
  bool atomic = false;
};

// What one command was answered.
struct Acknowledged {
  int status = 0;
  std::uint64_t position = 0;
  std::uint64_t revision = 0;
  std::string stream = {};  // of the entity
  std::string body = {};
  bool operator==(const Acknowledged&) const = default;
  [[nodiscard]] bool succeeded() const { return status >= 200 && status < 300; }
};

struct Entry {
  std::size_t number = 0;
  Attempt attempt;
  bool lost = false;  // at least one sending was not answered
  bool answered = false;
  std::vector<Acknowledged> acknowledged = {};  // of each command, once answered
};

// Order: an attempt is in the file before it is sent, its answer before it is acted upon.
// Threads: every member may be called from any thread.
// Lifetime: entries stay where they are; an entry is changed only by the client whose attempt it is.
class Ledger {
 public:
  explicit Ledger(const std::filesystem::path& file) : file_(file) {}

  Entry& attempt(Attempt attempt);
  void lost(Entry& entry);
  void answered(Entry& entry, std::vector<Acknowledged> acknowledged);

  // Only while no client works.
  [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }

 private:
  std::mutex mutex_;
  std::ofstream file_;
  std::deque<Entry> entries_;
};

}  // namespace flowstone::crash
