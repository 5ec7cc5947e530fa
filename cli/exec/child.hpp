// A program started with its stdout and stderr each on a pipe of its own, or on a pseudo-terminal where ours is a
// terminal.
#pragma once

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigset_t is POSIX's
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/result.hpp"

namespace flowstone::cli {

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(other.release());
    return *this;
  }
  [[nodiscard]] int get() const { return number_; }
  int release();
  void reset(int number = -1);

 private:
  int number_ = -1;
};

struct Child {
  pid_t pid = 0;
  Descriptor out, err;  // to read from
};

// `mask` is the signal mask that the program starts with. Stdin, directory, environment and process group are
// inherited. The error is an errno: ENOENT if there is no such program.
Result<Child, int> start_child(const std::vector<std::string>& command, const sigset_t& mask);

// Tells the pseudo-terminals of the child how large ours is.
void copy_window_size(const Child& child);

}  // namespace flowstone::cli
