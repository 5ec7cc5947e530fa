// `flowstone run`: runs of workflows, runs made from others, and two of them side by side.
#include <algorithm>
#include <unistd.h>

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
#include "cli/workflow/file.hpp"
#include "cli/workflow/stored.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

constexpr const char* kFooter =
    "A run may be named `latest`. What is made from one is a run of its own: the other one stays as it is.\n"
    "\n"
    "Examples:\n"
    "  flowstone run start 'Order intake' --input order-7.json --wait 30\n"
    "  flowstone run retry latest --wait 30\n"
    "  flowstone run rerun 01920000-0000-7000-8000-000000000001 Charge --version 3\n"
    "  flowstone run fork latest --at 12\n"
    "  flowstone run compare 01920000-0000-7000-8000-000000000001 latest";

struct RunOptions {
  std::string run, other, step, path, name, workflow, input;
  std::optional<std::uint64_t> at;
  std::uint32_t version = 0, wait = 0, limit = 100;
  bool all = false;
  std::shared_ptr<ServerOptions> server;
};

// --- runs made from others ---

int show_made(const RunOptions& options, const json::value& run) {
  if (options.server->json) {
    print_json(run);
    return kDone;
  }
  const auto& made = run.as_object();
  const auto source = text_of(made, "forked_from");
  fmt::print("run {}: {}{}\n", text_of(made, "id"), text_of(made, "status"),
             source.empty() ? ""
                            : fmt::format(", from {} of the events of {}",
                                          number_of(made, "forked_sequence").value_or(0), source));
  if (const auto error = text_of(made, "error"); !error.empty())
    fmt::print("{}: {}\n", harmless(error), harmless(text_of(made, "cause")));
  return kDone;
}

int send(Client& client, const RunOptions& options, const std::string& target, json::object body) {
  if (!options.name.empty()) body["name"] = options.name;
  if (options.version > 0) body["version"] = options.version;
  if (options.wait > 0) body["wait_seconds"] = options.wait;
  const auto made = client.post(target, body);
  return made ? show_made(options, *made) : fail(made.error());
}

int start(const RunOptions& options) {
  json::object body;
  if (!options.input.empty()) {
    const auto text = text_of_file(options.input);
    if (!text) return fail(text.error());
    boost::system::error_code wrong;
    auto input = json::parse(*text, wrong);
    if (wrong) return fail(fmt::format("{}: {}", options.input, wrong.message()));
    body["input"] = std::move(input);
  }
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto path = workflow_path(*client, options.workflow);
  return path ? send(*client, options, *path + "/runs", std::move(body)) : fail(path.error());
}

int make_run(const RunOptions& options, const std::string& call, json::object body) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto run = run_named(*client, options.run);
  if (!run) return fail(run.error());
  return send(*client, options, fmt::format("/v1/runs/{}/{}", encode_uri_component(*run), call), std::move(body));
}

int fork(const RunOptions& options) {
  json::object body;
  if (options.at) body["sequence"] = *options.at;
  return make_run(options, "fork", std::move(body));
}

int rerun(const RunOptions& options) {
  json::object body{{"step", options.step}};
  if (!options.path.empty()) body["path"] = options.path;
  return make_run(options, "rerun-from", std::move(body));
}

int retry(const RunOptions& options) { return make_run(options, "retry-failed", {}); }

// --- two side by side ---

std::string seconds(const json::object* step) {
  const auto millis = step == nullptr ? std::nullopt : number_of(*step, "duration_ms");
  return millis ? duration_text(std::chrono::milliseconds(*millis)) : "";
}

// "completed", "failed: Http.Status, tried again 2 times"
std::string status(const json::object* step) {
  if (step == nullptr) return "-";
  auto text = text_of(*step, "status");
  if (const auto error = text_of(*step, "error"); !error.empty()) text += ": " + error;
  const auto retries = number_of(*step, "retries").value_or(0);
  if (retries > 0) text += fmt::format(", {} {}", retries, retries == 1 ? "retry" : "retries");
  return text;
}

std::string verdict(const json::object& step) {
  if (flag_of(step, "same")) return "same";
  if (object_of(step, "a") == nullptr) return "only in b";
  if (object_of(step, "b") == nullptr) return "only in a";
  std::string text;
  const auto add = [&text](std::string_view word) { text += (text.empty() ? "" : ", ") + std::string(word); };
  if (!flag_of(step, "same_input")) add("input");
  if (!flag_of(step, "same_output")) add("output");
  if (text.empty()) add("status");
  return text + (text.contains(',') ? " differ" : " differs");
}

std::string name_of(const json::object& step) {
  const auto path = text_of(step, "path");
  auto text = path.empty() ? text_of(step, "step") : path + " " + text_of(step, "step");
  const auto times = number_of(step, "occurrence").value_or(1);
  return times > 1 ? fmt::format("{} ({})", text, times) : text;
}

std::string heading(const json::object& run, std::string_view side) {
  auto text = fmt::format("{}  {}  {}", side, text_of(run, "id"), text_of(run, "status"));
  if (const auto millis = number_of(run, "duration_ms"))
    text += " in " + duration_text(std::chrono::milliseconds(*millis));
  if (const auto version = number_of(run, "workflow_version")) text += fmt::format(", version {}", *version);
  if (const auto error = text_of(run, "error"); !error.empty()) text += ", " + error;
  return harmless(text);
}

// Where the values of one step are not the same.
void print_values(const json::object& step) {
  for (const auto* what : {"input", "output"}) {
    const auto* list = step.if_contains(what);
    if (list == nullptr || !list->is_array()) continue;
    for (const auto& item : list->get_array()) {
      const auto& value = item.as_object();
      const auto shown = [&value](std::string_view side) {
        const auto* found = value.if_contains(side);
        return found == nullptr || found->is_null() ? std::string("nothing") : harmless(json::serialize(*found));
      };
      fmt::print("  {} {}: {} -> {}\n", what, harmless(text_of(value, "pointer")), shown("a"), shown("b"));
    }
  }
}

void print_comparison(const json::object& told) {
  fmt::print("{}\n{}\n\n", heading(*object_of(told, "a"), "a"), heading(*object_of(told, "b"), "b"));
  TextTable table({"#", "step", "a", "took", "b", "took", ""});
  const auto* steps = told.if_contains("steps");
  if (steps != nullptr && steps->is_array()) {
    for (const auto& item : steps->get_array()) {
      const auto& step = item.as_object();
      const auto* a = object_of(step, "a");
      const auto* b = object_of(step, "b");
      table.add({std::to_string(number_of(step, "number").value_or(0)), name_of(step), status(a), seconds(a), status(b),
                 seconds(b), verdict(step)});
    }
  }
  if (!table.empty()) table.print();
  const auto count = [&told](std::string_view name) { return number_of(told, name).value_or(0); };
  fmt::print("{}{} steps are the same, {} differ, {} are only in a, {} only in b\n", table.empty() ? "" : "\n",
             count("steps_same"), count("steps_different"), count("steps_only_a"), count("steps_only_b"));
  if (const auto* first = object_of(told, "first_difference")) {
    fmt::print("first difference: {}, {}\n", harmless(name_of(*first)), verdict(*first));
    print_values(*first);
  }
}

int compare(const RunOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto a = run_named(*client, options.run);
  if (!a) return fail(a.error());
  const auto b = run_named(*client, options.other);
  if (!b) return fail(b.error());
  const auto told =
      client->get(fmt::format("/v1/runs/compare?a={}&b={}&limit={}{}", encode_uri_component(*a),
                              encode_uri_component(*b), options.limit, options.all ? "" : "&differences=true"));
  if (!told) return fail(told.error());
  if (options.server->json) {
    print_json(*told);
  } else {
    print_comparison(told->as_object());
  }
  return kDone;
}

// --- the commands ---

using Run = int (*)(const RunOptions&);

CLI::App* add_command(CLI::App& group, Choice& choice, const std::string& name, const std::string& what,
                      const std::shared_ptr<RunOptions>& options, Run run) {
  auto* command = group.add_subcommand(name, what);
  command->add_option("run", options->run, "Id of the run, or `latest`")->required();
  command->callback([options, run, &choice] { choice.run = [options, run] { return run(*options); }; });
  return command;
}

void add_making(CLI::App& command, const std::shared_ptr<RunOptions>& options) {
  command.add_option("--version", options->version, "Of the workflow; by default that of the run")
      ->check(CLI::PositiveNumber);
  command.add_option("--name", options->name, "By default that of the run");
  command.add_option("--wait", options->wait, "Seconds to wait for its end")->check(CLI::Range(0U, 60U));
  options->server = add_server_options(command);
}

void add_start(CLI::App& group, Choice& choice) {
  auto options = std::make_shared<RunOptions>();
  auto* command = group.add_subcommand("start", "Run a workflow.");
  command->add_option("workflow", options->workflow, "Its id or its name")->required();
  command->add_option("--input", options->input, "What goes in: a JSON document; - for standard input; without it {}");
  command->add_option("--version", options->version, "By default the newest")->check(CLI::PositiveNumber);
  command->add_option("--name", options->name, "By default that of the workflow");
  command->add_option("--wait", options->wait, "Seconds to wait for its end")->check(CLI::Range(0U, 60U));
  options->server = add_server_options(*command);
  command->callback([options, &choice] { choice.run = [options] { return start(*options); }; });
}

void add_makers(CLI::App& group, Choice& choice) {
  auto forked = std::make_shared<RunOptions>();
  auto* command =
      add_command(group, choice, "fork", "Make a run that shares the first events of another one.", forked, fork);
  command->add_option("--at", forked->at,
                      "The sequence of the last event that they share; by default the last one before the end");
  add_making(*command, forked);
  auto again = std::make_shared<RunOptions>();
  command = add_command(group, choice, "rerun", "Make a run that does a step again, and all that comes after it.",
                        again, rerun);
  command->add_option("step", again->step, "Where it began last")->required();
  command->add_option("--path", again->path, "The branch in which it began, such as Each[2]");
  add_making(*command, again);
  auto retried = std::make_shared<RunOptions>();
  add_making(*add_command(group, choice, "retry", "Make a run that does only that again which failed.", retried, retry),
             retried);
}

}  // namespace

void add_run(CLI::App& app, Choice& choice) {
  auto* group = app.add_subcommand("run", "Run workflows, take their runs up again, and compare two.");
  group->require_subcommand(1);
  group->footer(kFooter);
  add_start(*group, choice);
  add_makers(*group, choice);
  auto options = std::make_shared<RunOptions>();
  auto* command = add_command(*group, choice, "compare", "Two runs step by step: the steps that are not the same.",
                              options, compare);
  command->add_option("other", options->other, "Id of the run to compare it with, or `latest`")->required();
  command->add_flag("--all", options->all, "Also the steps that are the same");
  command->add_option("--limit", options->limit, "The most steps to print")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  options->server = add_server_options(*command);
}

}  // namespace flowstone::cli
