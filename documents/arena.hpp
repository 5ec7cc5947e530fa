// Memory and time for a C library that has no bounds of its own.
#pragma once

#include <chrono>
#include <csetjmp>
#include <cstddef>
#include <memory>
#include <vector>

namespace flowstone::documents {

using Deadline = std::chrono::steady_clock::time_point;

// What the library allocates lives until the arena dies; freeing is not needed. When it asks for too much, or asks at
// all after the deadline, `run` returns as if the library had (longjmp), whatever it was doing.
// Threads: one at a time.
// Lifetime: whatever the library made is gone with the arena, or of no use after a run that was stopped.
class Arena {
 public:
  enum class Stop { finished, out_of_memory, out_of_time };

  Arena(std::size_t most_bytes, Deadline deadline) : most_(most_bytes), deadline_(deadline) {}

  // `work` and what it calls may own nothing but what it takes from here: no destructor runs when it is stopped.
  Stop run(void (*work)(void*), void* state);

  void* allocate(std::size_t size);  // zeroed
  void* resize(void* block, std::size_t size);

 private:
  void leave_if_spent(std::size_t more);

  std::size_t most_;
  Deadline deadline_;
  std::vector<std::unique_ptr<std::byte[]>> pages_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t taken_ = 0;
  unsigned calls_ = 0;
  bool running_ = false;
  std::jmp_buf way_out_{};
};

}  // namespace flowstone::documents
