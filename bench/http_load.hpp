// The same request over and over on many connections, from a process of its own, so that nothing of it is in the
// server's figures but the processors that they share.
#pragma once

#include <cstdint>
#include <string_view>
#include <sys/types.h>

namespace flowstone::bench {

// In `body` and `answer` each '#' stands for the request's number.
struct HttpLoad {
  std::uint16_t port = 0;
  int connections = 0;
  int milliseconds = 0;                 // then no more requests are sent
  std::uint64_t requests = UINT64_MAX;  // at most so many
  std::uint64_t first = 1;              // number of the first request
  int status = 0;                       // of an answer that is as wanted
  char call[128] = {};                  // "POST /v1/tasks"
  char key[128] = {};
  char body[768] = {};
  char answer[256] = {};  // what a wanted answer's body has in it; empty: anything

  // Ends the program if a text is too long for its member.
  void set_texts(std::string_view call_text, std::string_view key_text, std::string_view body_text,
                 std::string_view answer_text = {});
};

struct HttpLoadResult {
  std::uint64_t wanted = 0, others = 0;  // answers
  double seconds = 0;                    // from the first request to the last answer
  double median_ms = 0, p99_ms = 0;
  char other[512] = {};  // the first answer that was not as wanted

  [[nodiscard]] double per_second() const { return static_cast<double>(wanted) / seconds; }
};

// To be made before this process has other threads. The destructor ends the process.
class HttpLoader {
 public:
  HttpLoader();
  ~HttpLoader();
  HttpLoader(const HttpLoader&) = delete;
  HttpLoader& operator=(const HttpLoader&) = delete;

  // Blocks until the load is done.
  HttpLoadResult run(const HttpLoad& load);

 private:
  int loads_[2] = {}, results_[2] = {};
  pid_t child_ = 0;
};

}  // namespace flowstone::bench
