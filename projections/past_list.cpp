#include "projections/past_list.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "projections/row_filter.hpp"

namespace flowstone::projections {
namespace {

using Entities = std::map<std::string, std::unique_ptr<domain::Entity>, std::less<>>;

QueryError broken(std::string detail) { return {QueryError::Code::io, std::move(detail)}; }

Result<void, QueryError> fold(const domain::AggregateType& aggregate, const eventstore::RecordedEvent& event,
                              Entities& entities) {
  const std::string_view id = event.stream.substr(event.category().size() + 1);
  auto found = entities.find(id);
  if (found == entities.end()) {
    if (entities.size() == kPastEntities) {
      return failure(QueryError{
          QueryError::Code::too_many,
          fmt::format("A list in the past holds at most {} entities. Read single ones instead.", kPastEntities)});
    }
    found = entities.emplace(id, aggregate.start()).first;
  }
  const EventMeta meta{.time = event.time, .actor = event.actor, .revision = event.revision, .id = id};
  auto folded = found->second->evolve(event.type, event.schema_version, event.payload, meta);
  if (!folded) return failure(broken(fmt::format("position {}: {}", event.position.value, folded.error())));
  return {};
}

Result<Entities, QueryError> fold_until(eventstore::Store& store, const domain::AggregateType& aggregate,
                                        const std::string& workspace, Position as_of) {
  Entities entities;
  if (as_of == Position{}) return entities;
  eventstore::Filter filter;
  filter.workspace = workspace;
  filter.categories.emplace_back(aggregate.contract().name);
  const auto reader = store.read(filter, {.to = as_of});
  if (!reader) return failure(broken(reader.error().detail));
  while (true) {
    const auto event = (*reader)->next();
    if (!event) return failure(broken(event.error().detail));
    if (*event == nullptr) return entities;
    FLOWSTONE_TRY_VOID(fold(aggregate, **event, entities));
  }
}

}  // namespace

Result<Page, QueryError> past_list(eventstore::Store& store, const domain::AggregateType& aggregate,
                                   const ListQuery& query, Position as_of) {
  FLOWSTONE_TRY(std::optional<Place> start, start_of(aggregate.contract(), query));
  FLOWSTONE_TRY(const Entities entities, fold_until(store, aggregate, query.workspace, as_of));
  FirstInOrder first(query, std::move(start));
  for (const auto& [id, entity] : entities) {
    const Bytes row = entity->pack();
    if (matches(query, row)) first.offer(id, row);
  }
  return page_of(aggregate.contract(), query, first.take(), as_of);
}

}  // namespace flowstone::projections
