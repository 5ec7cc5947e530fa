// What the commands of `flowstone workflow` share.
#pragma once

namespace CLI {
class App;
}

namespace flowstone::cli {

struct Choice;

void add_workflow_simulate(CLI::App& group, Choice& choice);

}  // namespace flowstone::cli
