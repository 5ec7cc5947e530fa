// Runs a program that nobody trusts with foreign bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "documents/arena.hpp"

namespace flowstone::documents {

struct ChildLimits {
  std::size_t memory_bytes = std::size_t{768} << 20;  // address space
  std::size_t output_bytes = std::size_t{256} << 20;
  unsigned cpu_seconds = 60;
  Deadline deadline;  // wall clock: the child is killed then
};

enum class ChildFailure {
  missing_program,
  timed_out,
  too_much_output,
  crashed,       // ended by a signal
  no_resources,  // the system has no process, file or memory left for it
};

struct ChildOutput {
  int exit_code = 0;
  std::string output;
  std::string errors;  // its first 64 KiB
};

// The path under which the child finds its input.
inline constexpr const char* kChildInput = "/dev/fd/3";

// Runs `arguments[0]` (found in PATH) without a shell, in a process group of its own, with an empty standard input, a
// bare environment, no file descriptors but the input's, no core dumps and no right to make files larger. The input is
// a file in memory: nothing is left behind, whatever dies. When this returns, the child is gone.
// Threads: any.
Result<ChildOutput, ChildFailure> run_child(const std::vector<std::string>& arguments, std::string_view input,
                                            const ChildLimits& limits);

}  // namespace flowstone::documents
