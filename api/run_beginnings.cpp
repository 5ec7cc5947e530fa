#include "api/run_beginnings.hpp"

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "base/uuid.hpp"
#include "commands/run_request.hpp"
#include "commands/workflow_runs.hpp"
#include "projections/run_events.hpp"

namespace flowstone::api {
namespace {

schemas::RunT run_of(BytesView row) {
  schemas::RunT run;
  flatbuffers::GetRoot<schemas::Run>(row.data())->UnPackTo(&run);
  return run;
}

std::string run_id_of(const Exchange& exchange, const std::string& key) {
  return key.empty() ? exchange.services().ids.fresh() : derived_uuid({exchange.principal->workspace, "\nrun\n", key});
}

bool has_ended(const commands::CommandResult& result) { return result && run_of(result->row).finished_at.has_value(); }

Task<commands::CommandResult> wait_for_end(Exchange* exchange, std::string run_id, std::chrono::seconds patience) {
  Arrival<commands::CommandResult> arrival(exchange->loop);
  exchange->services().runs->wait_for_end(
      exchange->principal->workspace, std::move(run_id), patience,
      [&arrival](commands::CommandResult result) { arrival.bring(std::move(result)); });
  auto result = co_await arrival.wait();
  co_return std::move(result);
}

Task<commands::CommandResult> begin(Exchange* exchange, Beginning* beginning) {
  if (!beginning->repeated.empty()) {
    auto again = co_await wait_for_end(exchange, beginning->repeated, std::chrono::seconds(0));
    if (again) again->repeated = true;
    co_return std::move(again);
  }
  Arrival<commands::CommandResult> arrival(exchange->loop);
  exchange->services().runs->start(std::move(beginning->command),
                                   [&arrival](commands::CommandResult result) { arrival.bring(std::move(result)); });
  auto result = co_await arrival.wait();
  co_return std::move(result);
}

}  // namespace

// What went in stands in the first event of a workflow's run, what came out in its last.
Bytes show_values(const Exchange& exchange, Bytes row, std::optional<Position>) {
  auto run = run_of(row);
  if (run.workflow_id.empty()) return row;
  const auto read = [&](std::uint64_t revision) {
    return projections::read_run_event(exchange.services().store, exchange.principal->workspace, run.id,
                                       Revision{revision});
  };
  if (const auto first = read(1); first && *first) {
    if (const auto* requested = (*first)->AsRunRequested()) run.input = requested->input;
  }
  if (run.finished_at) {
    if (const auto last = read(run.revision); last && *last) {
      if (const auto* completed = (*last)->AsRunCompleted()) run.output = completed->output;
    }
  }
  return schemas::pack(run);
}

bool may_begin(Exchange& exchange, commands::Command& from_request) {
  if (!exchange.principal->in_scope("run", Access::write)) {
    exchange.refuse({ProblemKind::forbidden, "This key's scopes do not include `run:write`."});
    return false;
  }
  if (!exchange.all_parameters_known() || !fill_from_request(exchange, from_request)) return false;
  from_request.fingerprint =
      sha256({exchange.call().name, "\n", exchange.parameter("id"), "\n", exchange.request.body});
  if (exchange.services().runs != nullptr) return true;
  exchange.refuse({ProblemKind::busy, "This server carries no workflows out."});
  return false;
}

Found<Beginning> prepare_beginning(const Exchange& exchange, const commands::Command& from_request,
                                   const AskForRun& ask) {
  const auto& services = exchange.services();
  Beginning beginning;
  const auto run_id = run_id_of(exchange, from_request.command_id);
  if (!from_request.command_id.empty()) {
    const auto before = services.store.find_command(from_request.workspace, from_request.command_id);
    if (!before) return failure(problem_of(before.error()));
    if (*before && (*before)->fingerprint != from_request.fingerprint)
      return failure(Problem{ProblemKind::idempotency_key_reused});
    if (*before) {
      beginning.repeated = run_id;
      return beginning;
    }
  }
  FLOWSTONE_TRY(const auto request, ask());
  beginning.command = commands::command_of(from_request.workspace, run_id, from_request.actor, request);
  beginning.command.command_id = from_request.command_id;
  beginning.command.fingerprint = from_request.fingerprint;
  beginning.command.request_id = from_request.request_id;
  beginning.command.traceparent = from_request.traceparent;
  return beginning;
}

Task<void> begin_and_answer(Exchange* exchange, Beginning beginning, std::chrono::seconds patience) {
  auto result = co_await begin(exchange, &beginning);
  if (result && patience.count() > 0 && !has_ended(result)) {
    const bool repeated = result->repeated;
    result = co_await wait_for_end(exchange, result->id, patience);
    if (result) result->repeated = repeated;
  }
  if (!result) {
    exchange->refuse(problem_of(result.error()));
    co_return;
  }
  result->row =
      co_await exchange->blocking([&] { return show_values(*exchange, std::move(result->row), std::nullopt); });
  exchange->reply.status = exchange->call().status;
  exchange->reply.add("Location", fmt::format("/v1/runs/{}", result->id));
  answer_with(*exchange, *schemas::contracts().find_aggregate("run"), *result);
}

}  // namespace flowstone::api
