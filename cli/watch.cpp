// `flowstone watch`: a run's history, then what happens, until it ends.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <thread>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>
#include <fmt/core.h>

#include "cli/program.hpp"
#include "cli/run_events.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

constexpr const char* kDescription =
    "Print everything that a run has printed, then follow it live until it ends. A cut connection is resumed behind "
    "the last\n"
    "event that arrived: nothing is missing and nothing comes twice.";

constexpr const char* kFooter =
    "Exit status: the recorded program's own, once the run has ended.\n\n"
    "Examples:\n"
    "  flowstone watch 01920000-0000-7000-8000-000000000001\n"
    "  flowstone watch latest";

constexpr std::chrono::seconds kIdle{60};  // of silence, before the connection is made anew

struct WatchOptions {
  std::string run{};
  std::uint64_t from = 0;
  bool once = false, json = false, quiet = false;
  std::shared_ptr<ServerOptions> server{};
};

// The exit status of a run that has ended already. Its end may lie before the position that is read from, and then no
// event tells of it.
std::optional<int> status_if_ended(Client& client, const std::string& name) {
  const auto run = client.get("/v1/runs/" + encode_uri_component(name));
  if (!run || !run->is_object()) return {};
  const auto& object = run->get_object();
  const auto status = text_of(object, "status");
  if (!object.contains("finished_at")) return {};
  return status_of_end(text_of(object, "signal"), number_of(object, "exit_code"), status.starts_with("completed"));
}

// Reads until the run has ended or the connection does; without `live` only to the head of the log. `next` is the
// position to resume from.
Result<void, Refusal> follow(Client& client, const WatchOptions& options, const std::string& run, bool live,
                             std::uint64_t& next, RunPrinter& printer) {
  const auto target = fmt::format("/v1/runs/{}/events?follow={}{}", encode_uri_component(run), live,
                                  next == 0 ? std::string() : fmt::format("&from={}", next));
  return client.lines(target, kIdle, [&](std::string_view line) {
    boost::system::error_code error;
    const auto event = boost::json::parse(line, error);
    if (error || !event.is_object()) return true;
    const auto position = number_of(event.get_object(), "position");
    if (!position || !event.get_object().contains("type")) return true;  // a mark of progress
    next = static_cast<std::uint64_t>(*position) + 1;
    if (options.json) {
      fmt::print("{}\n", line);
      std::fflush(stdout);
    }
    printer.print(event.get_object());
    return !printer.ended();
  });
}

// Until the run has ended; the exit status then.
int watch(Client& client, const WatchOptions& options, const std::string& run) {
  RunPrinter printer(wants_colour(STDOUT_FILENO), wants_colour(STDERR_FILENO), options.quiet || options.json);
  std::uint64_t next = options.from;
  for (int failures = 0;;) {
    const auto before = next;
    const auto ended = next == 0 ? std::optional<int>() : status_if_ended(client, run);
    const auto followed = follow(client, options, run, !options.once && !ended, next, printer);
    if (printer.ended()) return *printer.ended();
    if (ended && followed) return *ended;
    if (options.once && followed) return kDone;
    if (!followed && followed.error().status / 100 == 4 && followed.error().status != 429)
      return fail(followed.error());
    failures = next > before ? 0 : failures + 1;
    if (failures == 1 && before == options.from && !followed) fail(followed.error());
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(100 << std::min(failures, 5), 2000)));
  }
}

int run_watch(WatchOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto run = run_named(*client, options.run);
  if (!run) return fail(run.error());
  options.json = options.server->json;
  return watch(*client, options, *run);
}

}  // namespace

Result<std::string, Refusal> run_named(Client& client, const std::string& name) {
  if (name != "latest") return name;
  FLOWSTONE_TRY(const auto page, client.get("/v1/runs?sort=-created_at&limit=1"));
  const auto* items = page.as_object().if_contains("items");
  if (items == nullptr || !items->is_array() || items->get_array().empty()) {
    return failure(Refusal{.code = "none", .sentence = "there is no run yet"});
  }
  return text_of(items->get_array().front().as_object(), "id");
}

int watch_run(Client& client, const std::string& run, bool quiet) { return watch(client, {.quiet = quiet}, run); }

void add_watch(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<WatchOptions>();
  auto* command = app.add_subcommand("watch", kDescription);
  command->footer(kFooter);
  command->add_option("run", options->run, "Id of the run, or `latest`")->required();
  command->add_option("--from", options->from, "Start at this position of the log instead of the run's beginning");
  command->add_flag("--once", options->once, "Print what there is and end, without following");
  options->server = add_server_options(*command);
  command->callback([options, &choice] { choice.run = [options] { return run_watch(*options); }; });
}

}  // namespace flowstone::cli
