// Commands on insights that take down what their evidence says at that moment.
#include <fmt/format.h>

#include "api/commands.hpp"
#include "api/handlers.hpp"
#include "api/stored_documents.hpp"
#include "projections/impact.hpp"
#include "schemas/insight_generated.h"

namespace flowstone::api {
namespace {

using Traces = std::vector<std::unique_ptr<schemas::TraceT>>;
using Ids = std::vector<std::string>;

// The newest words that stand in a version that serves; nothing if none does.
std::unique_ptr<schemas::TraceT> trace_of(const schemas::EvidenceT& evidence, const schemas::BundleT& bundle) {
  for (std::size_t at = evidence.anchors.size(); at-- > 0;) {
    const std::uint32_t serving = projections::serving_version(evidence, at, bundle);
    if (serving == 0) continue;
    const auto& anchor = *evidence.anchors[at];
    const bool withdrawn = projections::version_of(bundle, anchor.version)->status == schemas::VersionStatus::withdrawn;
    auto trace = std::make_unique<schemas::TraceT>();
    trace->entity = "evidence-" + evidence.id;
    trace->digest = anchor.digest;
    trace->exact = anchor.exact;
    trace->version = withdrawn ? serving : anchor.version;
    return trace;
  }
  return nullptr;
}

// What the grounds say now. Blocking.
Found<Traces> trace_of(const Exchange& exchange, const Ids& evidence_ids, const Ids& insight_ids) {
  Traces traces;
  for (const std::string& id : evidence_ids) {
    FLOWSTONE_TRY(const auto evidence, read_state<schemas::EvidenceT>(exchange, "evidence", id));
    FLOWSTONE_TRY(const auto bundle, read_state<schemas::BundleT>(exchange, "bundle", evidence->bundle_id));
    if (auto trace = trace_of(*evidence, *bundle)) traces.push_back(std::move(trace));
  }
  for (const std::string& id : insight_ids) {
    FLOWSTONE_TRY(const auto insight, read_state<schemas::InsightT>(exchange, "insight", id));
    auto trace = std::make_unique<schemas::TraceT>();
    trace->entity = "insight-" + id;
    trace->version = static_cast<std::uint32_t>(insight->revision);
    traces.push_back(std::move(trace));
  }
  return traces;
}

// The command with the traces in it. Blocking.
template <class Command>
Found<Bytes> with_trace(const Exchange& exchange, BytesView body) {
  Command command;
  flatbuffers::GetRoot<typename Command::TableType>(body.data())->UnPackTo(&command);
  FLOWSTONE_TRY(const auto insight, read_state<schemas::InsightT>(exchange, "insight", command.id));
  if constexpr (std::is_same_v<Command, schemas::AmendInsightT>) {
    // The object form cannot tell an empty text from none.
    for (auto& name : schemas::given_as_empty(*exchange.call().command->table, body)) command.cleared.push_back(name);
  }
  Ids evidence_ids = insight->evidence_ids;
  Ids insight_ids = insight->insight_ids;
  if constexpr (std::is_same_v<Command, schemas::AmendInsightT>) {
    if (!command.evidence_ids.empty()) evidence_ids = command.evidence_ids;
    if (!command.insight_ids.empty()) insight_ids = command.insight_ids;
  }
  // Evidence that does not exist is refused where the command is decided, by the name of its field.
  if (auto traces = trace_of(exchange, evidence_ids, insight_ids)) command.trace = *std::move(traces);
  return schemas::pack(command);
}

template <class Command>
Task<void> run_with_trace(Exchange* exchange) {
  commands::Command command;
  if (!begin_command(*exchange, command) || !decode_command(*exchange, command, json_of(exchange->request), false))
    co_return;
  auto body =
      co_await exchange->blocking([exchange, &command] { return with_trace<Command>(*exchange, command.body); });
  if (!accepted(*exchange, body)) co_return;
  command.body = *std::move(body);
  co_await finish_command(exchange, std::move(command));
}

}  // namespace

Task<void> confirm_insight(Exchange* exchange) { return run_with_trace<schemas::ConfirmInsightT>(exchange); }
Task<void> amend_insight(Exchange* exchange) { return run_with_trace<schemas::AmendInsightT>(exchange); }

}  // namespace flowstone::api
