// One run, a thousand WebSocket subscribers in another process, every event to each: behind, and live.
#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "bench/memory.hpp"
#include "bench/whole_server.hpp"

namespace flowstone::bench {
namespace {

struct Job {
  std::uint16_t port = 0;
  std::uint32_t subscribers = 0;
  std::uint64_t behind = 0, live = 0;  // events of the run: there when the subscribers come, and recorded afterwards
  char key[128] = {};
  char run[64] = {};
};

struct Result {
  double seconds = 0;  // from the first connection's first byte to the last event of the last subscriber
  std::uint64_t bytes = 0;
  double median_ms = 0, p99_ms = 0;  // live: from the recording to the subscriber
};

// Checks what one subscriber gets: every revision once, in order.
class Subscriber {
 public:
  int socket = -1;
  std::uint64_t seen = 0;

  // Consumes whole messages; the delays of those that say when they were recorded.
  void take(std::string_view fresh, std::vector<double>* delays) {
    if (rest_.empty()) {
      rest_.assign(fresh.substr(consume(fresh, delays)));
    } else {
      rest_.append(fresh);
      rest_.erase(0, consume(rest_, delays));
    }
  }

 private:
  std::size_t consume(std::string_view bytes, std::vector<double>* delays) {
    std::size_t at = 0;
    while (bytes.size() - at >= 2) {
      const auto byte = [&](std::size_t index) { return static_cast<std::uint8_t>(bytes[at + index]); };
      std::size_t head = 2;
      std::size_t size = byte(1);
      if (size == 126) {
        head = 4;
        if (bytes.size() - at < head) break;
        size = static_cast<std::size_t>(byte(2)) << 8 | byte(3);
      }
      check(size != 127, "messages are small");
      if (bytes.size() - at < head + size) break;
      if (byte(0) == 0x81) message(bytes.substr(at + head, size), delays);
      if (byte(0) == 0x89) pong(bytes.substr(at + head, size));
      at += head + size;
    }
    return at;
  }

  void pong(std::string_view payload) const {
    std::string frame{static_cast<char>(0x8a), static_cast<char>(0x80 | payload.size()), 0, 0, 0, 0};
    frame.append(payload);
    check(::send(socket, frame.data(), frame.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(frame.size()),
          "a ping is answered");
  }

  void message(std::string_view text, std::vector<double>* delays) {
    const std::size_t place = text.find("\"revision\":");
    if (place == std::string_view::npos) return;  // a progress mark
    std::uint64_t revision = 0;
    for (std::size_t at = place + 11; text[at] >= '0' && text[at] <= '9'; ++at)
      revision = revision * 10 + static_cast<std::uint64_t>(text[at] - '0');
    check(revision == seen + 1, "no gap and no double");
    seen = revision;
    if (delays == nullptr) return;
    const std::size_t stamp = text.find("at=");
    if (stamp == std::string_view::npos) return;
    const double recorded = static_cast<double>(std::strtoull(text.data() + stamp + 3, nullptr, 10));
    delays->push_back((static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count()) - recorded) *
                      1e-6);
  }

  std::string rest_;
};

int open_socket(const Job& job) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(job.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
        "a subscriber connects");  // NOLINT
  return socket;
}

void subscribe(Subscriber& subscriber, const Job& job) {
  const auto request = fmt::format(
      "GET /v1/runs/{}/events HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: "
      "Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {}\r\n\r\n",
      job.run, job.key);
  check(::send(subscriber.socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()),
        "a subscriber asks");
}

// Reads until every subscriber has seen `until`; the bytes that came.
std::uint64_t read_until(int epoll, std::vector<Subscriber>& subscribers, std::uint64_t until,
                         std::vector<double>* delays) {
  static std::vector<char> chunk(256 << 10);
  std::vector<bool> greeted(subscribers.size(), subscribers.front().seen > 0);
  std::size_t waiting = subscribers.size();
  std::uint64_t bytes = 0;
  while (waiting > 0) {
    epoll_event events[256];
    const int ready = epoll_wait(epoll, events, 256, 60'000);
    check(ready > 0, "events come");
    for (int at = 0; at < ready; ++at) {
      const std::size_t number = events[at].data.u64;
      Subscriber& subscriber = subscribers[number];
      const auto count = ::recv(subscriber.socket, chunk.data(), chunk.size(), 0);
      check(count > 0, "the server keeps its subscribers");
      bytes += static_cast<std::uint64_t>(count);
      std::string_view fresh(chunk.data(), static_cast<std::size_t>(count));
      if (!greeted[number]) {
        const std::size_t end = fresh.find("\r\n\r\n");
        check(fresh.starts_with("HTTP/1.1 101 ") && end != std::string_view::npos, "a subscriber is let in");
        fresh.remove_prefix(end + 4);
        greeted[number] = true;
      }
      const bool was_waiting = subscriber.seen < until;
      subscriber.take(fresh, delays);
      if (was_waiting && subscriber.seen >= until) --waiting;
    }
  }
  return bytes;
}

class Crowd {
 public:
  Crowd() {
    check(pipe(jobs_) == 0 && pipe(results_) == 0, "pipes to the subscribers");
    child_ = fork();
    if (child_ == 0) {
      play();
      _exit(0);
    }
  }
  ~Crowd() {
    close(jobs_[1]);
    waitpid(child_, nullptr, 0);
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  void tell(const Job& job) { check(write(jobs_[1], &job, sizeof job) == sizeof job, "the job is told"); }
  Result hear() {
    Result result;
    check(read(results_[0], &result, sizeof result) == sizeof result, "the subscribers live");
    return result;
  }

 private:
  void play() {
    close(jobs_[1]);
    Job job;
    if (read(jobs_[0], &job, sizeof job) != sizeof job) return;
    const int epoll = epoll_create1(0);
    std::vector<Subscriber> subscribers(job.subscribers);
    for (std::size_t at = 0; at < subscribers.size(); ++at) {
      subscribers[at].socket = open_socket(job);
      epoll_event event{EPOLLIN, {.u64 = at}};
      epoll_ctl(epoll, EPOLL_CTL_ADD, subscribers[at].socket, &event);
    }
    const auto began = std::chrono::steady_clock::now();
    for (Subscriber& subscriber : subscribers) subscribe(subscriber, job);
    Result result;
    result.bytes = read_until(epoll, subscribers, job.behind, nullptr);
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    check(write(results_[1], &result, sizeof result) == sizeof result, "the result is told");
    std::vector<double> delays;
    read_until(epoll, subscribers, job.behind + job.live, &delays);
    std::ranges::sort(delays);
    result.median_ms = delays[delays.size() / 2];
    result.p99_ms = delays[delays.size() * 99 / 100];
    check(write(results_[1], &result, sizeof result) == sizeof result, "the result is told");
    if (read(jobs_[0], &job, 1) > 0) return;  // until the bench has looked at the server's memory
  }

  int jobs_[2] = {}, results_[2] = {};
  pid_t child_ = 0;
};

std::string output(std::uint64_t sequence, std::string_view text) {
  return fmt::format(R"({{"sequence":{},"kind":"step_output","step":"build","text":"{}"}})", sequence, text);
}

void record(WholeServer& server, std::string_view run, std::uint64_t first, std::uint64_t last) {
  while (first <= last) {
    std::string json = R"({"events":[)";
    const std::uint64_t end = std::min(last, first + 499);
    for (std::uint64_t sequence = first; sequence <= end; ++sequence) {
      if (sequence > first) json += ',';
      json += sequence == 1 ? R"({"sequence":1,"kind":"started"})"
              : sequence == 2
                  ? R"({"sequence":2,"kind":"step_started","step":"build"})"
                  : output(sequence, fmt::format("[{}/5000] Building CXX object domain/task.cpp.o", sequence));
    }
    server.run("record_run_events", run, json + "]}");
    first = end + 1;
  }
}

void measure(WholeServer& server, Crowd& crowd, const Options& options) {
  Job job{server.port(), options.tiny ? 20U : 1'000U, options.tiny ? 500U : 5'000U, options.tiny ? 20U : 200U, {}, {}};
  const std::string run = server.run("create_run", "", R"({"name":"make","kind":"exec"})");
  record(server, run, 1, job.behind - 1);
  std::strncpy(job.key, server.key().c_str(), sizeof job.key - 1);
  std::strncpy(job.run, run.c_str(), sizeof job.run - 1);
  const double before = resident_bytes();
  crowd.tell(job);
  const Result behind = crowd.hear();
  const double deliveries = static_cast<double>(job.behind) * job.subscribers;
  const double after = resident_bytes();
  for (std::uint64_t at = 0; at < job.live; ++at) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    server.run("record_run_events", run, "{\"events\":[" + output(job.behind + at, fmt::format("at={}", now)) + "]}");
    std::this_thread::sleep_for(std::chrono::milliseconds(options.tiny ? 1 : 20));
  }
  const Result live = crowd.hear();
  report({fmt::format("WebSocket, {} subscribers behind", job.subscribers), deliveries / behind.seconds, "events/s",
          1e6, std::nullopt,
          fmt::format("{} MB/s, each checked for gap and double",
                      readable(static_cast<double>(behind.bytes) / behind.seconds * 1e-6))});
  report({fmt::format("WebSocket, {} subscribers live, median", job.subscribers), live.median_ms, "ms", std::nullopt,
          std::nullopt, fmt::format("p99 {:.1f} ms, from before the command", live.p99_ms)});
  report({"Memory a WebSocket subscriber", (after - before) / job.subscribers, "bytes", std::nullopt, std::nullopt,
          "with the shared feed"});
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;
  const Options options = options_of(count, arguments);
  {
    Crowd crowd;  // forked before there are threads
    WholeServer server(options.directory);
    measure(server, crowd, options);
  }
  remove_directory(options);
}
