#include "api/workflow_runs.hpp"

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/commands.hpp"
#include "api/queries.hpp"
#include "api/stored_documents.hpp"
#include "base/uuid.hpp"
#include "commands/run_request.hpp"
#include "commands/workflow_runs.hpp"
#include "projections/run_events.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

schemas::RunT run_of(BytesView row) {
  schemas::RunT run;
  flatbuffers::GetRoot<schemas::Run>(row.data())->UnPackTo(&run);
  return run;
}

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

struct Asked {
  schemas::StartWorkflowRunT what;
  commands::Command command;  // empty if it was carried out before
  std::string repeated;       // the run that the same key started
};

// A key names one run: asking again with it is asked once.
std::string run_id_of(const Exchange& exchange, const std::string& key) {
  return key.empty() ? exchange.services().ids.fresh() : derived_uuid({exchange.principal->workspace, "\nrun\n", key});
}

Found<Asked> prepare(const Exchange& exchange, schemas::StartWorkflowRunT what, const commands::Command& from_request) {
  const auto& services = exchange.services();
  Asked asked;
  const auto run_id = run_id_of(exchange, from_request.command_id);
  if (!from_request.command_id.empty()) {
    const auto before = services.store.find_command(from_request.workspace, from_request.command_id);
    if (!before) return failure(problem_of(before.error()));
    if (*before && (*before)->fingerprint != from_request.fingerprint)
      return failure(Problem{ProblemKind::idempotency_key_reused});
    if (*before) asked.repeated = run_id;
  }
  if (asked.repeated.empty()) {
    FLOWSTONE_TRY(const auto workflow, read_state<schemas::WorkflowT>(exchange, "workflow", exchange.parameter("id")));
    auto request = commands::run_request_for(*workflow, what.version);
    if (!request)
      return failure(problem_of(commands::CommandError{
          .code = commands::CommandError::Code::rejected, .rejection = request.error(), .current = {}, .detail = {}}));
    if (!what.name.empty()) request->name = what.name;
    request->labels = what.labels;
    request->input = what.input;
    request->trigger = std::make_unique<schemas::RunTriggerT>();
    asked.command = commands::command_of(from_request.workspace, run_id, from_request.actor, *request);
    asked.command.command_id = from_request.command_id;
    asked.command.fingerprint = from_request.fingerprint;
    asked.command.request_id = from_request.request_id;
    asked.command.traceparent = from_request.traceparent;
  }
  asked.what = std::move(what);
  return asked;
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

Task<commands::CommandResult> begin(Exchange* exchange, Asked* asked) {
  if (!asked->repeated.empty()) {
    auto again = co_await wait_for_end(exchange, asked->repeated, std::chrono::seconds(0));
    if (again) again->repeated = true;
    co_return std::move(again);
  }
  Arrival<commands::CommandResult> arrival(exchange->loop);
  exchange->services().runs->start(std::move(asked->command),
                                   [&arrival](commands::CommandResult result) { arrival.bring(std::move(result)); });
  auto result = co_await arrival.wait();
  co_return std::move(result);
}

// What the request says besides its body. False, and refused, if it may not ask for this.
bool may_start(Exchange& exchange, commands::Command& from_request) {
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

}  // namespace

Task<void> start_workflow_run(Exchange* exchange) {
  commands::Command from_request;
  if (!may_start(*exchange, from_request)) co_return;
  const auto decoded = schemas::decode_json(*exchange->call().request, json_of(exchange->request),
                                            {.target = std::string(exchange->parameter("id"))});
  if (!decoded) {
    exchange->refuse(problem_of(decoded.error()));
    co_return;
  }
  schemas::StartWorkflowRunT what;
  flatbuffers::GetRoot<schemas::StartWorkflowRun>(decoded->data())->UnPackTo(&what);
  auto asked =
      co_await exchange->blocking([&]() -> Found<Asked> { return prepare(*exchange, std::move(what), from_request); });
  if (!accepted(*exchange, asked)) co_return;
  auto result = co_await begin(exchange, &*asked);
  const std::chrono::seconds patience(asked->what.wait_seconds);
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

Task<void> get_run(Exchange* exchange) { return answer_entity(exchange, show_values); }

}  // namespace flowstone::api
