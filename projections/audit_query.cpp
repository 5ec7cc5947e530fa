#include "projections/audit_query.hpp"

#include <algorithm>
#include <utility>

#include "projections/codec.hpp"
#include "projections/cursor.hpp"
#include "projections/postings.hpp"
#include "schemas/row.hpp"

namespace flowstone::projections {
namespace {

using eventstore::RecordedEvent;

constexpr std::size_t kKeptFolds = 256;
constexpr std::uint64_t kAnchorEvery = 4'096;

Bytes identity_of(const AuditQuery& query) {
  Encoder out;
  out.text("audit").text(query.workspace).text(query.entity).text(query.actor).text(query.correlation);
  for (const std::optional<Position>& bound : {query.first, query.last})
    out.number(bound ? 1 : 0).number(bound.value_or(Position{}).value);
  out.number(query.since ? 1 : 0).number(static_cast<std::uint64_t>(query.since.value_or(Timestamp{}).micros));
  out.number(query.until ? 1 : 0).number(static_cast<std::uint64_t>(query.until.value_or(Timestamp{}).micros));
  return out.take();
}

// The position or revision to go on with.
std::string cursor_at(const AuditQuery& query, std::uint64_t next) {
  Bytes value;
  append_big_endian(value, next, 8);
  return encode_cursor(identity_of(query), {.value = std::move(value), .id = {}});
}

bool is_behind(const AuditQuery& query, const RecordedEvent& event) {
  return (query.last && event.position > *query.last) || (query.until && event.time > *query.until);
}

bool is_wanted(const AuditQuery& query, const RecordedEvent& event) {
  return (query.actor.empty() || event.actor == query.actor) &&
         (query.correlation.empty() || event.correlation == query.correlation) &&
         (!query.first || event.position >= *query.first) && (!query.since || event.time >= *query.since);
}

AuditEntry entry_of(const RecordedEvent& event) {
  return {.position = event.position,
          .revision = event.revision,
          .time = event.time,
          .entity = std::string(event.stream),
          .type = std::string(event.type),
          .actor = std::string(event.actor),
          .command_id = std::string(event.command_id),
          .causation = std::string(event.causation),
          .correlation = std::string(event.correlation),
          .request_id = std::string(event.request_id),
          .changes = {}};
}

std::vector<AuditEntry::Change> changes_of(const schemas::Table& state, BytesView before, BytesView after) {
  std::vector<AuditEntry::Change> changes;
  for (schemas::Change& change : schemas::changes_between(state, before, after)) {
    changes.push_back({std::string(change.field), std::move(change.from), std::move(change.to)});
  }
  return changes;
}

std::string_view id_of(std::string_view stream) { return stream.substr(std::min(stream.size(), stream.find('-') + 1)); }

}  // namespace

// --- folds that are kept ---

std::unique_ptr<domain::Entity> FoldCache::nearest(const std::string& stream, Revision revision) {
  const std::lock_guard lock(mutex_);
  auto found = by_key_.upper_bound({stream, revision});
  if (found == by_key_.begin()) return nullptr;
  --found;
  if (found->first.first != stream) return nullptr;
  kept_.splice(kept_.begin(), kept_, found->second);
  return found->second->entity->clone();
}

void FoldCache::keep(const std::string& stream, const domain::Entity& entity) {
  const std::lock_guard lock(mutex_);
  if (by_key_.contains({stream, entity.revision()})) return;
  kept_.push_front({stream, entity.clone()});
  by_key_.emplace(Key{stream, entity.revision()}, kept_.begin());
  if (kept_.size() <= kKeptFolds) return;
  by_key_.erase({kept_.back().stream, kept_.back().entity->revision()});
  kept_.pop_back();
}

// --- pages ---

Result<AuditPage, QueryError> AuditTrail::page(const AuditQuery& query, const Snapshot& snapshot, BuildId build,
                                               Position position) {
  std::uint64_t from = query.entity.empty() ? position.value : 1;
  if (!query.cursor.empty()) {
    const std::optional<Place> place = decode_cursor(identity_of(query), query.cursor);
    if (!place || place->value.size() != 8) {
      return failure(QueryError{QueryError::Code::foreign_cursor,
                                "The cursor belongs to another query or is damaged. Start without one."});
    }
    from = read_big_endian(place->value);
  }
  Reading page = query.entity.empty() ? newest_first(query, snapshot, build, Position{from}, position)
                                      : timeline(query, Revision{from});
  if (page) {
    if (auto added = add_changes(query, *page); !added) page = failure(added.error());
  }
  if (!page) return failure(QueryError{QueryError::Code::io, std::move(page).error()});
  return *std::move(page);
}

AuditTrail::Reading AuditTrail::timeline(const AuditQuery& query, Revision from) {
  AuditPage page;
  page.position = store_.state().durable;
  auto reader = store_.read_stream(query.workspace, query.entity, from);
  if (!reader) return failure(reader.error().detail);
  for (std::size_t examined = 0;; ++examined) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr || is_behind(query, **event)) return page;
    if (examined == kExamined || page.entries.size() == query.limit) {
      page.next_cursor = cursor_at(query, (*event)->revision.value);
      return page;
    }
    if (is_wanted(query, **event)) page.entries.push_back(entry_of(**event));
  }
}

AuditTrail::Reading AuditTrail::newest_first(const AuditQuery& query, const Snapshot& snapshot, BuildId build,
                                             Position from, Position position) {
  AuditPage page;
  page.position = position;
  if (query.until) {
    const auto last = store_.position_at(*query.until);
    if (!last) return failure(last.error().detail);
    from = std::min(from, *last);
  }
  if (query.last) from = std::min(from, *query.last);
  const PostingKind kind = !query.correlation.empty() ? PostingKind::correlation
                           : !query.actor.empty()     ? PostingKind::actor
                                                      : PostingKind::workspace;
  const std::string& text = query.correlation.empty() ? query.actor : query.correlation;
  eventstore::Filter filter;
  filter.workspace = query.workspace;
  PostingReader postings(snapshot, posting_prefix(build, kind, query.workspace, text), from);
  for (std::size_t examined = 0;; ++examined) {
    FLOWSTONE_TRY(const Position at, postings.next());
    if (at == Position{} || (query.first && at < *query.first)) return page;
    if (examined == kExamined || page.entries.size() == query.limit) {
      page.next_cursor = cursor_at(query, at.value);
      return page;
    }
    const auto reader = store_.read(filter, {.from = at, .to = at});
    if (!reader) return failure(reader.error().detail);
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr || (*event)->position != at)
      return failure(std::string("the audit trail names an event that is not there"));
    if (query.since && (*event)->time < *query.since) return page;
    if (is_wanted(query, **event)) page.entries.push_back(entry_of(**event));
  }
}

// --- what changed ---

const domain::AggregateType* AuditTrail::aggregate_of(std::string_view stream) const {
  const std::string_view category = stream.substr(0, stream.find('-'));
  const auto found =
      std::ranges::find(aggregates_, category, [](const auto* aggregate) { return aggregate->contract().name; });
  return found == aggregates_.end() ? nullptr : *found;
}

Result<void, std::string> AuditTrail::add_changes(const AuditQuery& query, AuditPage& page) {
  std::map<std::string, std::vector<AuditEntry*>> by_stream;
  for (AuditEntry& entry : page.entries) by_stream[entry.entity].push_back(&entry);
  for (auto& [stream, entries] : by_stream) {
    std::ranges::sort(entries, {}, &AuditEntry::revision);
    FLOWSTONE_TRY_VOID(fold_stream(query.workspace, stream, entries));
  }
  return {};
}

Result<void, std::string> AuditTrail::fold_stream(const std::string& workspace, const std::string& stream,
                                                  std::vector<AuditEntry*> entries) {
  const domain::AggregateType* const aggregate = aggregate_of(stream);
  if (aggregate == nullptr) return {};
  const std::string cached = workspace + ' ' + stream;
  std::unique_ptr<domain::Entity> entity = folds_.nearest(cached, Revision{entries.front()->revision.value - 1});
  if (entity == nullptr) entity = aggregate->start();
  auto reader = store_.read_stream(workspace, stream, entity->revision().next());
  if (!reader) return failure(reader.error().detail);
  for (auto entry = entries.begin(); entry != entries.end();) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr) return failure("the stream " + stream + " is shorter than the audit trail says");
    const RecordedEvent& now = **event;
    const bool shown = now.revision == (*entry)->revision;
    const Bytes before = shown && entity->revision() != Revision{} ? entity->pack() : Bytes();
    const EventMeta meta{.time = now.time, .actor = now.actor, .revision = now.revision, .id = id_of(stream)};
    // An event that cannot be folded has no changes to show, and neither have those after it.
    if (!entity->evolve(now.type, now.schema_version, now.payload, meta)) return {};
    if (shown) (*entry++)->changes = changes_of(*aggregate->contract().state, before, entity->pack());
    if (now.revision.value % kAnchorEvery == 0) folds_.keep(cached, *entity);
  }
  folds_.keep(cached, *entity);
  return {};
}

}  // namespace flowstone::projections
