#include "api/command_answers.hpp"

#include <fmt/format.h>

#include "api/header_values.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

Problem of_rejection(const Rejection& rejection) {
  Problem problem{ProblemKind::conflict, rejection.detail};
  switch (rejection.kind) {
    case Rejection::Kind::not_found:
      problem.kind = ProblemKind::not_found;
      break;
    case Rejection::Kind::conflict:
      problem.kind = ProblemKind::conflict;
      break;
    case Rejection::Kind::invalid:
      problem.kind = ProblemKind::invalid_field;
      break;
  }
  problem.code = rejection.code;
  if (!rejection.field.empty()) problem.errors.push_back({rejection.field, rejection.detail});
  return problem;
}

Problem of_field(ProblemKind kind, const Rejection& rejection) {
  Problem problem{kind, rejection.detail};
  problem.errors.push_back({rejection.field, rejection.detail});
  return problem;
}

Problem again_after(ProblemKind kind, int seconds, std::string detail = {}) {
  Problem problem{kind, std::move(detail)};
  problem.retry_after_seconds = seconds;
  return problem;
}

Problem of_storage(ProblemKind kind, const commands::CommandError& error) {
  Problem problem = again_after(kind, 30);
  problem.cause = error.detail;
  return problem;
}

}  // namespace

Problem problem_of(const commands::CommandError& error) {
  using Code = commands::CommandError::Code;
  switch (error.code) {
    case Code::rejected:
      return of_rejection(error.rejection);
    case Code::revision_mismatch: {
      Problem problem{ProblemKind::revision_mismatch};
      problem.current_revision = error.current;
      return problem;
    }
    case Code::missing_reference:
      return of_field(ProblemKind::missing_reference, error.rejection);
    case Code::duplicate_value:
      return of_field(ProblemKind::duplicate_value, error.rejection);
    case Code::command_id_reused:
      return {ProblemKind::idempotency_key_reused};
    case Code::in_progress:
      return again_after(ProblemKind::in_progress, 1);
    case Code::contended:
      return again_after(ProblemKind::contended, 1);
    case Code::too_large:
      return {ProblemKind::content_too_large, error.detail};
    case Code::busy:
      return again_after(ProblemKind::busy, 1);
    case Code::stopped:
      return again_after(ProblemKind::stopping, 5);
    case Code::storage_failed:
      return of_storage(ProblemKind::storage_failed, error);
    case Code::outcome_unknown:
      return of_storage(ProblemKind::outcome_unknown, error);
  }
  return {ProblemKind::internal_error};
}

Problem problem_of(const schemas::DecodeError& error) {
  const bool malformed = error.code == schemas::DecodeError::Code::malformed;
  Problem problem{malformed ? ProblemKind::malformed_json : ProblemKind::invalid_field};
  problem.errors = error.problems;
  if (malformed && error.problems.size() == 1 && error.problems[0].field.empty()) {
    problem.detail = error.problems[0].detail;
    problem.errors.clear();
  }
  return problem;
}

Problem problem_of(const eventstore::StoreError& error) {
  Problem problem = damaged_storage(fmt::format("position {}: {}", error.position.value, error.detail));
  if (error.position.value > 0) problem.detail = damage_at(error.position);
  return problem;
}

Task<commands::CommandResult> execute(Exchange* exchange, commands::Command command) {
  Arrival<commands::CommandResult> arrival(exchange->loop);
  const auto began = std::chrono::steady_clock::now();
  exchange->services().executor.execute(
      std::move(command), [&arrival](commands::CommandResult result) { arrival.bring(std::move(result)); });
  auto result = co_await arrival.wait();
  exchange->core.metrics.append.observe(std::chrono::steady_clock::now() - began);
  co_return std::move(result);
}

void answer_with(Exchange& exchange, const schemas::Aggregate& aggregate, const commands::Outcome& outcome) {
  Reply& reply = exchange.reply;
  fmt::format_to(std::back_inserter(reply.headers), "ETag: \"{}\"\r\nFlowstone-Position: {}\r\n",
                 outcome.revision.value, outcome.position.value);
  if (outcome.repeated) reply.add("Idempotent-Replayed", "true");
  schemas::encode_json(*aggregate.state, outcome.row, reply.body);
}

bool fill_from_request(Exchange& exchange, commands::Command& command) {
  const auto refuse = [&exchange](std::string_view header, std::string_view must) {
    Problem problem{ProblemKind::invalid_header};
    problem.errors.push_back({std::string(header), std::string(must)});
    exchange.refuse(problem);
    return false;
  };
  command.workspace = exchange.principal->workspace;
  command.actor = exchange.principal->actor;
  command.request_id = exchange.request_id;
  command.traceparent = exchange.traceparent;
  if (const auto key = exchange.request.header(Header::idempotency_key);
      exchange.request.has(Header::idempotency_key)) {
    auto parsed = parse_idempotency_key(key);
    if (!parsed) return refuse("Idempotency-Key", parsed.error());
    command.command_id = *std::move(parsed);
  }
  if (!exchange.request.has(Header::if_match)) return true;
  const auto tags = parse_entity_tags(exchange.request.header(Header::if_match), false);
  if (!tags) return refuse("If-Match", tags.error());
  if (tags->any) return true;
  if (tags->revisions.size() > 1) return refuse("If-Match", "must be `*` or one entity tag");
  // A tag of another shape is no revision of ours: nothing matches it.
  command.if_match = tags->revisions.empty() ? Revision{UINT64_MAX} : tags->revisions.front();
  return true;
}

Task<void> follow_keys(Exchange* exchange, std::string_view aggregate) {
  if (aggregate != "api_key") co_return;
  Authenticator& authenticator = exchange->core.authenticator;
  co_await exchange->blocking([&authenticator] { return authenticator.catch_up().has_value(); });
}

}  // namespace flowstone::api
