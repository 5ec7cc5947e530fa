#include "cli/serve/founding.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "api/authenticator.hpp"
#include "cli/demo_content.hpp"
#include "cli/serve/secret_file.hpp"
#include "domain/aggregate.hpp"
#include "schemas/contract.hpp"
#include "schemas/json.hpp"

namespace flowstone::cli {
namespace {

std::string sentence_of(const commands::CommandError& error) {
  return error.detail.empty() ? error.rejection.detail : error.detail;
}

}  // namespace

Result<std::string, std::string> Founder::carry_out(const std::string& workspace, const std::string& command_id,
                                                    std::string_view command, const std::string& id,
                                                    std::string_view json) {
  const auto found = schemas::contracts().find_command(command);
  if (!found) return failure(fmt::format("there is no command {}", command));
  const auto body = schemas::decode_json(*found->command->table, json, {.target = id, .accept_hidden = true});
  if (!body) {
    const auto& problems = body.error().problems;
    return failure(fmt::format(
        "{}: {}", command, problems.empty() ? "malformed" : problems.front().field + " " + problems.front().detail));
  }
  commands::Command request;
  request.workspace = workspace;
  request.aggregate = domain::find_aggregate_type(found->aggregate->name);
  request.command = found->command;
  request.id = id;
  request.body = *body;
  request.command_id = command_id;
  request.fingerprint = sha256(command_id);
  request.actor = "system";
  request.correlation = "founding";
  auto outcome = executor_.execute(std::move(request));
  if (!outcome) return failure(fmt::format("{} {}: {}", command, command_id, sentence_of(outcome.error())));
  return outcome->id;
}

Result<void, std::string> Founder::found_workspace(const std::string& workspace, std::string_view name) {
  const auto body = boost::json::serialize(boost::json::object{{"name", name}});
  FLOWSTONE_TRY_VOID(carry_out(workspace, "found-workspace", "create_workspace", workspace, body));
  return {};
}

Result<void, std::string> Founder::keep_key(const std::string& workspace, std::string_view name,
                                            const std::vector<std::string>& roles, const std::filesystem::path& file) {
  if (std::filesystem::exists(file)) return {};
  const auto id = ids_.fresh();
  const auto key = api::mint_key(workspace, id);
  const boost::json::object body{
      {"name", name}, {"roles", boost::json::array(roles.begin(), roles.end())}, {"secret_digest", key.secret_digest}};
  FLOWSTONE_TRY_VOID(carry_out(workspace, "found-key-" + id, "create_api_key", id, boost::json::serialize(body)));
  return write_secret(file, key.text + "\n");
}

Result<void, std::string> found_default(Founder& founder, IdSource& ids, const std::filesystem::path& directory) {
  const auto workspace = ids.fresh();
  FLOWSTONE_TRY_VOID(founder.found_workspace(workspace, "Default"));
  return founder.keep_key(workspace, "First key", {"admin", "member", "auditor", "operator"}, directory / "admin.key");
}

Result<void, std::string> found_demo(Founder& founder, const Clock& clock, const std::filesystem::path& directory) {
  const std::string workspace(kDemoWorkspace);
  FLOWSTONE_TRY_VOID(founder.found_workspace(workspace, "Demo"));
  FLOWSTONE_TRY_VOID(founder.keep_key(workspace, "Demo key", {"admin", "auditor", "operator"}, directory / "demo.key"));
  for (const auto& seed : demo_commands()) {
    FLOWSTONE_TRY_VOID(
        founder.carry_out(workspace, std::string(seed.command_id), seed.command, std::string(seed.id), seed.json));
  }
  FLOWSTONE_TRY_VOID(founder.carry_out(workspace, "demo-run-1-events", "record_run_events", std::string(kDemoRun),
                                       demo_run_events(clock.now())));
  return {};
}

}  // namespace flowstone::cli
