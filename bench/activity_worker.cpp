#include "bench/activity_worker.hpp"

#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "base/check.hpp"
#include "bench/http_lane.hpp"

namespace flowstone::bench {
namespace {

struct Job {
  std::uint16_t port = 0;
  int connections = 0;
  char key[128] = {};
};

// The text of this member, which has nothing to unescape.
std::string text_of(std::string_view json, std::string_view member) {
  const auto before = fmt::format(R"("{}":")", member);
  const auto at = json.find(before);
  if (at == std::string_view::npos) return {};
  const auto from = at + before.size();
  return std::string(json.substr(from, json.find('"', from) - from));
}

class Worker {
 public:
  explicit Worker(const Job& job)
      : key_(job.key),
        poll_(http_request(
            "POST /v1/activities/poll", key_,
            fmt::format(R"({{"activity":"{}","wait_seconds":60,"worker":"bench"}})", ActivityWorker::kActivity))) {
    for (int at = 0; at < job.connections; ++at) lanes_.push_back({.http = HttpLane(job.port)});
  }

  // Until the process is ended.
  [[noreturn]] void work() {
    const int epoll = ::epoll_create1(0);
    for (std::size_t at = 0; at < lanes_.size(); ++at) {
      epoll_event event{EPOLLIN, {.u64 = at}};
      ::epoll_ctl(epoll, EPOLL_CTL_ADD, lanes_[at].http.socket(), &event);
      lanes_[at].http.send(poll_);
    }
    for (;;) {
      epoll_event events[64];
      const int ready = ::epoll_wait(epoll, events, 64, -1);
      check(ready > 0, "a worker waits");
      for (int at = 0; at < ready; ++at) go_on(lanes_[events[at].data.u64]);
    }
  }

 private:
  struct Lane {
    HttpLane http;
    bool completes = false;  // and does not poll
  };

  void go_on(Lane& lane) {
    const auto answer = lane.http.receive();
    if (!answer) return;
    check(answer->status / 100 == 2, answer->body);
    const auto token = lane.completes ? std::string() : text_of(answer->body, "token");
    lane.completes = !token.empty();
    lane.http.send(token.empty()
                       ? poll_
                       : http_request(fmt::format("POST /v1/activities/{}/complete", token), key_,
                                      fmt::format(R"({{"output":{{"order":"{} {}"}}}})", text_of(answer->body, "order"),
                                                  text_of(answer->body, "adds"))));
  }

  const std::string key_, poll_;
  std::vector<Lane> lanes_;
};

}  // namespace

ActivityWorker::ActivityWorker() {
  check(::pipe2(jobs_, O_CLOEXEC) == 0, "a pipe to the worker");
  child_ = ::fork();
  check(child_ >= 0, "the worker can be started");
  if (child_ != 0) return;
  ::close(jobs_[1]);
  Job job;
  if (::read(jobs_[0], &job, sizeof job) == sizeof job) Worker(job).work();
  ::_exit(0);
}

ActivityWorker::~ActivityWorker() { stop(); }

void ActivityWorker::stop() {
  if (child_ == 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
  child_ = 0;
}

void ActivityWorker::serve(std::uint16_t port, std::string_view key, int connections) {
  Job job{.port = port, .connections = connections};
  check(key.size() < sizeof job.key, "there is room for the key");
  key.copy(job.key, sizeof job.key - 1);
  check(::write(jobs_[1], &job, sizeof job) == sizeof job, "the worker is told");
}

}  // namespace flowstone::bench
