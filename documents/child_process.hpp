// Runs another program: one that nobody trusts with foreign bytes, or one that somebody asked for.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "documents/arena.hpp"

namespace flowstone::documents {

struct ChildLimits {
  std::size_t memory_bytes = std::size_t{768} << 20;  // address space; 0: no limit
  std::size_t output_bytes = std::size_t{256} << 20;
  unsigned cpu_seconds = 60;  // 0: no limit
  Deadline deadline;          // wall clock: the child is killed then
};

enum class ChildFailure {
  missing_program,
  timed_out,
  too_much_output,
  crashed,       // ended by a signal
  no_resources,  // the system has no process, file or memory left for it
  stopped,
};

struct ChildOutput {
  int exit_code = 0;
  int signal = 0;  // that ended it; 0: it ended by itself
  std::string output;
  std::string errors;  // 64 KiB of them
};

// The path under which the child finds its input.
inline constexpr const char* kChildInput = "/dev/fd/3";

// What is to run, and with what.
struct ChildProgram {
  std::vector<std::string> arguments;  // the first is the program, found in PATH
  std::vector<std::string> environment{"LC_ALL=C.UTF-8"};
  std::string_view input{};
  bool input_is_standard = false;  // it is read from standard input; else from kChildInput, and that one is empty
  bool writes_files = false;
  bool cut_output = false;   // what is too much is left out; else it is a failure
  bool last_errors = false;  // of the errors the end is kept, not the beginning
  std::string directory = "/";
  std::stop_token stop{};
};

// Runs the program without a shell, in a process group of its own, with no environment and no file descriptors but
// those given, and no core dumps. The input is a file in memory: nothing is left behind, whatever dies. When this
// returns, the child is gone and all of its group are killed. Who has left the group (setsid) is not.
// Threads: any.
Result<ChildOutput, ChildFailure> run_program(const ChildProgram& program, const ChildLimits& limits);

// The same for a program that only reads its input from kChildInput and writes its output. Ended by a signal, it has
// failed.
Result<ChildOutput, ChildFailure> run_child(const std::vector<std::string>& arguments, std::string_view input,
                                            const ChildLimits& limits);

}  // namespace flowstone::documents
