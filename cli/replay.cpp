// `flowstone replay`: the events of a range, from a server or straight from a data directory.
#include <cstdio>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "api/cloud_event.hpp"
#include "cli/log_directory.hpp"
#include "cli/program.hpp"
#include "cli/run_events.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

constexpr const char* kDescription =
    "Print the events of a range in order. With --data they are read straight from the data directory, of every "
    "workspace,\n"
    "also while a server is writing it; otherwise the server is asked for those of the key's workspace.";

constexpr const char* kFooter =
    "Examples:\n"
    "  flowstone replay --category task --from 100 --to 200\n"
    "  flowstone replay --data flowstone-data --type task.completed --json | jq .data";

struct ReplayOptions {
  std::string data, workspace, stream;
  std::vector<std::string> types, categories;
  std::uint64_t from = 0, to = 0;
  std::shared_ptr<ServerOptions> server;
};

class EventPrinter {
 public:
  explicit EventPrinter(bool json) : json_(json), colour_(wants_colour(STDOUT_FILENO)) {}

  void print(std::string_view line) {
    if (json_) {
      fmt::print("{}\n", line);
      return;
    }
    boost::system::error_code error;
    const auto document = boost::json::parse(line, error);
    if (error || !document.is_object()) return;
    const auto& event = document.get_object();
    const auto* data = event.if_contains("data");
    fmt::print("{:>8}  {}  {}  {}  {}  {}\n", number_of(event, "position").value_or(0), text_of(event, "time"),
               paint(harmless(text_of(event, "type")), Ink::cyan, colour_), harmless(text_of(event, "subject")),
               paint(harmless(text_of(event, "actor")), Ink::dim, colour_),
               data == nullptr ? "" : harmless(boost::json::serialize(*data)));
  }

 private:
  bool json_, colour_;
};

int replay_directory(const ReplayOptions& options) {
  const auto store = open_log_to_read(options.data);
  if (!store) return fail(store.error());
  eventstore::Filter filter;
  filter.workspace = options.workspace;
  filter.stream = options.stream;
  filter.types = options.types;
  filter.categories = options.categories;
  auto reader = (*store)->read(filter, {.from = {options.from}, .to = {options.to}});
  if (!reader) return fail(sentence_of(reader.error()));
  EventPrinter printer(options.server->json);
  std::string line;
  for (;;) {
    const auto event = (*reader)->next();
    if (!event) return fail(sentence_of(event.error()));
    if (*event == nullptr) return kDone;
    line.clear();
    api::append_cloud_event(**event, line);
    printer.print(line);
  }
}

std::string target_of(const ReplayOptions& options) {
  auto target = fmt::format("/v1/events?follow=false&from={}", std::max<std::uint64_t>(options.from, 1));
  if (options.to != 0) target += fmt::format("&until={}", options.to);
  const auto add = [&](std::string_view name, const std::vector<std::string>& values) {
    std::string joined;
    for (const auto& value : values) joined += (joined.empty() ? "" : ",") + encode_uri_component(value);
    if (!joined.empty()) target += fmt::format("&{}={}", name, joined);
  };
  add("type", options.types);
  add("category", options.categories);
  if (!options.stream.empty()) add("stream", {options.stream});
  return target;
}

int replay_server(const ReplayOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  EventPrinter printer(options.server->json);
  const auto read = client->lines(target_of(options), options.server->client.timeout, [&](std::string_view line) {
    boost::system::error_code error;
    const auto event = boost::json::parse(line, error);
    if (error || !event.is_object() || !event.get_object().contains("type")) return true;  // a mark of progress
    printer.print(line);
    return true;
  });
  return read ? kDone : fail(read.error());
}

}  // namespace

void add_replay(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<ReplayOptions>();
  auto* command = app.add_subcommand("replay", kDescription);
  command->footer(kFooter);
  command->add_option("--data", options->data, "Data directory to read instead of asking a server");
  command->add_option("--from", options->from, "First position");
  command->add_option("--to", options->to, "Last position");
  command->add_option("--stream", options->stream, "Only this stream, such as task-01920000-...");
  command->add_option("--type", options->types, "Only events of this type; may be given again")->take_all();
  command->add_option("--category", options->categories, "Only streams of this kind, such as task; may be given again")
      ->take_all();
  command->add_option("--workspace", options->workspace, "With --data: only this workspace");
  options->server = add_server_options(*command);
  command->callback([options, &choice] {
    choice.run = [options] { return options->data.empty() ? replay_server(*options) : replay_directory(*options); };
  });
}

}  // namespace flowstone::cli
