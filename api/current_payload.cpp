#include "api/current_payload.hpp"

#include "domain/upcast.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {

std::optional<CurrentPayload> current_payload(const eventstore::RecordedEvent& event) {
  const schemas::Table* const table = schemas::contracts().find_event(event.type);
  if (table == nullptr) return std::nullopt;
  CurrentPayload payload{table, event.payload};
  if (event.schema_version != table->version) {
    auto raised = domain::upcasters().raise(event.type, event.schema_version, table->version, event.payload);
    if (!raised) return std::nullopt;
    payload.raised = *std::move(raised);
  }
  if (!schemas::verify(*table, payload.bytes())) return std::nullopt;
  return payload;
}

}  // namespace flowstone::api
