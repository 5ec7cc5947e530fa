#include "api/resting.hpp"

#include <spdlog/spdlog.h>

#include "projections/provenance.hpp"
#include "projections/provenance_names.hpp"

namespace flowstone::api {
namespace {

Task<bool> reach_head(Exchange* exchange) {
  const Position head = exchange->services().store.state().durable;
  bool all = true;
  for (const std::string_view table : {"bundles", "canvases", "evidence", "insights"}) {
    Arrival<bool> arrival(exchange->loop);
    exchange->services().catalog.when_reached(table, head, exchange->core.options.deadlines.min_position,
                                              [&arrival](bool reached) { arrival.bring(reached); });
    const bool reached = co_await arrival.wait();
    all = all && reached;
  }
  co_return all;
}

}  // namespace

Task<void> add_resting(Exchange* exchange, std::string bundle_id, schemas::BundleVersionT* version) {
  const bool reached = co_await reach_head(exchange);
  const projections::ProvenanceQuestion question{.workspace = exchange->principal->workspace,
                                                 .stream = projections::version_name(bundle_id, version->number),
                                                 .up = false};
  const auto found = co_await exchange->blocking([exchange, &question] {
    const Services& services = exchange->services();
    return projections::provenance_of(
        {.catalog = services.catalog, .store = services.store, .library = &services.library}, question);
  });
  if (!found) spdlog::error("withdrawal: {}", found.error().detail);
  version->resting_truncated = !reached || !found || !*found || (*found)->cut;
  if (!found || !*found) co_return;
  for (const auto& node : (*found)->nodes) {
    if (!node.is_dependent) continue;
    auto resting = std::make_unique<schemas::RestingEntityT>();
    resting->entity = node.stream;
    resting->title = node.title;
    resting->depth = node.distance;
    version->resting.push_back(std::move(resting));
  }
}

}  // namespace flowstone::api
