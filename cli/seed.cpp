// `flowstone seed`: the demo's content in the workspace of the key.
#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/core.h>

#include "cli/demo_content.hpp"
#include "cli/program.hpp"
#include "cli/run_events.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

json::object batch_of_demo() {
  json::array commands;
  for (const auto& seed : demo_commands()) {
    commands.push_back(json::object{{"command", seed.command},
                                    {"command_id", fmt::format("seed-{}", seed.command_id)},
                                    {"id", seed.id},
                                    {"data", json::parse(seed.json)}});
  }
  return {{"commands", std::move(commands)}};
}

// Counts what was carried out; the first refusal that is more than "it is there already" as an error.
Result<std::size_t, std::string> count_done(const json::value& outcome) {
  std::size_t done = 0;
  const auto* items = outcome.is_object() ? outcome.get_object().if_contains("items") : nullptr;
  if (items == nullptr || !items->is_array()) return failure(std::string("the server's answer has no items"));
  for (const auto& item : items->get_array()) {
    const auto status = number_of(item.as_object(), "status").value_or(0);
    const auto* body = object_of(item.as_object(), "body");
    const bool is_there = status == 409 && body != nullptr && text_of(*body, "code").ends_with("_exists");
    if (status / 100 != 2 && !is_there) {
      return failure(fmt::format("{}: {}", text_of(item.as_object(), "command_id"),
                                 body == nullptr ? std::to_string(status) : text_of(*body, "detail")));
    }
    ++done;
  }
  return done;
}

int run_seed(const ServerOptions& options) {
  auto client = connect(options);
  if (!client) return client.error();
  const auto outcome = client->post("/v1/commands", batch_of_demo());
  if (!outcome) return fail(outcome.error());
  const auto done = count_done(*outcome);
  if (!done) return fail(done.error());
  // Numbered events are taken once, so that a second time changes nothing.
  const auto run = client->get(fmt::format("/v1/runs/{}", kDemoRun));
  if (!run) return fail(run.error());
  if (number_of(run->as_object(), "last_sequence").value_or(0) == 0) {
    const auto recorded =
        client->post_once(fmt::format("/v1/runs/{}/events", kDemoRun), demo_run_events(SystemClock().now()));
    if (!recorded) return fail(recorded.error());
  }
  if (options.json) {
    print_json(*outcome);
  } else {
    fmt::print("The workspace has the demo's intents, tasks and run ({} commands).\n", *done);
  }
  return kDone;
}

}  // namespace

void add_seed(CLI::App& app, Choice& choice) {
  auto* command = app.add_subcommand(
      "seed", "Put a few intents, tasks and a finished run into the key's workspace. Doing it twice changes nothing.");
  auto options = add_server_options(*command);
  command->callback([options, &choice] { choice.run = [options] { return run_seed(*options); }; });
}

}  // namespace flowstone::cli
