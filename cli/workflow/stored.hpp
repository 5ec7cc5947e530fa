// Workflows on the server, for people at a terminal.
#pragma once

#include <memory>
#include <string>

#include "cli/program.hpp"

namespace flowstone::cli {

struct WorkflowOptions {
  std::string workflow;  // an id or a name; of `graph` a file too
  std::string version, from, to, format, run;
  std::shared_ptr<ServerOptions> server;
};

struct PushWorkflowOptions {
  std::string file, format, name, note;
  bool publish = false;
  std::shared_ptr<ServerOptions> server;
};

// "/v1/workflows/ID" of an id or a name.
Result<std::string, Refusal> workflow_path(Client& client, const std::string& given);

int push_workflow(const PushWorkflowOptions& options);
int list_workflows(const WorkflowOptions& options);
int show_workflow(const WorkflowOptions& options);
int diff_workflow(const WorkflowOptions& options);
int draw_workflow(const WorkflowOptions& options);

}  // namespace flowstone::cli
