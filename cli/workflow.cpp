// `flowstone workflow`: definitions of workflows, checked without a server.
#include "cli/workflow.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "asl/definition.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

struct LintOptions {
  std::string file;
  bool json = false;
};

void print_json_problems(const asl::Problems& problems) {
  boost::json::array out;
  for (const auto& problem : problems)
    out.push_back(boost::json::object{{"severity", asl::name_of(problem.severity)},
                                      {"code", problem.code},
                                      {"path", problem.path},
                                      {"line", problem.line},
                                      {"sentence", problem.sentence}});
  print_json(boost::json::object{{"valid", !asl::has_errors(problems)}, {"problems", std::move(out)}});
}

int run_lint(const LintOptions& options) {
  const auto text = text_of_file(options.file);
  if (!text) return fail(text.error());
  const auto read = asl::read_definition(*text);
  const auto& problems = read ? read->warnings : read.error();
  if (options.json)
    print_json_problems(problems);
  else
    print_problems(options.file, problems);
  return read ? kDone : kFailed;
}

}  // namespace

Result<std::string, std::string> text_of_file(const std::string& file) {
  std::ostringstream content;
  if (file == "-") {
    content << std::cin.rdbuf();
    return content.str();
  }
  if (file.ends_with(".yaml") || file.ends_with(".yml"))
    return failure(fmt::format("{}: YAML is not read; give JSON", file));
  std::error_code failed;
  if (std::filesystem::is_directory(file, failed)) return failure(fmt::format("{}: is a directory", file));
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return failure(fmt::format("{}: cannot be read", file));
  content << stream.rdbuf();
  return content.str();
}

void print_problems(const std::string& file, const asl::Problems& problems) {
  for (const auto& problem : problems)
    fmt::print("{}:{}: {}: {} at {} [{}]\n", harmless(file), problem.line, asl::name_of(problem.severity),
               harmless(problem.sentence), problem.path.empty() ? "/" : harmless(problem.path), problem.code);
}

void add_workflow(CLI::App& app, Choice& choice) {
  auto* group = app.add_subcommand("workflow", "Check and try definitions of workflows, without a server.");
  group->require_subcommand(1);
  auto options = std::make_shared<LintOptions>();
  auto* command = group->add_subcommand("lint", "Say what is wrong with a definition, all at once.");
  command->footer(
      "A definition is a state machine in the Amazon States Language, as JSON. Each problem is a line\n"
      "  FILE:LINE: error|warning: SENTENCE at POINTER [CODE]\n"
      "Exit status 1 where there are errors; warnings alone leave 0. No server is asked.\n"
      "\n"
      "Example:\n"
      "  flowstone workflow lint order.json --json | jq '.problems[].path'");
  command->add_option("FILE", options->file, "The definition; - for standard input")->required();
  command->add_flag("--json", options->json, "Print {valid, problems: [{severity, code, path, line, sentence}]}");
  command->callback([options, &choice] { choice.run = [options] { return run_lint(*options); }; });
  add_workflow_simulate(*group, choice);
}

}  // namespace flowstone::cli
