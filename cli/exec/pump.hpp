// Passes one of a child's output streams through to ours, unaltered and at once, and shows it to the recorder.
#pragma once

#include <functional>
#include <string_view>
#include <thread>

#include "cli/exec/child.hpp"

namespace flowstone::cli {

// Order: what is read is written to `to` first, then seen by `see`, on the pump's own thread.
// If `to` is closed by its reader, `from` is closed too, so that the program learns of it just as without us.
class Pump {
 public:
  using See = std::function<void(std::string_view bytes)>;

  Pump(Descriptor from, int to, See see);
  // Stops, then waits for the thread.
  ~Pump();
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  // Passes on what is there already and ends, although others may still hold the stream open.
  void stop();
  // Becomes readable when the stream has ended.
  [[nodiscard]] int ended() const { return ended_.get(); }

 private:
  void run();
  bool pass_on(std::string_view bytes) const;

  Descriptor from_;
  int to_;
  See see_;
  Descriptor stop_, ended_;  // eventfds
  std::thread thread_;
};

}  // namespace flowstone::cli
