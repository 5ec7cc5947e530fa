#include "api/triggers.hpp"

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/queries.hpp"
#include "api/query_values.hpp"
#include "api/stored_documents.hpp"
#include "domain/upcast.hpp"
#include "schemas/trigger_generated.h"

namespace flowstone::api {
namespace {

constexpr std::uint64_t kDefaultLimit = 50;
constexpr std::uint64_t kMostLimit = 200;
constexpr std::string_view kEvaluated = "trigger.evaluated";

using Evaluation = std::unique_ptr<schemas::TriggerEvaluationT>;

// Null if the payload is none.
Evaluation evaluation_in(const eventstore::RecordedEvent& event) {
  const auto version = schemas::contracts().find_event(kEvaluated)->version;
  const auto payload = domain::upcasters().raise(kEvaluated, event.schema_version, version, event.payload);
  constexpr auto kKind = schemas::TriggerEvent::TriggerEvaluated;
  if (!payload || !schemas::verify_member_of(schemas::VerifyTriggerEvent, kKind, *payload)) return nullptr;
  const auto unpacked = schemas::unpack_member<schemas::TriggerEventUnion>(kKind, *payload);
  const auto& recorded = *unpacked.AsTriggerEvaluated();
  auto told = std::make_unique<schemas::TriggerEvaluationT>();
  told->recorded_position = event.position.value;
  told->evaluated_at = event.time.micros;
  told->outcome = recorded.outcome;
  told->count = recorded.count;
  told->first_position = recorded.first_position;
  told->position = recorded.position;
  told->event_type = recorded.event_type;
  told->first_due_at = recorded.first_due_at;
  told->due_at = recorded.due_at;
  told->run_id = recorded.run_id;
  told->reason = recorded.reason;
  told->detail = recorded.detail;
  told->condition = recorded.condition;
  return told;
}

struct Page {
  std::vector<Evaluation> items;
  std::string next;
};

// A page's cursor is the revision of the trigger that the next one begins with.
Found<Page> read_evaluations(const Exchange& exchange, std::uint64_t from, std::size_t limit) {
  const auto id = exchange.parameter("id");
  FLOWSTONE_TRY(const auto row, read_row(exchange, "trigger", id));
  static_cast<void>(row);
  auto reader = exchange.services().store.read_stream(exchange.principal->workspace, fmt::format("trigger-{}", id),
                                                      Revision{from}, eventstore::Direction::backward);
  if (!reader) return failure(problem_of(reader.error()));
  Page page;
  while (true) {
    const auto event = (*reader)->next();
    if (!event) return failure(problem_of(event.error()));
    if (*event == nullptr) return page;
    if ((*event)->type != kEvaluated) continue;
    if (page.items.size() == limit) {
      page.next = std::to_string((*event)->revision.value);
      return page;
    }
    if (auto evaluation = evaluation_in(**event)) page.items.push_back(std::move(evaluation));
  }
}

}  // namespace

Task<void> list_trigger_evaluations(Exchange* exchange) {
  if (!check_scope(*exchange, "trigger", Access::read)) co_return;
  const auto limit = take_number(*exchange, "limit", kDefaultLimit, 1, kMostLimit);
  if (!limit) co_return;
  const auto cursor = take_number(*exchange, "cursor", 0, 1, UINT64_MAX);
  if (!cursor || !exchange->all_parameters_known()) co_return;
  const auto page =
      co_await exchange->blocking([exchange, &cursor, &limit] { return read_evaluations(*exchange, *cursor, *limit); });
  if (accepted(*exchange, page)) answer_with_list(*exchange, page->items, page->next);
}

Task<void> list_schedules(Exchange* exchange) {
  exchange->query.all().push_back({.name = "kind", .value = "schedule"});
  return answer_list(exchange, nullptr);
}

}  // namespace flowstone::api
