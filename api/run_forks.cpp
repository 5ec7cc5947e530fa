#include "api/run_forks.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/request_body.hpp"
#include "api/run_beginnings.hpp"
#include "asl/fork.hpp"
#include "commands/run_request.hpp"
#include "projections/recorded_run.hpp"
#include "projections/workflow_versions.hpp"
#include "schemas/run_fork_generated.h"
#include "workflows/definition.hpp"

namespace flowstone::api {
namespace {

using DefinitionPointer = std::shared_ptr<const workflows::Definition>;

// More events than these are not taken over.
constexpr std::size_t kMostShared = 100'000;

Problem conflict(std::string code, std::string field, std::string detail) {
  return problem_of(commands::CommandError{.code = commands::CommandError::Code::rejected,
                                           .rejection = {.kind = Rejection::Kind::conflict,
                                                         .code = std::move(code),
                                                         .detail = std::move(detail),
                                                         .field = std::move(field)},
                                           .current = {},
                                           .detail = {}});
}

// The run in the path, as it is to be forked.
struct Source {
  std::unique_ptr<schemas::RunT> state;
  projections::RecordedRun run;
};

Found<Source> find_source(const Exchange& exchange) {
  Source source;
  const auto id = exchange.parameter("id");
  FLOWSTONE_TRY(source.state, read_state<schemas::RunT>(exchange, "run", id));
  if (source.state->workflow_id.empty())
    return failure(
        conflict("no_workflow", "", "The run is recorded from outside; only a workflow's run can be taken up again."));
  auto run = projections::read_recorded_run(exchange.services().store, exchange.principal->workspace, id, SIZE_MAX);
  if (!run) return failure(damaged_storage(fmt::format("run {}: {}", id, run.error())));
  source.run = *std::move(run);
  return source;
}

Found<DefinitionPointer> read_definition(const Exchange& exchange, const std::string& workflow,
                                         std::uint64_t revision) {
  const auto published = projections::read_published_workflow(exchange.services().store, exchange.principal->workspace,
                                                              workflow, Revision{revision});
  if (!published) return failure(problem_of(published.error()));
  auto read = *published ? workflows::read_definition((*published)->definition, workflows::Format::json)
                         : Result<workflows::Definition, workflows::Problems>(failure(workflows::Problems{}));
  if (!read)
    return failure(damaged_storage(fmt::format("workflow {}: revision {} cannot be read", workflow, revision)));
  return std::make_shared<const workflows::Definition>(*std::move(read));
}

// What is shared, and what else the three calls ask for.
struct Wish {
  std::vector<std::size_t> shared;  // places of the events
  bool retries_failed = false;
  std::optional<std::uint32_t> version;
  std::string name;
};

std::vector<std::size_t> first(std::size_t count) {
  std::vector<std::size_t> places(count);
  for (std::size_t place = 0; place < count; ++place) places[place] = place;
  return places;
}

// Whether the shared events can happen in the version that is to go on with them.
Found<void> check_events(const Exchange& exchange, const Source& source, const Wish& wish,
                         const schemas::RequestRunT& request) {
  if (wish.shared.size() > kMostShared)
    return failure(conflict("too_many_events", "sequence",
                            fmt::format("A fork shares at most {} events, not {}.", kMostShared, wish.shared.size())));
  if (wish.shared.empty()) return {};
  asl::Events events;
  for (const auto place : wish.shared) events.push_back(source.run.events[place]);
  FLOWSTONE_TRY(const auto definition, read_definition(exchange, request.workflow_id, request.workflow_revision));
  const auto taken = asl::taken_over({definition, &definition->machine}, std::move(events), Timestamp{}, Timestamp{});
  if (taken) return {};
  return failure(conflict("version_does_not_fit", "version",
                          fmt::format("What the runs would share cannot happen in version {}: {}.",
                                      request.workflow_version, taken.error())));
}

Found<schemas::RequestRunT> request_for(const Exchange& exchange, const Source& source, const Wish& wish) {
  const auto& state = *source.state;
  FLOWSTONE_TRY(const auto workflow, read_state<schemas::WorkflowT>(exchange, "workflow", state.workflow_id));
  auto request = commands::run_request_for(*workflow, wish.version ? wish.version : state.workflow_version);
  if (!request)
    return failure(problem_of(commands::CommandError{
        .code = commands::CommandError::Code::rejected, .rejection = request.error(), .current = {}, .detail = {}}));
  request->name = wish.name.empty() ? state.name : wish.name;
  request->labels = state.labels;
  request->input = source.run.request.input;
  request->trigger = std::make_unique<schemas::RunTriggerT>();
  request->forked_from = state.id;
  request->forked_sequence = wish.shared.size();
  request->retries_failed = wish.retries_failed;
  FLOWSTONE_TRY_VOID(check_events(exchange, source, wish, *request));
  return *std::move(request);
}

bool is_an_end(asl::EventType type) {
  using enum asl::EventType;
  return type == execution_succeeded || type == execution_failed || type == execution_timed_out ||
         type == execution_aborted;
}

// How many events a fork may share.
std::size_t most_shared(const asl::Events& events) {
  return !events.empty() && is_an_end(events.back().type) ? events.size() - 1 : events.size();
}

Found<Wish> wish_of(const schemas::ForkRunT& what, const Exchange&, const Source& source) {
  const auto most = most_shared(source.run.events);
  const auto wanted = what.sequence.value_or(most);
  if (wanted > most)
    return failure(broken_rule("sequence", fmt::format("must be at most {}: there are no more events that do not end "
                                                       "the run",
                                                       most)));
  return Wish{.shared = first(wanted), .version = what.version, .name = what.name};
}

Found<Wish> wish_of(const schemas::RerunRunT& what, const Exchange&, const Source& source) {
  const auto& events = source.run.events;
  const auto begins = [&what](const asl::Event& event) {
    return event.type == asl::EventType::state_entered && event.state == what.step &&
           (what.path.empty() || event.path == what.path);
  };
  const auto last = std::find_if(events.rbegin(), events.rend(), begins);
  if (last == events.rend())
    return failure(conflict("step_never_began", "step",
                            what.path.empty()
                                ? fmt::format("The step `{}` never began in this run.", what.step)
                                : fmt::format("The step `{}` never began in the branch `{}`.", what.step, what.path)));
  return Wish{
      .shared = first(static_cast<std::size_t>(events.rend() - last) - 1), .version = what.version, .name = what.name};
}

Found<Wish> wish_of(const schemas::RetryFailedRunT& what, const Exchange& exchange, const Source& source) {
  if (!source.state->finished_at)
    return failure(conflict("run_still_running", "",
                            "The run still goes on; what failed in it can be retried when it has ended."));
  const auto& request = source.run.request;
  FLOWSTONE_TRY(const auto definition,
                read_definition(exchange, request.workflow_id, request.workflow_revision.value_or(0)));
  auto kept = asl::kept_for_retry(definition->machine, source.run.events);
  if (kept && !kept->empty())
    return Wish{.shared = *std::move(kept), .retries_failed = true, .version = what.version, .name = what.name};
  if (kept || kept.error() == asl::NoRetry::still_running)
    return failure(conflict("nothing_failed", "", "The run never began; there is nothing to take up again."));
  if (kept.error() == asl::NoRetry::failed_by_definition)
    return failure(conflict("failed_by_definition", "",
                            "The run came to a Fail state, and no error had led it there; it would come there again. "
                            "Rerun it from a step instead."));
  return failure(conflict("nothing_failed", "", "Nothing failed in the run."));
}

template <class Contract>
Task<void> make_run(Exchange* exchange) {
  commands::Command from_request;
  if (!may_begin(*exchange, from_request)) co_return;
  typename Contract::NativeTableType what;
  if (!read_body(*exchange, what, std::string(exchange->parameter("id")))) co_return;
  auto beginning = co_await exchange->blocking([&]() -> Found<Beginning> {
    return prepare_beginning(*exchange, from_request, [&]() -> Found<schemas::RequestRunT> {
      FLOWSTONE_TRY(const auto source, find_source(*exchange));
      FLOWSTONE_TRY(const auto wish, wish_of(what, *exchange, source));
      return request_for(*exchange, source, wish);
    });
  });
  if (!accepted(*exchange, beginning)) co_return;
  co_await begin_and_answer(exchange, *std::move(beginning), std::chrono::seconds(what.wait_seconds));
}

}  // namespace

Task<void> fork_run(Exchange* exchange) { return make_run<schemas::ForkRun>(exchange); }
Task<void> rerun_from_step(Exchange* exchange) { return make_run<schemas::RerunRun>(exchange); }
Task<void> retry_failed(Exchange* exchange) { return make_run<schemas::RetryFailedRun>(exchange); }

}  // namespace flowstone::api
