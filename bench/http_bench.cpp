// Durable commands over HTTP, the whole path: real CreateTask documents from another process over keep-alive
// connections.
#include <fmt/format.h>

#include "bench/disk.hpp"
#include "bench/http_load.hpp"
#include "bench/whole_server.hpp"

namespace flowstone::bench {
namespace {

constexpr std::string_view kTask =
    R"({"title":"Write report #","description":"Figures from finance, two pages at most.","priority":4,"labels":["writing","finance"],)"
    R"("effort_minutes":90,"due_at":"2030-03-31T17:00:00Z","preferred_time":"morning"})";

void measure(WholeServer& server, HttpLoader& loader, const Options& options, int connections, double goal,
             std::optional<double> median) {
  HttpLoad load{
      .port = server.port(), .connections = connections, .milliseconds = options.tiny ? 200 : 5'000, .status = 201};
  load.set_texts("POST /v1/tasks", server.key(), kTask);
  if (!options.tiny) {
    HttpLoad warm = load;
    warm.milliseconds = 1'000;
    loader.run(warm);
  }
  const double limit = syncs_per_second(options.directory, std::chrono::milliseconds(options.tiny ? 50 : 1'000));
  const Position before = server.store().state().durable;
  const HttpLoadResult result = loader.run(load);
  check(result.others == 0, result.other);
  check(server.store().state().durable.value - before.value == result.wanted,
        "every created task is one event in the log");
  const double rate = result.per_second();
  report({fmt::format("HTTP, {} connections, commands", connections), rate, "commands/s", goal * limit, std::nullopt,
          fmt::format("{:.1f} F; disk: {} syncs/s", rate / limit, readable(limit))});
  report({fmt::format("HTTP, {} connections, median", connections), result.median_ms, "ms", std::nullopt, median,
          fmt::format("p99 {:.2f} ms", result.p99_ms)});
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;
  const Options options = options_of(count, arguments);
  {
    HttpLoader loader;  // forked before there are threads
    WholeServer server(options.directory);
    measure(server, loader, options, 64, 10, 1.5);
    measure(server, loader, options, 256, 13, std::nullopt);
  }
  remove_directory(options);
}
