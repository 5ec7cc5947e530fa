// `flowstone projections`: where each view stands, and the controls to rebuild it while it serves.
#include <cstdio>
#include <thread>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "cli/entities.hpp"
#include "cli/program.hpp"
#include "cli/run_events.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kLookEvery{200};
constexpr std::chrono::milliseconds kSwitchWithin{5000};

struct ProjectionOptions {
  std::string name, action;
  bool watch = false, no_switch = false;
  std::shared_ptr<ServerOptions> server;
};

std::uint64_t count_of(const json::object& status, std::string_view name) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_of(status, name).value_or(0)));
}

std::string rate_of(const json::object& status) {
  const auto* value = status.if_contains("events_per_second");
  if (value == nullptr || !value->is_number()) return "0";
  return with_commas(static_cast<std::uint64_t>(std::max(0.0, value->to_number<double>())));
}

int run_list(const ProjectionOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto page = client->get("/v1/projections");
  if (!page) return fail(page.error());
  if (options.server->json) {
    print_json(*page);
    return kDone;
  }
  TextTable table({"NAME", "STATE", "POSITION", "HEAD", "LAG", "LAG MS", "RATE/S", "ROWS", "ERROR"});
  const auto* items = page->as_object().if_contains("items");
  if (items == nullptr || !items->is_array()) return fail("the server's answer has no items");
  for (const auto& item : items->get_array()) {
    const auto& status = item.as_object();
    table.add({text_of(status, "name"), text_of(status, "state"), with_commas(count_of(status, "position")),
               with_commas(count_of(status, "head")), with_commas(count_of(status, "lag")),
               with_commas(count_of(status, "lag_ms")), rate_of(status), with_commas(count_of(status, "rows")),
               text_of(status, "error")});
  }
  table.print();
  return kDone;
}

void print_status(const ServerOptions& server, const json::value& status) {
  if (server.json) {
    print_json(status);
  } else {
    print_entity(status);
  }
}

int run_show(const ProjectionOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto status = client->get("/v1/projections/" + encode_uri_component(options.name));
  if (!status) return fail(status.error());
  print_status(*options.server, *status);
  return kDone;
}

// Draws the rebuild's progress until it is over; the status it ended with.
Result<json::value, Refusal> watch_rebuild(Client& client, const std::string& name) {
  ProgressBar bar("rebuild " + name);
  for (std::uint64_t target = 0;;) {
    FLOWSTONE_TRY(auto status, client.get("/v1/projections/" + encode_uri_component(name)));
    const auto& object = status.as_object();
    const auto state = text_of(object, "state");
    if (state != "rebuilding") {
      if (state != "stopped") bar.complete(target);
      bar.finish();
      return status;
    }
    const auto* rate = object.if_contains("rebuild_events_per_second");
    target = count_of(object, "rebuild_target");
    bar.show(count_of(object, "rebuild_position"), target,
             rate != nullptr && rate->is_number() ? rate->to_number<double>() : 0.0,
             std::chrono::milliseconds(count_of(object, "rebuild_ms_left")));
    std::this_thread::sleep_for(kLookEvery);
  }
}

int run_rebuild(const ProjectionOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  auto status = client->post(fmt::format("/v1/projections/{}/rebuild", encode_uri_component(options.name)),
                             json::object{{"auto_switch", !options.no_switch}});
  if (status && options.watch) status = watch_rebuild(*client, options.name);
  if (!status) return fail(status.error());
  print_status(*options.server, *status);
  return text_of(status->as_object(), "state") == "stopped" ? kFailed : kDone;
}

// Of the build that serves; 0 if none does.
std::uint64_t serving_build(const json::value& status) {
  const auto* builds = status.as_object().if_contains("builds");
  if (builds == nullptr || !builds->is_array()) return 0;
  for (const auto& build : builds->get_array()) {
    if (build.is_object() && text_of(build.get_object(), "role") == "serving")
      return count_of(build.get_object(), "number");
  }
  return 0;
}

// A switch is carried out by the projection's own follower, a moment after it was asked for.
Result<json::value, Refusal> status_after_switch(Client& client, const std::string& path, std::uint64_t before) {
  for (auto looks = kSwitchWithin / kLookEvery;; --looks) {
    FLOWSTONE_TRY(auto status, client.get(path));
    if (serving_build(status) != before || looks == 0) return status;
    std::this_thread::sleep_for(kLookEvery);
  }
}

int run_action(const ProjectionOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto path = "/v1/projections/" + encode_uri_component(options.name);
  const auto before = client->get(path);
  if (!before) return fail(before.error());
  auto status = client->post(fmt::format("{}/{}", path, options.action), json::object());
  if (status && options.action != "cancel") status = status_after_switch(*client, path, serving_build(*before));
  if (!status) return fail(status.error());
  print_status(*options.server, *status);
  if (options.action != "cancel" && serving_build(*status) == serving_build(*before)) {
    return fail(
        fmt::format("the {} was accepted, but the other build does not serve yet: `flowstone projections show {}`",
                    options.action, options.name));
  }
  return kDone;
}

using Run = int (*)(const ProjectionOptions&);

std::shared_ptr<ProjectionOptions> add(CLI::App& group, Choice& choice, const std::string& word,
                                       const std::string& help, Run run, bool named) {
  auto options = std::make_shared<ProjectionOptions>();
  options->action = word;
  auto* command = group.add_subcommand(word, help);
  if (named) command->add_option("name", options->name, "Name of the projection, such as tasks")->required();
  options->server = add_server_options(*command);
  if (word == "rebuild") {
    command->add_flag("--watch", options->watch, "Show progress, rate and time left until it is done");
    command->add_flag("--no-switch", options->no_switch, "Let the old rows serve until `flowstone projections switch`");
  }
  command->callback([options, run, &choice] { choice.run = [options, run] { return run(*options); }; });
  return options;
}

}  // namespace

void add_projections(CLI::App& app, Choice& choice) {
  auto* group = app.add_subcommand("projections", "See how far each projection is; rebuild one while it serves.");
  group->footer("Example:\n  flowstone projections rebuild tasks --watch");
  group->require_subcommand(1);
  add(*group, choice, "list", "All projections: position, lag behind the head of the log, rate, rows, error.", run_list,
      false);
  add(*group, choice, "show", "One projection with its builds and their digests.", run_show, true);
  add(*group, choice, "rebuild", "Build the rows anew beside those that serve, then switch.", run_rebuild, true);
  add(*group, choice, "cancel", "Give a rebuild up.", run_action, true);
  add(*group, choice, "switch", "Let the rebuilt rows serve.", run_action, true);
  add(*group, choice, "rollback", "Let the previous rows serve again.", run_action, true);
}

}  // namespace flowstone::cli
