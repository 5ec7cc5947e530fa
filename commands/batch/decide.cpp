// The decisions, each on the state that those before it leave, and the one append that carries them out.
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "commands/batch.hpp"
#include "commands/command_error.hpp"

namespace flowstone::commands {

namespace {

void fold(domain::Entity& entity, const std::vector<domain::DecidedEvent>& events, EventMeta meta) {
  for (const auto& event : events) {
    meta.revision = entity.revision().next();
    const auto folded = entity.evolve(event.type, event.schema_version, event.payload, meta);
    check(folded.has_value(), "what was decided can be folded");
  }
}

const std::string& cause_of(const Command& command) {
  if (!command.causation.empty()) return command.causation;
  return !command.command_id.empty() ? command.command_id : command.request_id;
}

CommandError duplicate(const schemas::Aggregate& aggregate, DuplicateValue value) {
  auto detail = fmt::format("Another {} has the {} '{}' already.", aggregate.name, value.field, value.value);
  return {.code = CommandError::Code::duplicate_value,
          .rejection = {.kind = Rejection::Kind::conflict,
                        .code = "duplicate_value",
                        .detail = detail,
                        .field = std::move(value.field)},
          .current = {},
          .detail = detail};
}

}  // namespace

void Batch::attempt() {
  if (!decide_all()) return finish();
  for (const Entry& entry : entries_) {
    if (!entry.result && (!entry.events.empty() || entry.holds_command_id)) return append();
  }
  answer_without_append();
}

// False if one was refused: then none is carried out.
bool Batch::decide_all() {
  claims_.restart();
  for (Target& target : targets_) {
    target.decided = target.stored;
    target.written = 0;
  }
  bool all_accepted = true;
  const Timestamp now = shared_->clock.now();
  for (Entry& entry : entries_) {
    if (entry.result) continue;
    entry.claims.clear();
    if (auto decided = decide(entry, now); !decided) {
      entry.result = failure(std::move(decided).error());
      all_accepted = false;
    }
  }
  return all_accepted;
}

Result<void, CommandError> Batch::decide(Entry& entry, Timestamp now) {
  const Command& command = entry.command;
  Target& target = targets_[entry.target];
  const Context context{.now = now, .actor = command.actor, .id = target.id};
  auto events = target.decided->decide(*command.command, command.body, context);
  const bool is_missing = !events && events.error().kind == Rejection::Kind::not_found;
  if (command.if_match && !is_missing && *command.if_match != target.decided->revision()) {
    return failure(CommandError{.code = CommandError::Code::revision_mismatch,
                                .rejection = {},
                                .current = target.decided->revision(),
                                .detail = fmt::format("The revision is {}.", target.decided->revision().value)});
  }
  if (!events) {
    auto detail = events.error().detail;
    return failure(CommandError{.code = CommandError::Code::rejected,
                                .rejection = std::move(events).error(),
                                .current = target.decided->revision(),
                                .detail = std::move(detail)});
  }
  FLOWSTONE_TRY_VOID(check_references(entry));
  entry.events = *std::move(events);
  if (entry.events.empty()) return {};
  return foresee(entry, now);
}

// The state after the command, as far as the commands after it and the unique values need it.
Result<void, CommandError> Batch::foresee(Entry& entry, Timestamp now) {
  Target& target = targets_[entry.target];
  const auto& contract = target.type->contract();
  const bool is_unique = has_unique_fields(contract);
  if (entries_.size() == 1 && !is_unique) return {};
  std::shared_ptr<domain::Entity> after = target.decided->clone();
  fold(*after, entry.events, {.time = now, .actor = entry.command.actor, .revision = {}, .id = target.id});
  if (is_unique) {
    const Bytes before_row = target.decided->revision() > Revision{0} ? target.decided->pack() : Bytes();
    auto changes = claims_.change(contract, target.id, before_row, after->pack());
    if (!changes) return failure(duplicate(contract, std::move(changes).error()));
    entry.claims = *std::move(changes);
  }
  target.decided = std::move(after);
  return {};
}

eventstore::Append Batch::make_append() {
  // All commands of a batch are one request's: who, in which request and trace.
  const Command& first = entries_.front().command;
  eventstore::Append append;
  append.workspace = workspace_;
  append.actor = first.actor;
  append.request_id = first.request_id;
  append.correlation = !first.correlation.empty() ? first.correlation : first.request_id;
  append.traceparent = first.traceparent;
  claim_of_write_.clear();
  for (Entry& entry : entries_) {
    if (entry.result || (entry.events.empty() && !entry.holds_command_id)) continue;
    Target& target = targets_[entry.target];
    const Revision before{target.stored->revision().value + target.written};
    auto& write = append.writes.emplace_back();
    write.stream = target.stream;
    if (before == Revision{0}) {
      write.expected = eventstore::NoStream{};
    } else {
      write.expected = before;
    }
    for (const auto& event : entry.events) {
      write.events.push_back(
          {.type = std::string(event.type), .schema_version = event.schema_version, .payload = event.payload});
    }
    target.written += entry.events.size();
    claim_of_write_.emplace_back();
    for (auto& claim : entry.claims) {
      claim_of_write_.push_back(claim.stream);
      append.writes.push_back(claim);
    }
    append.parts.push_back({.writes = 1 + entry.claims.size(),
                            .command_id = entry.command.command_id,
                            .fingerprint = entry.command.fingerprint,
                            .causation = cause_of(entry.command)});
  }
  if (append.parts.size() == 1) {
    append.command_id = std::move(append.parts.front().command_id);
    append.fingerprint = append.parts.front().fingerprint;
    append.causation = std::move(append.parts.front().causation);
    append.parts.clear();
  }
  return append;
}

void Batch::append() {
  for (Target& target : targets_) target.next = target.stored->clone();
  auto append = make_append();
  may_block_ = false;
  shared_->store.append(std::move(append), [self = shared_from_this()](eventstore::AppendResult result) {
    self->complete(std::move(result));
  });
}

}  // namespace flowstone::commands
