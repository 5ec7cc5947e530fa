// `flowstone openapi`: the description of the whole interface.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "api/docs_page.hpp"
#include "cli/program.hpp"
#include "flowstone/build.hpp"

namespace flowstone::cli {

void add_openapi(CLI::App& app, Choice& choice) {
  auto* command = app.add_subcommand(
      "openapi", "Print the OpenAPI 3.1 document of the server's interface, as /openapi.json serves it.");
  command->callback([&choice] {
    choice.run = [] {
      std::puts(api::openapi_document(build::version(), {}).c_str());
      return kDone;
    };
  });
}

}  // namespace flowstone::cli
