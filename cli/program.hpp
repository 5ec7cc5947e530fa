// The frame of the command line: what each command's file registers, and the options that commands share.
//
// Exit status of every command: 0 done, 1 refused or failed, 2 wrong usage. `exec` and `watch`: the recorded program's
// own status, 128 + n after signal n.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/client.hpp"

namespace CLI {
class App;
}

namespace flowstone::cli {

inline constexpr int kDone = 0, kFailed = 1, kUsage = 2;

// What was chosen on the command line; run after parsing, so that no work happens inside the parser.
struct Choice {
  std::function<int()> run;
};

// Where the server is and who asks; FLOWSTONE_URL and FLOWSTONE_KEY stand in for flags not given.
struct ServerOptions {
  ClientOptions client{.url = "http://127.0.0.1:8080"};
  bool json = false;
};
// Adds --url, --key and --json.
std::shared_ptr<ServerOptions> add_server_options(CLI::App& command);

// "flowstone: <sentence>" on stderr; the status of a failed command.
int fail(const std::string& sentence);
int fail(const Refusal& refusal);

// A client for the options, or the status to exit with.
Result<Client, int> connect(const ServerOptions& options);

// A JSON document for machines on stdout, in one line.
void print_json(const boost::json::value& document);

// The whole program: parses, runs what was chosen, returns the exit status.
int run_program(int count, char** arguments);

// One file a command: each registers itself.
void add_serve(CLI::App& app, Choice& choice);
void add_exec(CLI::App& app, Choice& choice);
void add_worker(CLI::App& app, Choice& choice);
void add_watch(CLI::App& app, Choice& choice);
void add_get(CLI::App& app, Choice& choice);
void add_list(CLI::App& app, Choice& choice);
void add_bundle(CLI::App& app, Choice& choice);
void add_do(CLI::App& app, Choice& choice);
void add_replay(CLI::App& app, Choice& choice);
void add_audit(CLI::App& app, Choice& choice);
void add_projections(CLI::App& app, Choice& choice);
void add_key(CLI::App& app, Choice& choice);
void add_seed(CLI::App& app, Choice& choice);
void add_jsonata(CLI::App& app, Choice& choice);
void add_export(CLI::App& app, Choice& choice);
void add_import(CLI::App& app, Choice& choice);
void add_schedule(CLI::App& app, Choice& choice);
void add_openapi(CLI::App& app, Choice& choice);
void add_anchor(CLI::App& app, Choice& choice);
void add_workflow(CLI::App& app, Choice& choice);
void add_run(CLI::App& app, Choice& choice);
void add_config(CLI::App& app, Choice& choice);
void add_completion(CLI::App& app, Choice& choice);

}  // namespace flowstone::cli
