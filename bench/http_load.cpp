#include "bench/http_load.hpp"

#include <algorithm>
#include <chrono>
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

using SteadyClock = std::chrono::steady_clock;

constexpr int kLongestAnswerMs = 60'000;

std::string filled(std::string_view text, std::uint64_t number) {
  std::string result;
  for (const char letter : text) {
    if (letter == '#') {
      result += std::to_string(number);
    } else {
      result += letter;
    }
  }
  return result;
}

struct Lane {
  HttpLane http;
  std::uint64_t number = 0;
  SteadyClock::time_point sent;
};

class Drive {
 public:
  explicit Drive(const HttpLoad& load) : load_(load), epoll_(::epoll_create1(0)) {
    lanes_.reserve(static_cast<std::size_t>(load.connections));
    for (std::size_t at = 0; at < static_cast<std::size_t>(load.connections); ++at) {
      lanes_.push_back({.http = HttpLane(load.port), .sent = {}});
      epoll_event event{EPOLLIN, {.u64 = at}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, lanes_[at].http.socket(), &event);
    }
  }
  ~Drive() { ::close(epoll_); }
  Drive(const Drive&) = delete;
  Drive& operator=(const Drive&) = delete;

  HttpLoadResult run() {
    const auto began = SteadyClock::now();
    const auto end = began + std::chrono::milliseconds(load_.milliseconds);
    auto last = began;
    for (Lane& lane : lanes_) post(lane);
    while (under_way_ > 0) {
      epoll_event events[256];
      const int ready = ::epoll_wait(epoll_, events, 256, kLongestAnswerMs);
      check(ready > 0, "answers come");
      for (int at = 0; at < ready; ++at) {
        Lane& lane = lanes_[events[at].data.u64];
        const auto answer = lane.http.receive();
        if (!answer) continue;
        last = SteadyClock::now();
        took_.push_back(std::chrono::duration<double, std::milli>(last - lane.sent).count());
        judge(*answer, lane.number);
        --under_way_;
        if (last < end) post(lane);
      }
    }
    result_.seconds = std::chrono::duration<double>(last - began).count();
    std::ranges::sort(took_);
    if (took_.empty()) return result_;
    result_.median_ms = took_[took_.size() / 2];
    result_.p99_ms = took_[took_.size() * 99 / 100];
    return result_;
  }

 private:
  void post(Lane& lane) {
    if (sent_ >= load_.requests) return;
    lane.number = load_.first + sent_++;
    ++under_way_;
    const auto request = http_request(load_.call, load_.key, filled(load_.body, lane.number));
    lane.sent = SteadyClock::now();
    lane.http.send(request);
  }

  void judge(const HttpAnswer& answer, std::uint64_t number) {
    if (answer.status == load_.status && answer.body.find(filled(load_.answer, number)) != std::string::npos) {
      ++result_.wanted;
    } else if (result_.others++ == 0) {
      const auto told = fmt::format("{} {}", answer.status, answer.body);
      told.copy(result_.other, sizeof result_.other - 1);
    }
  }

  const HttpLoad& load_;
  const int epoll_;
  std::vector<Lane> lanes_;
  std::vector<double> took_;
  std::uint64_t sent_ = 0, under_way_ = 0;
  HttpLoadResult result_;
};

template <std::size_t size>
void set(char (&member)[size], std::string_view text) {
  check(text.size() < size, "the load generator has room for the text");
  member[text.copy(member, size - 1)] = '\0';
}

}  // namespace

void HttpLoad::set_texts(std::string_view call_text, std::string_view key_text, std::string_view body_text,
                         std::string_view answer_text) {
  set(call, call_text);
  set(key, key_text);
  set(body, body_text);
  set(answer, answer_text);
}

HttpLoader::HttpLoader() {
  check(::pipe2(loads_, O_CLOEXEC) == 0 && ::pipe2(results_, O_CLOEXEC) == 0, "pipes to the load generator");
  child_ = ::fork();
  check(child_ >= 0, "the load generator can be started");
  if (child_ != 0) return;
  ::close(loads_[1]);
  for (HttpLoad load; ::read(loads_[0], &load, sizeof load) == sizeof load;) {
    const HttpLoadResult result = Drive(load).run();
    check(::write(results_[1], &result, sizeof result) == sizeof result, "the result is told");
  }
  ::_exit(0);
}

HttpLoader::~HttpLoader() {
  ::close(loads_[1]);
  ::waitpid(child_, nullptr, 0);
}

HttpLoadResult HttpLoader::run(const HttpLoad& load) {
  check(::write(loads_[1], &load, sizeof load) == sizeof load, "the load is told");
  HttpLoadResult result;
  check(::read(results_[0], &result, sizeof result) == sizeof result, "the load generator lives");
  return result;
}

}  // namespace flowstone::bench
