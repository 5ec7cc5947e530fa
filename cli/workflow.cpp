// `flowstone workflow`: definitions checked, tried and drawn here, and kept in versions on the server.
#include "cli/workflow.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "cli/program.hpp"
#include "cli/workflow/file.hpp"
#include "cli/workflow/stored.hpp"

namespace flowstone::cli {
namespace {

constexpr const char* kLintFooter =
    "A definition is a state machine in the Amazon States Language, alone or with inputs, concurrency and layout "
    "around "
    "it, as JSON or\n"
    "YAML. Each problem is a line\n"
    "  FILE:LINE:COLUMN: error|warning: SENTENCE at POINTER [CODE]\n"
    "Exit status 1 where there are errors; warnings alone leave 0. No server is asked.\n"
    "\n"
    "Example:\n"
    "  flowstone workflow lint order.yaml --json | jq '.problems[].path'";

constexpr const char* kPushFooter =
    "The workflow with the name is found, or made; the file becomes its draft, and with --publish the draft a version. "
    "What is the\n"
    "draft or the newest version already changes nothing. Problems are printed first; a definition with errors is not "
    "published.\n"
    "Exit status: 0 if it was saved or nothing changed; 1 if it was refused.\n"
    "\n"
    "Examples:\n"
    "  flowstone workflow push order.yaml\n"
    "  flowstone workflow push order.json --name 'Order intake' --publish --note 'asks above 1,000 EUR'";

struct LintOptions {
  std::string file, format;
  bool json = false;
};

void print_json_problems(const workflows::Problems& problems) {
  boost::json::array out;
  for (const auto& problem : problems)
    out.push_back(boost::json::object{{"severity", asl::name_of(problem.severity)},
                                      {"code", problem.code},
                                      {"path", problem.path},
                                      {"line", problem.place.line},
                                      {"column", problem.place.column},
                                      {"sentence", problem.sentence}});
  print_json(boost::json::object{{"valid", !workflows::has_errors(problems)}, {"problems", std::move(out)}});
}

int run_lint(const LintOptions& options) {
  const auto file = read_definition_file(options.file, options.format);
  if (!file) return fail(file.error());
  const auto problems = workflows::lint(file->text, file->format);
  if (options.json)
    print_json_problems(problems);
  else
    print_problems(*file, problems, stdout);
  return workflows::has_errors(problems) ? kFailed : kDone;
}

void add_format(CLI::App& command, std::string& format) {
  command.add_option("--format", format, "The language of the text; by default what the file's name ends with")
      ->check(CLI::IsMember({"json", "yaml"}));
}

void add_lint(CLI::App& group, Choice& choice) {
  auto options = std::make_shared<LintOptions>();
  auto* command = group.add_subcommand("lint", "Say what is wrong with a definition, all at once.");
  command->footer(kLintFooter);
  command->add_option("FILE", options->file, "The definition; - for standard input")->required();
  add_format(*command, options->format);
  command->add_flag("--json", options->json,
                    "Print {valid, problems: [{severity, code, path, line, column, sentence}]}");
  command->callback([options, &choice] { choice.run = [options] { return run_lint(*options); }; });
}

void add_push(CLI::App& group, Choice& choice) {
  auto options = std::make_shared<PushWorkflowOptions>();
  auto* command = group.add_subcommand("push", "Make a file a workflow's draft, and publish it.");
  command->footer(kPushFooter);
  command->add_option("FILE", options->file, "The definition; - for standard input")->required();
  add_format(*command, options->format);
  command->add_option("--name", options->name, "The workflow's name; by default the one in the definition");
  command->add_flag("--publish", options->publish, "Make the draft a version");
  command->add_option("--note", options->note, "What the version is, in your words")->needs("--publish");
  options->server = add_server_options(*command);
  command->callback([options, &choice] { choice.run = [options] { return push_workflow(*options); }; });
}

using Run = int (*)(const WorkflowOptions&);

CLI::App* add_stored(CLI::App& group, Choice& choice, const std::string& name, const std::string& what,
                     const std::shared_ptr<WorkflowOptions>& options, Run run) {
  auto* command = group.add_subcommand(name, what);
  if (name != "list") command->add_option("workflow", options->workflow, "Its id or its name")->required();
  options->server = add_server_options(*command);
  command->callback([options, run, &choice] { choice.run = [options, run] { return run(*options); }; });
  return command;
}

void add_reading(CLI::App& group, Choice& choice) {
  add_stored(group, choice, "list", "All workflows; with --json one a line.", std::make_shared<WorkflowOptions>(),
             list_workflows);
  auto shown = std::make_shared<WorkflowOptions>();
  add_stored(group, choice, "show", "A workflow and its versions, or the text of one of them.", shown, show_workflow)
      ->add_option("--version", shown->version, "Print the text of this version: a number, latest or draft");
  auto compared = std::make_shared<WorkflowOptions>();
  auto* diff = add_stored(group, choice, "diff",
                          "What changed between two versions, as diff -u writes it; with --json state by state.",
                          compared, diff_workflow);
  diff->add_option("--from", compared->from, "The older version; by default the one before the newest");
  diff->add_option("--to", compared->to, "The newer version; by default the newest");
  auto drawn = std::make_shared<WorkflowOptions>();
  drawn->format = "dot";
  auto* graph =
      add_stored(group, choice, "graph", "The states of a file, or of a version, to be drawn.", drawn, draw_workflow);
  graph->footer(
      "A file is drawn without a server; what is no file is a workflow's id or name.\n"
      "\n"
      "Example:\n"
      "  flowstone workflow graph order.yaml | dot -Tsvg > order.svg");
  graph->add_option("--format", drawn->format, "For Graphviz or for Mermaid")
      ->check(CLI::IsMember({"dot", "mermaid"}))
      ->capture_default_str();
  graph->add_option("--version", drawn->version, "Of a workflow: a number; by default the newest, or the run's");
  graph->add_option("--run", drawn->run, "Show how the states stand in this run, or in `latest`");
}

}  // namespace

void add_workflow(CLI::App& app, Choice& choice) {
  auto* group =
      app.add_subcommand("workflow", "Check, try and draw definitions of workflows, and keep them in versions.");
  group->require_subcommand(1);
  add_lint(*group, choice);
  add_workflow_simulate(*group, choice);
  add_push(*group, choice);
  add_reading(*group, choice);
}

}  // namespace flowstone::cli
