// `flowstone completion`: what the shell needs to finish words.
#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "cli/program.hpp"

namespace flowstone::cli {
namespace {

// Subcommands and flags that may follow `path`, as one case of the script; then those below.
void append_cases(const CLI::App& app, const std::string& path, std::string& words, std::string& paths) {
  words += fmt::format("    '{}') words='", path);
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) words += fmt::format("--{} ", name);
  }
  const auto below = app.get_subcommands([](const CLI::App*) { return true; });
  for (const auto* command : below) words += command->get_name() + " ";
  words += "' ;;\n";
  for (const auto* command : below) {
    const auto deeper = fmt::format("{} {}", path, command->get_name());
    paths += fmt::format("      '{}') path='{}' ;;\n", deeper, deeper);
    append_cases(*command, deeper, words, paths);
  }
}

std::string script_of(const CLI::App& app) {
  std::string words;
  std::string paths;
  append_cases(app, "", words, paths);
  return fmt::format(
      "# bash completion of flowstone: source <(flowstone completion)\n"
      "_flowstone() {{\n"
      "  local path='' word words=''\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case \"$path $word\" in\n{}    esac\n"
      "  done\n"
      "  case $path in\n{}  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${{COMP_WORDS[COMP_CWORD]}}\")\n"
      "}}\n"
      "complete -o default -F _flowstone flowstone\n",
      paths, words);
}

}  // namespace

void add_completion(CLI::App& app, Choice& choice) {
  auto* command = app.add_subcommand("completion", "Print the completion of commands and flags for bash.");
  command->footer("To use it:\n  source <(flowstone completion)");
  command->callback([&app, &choice] {
    choice.run = [&app] {
      fmt::print("{}", script_of(app));
      return kDone;
    };
  });
}

}  // namespace flowstone::cli
