#include "commands/entities.hpp"

#include <fmt/format.h>

namespace flowstone::commands {

namespace {

using eventstore::StoreError;

std::string key_of(std::string_view workspace, std::string_view stream) {
  std::string key;
  key.reserve(workspace.size() + 1 + stream.size());
  return key.append(workspace).append(1, '\0').append(stream);
}

Result<void, StoreError> fold(domain::Entity& entity, eventstore::Reader& reader) {
  while (true) {
    FLOWSTONE_TRY(const eventstore::RecordedEvent* event, reader.next());
    if (!event) return {};
    const EventMeta meta{
        .time = event->time, .actor = event->actor, .revision = event->revision, .id = id_in(event->stream)};
    if (auto folded = entity.evolve(event->type, event->schema_version, event->payload, meta); !folded) {
      return failure(StoreError{
          .code = StoreError::Code::corrupt, .position = event->position, .detail = std::move(folded).error()});
    }
  }
}

}  // namespace

std::string stream_of(const domain::AggregateType& aggregate, std::string_view id) {
  return fmt::format("{}-{}", aggregate.contract().name, id);
}

std::string_view id_in(std::string_view stream) {
  const auto dash = stream.find('-');
  return dash == stream.npos ? std::string_view() : stream.substr(dash + 1);
}

Entities::Entities(eventstore::Store& store, const ExecutorOptions& options)
    : store_(store), options_(options), remembered_(options.cached_entities) {}

EntityState Entities::find(std::string_view workspace, std::string_view stream) {
  return remembered_.find(key_of(workspace, stream)).value_or(nullptr);
}

void Entities::put(std::string_view workspace, std::string_view stream, EntityState state) {
  const auto revision = state->revision();
  remembered_.put(key_of(workspace, stream), std::move(state),
                  [revision](const EntityState& older) { return older->revision() < revision; });
}

void Entities::forget_before(std::string_view workspace, std::string_view stream, Revision actual) {
  const auto key = key_of(workspace, stream);
  const auto state = remembered_.find(key);
  if (state && (*state)->revision() < actual) remembered_.erase(key);
}

Result<EntityState, StoreError> Entities::load(std::string_view workspace, const domain::AggregateType& aggregate,
                                               std::string_view id) {
  const auto stream = stream_of(aggregate, id);
  if (auto state = find(workspace, stream)) return state;
  std::unique_ptr<domain::Entity> entity;
  if (options_.snapshot) {
    if (const auto row = options_.snapshot(aggregate.contract(), workspace, id)) entity = aggregate.load(*row);
  }
  if (!entity) entity = aggregate.start();
  FLOWSTONE_TRY(const auto reader, store_.read_stream(workspace, stream, entity->revision().next()));
  FLOWSTONE_TRY_VOID(fold(*entity, *reader));
  EntityState state = std::move(entity);
  if (state->revision() > Revision{0}) put(workspace, stream, state);
  return state;
}

Result<EntityState, StoreError> Entities::load_newest(std::string_view workspace,
                                                      const domain::AggregateType& aggregate, std::string_view id) {
  FLOWSTONE_TRY(EntityState remembered, load(workspace, aggregate, id));
  const auto stream = stream_of(aggregate, id);
  FLOWSTONE_TRY(const Revision head, store_.stream_head(workspace, stream));
  if (remembered->revision() >= head) return remembered;
  auto entity = remembered->clone();
  FLOWSTONE_TRY(const auto reader, store_.read_stream(workspace, stream, entity->revision().next()));
  FLOWSTONE_TRY_VOID(fold(*entity, *reader));
  EntityState state = std::move(entity);
  put(workspace, stream, state);
  return state;
}

Result<EntityState, StoreError> Entities::load_as_of(std::string_view workspace, const domain::AggregateType& aggregate,
                                                     std::string_view id, Position last) {
  std::unique_ptr<domain::Entity> entity = aggregate.start();
  if (last == Position{0}) return entity;
  eventstore::Filter filter;
  filter.workspace = workspace;
  filter.stream = stream_of(aggregate, id);
  FLOWSTONE_TRY(const auto reader, store_.read(filter, {.from = {}, .to = last}));
  FLOWSTONE_TRY_VOID(fold(*entity, *reader));
  return entity;
}

}  // namespace flowstone::commands
