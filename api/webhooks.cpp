// Webhooks: where they listen, and what becomes of what they are told.
#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/stored_documents.hpp"
#include "api/triggers.hpp"
#include "base/uuid.hpp"
#include "commands/triggered_run.hpp"
#include "commands/webhook.hpp"
#include "commands/workflow_runs.hpp"
#include "domain/aggregate.hpp"
#include "domain/trigger.hpp"
#include "jsonata/json_text.hpp"
#include "projections/workflow_versions.hpp"
#include "workflows/definition.hpp"

namespace flowstone::api {
namespace {

using jsonata::Value;
using schemas::EvaluationOutcome;

constexpr std::size_t kMostBody = 256U << 10U;
constexpr std::string_view kActor = "webhook";

// A webhook that somebody speaks to.
struct Listener {
  std::string workspace;
  schemas::TriggerT trigger;
  workflows::StartRule rule;
  std::string secret;
};

Problem no_webhook() {
  return {ProblemKind::not_found, "There is no webhook at this address; it may have been replaced, or removed."};
}

// The state and the rule of a trigger that is a webhook, whoever asks. Nothing if there is none. Blocking.
Found<std::optional<Listener>> find_webhook(const Services& services, const std::string& workspace,
                                            const std::string& trigger_id) {
  const auto state = services.executor.read(workspace, *domain::find_aggregate_type("trigger"), trigger_id);
  if (!state) return failure(problem_of(state.error()));
  if (!*state) return std::nullopt;
  Listener listener;
  listener.workspace = workspace;
  flatbuffers::GetRoot<schemas::Trigger>((*state)->row.data())->UnPackTo(&listener.trigger);
  auto rule = domain::rule_of(listener.trigger);
  if (!rule || rule->kind != workflows::StartKind::webhook) return std::nullopt;
  listener.rule = *std::move(rule);
  listener.secret = services.webhooks->secret(workspace, trigger_id, listener.trigger.webhook_generation);
  return listener;
}

Found<Listener> listener_at(const Services& services, std::string_view token) {
  const auto address = commands::WebhookKeys::address_in(token);
  if (!address || services.webhooks == nullptr || services.runs == nullptr) return failure(no_webhook());
  FLOWSTONE_TRY(auto listener, find_webhook(services, address->workspace, address->trigger_id));
  if (!listener || listener->trigger.status == schemas::TriggerStatus::removed) return failure(no_webhook());
  const auto holds =
      services.webhooks->token(address->workspace, address->trigger_id, listener->trigger.webhook_generation);
  if (!equal_in_constant_time(holds, token)) return failure(no_webhook());
  return *std::move(listener);
}

Found<std::string> delivery_of(const Exchange& exchange, const Listener& listener) {
  const auto& request = exchange.request;
  const commands::DeliveryHeaders headers{.id = request.header(Header::webhook_id),
                                          .timestamp = request.header(Header::webhook_timestamp),
                                          .signature = request.header(Header::webhook_signature),
                                          .github_signature = request.header(Header::github_signature)};
  auto id = commands::check_delivery(listener.rule.signature, listener.secret, headers, request.body,
                                     exchange.services().clock.now());
  if (id) return *std::move(id);
  const auto& refusal = id.error();
  Problem problem{ProblemKind::unauthenticated, fmt::format("`{}` {}.", refusal.header, refusal.detail)};
  problem.code = refusal.code;
  problem.errors.push_back({refusal.header, refusal.detail});
  return failure(std::move(problem));
}

// What conditions and inputs see.
Value value_of(const Exchange& exchange, const Listener& listener, const std::string& delivery, Value body,
               Timestamp now) {
  std::vector<jsonata::Member> members{{"id", Value::string(delivery)},
                                       {"trigger", Value::string(listener.trigger.name)},
                                       {"received_at", Value::string(to_rfc3339(now))},
                                       {"body", std::move(body)}};
  if (const auto event = exchange.request.header(Header::github_event); !event.empty())
    members.push_back({"event", Value::string(std::string(event))});
  return Value::object({{"webhook", Value::object(std::move(members))}});
}

Found<std::optional<workflows::InputSchema>> inputs_of(const Services& services, const Listener& listener) {
  const auto& trigger = listener.trigger;
  const auto version = projections::read_published_workflow(services.store, listener.workspace, trigger.workflow_id,
                                                            Revision{trigger.workflow_revision});
  if (!version) return failure(problem_of(version.error()));
  if (!*version) return std::nullopt;
  auto definition = workflows::read_definition((*version)->definition, workflows::Format::json);
  if (!definition) return std::nullopt;
  return std::move(definition->inputs);
}

// A delivery that was looked at; with a request, a run is to be started.
struct Looked {
  Listener listener;
  std::string delivery;
  schemas::RecordTriggerEvaluationT evaluation;
  std::optional<commands::Command> request;
  bool recorded = true;  // a pause is no evaluation
};

Looked skipped(Looked looked, std::string reason, std::string detail) {
  looked.evaluation.outcome = EvaluationOutcome::skipped;
  looked.evaluation.reason = std::move(reason);
  looked.evaluation.detail = std::move(detail);
  return looked;
}

Found<Looked> look(const Exchange& exchange) {
  if (exchange.request.body.size() > kMostBody)
    return failure(Problem{ProblemKind::content_too_large, fmt::format("A delivery has at most {} bytes.", kMostBody)});
  const auto& services = exchange.services();
  Looked looked;
  FLOWSTONE_TRY(looked.listener, listener_at(services, exchange.parameter("token")));
  FLOWSTONE_TRY(looked.delivery, delivery_of(exchange, looked.listener));
  auto body = jsonata::read_json(exchange.request.body);
  if (!body) return failure(Problem{ProblemKind::malformed_json, "A delivery must be JSON in UTF-8."});
  const auto& listener = looked.listener;
  if (listener.trigger.status == schemas::TriggerStatus::paused) {
    looked.recorded = false;
    return skipped(std::move(looked), "trigger_paused", "The trigger is paused; what it is told starts nothing.");
  }
  const auto now = services.clock.now();
  const auto value = value_of(exchange, listener, looked.delivery, *std::move(body), now);
  const jsonata::Context context{.now = now, .random = commands::chance_of(std::hash<std::string>()(looked.delivery))};
  if (listener.rule.condition) {
    auto verdict = listener.rule.condition->judge(value, context);
    if (!verdict.holds) {
      looked.evaluation.condition = std::move(verdict.part);
      const bool failed = !verdict.error.empty();
      return skipped(std::move(looked), failed ? "condition_failed" : "condition_false", std::move(verdict.error));
    }
  }
  FLOWSTONE_TRY(const auto inputs, inputs_of(services, listener));
  auto input = commands::input_of(listener.rule, inputs ? &*inputs : nullptr, value, value, context);
  if (!input) {
    looked = skipped(std::move(looked), std::move(input.error().reason), std::move(input.error().detail));
    looked.evaluation.outcome = EvaluationOutcome::failed;
    return looked;
  }
  const auto cause = fmt::format("webhook {}", looked.delivery);
  looked.request = commands::run_request_of(
      listener.workspace, listener.trigger,
      {.key = cause, .position = {}, .due_at = {}, .causation = exchange.request_id, .depth = 0}, *std::move(input));
  return looked;
}

Task<commands::CommandResult> start(Exchange* exchange, commands::Command request) {
  Arrival<commands::CommandResult> arrival(exchange->loop);
  exchange->services().runs->start(std::move(request),
                                   [&arrival](commands::CommandResult result) { arrival.bring(std::move(result)); });
  auto result = co_await arrival.wait();
  co_return std::move(result);
}

// The same end of the same delivery is recorded once, however often it is sent.
commands::Command record_of(const Exchange& exchange, const Looked& looked) {
  const auto& trigger = looked.listener.trigger;
  auto command = commands::evaluation_of(looked.listener.workspace, trigger.id, std::string(kActor), looked.evaluation);
  const std::string_view outcome = schemas::EnumNameEvaluationOutcome(looked.evaluation.outcome);
  command.command_id =
      derived_uuid({"webhook\n", trigger.id, "\n", looked.delivery, "\n", outcome, "\n", looked.evaluation.reason});
  command.request_id = exchange.request_id;
  command.traceparent = exchange.traceparent;
  return command;
}

}  // namespace

Task<void> get_trigger_webhook(Exchange* exchange) {
  if (!check_scope(*exchange, "trigger", Access::read) || !exchange->all_parameters_known()) co_return;
  const auto found = co_await exchange->blocking([exchange]() -> Found<Listener> {
    FLOWSTONE_TRY(const auto row, read_row(*exchange, "trigger", exchange->parameter("id")));
    static_cast<void>(row);
    if (exchange->services().webhooks == nullptr)
      return failure(Problem{ProblemKind::busy, "This server listens to no webhooks."});
    FLOWSTONE_TRY(auto listener, find_webhook(exchange->services(), exchange->principal->workspace,
                                              std::string(exchange->parameter("id"))));
    if (listener) return *std::move(listener);
    Problem problem{ProblemKind::conflict, "This trigger is no webhook: it has neither an address nor a secret."};
    problem.code = "not_a_webhook";
    return failure(std::move(problem));
  });
  if (!accepted(*exchange, found)) co_return;
  const auto& trigger = found->trigger;
  schemas::TriggerWebhookT told;
  told.path = fmt::format("/v1/webhooks/{}", exchange->services().webhooks->token(found->workspace, trigger.id,
                                                                                  trigger.webhook_generation));
  told.secret = found->secret;
  told.signature = found->rule.signature == workflows::Signature::github ? schemas::WebhookSignature::github
                                                                         : schemas::WebhookSignature::standard;
  append_table(*exchange->call().response, told, exchange->reply.body);
}

Task<void> deliver_webhook(Exchange* exchange) {
  if (!exchange->all_parameters_known()) co_return;
  auto looked = co_await exchange->blocking([exchange] { return look(*exchange); });
  if (!accepted(*exchange, looked)) co_return;
  auto& evaluation = looked->evaluation;
  if (looked->request) {
    const auto run_id = looked->request->id;
    const auto started = co_await start(exchange, *std::move(looked->request));
    auto verdict = commands::verdict_of(started);
    if (!verdict) {
      exchange->refuse(problem_of(started.error()));
      co_return;
    }
    evaluation.outcome = verdict->outcome;
    evaluation.reason = std::move(verdict->reason);
    evaluation.detail = std::move(verdict->detail);
    if (verdict->outcome == EvaluationOutcome::started) evaluation.run_id = run_id;
  }
  if (looked->recorded) {
    const auto recorded = co_await execute(exchange, record_of(*exchange, *looked));
    const bool by_another = !recorded && recorded.error().code == commands::CommandError::Code::in_progress;
    if (!recorded && !by_another) {
      exchange->refuse(problem_of(recorded.error()));
      co_return;
    }
  }
  schemas::WebhookAnswerT answer;
  answer.outcome = evaluation.outcome;
  answer.run_id = evaluation.run_id;
  answer.reason = evaluation.reason;
  answer.detail = evaluation.detail;
  exchange->reply.status = exchange->call().status;
  append_table(*exchange->call().response, answer, exchange->reply.body);
}

}  // namespace flowstone::api
