// The answers of command ids that were carried out before: the entity as it was then.
#include <utility>

#include "commands/batch.hpp"
#include "commands/command_error.hpp"

namespace flowstone::commands {

void Batch::recall() {
  bool all_known = true;
  for (Entry& entry : entries_) {
    if (!entry.holds_command_id) {
      all_known = false;
      continue;
    }
    const auto stored = shared_->store.find_command(workspace_, entry.command.command_id);
    if (!stored) return fail_all(error_of(stored.error()));
    if (*stored) {
      entry.result = recalled(entry.command, **stored);
      if (!*entry.result) return finish();
    } else {
      all_known = false;
    }
  }
  if (all_known) return finish();
  if (turns_taken_ < turn_order_.size()) return take_turns();
  gather();
}

CommandResult Batch::recalled(const Command& command, const eventstore::Store::StoredAnswer& stored) const {
  if (stored.fingerprint != command.fingerprint) {
    return refused(CommandError::Code::command_id_reused, "This command id came before with another request.");
  }
  return render(command, stored.answer);
}

Result<Outcome, CommandError> Batch::render(const Command& command, const eventstore::Appended& answer) const {
  FLOWSTONE_TRY(const std::string id, id_in_answer(command, answer));
  const auto state = shared_->entities.load_as_of(workspace_, *command.aggregate, id, answer.last);
  if (!state) return failure(error_of(state.error()));
  return Outcome{.id = id,
                 .row = (*state)->pack(),
                 .revision = (*state)->revision(),
                 .position = answer.last,
                 .changed = answer.first <= answer.last,
                 .repeated = true};
}

// The entity that the command was for: where the client did not say, its id was made then, and its first event has it.
Result<std::string, CommandError> Batch::id_in_answer(const Command& command,
                                                      const eventstore::Appended& answer) const {
  if (!command.id.empty()) return command.id;
  eventstore::Filter filter;
  filter.workspace = workspace_;
  const auto reader = shared_->store.read(filter, {.from = answer.first, .to = answer.first});
  if (!reader) return failure(error_of(reader.error()));
  const auto event = (*reader)->next();
  if (!event) return failure(error_of(event.error()));
  if (!*event)
    return refused(CommandError::Code::storage_failed, "The event that this command recorded cannot be found.");
  return std::string(id_in((*event)->stream));
}

}  // namespace flowstone::commands
