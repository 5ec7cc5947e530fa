// SHA-256 of bytes that come piece by piece.
#pragma once

#include <memory>

#include "base/digest.hpp"

namespace flowstone {

// Cost: holds no bytes. Threads: one at a time.
class RunningDigest {
 public:
  RunningDigest();
  ~RunningDigest();
  RunningDigest(const RunningDigest&) = delete;
  RunningDigest& operator=(const RunningDigest&) = delete;

  void add(BytesView piece);
  // Of everything since the last call; what is added next begins anew.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flowstone
