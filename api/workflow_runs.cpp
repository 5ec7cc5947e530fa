#include "api/workflow_runs.hpp"

#include "api/command_answers.hpp"
#include "api/commands.hpp"
#include "api/queries.hpp"
#include "api/request_body.hpp"
#include "api/run_beginnings.hpp"
#include "commands/run_request.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

Found<schemas::RequestRunT> request_for(const Exchange& exchange, const schemas::StartWorkflowRunT& what) {
  FLOWSTONE_TRY(const auto workflow, read_state<schemas::WorkflowT>(exchange, "workflow", exchange.parameter("id")));
  auto request = commands::run_request_for(*workflow, what.version);
  if (!request)
    return failure(problem_of(commands::CommandError{
        .code = commands::CommandError::Code::rejected, .rejection = request.error(), .current = {}, .detail = {}}));
  if (!what.name.empty()) request->name = what.name;
  request->labels = what.labels;
  request->input = what.input;
  request->trigger = std::make_unique<schemas::RunTriggerT>();
  return *std::move(request);
}

}  // namespace

Task<void> start_workflow_run(Exchange* exchange) {
  commands::Command from_request;
  if (!may_begin(*exchange, from_request)) co_return;
  schemas::StartWorkflowRunT what;
  if (!read_body(*exchange, what, std::string(exchange->parameter("id")))) co_return;
  auto beginning = co_await exchange->blocking([&]() -> Found<Beginning> {
    return prepare_beginning(*exchange, from_request, [&] { return request_for(*exchange, what); });
  });
  if (!accepted(*exchange, beginning)) co_return;
  co_await begin_and_answer(exchange, *std::move(beginning), std::chrono::seconds(what.wait_seconds));
}

Task<void> get_run(Exchange* exchange) { return answer_entity(exchange, show_values); }

}  // namespace flowstone::api
