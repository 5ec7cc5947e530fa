#include <algorithm>
#include <array>
#include <optional>

#include "api/activities.hpp"
#include "api/automations.hpp"
#include "api/handlers.hpp"
#include "api/run_forks.hpp"
#include "api/triggers.hpp"
#include "api/workflow_runs.hpp"
#include "api/workflows.hpp"
#include "base/check.hpp"
#include "commands/completed.hpp"

namespace flowstone::api {
namespace {

struct Named {
  std::string_view name;
  Handler handler;
};

// The calls that are neither a command nor a table query, by the contract's `handler` attribute.
constexpr std::array kHandlers = {
    Named{"commands", run_commands},
    Named{"create_ticket", create_ticket},
    Named{"events", read_events},
    Named{"search", search_documents},
    Named{"audit", list_audit},
    Named{"tree_root", get_tree_root},
    Named{"audit_records", list_audit_records},
    Named{"list_projections", list_projections},
    Named{"get_projection", get_projection},
    Named{"rebuild_projection", rebuild_projection},
    Named{"cancel_rebuild", cancel_rebuild},
    Named{"switch_projection", switch_projection},
    Named{"rollback_projection", rollback_projection},
    Named{"upload_version", upload_version},
    Named{"list_versions", list_versions},
    Named{"get_version", get_version},
    Named{"withdraw_version", withdraw_version},
    Named{"list_documents", list_documents},
    Named{"get_document", get_document},
    Named{"get_content", get_content},
    Named{"get_text", get_text},
    Named{"list_outline", list_outline},
    Named{"list_extractions", list_extractions},
    Named{"diff_versions", diff_versions},
    Named{"preview_impact", preview_impact},
    Named{"get_freshness", get_freshness},
    Named{"get_provenance", get_provenance},
    Named{"list_review_queue", list_review_queue},
    Named{"list_workflow_versions", list_workflow_versions},
    Named{"get_workflow_version", get_workflow_version},
    Named{"lint_workflow", lint_workflow},
    Named{"lint_draft", lint_draft},
    Named{"get_workflow_graph", get_workflow_graph},
    Named{"diff_workflow", diff_workflow},
    Named{"start_workflow_run", start_workflow_run},
    Named{"fork_run", fork_run},
    Named{"rerun_from_step", rerun_from_step},
    Named{"retry_failed", retry_failed},
    Named{"compare_runs", compare_runs},
    Named{"list_trigger_evaluations", list_trigger_evaluations},
    Named{"poll_activity", poll_activity},
    Named{"heartbeat_activity", heartbeat_activity},
    Named{"complete_activity", complete_activity},
    Named{"fail_activity", fail_activity},
    Named{"get_trigger_webhook", get_trigger_webhook},
    Named{"deliver_webhook", deliver_webhook},
    Named{"backtest_automation", backtest_automation},
    Named{"livez", show_liveness},
    Named{"readyz", show_readiness},
    Named{"metrics", show_metrics},
    Named{"openapi", show_openapi},
    Named{"docs", show_docs},
};

// The commands to which the server adds what the client cannot know: a key's secret, where a quote stands, what the
// evidence says.
constexpr std::array kCompleted = {
    Named{"create_api_key", create_api_key},       Named{"create_evidence", create_evidence},
    Named{"place_evidence", place_evidence},       Named{"confirm_insight", confirm_insight},
    Named{"amend_insight", amend_insight},         Named{"pin_to_canvas", pin_to_canvas},
    Named{"create_automation", change_automation}, Named{"update_automation", change_automation},
    Named{"enable_automation", change_automation}, Named{"disable_automation", change_automation},
};
static_assert(std::ranges::equal(kCompleted, commands::kCompletedByServer, {}, &Named::name));

// The queries whose answers show more than the rows have.
constexpr std::array kShown = {Named{"get_evidence", get_evidence},     Named{"list_evidence", list_evidence},
                               Named{"get_canvas", get_canvas},         Named{"get_workflow", get_workflow},
                               Named{"list_schedules", list_schedules}, Named{"get_run", get_run}};

// The commands whose refusals say more than the decider does.
constexpr std::array kExplained = {Named{"publish_workflow", publish_workflow}};

Handler handler_of(const schemas::Call& call) {
  for (const Named& named : kCompleted) {
    if (named.name == call.name) return named.handler;
  }
  for (const Named& named : kShown) {
    if (named.name == call.name) return named.handler;
  }
  for (const Named& named : kExplained) {
    if (named.name == call.name) return named.handler;
  }
  if (call.command != nullptr) return run_command;
  if (call.query == schemas::Query::get) return get_entity;
  if (call.query == schemas::Query::list) return list_entities;
  for (const Named& named : kHandlers) {
    if (named.name == call.handler) return named.handler;
  }
  return nullptr;
}

std::optional<Method> method_named(std::string_view name) {
  for (const Method method : {Method::get, Method::post, Method::patch, Method::put, Method::remove}) {
    if (to_text(method) == name) return method;
  }
  return std::nullopt;
}

}  // namespace

void add_routes(Router& router) {
  for (const schemas::Call& call : schemas::contracts().calls()) {
    const Handler handler = handler_of(call);
    const auto method = method_named(call.method);
    check(handler != nullptr && method.has_value(),
          "a contract's call names a handler or a method that does not exist");
    router.add(*method, std::string(call.path), handler, &call);
  }
  router.add(Method::get, "/", lead_to_docs);
}

}  // namespace flowstone::api
