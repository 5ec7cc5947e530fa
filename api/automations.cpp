#include "api/automations.hpp"

#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/commands.hpp"
#include "api/request_body.hpp"
#include "api/stored_documents.hpp"
#include "base/uuid.hpp"
#include "commands/backtest.hpp"
#include "domain/automation.hpp"
#include "jsonata/json_text.hpp"
#include "schemas/json.hpp"
#include "schemas/packed.hpp"
#include "schemas/workflow_generated.h"

namespace flowstone::api {
namespace {

using schemas::AutomationT;

constexpr std::chrono::hours kDay{24};

// A rule with a command carried out, and whether it was there before.
struct Changed {
  AutomationT rule;
  std::string definition;  // of its workflow
  bool existed = false;
  Revision before;
};

// What the command would make of the rule; nothing where it will be refused, or changes nothing. Blocking.
Found<std::optional<Changed>> foresee(const Exchange& exchange, const commands::Command& command) {
  Changed changed;
  const auto now = exchange.services().executor.read(command.workspace, *command.aggregate, command.id);
  if (!now) return failure(problem_of(now.error()));
  if (*now) {
    changed.existed = true;
    changed.before = (*now)->revision;
    flatbuffers::GetRoot<schemas::Automation>((*now)->row.data())->UnPackTo(&changed.rule);
  }
  const auto kind = static_cast<schemas::AutomationCommand>(command.command->discriminator);
  const auto asked = schemas::unpack_member<schemas::AutomationCommandUnion>(kind, command.body);
  const auto decided =
      domain::Automation::decide(changed.existed ? &changed.rule : nullptr, asked,
                                 {.now = exchange.services().clock.now(), .actor = command.actor, .id = command.id});
  if (!decided || decided->empty()) return std::nullopt;
  for (const auto& event : *decided) domain::Automation::evolve(changed.rule, event, {});
  auto compiled = domain::compiled(changed.rule);
  if (!compiled) return std::nullopt;
  changed.definition = std::move(compiled->definition);
  return changed;
}

template <class Table>
commands::Command beside(const commands::Command& first, std::string_view name, const Table& table) {
  commands::Command command = first;
  const auto found = schemas::contracts().find_command(name);
  command.aggregate = domain::find_aggregate_type(found->aggregate->name);
  command.command = found->command;
  command.body = schemas::pack(table);
  command.if_match.reset();
  if (!first.command_id.empty()) command.command_id = fmt::format("{}/{}", first.command_id, name);
  return command;
}

// The command, and those that bring the workflow to the same state. A workflow that is archived takes no change.
std::vector<commands::Command> together(const commands::Command& first, const Changed& changed) {
  std::vector<commands::Command> all{first};
  const auto name = fmt::format("{} (automation)", changed.rule.name);
  if (changed.existed) {
    schemas::RestoreWorkflowT restore;
    restore.id = first.id;
    all.push_back(beside(first, "restore_workflow", restore));
    schemas::UpdateWorkflowT update;
    update.id = first.id;
    update.name = name;
    update.definition = changed.definition;
    all.push_back(beside(first, "update_workflow", update));
  } else {
    schemas::CreateWorkflowT create;
    create.id = first.id;
    create.name = name;
    create.labels = {"automation"};
    create.definition = changed.definition;
    all.push_back(beside(first, "create_workflow", create));
  }
  schemas::PublishWorkflowT publish;
  publish.id = first.id;
  if (changed.rule.enabled) all.push_back(beside(first, "publish_workflow", publish));
  schemas::ArchiveWorkflowT archive;
  archive.id = first.id;
  if (!changed.rule.enabled) all.push_back(beside(first, "archive_workflow", archive));
  return all;
}

Task<commands::CommandResult> carry_out(Exchange* exchange, std::vector<commands::Command> all) {
  Arrival<commands::CommandResult> arrival(exchange->loop);
  exchange->services().executor.execute_atomically(
      std::move(all), [&arrival](std::vector<commands::CommandResult> results) {
        // The first that was at fault itself, or the rule's own outcome.
        const auto refused = std::ranges::find_if(results, [](const auto& result) {
          return !result && result.error().code != commands::CommandError::Code::stopped;
        });
        arrival.bring(std::move(refused != results.end() ? *refused : results.front()));
      });
  auto result = co_await arrival.wait();
  co_return std::move(result);
}

// A key makes one rule, however often it is sent.
std::string fresh_id(const Exchange& exchange, const commands::Command& command) {
  if (command.command_id.empty()) return exchange.services().ids.fresh();
  return derived_uuid({command.workspace, "\nautomation\n", command.command_id});
}

// How often somebody else may be faster.
constexpr int kAttempts = 8;

std::unique_ptr<schemas::AutomationBacktestT> told(const workflows::Automation& rule, const commands::Backtest& trial,
                                                   Timestamp until) {
  auto answer = std::make_unique<schemas::AutomationBacktestT>();
  answer->since = trial.since.micros;
  answer->until = until.micros;
  answer->looked_at = trial.looked_at;
  answer->acted = trial.acted;
  answer->failed = trial.failed;
  answer->complete = trial.complete;
  for (const auto& [condition, count] : trial.misses) {
    auto miss = std::make_unique<schemas::BacktestMissT>();
    miss->condition = condition;
    miss->count = count;
    answer->misses.push_back(std::move(miss));
  }
  for (const auto& occasion : trial.occasions) {
    auto one = std::make_unique<schemas::BacktestOccasionT>();
    if (occasion.position) one->position = occasion.position->value;
    one->event_type = occasion.event_type;
    one->stream = occasion.stream;
    one->at = occasion.at.micros;
    one->error = occasion.error;
    if (const auto input = jsonata::read_json(occasion.input))
      one->actions = jsonata::write_json(workflows::actions_in(rule, *input)).value_or("");
    answer->occasions.push_back(std::move(one));
  }
  return answer;
}

Found<std::unique_ptr<schemas::AutomationBacktestT>> try_rule(const Exchange& exchange,
                                                              const schemas::BacktestAutomationT& asked) {
  FLOWSTONE_TRY(const auto rule, read_state<AutomationT>(exchange, "automation", exchange.parameter("id")));
  const auto compiled = domain::compiled(*rule);
  if (!compiled) return failure(broken_rule("actions", compiled.error().front().sentence));
  const auto until = exchange.services().clock.now();
  const auto trial = commands::backtest(exchange.services().store, compiled->rule,
                                        {.workspace = exchange.principal->workspace,
                                         .since = until + -std::chrono::microseconds(kDay * asked.days),
                                         .until = until,
                                         .occasions = asked.limit});
  if (!trial) return failure(problem_of(trial.error()));
  return told(*compiled, *trial, until);
}

}  // namespace

Task<void> change_automation(Exchange* exchange) {
  commands::Command command;
  if (!begin_command(*exchange, command) || !decode_command(*exchange, command, json_of(exchange->request), false))
    co_return;
  if (command.id.empty()) command.id = fresh_id(*exchange, command);
  const bool matched = command.if_match.has_value();
  for (int attempt = 1;; ++attempt) {
    const auto foreseen = co_await exchange->blocking([&] { return foresee(*exchange, command); });
    if (!accepted(*exchange, foreseen)) co_return;
    std::vector<commands::Command> all{command};
    if (*foreseen) all = together(command, **foreseen);
    if (*foreseen && !matched && (*foreseen)->existed) all.front().if_match = (*foreseen)->before;
    const auto result = co_await carry_out(exchange, std::move(all));
    const bool overtaken =
        !matched && !result && result.error().code == commands::CommandError::Code::revision_mismatch;
    if (overtaken && attempt < kAttempts) continue;
    if (overtaken) {
      exchange->refuse({ProblemKind::contended});
    } else if (!result) {
      exchange->refuse(problem_of(result.error()));
    } else {
      exchange->reply.status = exchange->call().status;
      if (exchange->call().status == 201)
        exchange->reply.add("Location", fmt::format("/v1/automations/{}", result->id));
      answer_with(*exchange, *exchange->call().aggregate, *result);
    }
    co_return;
  }
}

Task<void> backtest_automation(Exchange* exchange) {
  if (!check_scope(*exchange, "automation", Access::read) || !exchange->all_parameters_known()) co_return;
  schemas::BacktestAutomationT asked;
  if (!read_body(*exchange, asked)) co_return;
  const auto answer = co_await exchange->blocking([&] { return try_rule(*exchange, asked); });
  if (accepted(*exchange, answer)) append_table(*exchange->call().response, **answer, exchange->reply.body);
}

}  // namespace flowstone::api
