// `POST /v1/commands`: up to 100 commands in one request.
#include <algorithm>

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/handlers.hpp"
#include "commands/completed.hpp"
#include "domain/aggregate.hpp"
#include "schemas/command_generated.h"
#include "schemas/json.hpp"
#include "schemas/row.hpp"

namespace flowstone::api {
namespace {

// One command of the batch on its way.
struct Item {
  std::string command_id;
  const schemas::Call* call = nullptr;
  commands::Command command;
  std::optional<Problem> problem;
  std::optional<commands::Outcome> outcome;
};

const schemas::Call* call_of(const schemas::Member* command) {
  const auto& calls = schemas::contracts().calls();
  const auto found = std::ranges::find(calls, command, &schemas::Call::command);
  return found == calls.end() ? nullptr : &*found;
}

std::string_view text(const flatbuffers::String* string) {
  return string == nullptr ? std::string_view() : std::string_view(string->data(), string->size());
}

Problem invalid(std::string field, std::string detail) {
  Problem problem{ProblemKind::invalid_field};
  problem.errors.push_back({std::move(field), std::move(detail)});
  return problem;
}

// Finds the command's contract and whether this key may send it.
std::optional<Problem> find_call(const Principal& principal, std::string_view name, Item& item) {
  const auto reference = schemas::contracts().find_command(name);
  item.call = reference ? call_of(reference->command) : nullptr;
  if (item.call == nullptr) return invalid("command", "is not a command that can be sent");
  if (commands::is_completed_by_server(item.call->name))
    return invalid("command", fmt::format("has to be sent by itself: {} {}", item.call->method, item.call->path));
  const auto least = role_named(item.call->role);
  if (!least || !principal.roles.allow(*least)) {
    return Problem{ProblemKind::forbidden, fmt::format("`{}` needs a key with the role `{}`.", name, item.call->role)};
  }
  if (!principal.in_scope(item.call->aggregate->name, Access::write)) {
    return Problem{ProblemKind::forbidden,
                   fmt::format("This key's scopes do not include `{}:write`.", item.call->aggregate->name)};
  }
  item.command.aggregate = domain::find_aggregate_type(item.call->aggregate->name);
  item.command.command = item.call->command;
  return std::nullopt;
}

Item read_item(const Exchange& exchange, const schemas::BatchCommand& given) {
  Item item;
  item.command_id = text(given.command_id());
  commands::Command& command = item.command;
  command.workspace = exchange.principal->workspace;
  command.actor = exchange.principal->actor;
  command.request_id = exchange.request_id;
  command.traceparent = exchange.traceparent;
  command.command_id = item.command_id;
  command.id = text(given.id());
  if (const auto revision = given.if_match(); revision.has_value()) command.if_match = Revision{*revision};
  item.problem = find_call(*exchange.principal, text(given.command()), item);
  if (item.problem) return item;

  const auto data = text(given.data());
  const auto revision_text = command.if_match ? std::to_string(command.if_match->value) : std::string();
  command.fingerprint = sha256({item.call->name, "\n", command.id, "\n", revision_text, "\n", data});
  auto body = schemas::decode_json(*command.command->table, data.empty() ? "{}" : data, {.target = command.id});
  if (!body) {
    item.problem = problem_of(body.error());
    return item;
  }
  command.body = *std::move(body);
  if (command.id.empty()) {
    const auto& fields = command.command->table->fields;
    const auto target = std::ranges::find(fields, true, &schemas::Field::target);
    if (target != fields.end()) command.id = schemas::text_of(*target, command.body).value_or(std::string_view());
  }
  return item;
}

void settle(Item& item, commands::CommandResult result) {
  if (result) {
    item.outcome = *std::move(result);
  } else {
    item.problem = problem_of(result.error());
  }
}

Task<void> run_each(Exchange* exchange, std::vector<Item>* items) {
  for (Item& item : *items) {
    if (item.problem) continue;
    auto result = co_await execute(exchange, std::move(item.command));
    settle(item, std::move(result));
  }
}

Task<void> run_atomically(Exchange* exchange, std::vector<Item>* items) {
  const auto all_or_nothing = [items] {
    const bool refused = std::ranges::any_of(*items, [](const Item& item) { return item.problem.has_value(); });
    if (!refused) return true;
    for (Item& item : *items) {
      if (!item.problem) item.problem = Problem{ProblemKind::not_carried_out};
    }
    return false;
  };
  if (!all_or_nothing()) co_return;
  std::vector<commands::Command> commands;
  for (Item& item : *items) commands.push_back(std::move(item.command));
  Arrival<std::vector<commands::CommandResult>> arrival(exchange->loop);
  exchange->services().executor.execute_atomically(
      std::move(commands),
      [&arrival](std::vector<commands::CommandResult> results) { arrival.bring(std::move(results)); });
  auto results = co_await arrival.wait();
  const bool any = std::ranges::any_of(results, [](const auto& result) { return result.has_value(); });
  for (std::size_t at = 0; at < items->size(); ++at) {
    Item& item = (*items)[at];
    const bool bystander = !results[at] && results[at].error().code == commands::CommandError::Code::stopped && !any &&
                           std::ranges::any_of(results, [](const auto& result) {
                             return !result && result.error().code != commands::CommandError::Code::stopped;
                           });
    if (bystander) {
      item.problem = Problem{ProblemKind::not_carried_out};
    } else {
      settle(item, std::move(results[at]));
    }
  }
}

void append_item(const Exchange& exchange, const Item& item, std::string& out) {
  out.append("{\"command_id\":");
  schemas::append_json_string(item.command_id, out);
  auto end = std::back_inserter(out);
  if (item.outcome) {
    fmt::format_to(end, ",\"status\":{},\"position\":{},\"body\":", item.call->status, item.outcome->position.value);
    schemas::encode_json(*item.call->aggregate->state, item.outcome->row, out);
  } else {
    if (!item.problem->cause.empty()) exchange.core.log.error(item.problem->cause, exchange.request_id);
    fmt::format_to(end, ",\"status\":{},\"body\":", item.problem->status());
    append_json(*item.problem, exchange.path, exchange.request_id, out);
  }
  out += '}';
}

void answer(Exchange& exchange, const std::vector<Item>& items) {
  std::string& body = exchange.reply.body;
  Position position;
  body.append("{\"items\":[");
  for (std::size_t at = 0; at < items.size(); ++at) {
    if (at > 0) body += ',';
    append_item(exchange, items[at], body);
    if (items[at].outcome) position = std::max(position, items[at].outcome->position);
  }
  fmt::format_to(std::back_inserter(body), "],\"position\":{}}}", position.value);
  exchange.reply.add("Flowstone-Position", std::to_string(position.value));
}

}  // namespace

Task<void> run_commands(Exchange* exchange) {
  if (!exchange->all_parameters_known()) co_return;
  const auto decoded = schemas::decode_json(*exchange->call().request, exchange->request.body);
  if (!decoded) {
    exchange->refuse(problem_of(decoded.error()));
    co_return;
  }
  const auto* batch = flatbuffers::GetRoot<schemas::CommandBatch>(decoded->data());
  std::vector<Item> items;
  for (const auto* given : *batch->commands()) items.push_back(read_item(*exchange, *given));
  if (batch->atomic()) {
    co_await run_atomically(exchange, &items);
  } else {
    co_await run_each(exchange, &items);
  }
  const bool keys_changed = std::ranges::any_of(items, [](const Item& item) {
    return item.outcome && item.outcome->changed && item.call->aggregate->name == "api_key";
  });
  if (keys_changed) co_await follow_keys(exchange, "api_key");
  answer(*exchange, items);
}

}  // namespace flowstone::api
