// Runs of workflows as they lie there: ten thousand finished ones to be listed, opened and compared, and a hundred
// thousand that wait for the same second.
#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "bench/http_lane.hpp"
#include "bench/http_load.hpp"
#include "bench/memory.hpp"
#include "bench/whole_server.hpp"

namespace flowstone::bench {
namespace {

constexpr int kNoEnd = 3'600'000;  // ms
constexpr double kGoalMs = 50;
constexpr double kMiB = 1 << 20;
constexpr std::string_view kItem = R"({"id":")";  // begins each item of a list
constexpr std::string_view kTotal = R"("output":{"total":)";
constexpr std::uint64_t kEvents = 100;

// A first step, fifteen items with two steps each, and a last one: 100 events.
constexpr std::string_view kHundredEvents =
    R"({"QueryLanguage":"JSONata","StartAt":"Read","States":{)"
    R"("Read":{"Type":"Pass","Output":{"items":"{% [1..15].{'number': $, 'order': $states.input.order} %}"},"Next":"Each"},)"
    R"("Each":{"Type":"Map","Items":"{% $states.input.items %}","ItemProcessor":{"StartAt":"Price","States":{)"
    R"("Price":{"Type":"Pass","Output":{"order":"{% $states.input.order %}","price":"{% $states.input.number * 7 %}"},"Next":"Tax"},)"
    R"("Tax":{"Type":"Pass","Output":{"total":"{% $states.input.price * 1.19 %}","order":"{% $states.input.order %}"},"End":true}}},"Next":"Sum"},)"
    R"("Sum":{"Type":"Pass","Output":{"total":"{% $sum($states.input.total) %}","order":"{% $states.input[0].order %}"},"End":true}}})";

std::size_t times(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

// What stands in quotation marks behind each `before`.
std::vector<std::string> quoted_behind(std::string_view text, std::string_view before) {
  std::vector<std::string> found;
  for (auto at = text.find(before); at != std::string_view::npos; at = text.find(before, at)) {
    at += before.size();
    found.emplace_back(text.substr(at, text.find('"', at) - at));
  }
  return found;
}

HttpLoadResult start_runs(HttpLoader& loader, HttpLoad load, std::uint64_t count) {
  load.connections = static_cast<int>(std::min<std::uint64_t>(count, 64));
  load.milliseconds = kNoEnd;
  load.requests = count;
  load.status = 201;
  const HttpLoadResult result = loader.run(load);
  check(result.others == 0, result.other);
  check(result.wanted == count, "every run is started");
  return result;
}

// --- finished runs ---

class FinishedRuns {
 public:
  FinishedRuns(WholeServer& server, HttpLoader& loader, const Options& options)
      : server_(server),
        count_(size_from(options, "FLOWSTONE_BENCH_RUNS", 10'000, 60)),
        questions_(options.tiny ? 20 : 2'000),
        workflow_(server.publish_workflow("Hundred events", kHundredEvents)),
        lane_(server.port()) {
    run(loader);
    find_ids();
  }

  void measure() {
    const auto runs = fmt::format("/v1/workflows/{}/runs?limit=50", workflow_);
    std::string id, other;
    const auto open = [&] { return fmt::format("/v1/runs/{}", id = any()); };
    const auto events = [&] { return fmt::format("/v1/runs/{}/events?limit={}", id = any(), kEvents); };
    const auto compare = [&] { return fmt::format("/v1/runs/compare?a={}&b={}", id = any(), other = another(id)); };
    ask(
        "list 50 of the workflow", [&] { return runs; },
        [](std::string_view body) { return times(body, kItem) == 50; });
    ask(
        "list 50 of a status, the newest first",
        [] { return std::string("/v1/runs?status=completed&sort=-started_at&limit=50"); },
        [](std::string_view body) { return times(body, kItem) == 50; });
    ask("open one", open, [&](std::string_view body) {
      return times(body, id) > 0 && times(body, R"("status":"completed","steps":)") == 1 && times(body, kTotal) == 1;
    });
    ask("the events of one", events, [&](std::string_view body) { return times(body, id) >= kEvents; });
    ask("compare two", compare, [&](std::string_view body) {
      return times(body, R"("same":false,"same_input":false)") > 0 && times(body, id) > 0 && times(body, other) > 0;
    });
  }

 private:
  void run(HttpLoader& loader) {
    HttpLoad load{.port = server_.port()};
    load.set_texts(fmt::format("POST /v1/workflows/{}/runs", workflow_), server_.key(),
                   R"({"input":{"order":"A#"},"wait_seconds":60})", R"(,"order":"A#"})");
    const Position before = server_.store().state().durable;
    const HttpLoadResult result = start_runs(loader, load, count_);
    const auto events = server_.store().state().durable.value - before.value;
    check(events == count_ * kEvents, "every event of every run is in the log, once");
    report({.measure = fmt::format("{} runs of {} events, 64 clients", readable(static_cast<double>(count_)), kEvents),
            .value = static_cast<double>(events) / result.seconds,
            .unit = "events/s",
            .at_least = {},
            .at_most = {},
            .beside = fmt::format("{} runs/s; p50 {:.1f} ms", readable(result.per_second()), result.median_ms)});
  }

  HttpAnswer get(std::string_view path) {
    return lane_.ask(http_request(fmt::format("GET {}", path), server_.key(), ""));
  }

  // All of them, page by page.
  void find_ids() {
    std::string cursor;
    do {
      const auto answer = get(fmt::format("/v1/workflows/{}/runs?limit=200&min_position={}{}", workflow_,
                                          server_.store().state().durable.value, cursor));
      check(answer.status == 200, answer.body);
      std::ranges::move(quoted_behind(answer.body, kItem), std::back_inserter(ids_));
      const auto next = quoted_behind(answer.body, R"("next_cursor":")");
      cursor = next.empty() ? "" : "&cursor=" + next.front();
    } while (!cursor.empty());
    std::ranges::sort(ids_);
    const auto twice = std::ranges::unique(ids_);
    check(twice.empty() && ids_.size() == count_, "the list has every run once");
  }

  std::string any() { return ids_[chance_() % ids_.size()]; }
  std::string another(const std::string& than) {
    for (;;) {
      if (auto id = any(); id != than) return id;
    }
  }

  void ask(std::string_view what, const std::function<std::string()>& path,
           const std::function<bool(std::string_view)>& is_right) {
    std::vector<double> took;
    for (std::size_t at = 0; at < questions_; ++at) {
      const auto asked = path();
      const auto began = std::chrono::steady_clock::now();
      const auto answer = get(asked);
      took.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
      check(answer.status == 200 && is_right(answer.body), fmt::format("{}: {}", asked, answer.body));
    }
    std::ranges::sort(took);
    report({.measure = fmt::format("of {} runs: {}, p99", readable(static_cast<double>(count_)), what),
            .value = took[took.size() * 99 / 100],
            .unit = "ms",
            .at_least = {},
            .at_most = kGoalMs,
            .beside = fmt::format("median {:.2f} ms, most {:.1f} ms", took[took.size() / 2], took.back())});
  }

  WholeServer& server_;
  const std::uint64_t count_;
  const std::size_t questions_;
  const std::string workflow_;
  HttpLane lane_;
  std::vector<std::string> ids_;
  std::mt19937_64 chance_{7};
};

// --- waiting runs ---

// An hour ahead they all go on; when they all wait, the clock is put forward.
class WaitingRuns {
 public:
  WaitingRuns(WholeServer& server, HttpLoader& loader, const Options& options)
      : server_(server), count_(size_from(options, "FLOWSTONE_BENCH_TIMERS", 100'000, 1'200)) {
    until_ = server.clock().now() + std::chrono::hours(1);
    start(loader);
  }

  void measure() {
    const Position before = server_.store().state().durable;
    server_.clock().put_forward(until_ - server_.clock().now() - kNotice);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (server_.engine().figures().runs > 0) {
      check(std::chrono::steady_clock::now() < deadline, "every run goes on");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const auto delays = read_delays(before);
    check(delays.size() == count_, "every run has ended, once");
    check(delays.front() >= 0, "no run goes on before its time");
    tell("first", delays.front());
    tell("median", delays[delays.size() / 2]);
    tell("last", delays.back());
  }

 private:
  static constexpr std::chrono::seconds kNotice{2};
  static constexpr std::chrono::minutes kPatience{10};
  static constexpr std::uint64_t kRunsOfOne = 1'000;  // as many of a workflow go on at a time

  void start(HttpLoader& loader) {
    const auto machine = fmt::format(
        R"({{"StartAt":"Wait","States":{{"Wait":{{"Type":"Wait","Timestamp":"{}","Next":"Done"}},"Done":{{"Type":"Succeed"}}}}}})",
        to_rfc3339(until_));
    std::vector<std::string> workflows;
    for (std::uint64_t at = 0; at < count_; at += kRunsOfOne)
      workflows.push_back(server_.publish_workflow(fmt::format("Wait {}", at), machine));
    const double resident = resident_bytes();
    double seconds = 0;
    std::uint64_t started = 0;
    for (const auto& workflow : workflows) {
      HttpLoad load{.port = server_.port()};
      load.set_texts(fmt::format("POST /v1/workflows/{}/runs", workflow), server_.key(), R"({"input":{"order":"A#"}})",
                     R"("due_at":)");
      const auto count = std::min(kRunsOfOne, count_ - started);
      seconds += start_runs(loader, load, count).seconds;
      started += count;
    }
    const auto figures = server_.engine().figures();
    check(figures.timers == count_, "every run waits");
    const auto name = readable(static_cast<double>(count_));
    report({.measure = fmt::format("{} runs that wait, started, 64 clients", name),
            .value = static_cast<double>(count_) / seconds,
            .unit = "runs/s",
            .at_least = {},
            .at_most = {},
            .beside = {}});
    report({.measure = fmt::format("{} runs that wait: memory of one", name),
            .value = (resident_bytes() - resident) / static_cast<double>(count_),
            .unit = "bytes",
            .at_least = {},
            .at_most = {},
            .beside = fmt::format("{:.0f} MiB before, {:.0f} MiB with them; {} of them folded", resident / kMiB,
                                  resident_bytes() / kMiB, readable(static_cast<double>(figures.in_memory)))});
  }

  // In milliseconds after the time for which they waited, in order: when the log took their ends.
  std::vector<double> read_delays(Position before) {
    eventstore::Filter filter;
    filter.workspace = WholeServer::kWorkspace;
    filter.types = {"run.completed"};
    const auto reader = server_.store().read(filter, {.from = Position{before.value + 1}});
    check(reader.has_value(), "the log can be read");
    std::vector<double> delays;
    for (;;) {
      const auto event = (*reader)->next();
      check(event.has_value(), "the log can be read");
      if (*event == nullptr) break;
      delays.push_back(static_cast<double>(((*event)->time - until_).count()) / 1000);
    }
    std::ranges::sort(delays);
    return delays;
  }

  void tell(std::string_view which, double delay) const {
    report({.measure = fmt::format("{} runs that wait: delay of the {}", readable(static_cast<double>(count_)), which),
            .value = delay,
            .unit = "ms",
            .at_least = {},
            .at_most = {},
            .beside = {}});
  }

  WholeServer& server_;
  const std::uint64_t count_;
  Timestamp until_;
};

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;
  const Options options = options_of(count, arguments);
  {
    HttpLoader loader;  // forked before there are threads
    WholeServer server(options.directory, WholeServer::Parts::with_workflows);
    FinishedRuns(server, loader, options).measure();
    WaitingRuns(server, loader, options).measure();
  }
  remove_directory(options);
}
