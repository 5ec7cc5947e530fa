// What the decisions need to know: the entities' states, and whether what the commands refer to exists.
#include <algorithm>
#include <utility>

#include "commands/batch.hpp"
#include "commands/command_error.hpp"
#include "schemas/references.hpp"

namespace flowstone::commands {

namespace {

// Streams that are no entities, such as those of claims, are not what a command may refer to.
bool is_entity(std::string_view stream) {
  return domain::find_aggregate_type(stream.substr(0, stream.find('-'))) != nullptr;
}

std::string sentence_of(const schemas::Reference& reference) {
  if (reference.field->refers_to_any()) return "There is no entity with this stream.";
  if (reference.field->reference == schemas::kActorReference)
    return "There is no key with the id " + reference.stream.substr(reference.stream.find('-') + 1) + ".";
  return "There is no " + std::string(reference.field->reference) + " with this id.";
}

CommandError missing(const schemas::Reference& reference) {
  const auto detail = sentence_of(reference);
  return {.code = CommandError::Code::missing_reference,
          .rejection = {.kind = Rejection::Kind::invalid,
                        .code = "missing_reference",
                        .detail = detail,
                        .field = reference.path},
          .current = {},
          .detail = detail};
}

}  // namespace

void Batch::gather() {
  if (gather_from_memory()) return attempt();
  where_it_may_block(&Batch::gather_from_log);
}

bool Batch::gather_from_memory() {
  bool complete = claims_to_learn_.empty();
  for (Target& target : targets_) {
    if (!target.stored)
      target.stored =
          target.fresh ? EntityState(target.type->start()) : shared_->entities.find(workspace_, target.stream);
    complete = complete && target.stored;
  }
  for (const Entry& entry : entries_) {
    for (const auto& [field, path, stream] :
         schemas::references_in(*entry.command.command->table, entry.command.body)) {
      bool& exists = referred_[stream];
      exists = exists || shared_->existing.find(workspace_ + '\0' + stream).has_value();
      complete = complete && exists;
    }
  }
  return complete;
}

void Batch::gather_from_log() {
  if (const auto loaded = load(); !loaded) return fail_all(error_of(loaded.error()));
  attempt();
}

Result<void, eventstore::StoreError> Batch::load() {
  for (Target& target : targets_) {
    if (target.stored) continue;
    FLOWSTONE_TRY(target.stored, shared_->entities.load(workspace_, *target.type, target.id));
  }
  for (auto& [stream, exists] : referred_) {
    if (exists) continue;
    FLOWSTONE_TRY(const Revision head, shared_->store.stream_head(workspace_, stream));
    exists = head > Revision{0};
    // An entity that exists does so for ever.
    if (exists) shared_->existing.put(workspace_ + '\0' + stream, true, [](bool) { return false; });
  }
  for (const auto& stream : std::exchange(claims_to_learn_, {}))
    FLOWSTONE_TRY_VOID(claims_.learn(shared_->store, stream));
  return {};
}

Result<void, CommandError> Batch::check_references(const Entry& entry) const {
  for (const auto& reference : schemas::references_in(*entry.command.command->table, entry.command.body)) {
    const auto found = referred_.find(reference.stream);
    const auto target = std::ranges::find(targets_, reference.stream, &Target::stream);
    const bool exists = found != referred_.end() && found->second;
    const bool is_made_before = target != targets_.end() && target->decided->revision() > Revision{0};
    if (!is_entity(reference.stream) || (!exists && !is_made_before)) return failure(missing(reference));
  }
  return {};
}

}  // namespace flowstone::commands
