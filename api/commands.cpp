// Commands: decode by contract, hand to the write side, answer with the entity's new state.
#include "api/commands.hpp"

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/handlers.hpp"
#include "base/identifier.hpp"
#include "domain/aggregate.hpp"
#include "schemas/json.hpp"
#include "schemas/row.hpp"

namespace flowstone::api {
namespace {

const schemas::Field* target_of(const schemas::Table& table) {
  for (const schemas::Field& field : table.fields) {
    if (field.target) return &field;
  }
  return nullptr;
}

// The id in the path, if the route has one; false, and refused, if it cannot be anything's id.
bool take_path_id(Exchange& exchange, std::string& id) {
  if (exchange.match.parameters.empty()) return true;
  id = exchange.match.parameters.front().value;
  if (is_uuid(id)) return true;
  exchange.refuse({ProblemKind::not_found, fmt::format("`{}` is no id: ids are UUIDs in lower case.", id)});
  return false;
}

Digest fingerprint_of(const Exchange& exchange, std::string_view id) {
  return sha256(
      {exchange.call().name, "\n", id, "\n", exchange.request.header(Header::if_match), "\n", exchange.request.body});
}

// Nobody makes a key that may do more than the one it is made with.
std::string excess_of(const Principal& creator, const schemas::Table& table, BytesView body) {
  Roles roles;
  std::vector<std::string> scopes;
  const auto each_text = [](std::string_view list, auto&& use) {
    while (!list.empty()) {
      const std::size_t open = list.find('"');
      const std::size_t close = open == std::string_view::npos ? open : list.find('"', open + 1);
      if (close == std::string_view::npos) return;
      use(list.substr(open + 1, close - open - 1));
      list.remove_prefix(close + 1);
    }
  };
  if (const auto list = schemas::field_json(*table.find("roles"), body)) {
    each_text(*list, [&roles](std::string_view name) {
      if (const auto role = role_named(name)) roles.add(*role);
    });
  }
  if (const auto list = schemas::field_json(*table.find("scopes"), body)) {
    each_text(*list, [&scopes](std::string_view scope) { scopes.emplace_back(scope); });
  }
  if (!creator.roles.cover(roles)) return "roles";
  if (!creator.is_scoped()) return {};
  if (scopes.empty()) return "scopes";
  for (const std::string& scope : scopes) {
    const std::size_t colon = scope.rfind(':');
    if (colon == std::string::npos) return "scopes";
    const Access access = scope.substr(colon + 1) == "read" ? Access::read : Access::write;
    if (!creator.in_scope(std::string_view(scope).substr(0, colon), access)) return "scopes";
  }
  return {};
}

// The document with one more member; `json` is an object.
std::string with_member(std::string_view json, std::string_view member) {
  const std::size_t brace = json.find('{') + 1;
  const bool empty = json.find_first_not_of(" \t\r\n", brace) == json.rfind('}');
  std::string spliced(json.substr(0, brace));
  spliced.append(member).append(empty ? "" : ",").append(json.substr(brace));
  return spliced;
}

}  // namespace

bool begin_command(Exchange& exchange, commands::Command& command) {
  const schemas::Call& call = exchange.call();
  if (!exchange.principal->in_scope(call.aggregate->name, Access::write)) {
    exchange.refuse(
        {ProblemKind::forbidden, fmt::format("This key's scopes do not include `{}:write`.", call.aggregate->name)});
    return false;
  }
  if (!exchange.all_parameters_known() || !take_path_id(exchange, command.id) || !fill_from_request(exchange, command))
    return false;
  command.aggregate = domain::find_aggregate_type(call.aggregate->name);
  command.command = call.command;
  command.fingerprint = fingerprint_of(exchange, command.id);
  return true;
}

bool decode_command(Exchange& exchange, commands::Command& command, std::string_view json, bool accept_hidden) {
  auto body =
      schemas::decode_json(*command.command->table, json, {.target = command.id, .accept_hidden = accept_hidden});
  if (!body) {
    exchange.refuse(problem_of(body.error()));
    return false;
  }
  command.body = *std::move(body);
  if (!command.id.empty()) return true;
  if (const schemas::Field* target = target_of(*command.command->table)) {
    command.id = schemas::text_of(*target, command.body).value_or(std::string_view());
  }
  return true;
}

std::string_view json_of(const Request& request) {
  return request.body.empty() ? "{}" : std::string_view(request.body);
}

Task<std::optional<commands::Outcome>> finish_command(Exchange* exchange, commands::Command command) {
  const schemas::Call& call = exchange->call();
  auto result = co_await execute(exchange, std::move(command));
  if (!result) {
    exchange->refuse(problem_of(result.error()));
    co_return std::nullopt;
  }
  exchange->reply.status = call.status;
  answer_with(*exchange, *call.aggregate, *result);
  if (call.status == 201) exchange->reply.add("Location", fmt::format("{}/{}", call.path, result->id));
  if (result->changed) co_await follow_keys(exchange, call.aggregate->name);
  co_return *std::move(result);
}

Task<void> run_command(Exchange* exchange) {
  commands::Command command;
  if (!begin_command(*exchange, command) || !decode_command(*exchange, command, json_of(exchange->request), false))
    co_return;
  co_await finish_command(exchange, std::move(command));
}

Task<void> create_api_key(Exchange* exchange) {
  commands::Command command;
  if (!begin_command(*exchange, command) || !decode_command(*exchange, command, json_of(exchange->request), false))
    co_return;
  const auto excess = excess_of(*exchange->principal, *command.command->table, command.body);
  if (!excess.empty()) {
    Problem problem{ProblemKind::forbidden, "A key cannot give more than it has itself."};
    problem.errors.push_back({excess, "must not go beyond those of the key that creates it"});
    exchange->refuse(problem);
    co_return;
  }
  const KeySecret minted = mint_secret();
  const auto document = with_member(json_of(exchange->request), fmt::format("\"secret_digest\":\"{}\"", minted.digest));
  if (!decode_command(*exchange, command, document, true)) co_return;
  const auto outcome = co_await finish_command(exchange, std::move(command));
  // The same request again gets the same key's state, but its text was shown once and for all.
  if (!outcome || outcome->repeated) co_return;
  std::string& body = exchange->reply.body;
  body.pop_back();
  body.append(",\"key\":\"").append(key_text(exchange->principal->workspace, outcome->id, minted.secret)).append("\"}");
}

}  // namespace flowstone::api
