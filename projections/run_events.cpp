#include "projections/run_events.hpp"

#include <fmt/core.h>

#include "domain/upcast.hpp"
#include "schemas/contract.hpp"
#include "schemas/packed.hpp"

namespace flowstone::projections {

Result<schemas::RunEventUnion, std::string> run_event_of(const eventstore::RecordedEvent& event) {
  const auto* member = schemas::contracts().find_aggregate("run")->find_event(event.type);
  if (member == nullptr) return failure(fmt::format("no event of a run is called {}", event.type));
  FLOWSTONE_TRY(const auto payload,
                domain::upcasters().raise(event.type, event.schema_version, member->table->version, event.payload));
  const auto kind = static_cast<schemas::RunEvent>(member->discriminator);
  if (!schemas::verify_member_of(schemas::VerifyRunEvent, kind, payload))
    return failure(fmt::format("the event at position {} is damaged", event.position.value));
  return schemas::unpack_member<schemas::RunEventUnion>(kind, payload);
}

Result<std::optional<schemas::RunEventUnion>, std::string> read_run_event(eventstore::Store& store,
                                                                          std::string_view workspace,
                                                                          std::string_view run_id, Revision revision) {
  const auto reader = store.read_stream(workspace, fmt::format("run-{}", run_id), revision);
  if (!reader) return failure(reader.error().detail);
  const auto event = (*reader)->next();
  if (!event) return failure(event.error().detail);
  if (*event == nullptr || (*event)->revision != revision) return std::nullopt;
  FLOWSTONE_TRY(auto unpacked, run_event_of(**event));
  return std::optional(std::move(unpacked));
}

Result<void, std::string> each_run_event(eventstore::Store& store, std::string_view workspace, std::string_view run_id,
                                         const UseRunEvent& use) {
  const auto reader = store.read_stream(workspace, fmt::format("run-{}", run_id), Revision{});
  if (!reader) return failure(reader.error().detail);
  while (true) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr) return {};
    FLOWSTONE_TRY(const auto unpacked, run_event_of(**event));
    if (!use(unpacked, **event)) return {};
  }
}

}  // namespace flowstone::projections
