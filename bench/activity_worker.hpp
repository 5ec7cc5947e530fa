// A worker of activities in a process of its own, which speaks with the server over HTTP like any other.
#pragma once

#include <cstdint>
#include <string_view>
#include <sys/types.h>

namespace flowstone::bench {

// To be made before this process has other threads. The destructor stops it.
class ActivityWorker {
 public:
  // Tasks of this activity have {"order": TEXT, "adds": TEXT} as input; their output is {"order": "<order> <adds>"}.
  static constexpr std::string_view kActivity = "order-step";

  ActivityWorker();
  ~ActivityWorker();
  ActivityWorker(const ActivityWorker&) = delete;
  ActivityWorker& operator=(const ActivityWorker&) = delete;

  // From now on it takes tasks, as many at a time as there are connections. To be called once.
  void serve(std::uint16_t port, std::string_view key, int connections);
  // Before the server goes, whose connections it expects to last.
  void stop();

 private:
  int jobs_[2] = {};
  pid_t child_ = 0;
};

}  // namespace flowstone::bench
