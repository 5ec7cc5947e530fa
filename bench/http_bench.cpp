// Durable commands over HTTP, the whole path: real CreateTask documents from another process over keep-alive
// connections.
#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "bench/disk.hpp"
#include "bench/whole_server.hpp"

namespace flowstone::bench {
namespace {

using Time = std::chrono::steady_clock::time_point;

struct Job {
  std::uint16_t port = 0;
  int connections = 0;
  int milliseconds = 0;
  char key[128] = {};
};

struct Result {
  std::uint64_t created = 0, others = 0;
  double seconds = 0, p50_ms = 0, p99_ms = 0;
};

// One keep-alive connection with one request under way.
struct Lane {
  int socket = -1;
  Time sent;
  std::string received;
};

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  check(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
        "the load generator connects");  // NOLINT
  return socket;
}

void post(Lane& lane, const Job& job, std::uint64_t number) {
  const auto body = fmt::format(
      R"({{"title":"Write report {}","description":"Figures from finance, two pages at most.","priority":4,"labels":["writing","finance"],)"
      R"("effort_minutes":90,"due_at":"2030-03-31T17:00:00Z","preferred_time":"morning"}})",
      number);
  const auto request = fmt::format(
      "POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: "
      "application/json\r\nContent-Length: {}\r\n\r\n{}",
      job.key, body.size(), body);
  lane.sent = std::chrono::steady_clock::now();
  check(::send(lane.socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()),
        "a request is sent whole");
}

// True if a whole answer is there; it is taken.
bool take_answer(Lane& lane, bool& created) {
  const std::size_t head = lane.received.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  const std::size_t at = lane.received.find("Content-Length: ");
  check(at < head, "an answer has a length");
  const std::size_t size = head + 4 + std::strtoull(lane.received.c_str() + at + 16, nullptr, 10);
  if (lane.received.size() < size) return false;
  created = lane.received.starts_with("HTTP/1.1 201 ");
  lane.received.erase(0, size);
  return true;
}

Result drive(const Job& job) {
  const int epoll = epoll_create1(0);
  std::vector<Lane> lanes(static_cast<std::size_t>(job.connections));
  std::uint64_t number = 0;
  for (std::size_t at = 0; at < lanes.size(); ++at) {
    lanes[at].socket = connect_to(job.port);
    epoll_event event{EPOLLIN, {.u64 = at}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, lanes[at].socket, &event);
  }
  Result result;
  std::vector<double> took;
  const auto began = std::chrono::steady_clock::now();
  const auto end = began + std::chrono::milliseconds(job.milliseconds);
  for (Lane& lane : lanes) post(lane, job, ++number);
  std::size_t under_way = lanes.size();
  Time last = began;
  while (under_way > 0) {
    epoll_event events[256];
    const int ready = epoll_wait(epoll, events, 256, 10'000);
    check(ready > 0, "answers come");
    for (int at = 0; at < ready; ++at) {
      Lane& lane = lanes[events[at].data.u64];
      char chunk[8192];
      const auto count = ::recv(lane.socket, chunk, sizeof chunk, 0);
      check(count > 0, "the server keeps its connections");
      lane.received.append(chunk, static_cast<std::size_t>(count));
      bool created = false;
      if (!take_answer(lane, created)) continue;
      last = std::chrono::steady_clock::now();
      took.push_back(std::chrono::duration<double, std::milli>(last - lane.sent).count());
      ++(created ? result.created : result.others);
      if (last < end) {
        post(lane, job, ++number);
      } else {
        --under_way;
      }
    }
  }
  result.seconds = std::chrono::duration<double>(last - began).count();
  std::ranges::sort(took);
  result.p50_ms = took[took.size() / 2];
  result.p99_ms = took[took.size() * 99 / 100];
  for (const Lane& lane : lanes) close(lane.socket);
  close(epoll);
  return result;
}

// The load generator: another process, so that nothing of it is in the server's figures but the processors they share.
class Generator {
 public:
  Generator() {
    check(pipe(jobs_) == 0 && pipe(results_) == 0, "pipes to the load generator");
    child_ = fork();
    if (child_ != 0) return;
    close(jobs_[1]);
    for (Job job; read(jobs_[0], &job, sizeof job) == sizeof job;) {
      const Result result = drive(job);
      check(write(results_[1], &result, sizeof result) == sizeof result, "the result is told");
    }
    _exit(0);
  }
  ~Generator() {
    close(jobs_[1]);
    waitpid(child_, nullptr, 0);
  }
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  Result run(const Job& job) {
    check(write(jobs_[1], &job, sizeof job) == sizeof job, "the job is told");
    Result result;
    check(read(results_[0], &result, sizeof result) == sizeof result, "the load generator lives");
    return result;
  }

 private:
  int jobs_[2] = {}, results_[2] = {};
  pid_t child_ = 0;
};

void measure(WholeServer& server, Generator& generator, const Options& options, int connections, double goal,
             std::optional<double> median) {
  Job job{server.port(), connections, options.tiny ? 200 : 5'000, {}};
  std::strncpy(job.key, server.key().c_str(), sizeof job.key - 1);
  if (!options.tiny) {
    Job warm = job;
    warm.milliseconds = 1'000;
    generator.run(warm);
  }
  const double limit = syncs_per_second(options.directory, std::chrono::milliseconds(options.tiny ? 50 : 1'000));
  const Position before = server.store().state().durable;
  const Result result = generator.run(job);
  check(result.others == 0, "every command is created");
  check(server.store().state().durable.value - before.value == result.created,
        "every created task is one event in the log");
  const double rate = static_cast<double>(result.created) / result.seconds;
  report({fmt::format("HTTP, {} connections, commands", connections), rate, "commands/s", goal * limit, std::nullopt,
          fmt::format("{:.1f} F; disk: {} syncs/s", rate / limit, readable(limit))});
  report({fmt::format("HTTP, {} connections, median", connections), result.p50_ms, "ms", std::nullopt, median,
          fmt::format("p99 {:.2f} ms", result.p99_ms)});
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;
  const Options options = options_of(count, arguments);
  {
    Generator generator;  // forked before there are threads
    WholeServer server(options.directory);
    measure(server, generator, options, 64, 10, 1.5);
    measure(server, generator, options, 256, 13, std::nullopt);
  }
  remove_directory(options);
}
