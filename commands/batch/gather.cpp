// What the decisions need to know: the entities' states, and whether what the commands refer to exists.
#include <algorithm>
#include <utility>

#include "commands/batch.hpp"
#include "commands/command_error.hpp"
#include "schemas/row.hpp"

namespace flowstone::commands {

namespace {

// Entities of the workspace that a command refers to, field by field.
template <class Visit>
void each_reference(const Command& command, Visit&& visit) {
  for (const auto& field : command.command->table->fields) {
    if (field.reference.empty()) continue;
    const auto id = schemas::text_of(field, command.body);
    if (id && !id->empty()) visit(field, std::string(field.reference).append("-").append(*id));
  }
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
    each_reference(entry.command, [&](const schemas::Field&, const std::string& stream) {
      bool& exists = referred_[stream];
      exists = exists || shared_->existing.find(workspace_ + '\0' + stream).has_value();
      complete = complete && exists;
    });
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
  Result<void, CommandError> checked;
  each_reference(entry.command, [&](const schemas::Field& field, const std::string& stream) {
    const auto found = referred_.find(stream);
    if (!checked || (found != referred_.end() && found->second)) return;
    const auto target = std::ranges::find(targets_, stream, &Target::stream);
    if (target != targets_.end() && target->decided->revision() > Revision{0}) return;
    const std::string detail = "There is no " + std::string(field.reference) + " with this id.";
    checked = failure(CommandError{.code = CommandError::Code::missing_reference,
                                   .rejection = {.kind = Rejection::Kind::invalid,
                                                 .code = "missing_reference",
                                                 .detail = detail,
                                                 .field = std::string(field.name)},
                                   .current = {},
                                   .detail = detail});
  });
  return checked;
}

}  // namespace flowstone::commands
