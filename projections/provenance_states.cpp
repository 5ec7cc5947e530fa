#include "projections/provenance_states.hpp"

#include <fmt/format.h>

#include "schemas/references.hpp"

namespace flowstone::projections {
namespace {

constexpr std::size_t kPage = 200;

std::string stream_of(const schemas::Aggregate& aggregate, std::string_view id) {
  return fmt::format("{}-{}", aggregate.name, id);
}

QueryError broken(std::string detail) { return {QueryError::Code::io, std::move(detail)}; }

}  // namespace

Result<const Bytes*, QueryError> ProvenanceStates::row(const schemas::Aggregate& aggregate, std::string_view id) {
  const std::string stream = stream_of(aggregate, id);
  auto known = rows_.find(stream);
  if (known == rows_.end()) {
    FLOWSTONE_TRY(auto found, as_of_ ? fold(aggregate, id) : find(aggregate, id));
    known = rows_.emplace(stream, std::move(found)).first;
  }
  return known->second ? &*known->second : nullptr;
}

Result<std::optional<Bytes>, QueryError> ProvenanceStates::find(const schemas::Aggregate& aggregate,
                                                                std::string_view id) {
  FLOWSTONE_TRY(auto row, catalog_.get(aggregate, workspace_, id));
  if (!row) return std::optional<Bytes>();
  return std::optional(std::move(row->bytes));
}

Result<std::optional<Bytes>, QueryError> ProvenanceStates::fold(const schemas::Aggregate& aggregate,
                                                                std::string_view id) {
  const auto reader = store_.read_stream(workspace_, stream_of(aggregate, id), {});
  if (!reader) return failure(broken(reader.error().detail));
  const auto entity = domain::find_aggregate_type(aggregate.name)->start();
  while (true) {
    const auto next = (*reader)->next();
    if (!next) return failure(broken(next.error().detail));
    const eventstore::RecordedEvent* const event = *next;
    if (event == nullptr || event->position > *as_of_) break;
    const EventMeta meta{.time = event->time, .actor = event->actor, .revision = event->revision, .id = id};
    auto folded = entity->evolve(event->type, event->schema_version, event->payload, meta);
    if (!folded) return failure(broken(fmt::format("position {}: {}", event->position.value, folded.error())));
  }
  if (entity->revision() == Revision{}) return std::optional<Bytes>();
  return std::optional(entity->pack());
}

Result<const ProvenanceStates::Past*, QueryError> ProvenanceStates::past(const schemas::Aggregate& aggregate) {
  if (const auto known = pasts_.find(&aggregate); known != pasts_.end()) return &known->second;
  ListQuery all;
  all.workspace = workspace_;
  all.limit = kPastEntities;
  FLOWSTONE_TRY(auto page, catalog_.list_as_of(aggregate, all, *as_of_));
  Past& past = pasts_[&aggregate];
  past.rows = std::move(page.rows);
  for (std::size_t at = 0; at < past.rows.size(); ++at) {
    for (auto& reference : schemas::references_in(*aggregate.state, past.rows[at].bytes))
      past.by_stream[{reference.field, std::move(reference.stream)}].push_back(at);
  }
  return &past;
}

Result<void, QueryError> ProvenanceStates::each(const schemas::Aggregate& aggregate, const schemas::Field& field,
                                                std::string_view value, const Use& use) {
  if (as_of_) return each_past(aggregate, field, value, use);
  ListQuery query;
  query.workspace = workspace_;
  query.limit = kPage;
  query.filters = {{.field = &field,
                    .test = FieldFilter::Test::equal,
                    .keys = {schemas::index_key_of(field, value).value_or(Bytes())}}};
  do {
    FLOWSTONE_TRY(const Page page, catalog_.list(aggregate, query));
    for (const Row& row : page.rows) {
      FLOWSTONE_TRY(const bool more, use(row));
      if (!more) return {};
    }
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  return {};
}

Result<void, QueryError> ProvenanceStates::each_past(const schemas::Aggregate& aggregate, const schemas::Field& field,
                                                     std::string_view value, const Use& use) {
  FLOWSTONE_TRY(const Past* const states, past(aggregate));
  const std::string stream = field.refers_to_any() ? std::string(value) : fmt::format("{}-{}", field.reference, value);
  const auto found = states->by_stream.find({&field, stream});
  if (found == states->by_stream.end()) return {};
  for (const std::size_t at : found->second) {
    FLOWSTONE_TRY(const bool more, use(states->rows[at]));
    if (!more) return {};
  }
  return {};
}

}  // namespace flowstone::projections
