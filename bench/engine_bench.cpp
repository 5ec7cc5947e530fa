// Workflows of three durable steps over HTTP, from start to end, beside Restate and DBOS in the same minutes.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "bench/activity_worker.hpp"
#include "bench/disk.hpp"
#include "bench/http_load.hpp"
#include "bench/peers/dbos.hpp"
#include "bench/peers/restate.hpp"
#include "bench/whole_server.hpp"

namespace flowstone::bench {
namespace {

constexpr std::array kClients{64, 1};
constexpr std::string_view kRestate = "Restate";

// What the three steps are.
struct Kind {
  std::string_view name;
  std::uint64_t events;   // of a run
  std::string_view step;  // the state's definition without its end; @ is what it adds to the order
};
constexpr std::array kKinds{
    Kind{"3 states", 9, R"("Type":"Pass","Output":{"order":"{% $states.input.order & ' @' %}"})"},
    Kind{
        "3 tasks", 18,
        R"("Type":"Task","Resource":"flowstone:jsonata","Arguments":{"Expression":"order & ' @'","Input":"{% $states.input %}"},)"
        R"("Output":{"order":"{% $states.result %}"})"},
    Kind{
        "3 activities", 18,
        R"("Type":"Task","Resource":"flowstone:activity","Arguments":{"Activity":"order-step","Input":{"order":"{% $states.input.order %}","adds":"@"}})"},
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::string state_of(std::string_view step, std::string_view adds, std::string_view next) {
  std::string state(step);
  state.replace(state.find('@'), 1, adds);
  return fmt::format("{{{},{}}}", state, next.empty() ? R"("End":true)" : fmt::format(R"("Next":"{}")", next));
}

std::string publish(WholeServer& server, const Kind& kind) {
  return server.publish_workflow(
      kind.name,
      fmt::format(
          R"({{"QueryLanguage":"JSONata","StartAt":"Reserve","States":{{"Reserve":{},"Charge":{},"Ship":{}}}}})",
          state_of(kind.step, "reserved", "Charge"), state_of(kind.step, "charged", "Ship"),
          state_of(kind.step, "shipped", "")));
}

std::string of(int clients) { return clients == 1 ? "1 client" : fmt::format("{} clients", clients); }

struct Figures {
  std::vector<double> rates, medians, p99s, syncs;
};

class ThreeSteps {
 public:
  ThreeSteps(WholeServer& server, HttpLoader& loader, const Options& options)
      : server_(server), loader_(loader), options_(options) {
    for (const Kind& kind : kKinds) {
      HttpLoad load{.port = server.port(), .status = 201};
      load.set_texts(fmt::format("POST /v1/workflows/{}/runs", publish(server, kind)), server.key(),
                     R"({"input":{"order":"A#"},"wait_seconds":60})",
                     R"("output":{"order":"A# reserved charged shipped"})");
      sides_.push_back({std::string(kind.name), kind.events, load});
    }
  }

  void add_peer(std::string_view name, std::string_view call, std::uint16_t port) {
    HttpLoad load{.port = port, .status = 200};
    load.set_texts(call, "", R"({"order":"A#"})", R"({"order":"A# reserved charged shipped"})");
    sides_.push_back({std::string(name), 0, load});
  }

  void measure() {
    const auto rounds = size_from(options_, "FLOWSTONE_BENCH_ROUNDS", 5, 1);
    for (Side& side : sides_) {
      for (const int clients : kClients) drive(side, clients, options_.tiny ? 50 : 2'000);
    }
    for (std::uint64_t round = 0; round < rounds; ++round) {
      for (const int clients : kClients) {
        for (Side& side : sides_) measure_once(side, clients);
      }
    }
    for (const int clients : kClients) tell(clients);
  }

 private:
  struct Side {
    std::string name;
    std::uint64_t events;  // of a run; 0: of the peer, whose log is not looked at
    HttpLoad load;
    std::map<int, Figures> figures = {};  // by the number of clients
  };

  HttpLoadResult drive(Side& side, int clients, int milliseconds) {
    side.load.connections = clients;
    side.load.milliseconds = milliseconds;
    const Position before = server_.store().state().durable;
    const HttpLoadResult result = loader_.run(side.load);
    side.load.first += result.wanted;
    check(result.others == 0, result.other);
    check(server_.store().state().durable.value - before.value == result.wanted * side.events,
          "every step of every run is in the log, once");
    return result;
  }

  void measure_once(Side& side, int clients) {
    Figures& figures = side.figures[clients];
    figures.syncs.push_back(syncs_per_second(options_.directory, std::chrono::milliseconds(options_.tiny ? 20 : 500)));
    const HttpLoadResult result = drive(side, clients, options_.tiny ? 200 : 3'000);
    figures.rates.push_back(result.per_second());
    figures.medians.push_back(result.median_ms);
    figures.p99s.push_back(result.p99_ms);
  }

  void tell(int clients) {
    for (Side& side : sides_) {
      const Figures& figures = side.figures[clients];
      const double rate = median(figures.rates);
      const double syncs = median(figures.syncs);
      report({.measure = fmt::format("{}{}, {}", side.events == 0 ? "peer " : "", side.name, of(clients)),
              .value = rate,
              .unit = "runs/s",
              .at_least = {},
              .at_most = {},
              .beside = fmt::format("{:.2f} F at {} syncs/s; p50 {:.2f} ms, p99 {:.2f} ms", rate / syncs,
                                    readable(syncs), median(figures.medians), median(figures.p99s))});
    }
    for (Side& peer : sides_) {
      for (Side& side : sides_) {
        if (peer.events == 0 && side.events > 0) compare(side, peer, clients);
      }
    }
  }

  static void compare(Side& own, Side& peer, int clients) {
    const auto& rates = own.figures[clients].rates;
    std::vector<double> ratios;
    for (std::size_t round = 0; round < rates.size(); ++round)
      ratios.push_back(rates[round] / peer.figures[clients].rates[round]);
    report({.measure = fmt::format("{}, {} / {}", own.name, of(clients), peer.name),
            .value = median(ratios),
            .unit = "x",
            .at_least = peer.name == kRestate ? std::optional(clients == 1 ? 3.0 : 5.0) : std::nullopt,
            .at_most = {},
            .beside = fmt::format("{} rounds, from {:.1f} to {:.1f}", ratios.size(), std::ranges::min(ratios),
                                  std::ranges::max(ratios))});
  }

  WholeServer& server_;
  HttpLoader& loader_;
  const Options& options_;
  std::vector<Side> sides_;
};

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;
  const Options options = options_of(count, arguments);
  {
    HttpLoader loader;  // forked before there are threads, like the worker and the peers
    ActivityWorker worker;
    std::optional<Restate> restate;
    std::optional<Dbos> dbos;
    if (Restate::installed()) restate.emplace(options.directory);
    if (Dbos::installed()) dbos.emplace(options.directory);
    if (!restate || !dbos)
      fmt::print(stderr, "bench: peers are missing; `cmake/npm_install bench/peers/npm` gets them\n");
    WholeServer server(options.directory, WholeServer::Parts::with_workflows);
    // So many work while as many wait for what comes.
    worker.serve(server.port(), server.key(), 2 * kClients.front());
    ThreeSteps steps(server, loader, options);
    if (restate) steps.add_peer(kRestate, Restate::kCall, restate->port());
    if (dbos) steps.add_peer("DBOS", Dbos::kCall, dbos->port());
    steps.measure();
    worker.stop();
  }
  remove_directory(options);
}
