// Follows the log's tail and writes the index, on a thread of its own.
#pragma once

#include <thread>

#include "eventstore/index.hpp"
#include "eventstore/log_tail.hpp"
#include "eventstore/sequencer.hpp"

namespace flowstone::eventstore {

// A failing index stops appends too: the sequencer could not answer from it, and the tail would grow without bound.
class Indexer {
 public:
  Indexer(Index& index, LogTail& tail, Acceptance& acceptance);
  // Needs the tail to be closed; indexes what is left of it.
  ~Indexer() { thread_.join(); }

 private:
  void run();

  Index& index_;
  LogTail& tail_;
  Acceptance& acceptance_;
  std::thread thread_;
};

}  // namespace flowstone::eventstore
