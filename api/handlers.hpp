// The handlers: each answers one kind of call.
#pragma once

#include "api/exchange.hpp"

namespace flowstone::api {

// Commands and table queries need no code an aggregate: the contract says everything.
Task<void> run_command(Exchange* exchange);
Task<void> run_commands(Exchange* exchange);
Task<void> get_entity(Exchange* exchange);
Task<void> list_entities(Exchange* exchange);

Task<void> create_api_key(Exchange* exchange);

// Documents, what rests on them, and whether it still holds.
Task<void> upload_version(Exchange* exchange);
Task<void> list_versions(Exchange* exchange);
Task<void> get_version(Exchange* exchange);
Task<void> withdraw_version(Exchange* exchange);
Task<void> list_documents(Exchange* exchange);
Task<void> get_document(Exchange* exchange);
Task<void> get_content(Exchange* exchange);
Task<void> get_text(Exchange* exchange);
Task<void> list_outline(Exchange* exchange);
Task<void> list_extractions(Exchange* exchange);
Task<void> diff_versions(Exchange* exchange);
Task<void> preview_impact(Exchange* exchange);
Task<void> get_evidence(Exchange* exchange);
Task<void> list_evidence(Exchange* exchange);
Task<void> create_evidence(Exchange* exchange);
Task<void> place_evidence(Exchange* exchange);
Task<void> get_canvas(Exchange* exchange);
Task<void> pin_to_canvas(Exchange* exchange);
Task<void> confirm_insight(Exchange* exchange);
Task<void> amend_insight(Exchange* exchange);
Task<void> get_freshness(Exchange* exchange);
Task<void> get_provenance(Exchange* exchange);
Task<void> list_review_queue(Exchange* exchange);

Task<void> create_ticket(Exchange* exchange);

Task<void> read_events(Exchange* exchange);
Task<void> search_documents(Exchange* exchange);
Task<void> list_audit(Exchange* exchange);
Task<void> get_tree_root(Exchange* exchange);
Task<void> list_audit_records(Exchange* exchange);

Task<void> list_projections(Exchange* exchange);
Task<void> get_projection(Exchange* exchange);
Task<void> rebuild_projection(Exchange* exchange);
Task<void> cancel_rebuild(Exchange* exchange);
Task<void> switch_projection(Exchange* exchange);
Task<void> rollback_projection(Exchange* exchange);

Task<void> show_liveness(Exchange* exchange);
Task<void> show_readiness(Exchange* exchange);
Task<void> show_metrics(Exchange* exchange);
Task<void> show_openapi(Exchange* exchange);
Task<void> lead_to_docs(Exchange* exchange);
Task<void> show_docs(Exchange* exchange);

// Every call of the contracts, and the bare address that leads to `/docs`.
void add_routes(Router& router);

}  // namespace flowstone::api
