#include "commands/event_value.hpp"

#include "base/identifier.hpp"
#include "domain/upcast.hpp"
#include "jsonata/json_text.hpp"
#include "schemas/contract.hpp"
#include "schemas/json.hpp"

namespace flowstone::commands {
namespace {

using jsonata::Value;

Value data_of(const eventstore::RecordedEvent& event) {
  const schemas::Table* const table = schemas::contracts().find_event(event.type);
  if (table == nullptr) return Value::null();
  const auto raised = domain::upcasters().raise(event.type, event.schema_version, table->version, event.payload);
  if (!raised || !schemas::verify(*table, *raised)) return Value::null();
  std::string json;
  schemas::encode_json(*table, *raised, json);
  return jsonata::read_json(json).value_or(Value::null());
}

Value text_of(std::string_view text) { return Value::string(std::string(text)); }

}  // namespace

Value value_of(const eventstore::RecordedEvent& event) {
  return Value::object({{"event", Value::object({{"type", text_of(event.type)},
                                                 {"data", data_of(event)},
                                                 {"stream", text_of(event.stream)},
                                                 {"actor", text_of(event.actor)},
                                                 {"position", Value::number(static_cast<double>(event.position.value))},
                                                 {"time", Value::string(to_rfc3339(event.time))}})}});
}

Value value_of_time(std::string_view trigger, Timestamp due) {
  return Value::object({{"trigger", text_of(trigger)}, {"due_at", Value::string(to_rfc3339(due))}});
}

std::optional<std::string> causing_run(const eventstore::RecordedEvent& event) {
  for (const auto& [text, prefix] :
       {std::pair{event.stream, std::string_view("run-")}, std::pair{event.actor, std::string_view("run:")},
        std::pair{event.causation, std::string_view("run-")}, std::pair{event.causation, std::string_view("run:")}}) {
    if (text.starts_with(prefix) && is_uuid(text.substr(prefix.size(), 36)))
      return std::string(text.substr(prefix.size(), 36));
  }
  return std::nullopt;
}

}  // namespace flowstone::commands
