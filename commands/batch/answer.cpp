// What the append said, told to those who sent the commands.
#include <utility>

#include "base/check.hpp"
#include "commands/batch.hpp"
#include "commands/command_error.hpp"

namespace flowstone::commands {

void Batch::complete(eventstore::AppendResult result) {
  if (result && result->repeated) return where_it_may_block(&Batch::recall);
  if (result) return answer(*result);
  if (result.error().code == eventstore::AppendErrorCode::wrong_expected_revision) return try_again(result.error());
  fail_all(error_of(result.error()));
}

void Batch::answer(const eventstore::Appended& appended) {
  Position position{appended.first.value - 1};
  for (Entry& entry : entries_) {
    if (entry.result) continue;
    Target& target = targets_[entry.target];
    for (const auto& event : entry.events) {
      const EventMeta meta{.time = appended.time,
                           .actor = entries_.front().command.actor,
                           .revision = target.next->revision().next(),
                           .id = target.id};
      const auto folded = target.next->evolve(event.type, event.schema_version, event.payload, meta);
      check(folded.has_value(), "what was decided can be folded");
    }
    position.value += entry.events.size() + entry.claims.size();
    entry.result = Outcome{.id = target.id,
                           .row = target.next->pack(),
                           .revision = target.next->revision(),
                           .position = entry.events.empty() ? appended.last : position,
                           .changed = !entry.events.empty(),
                           .repeated = false};
  }
  for (Target& target : targets_) {
    if (target.next->revision() > target.stored->revision())
      shared_->entities.put(workspace_, target.stream, std::move(target.next));
  }
  finish();
}

// Nothing to change and nothing to remember.
void Batch::answer_without_append() {
  const Position read = shared_->store.state().durable;
  for (Entry& entry : entries_) {
    if (entry.result) continue;
    const Target& target = targets_[entry.target];
    entry.result = Outcome{.id = target.id,
                           .row = target.decided->pack(),
                           .revision = target.decided->revision(),
                           .position = read,
                           .changed = false,
                           .repeated = false};
  }
  finish();
}

void Batch::try_again(const eventstore::AppendError& conflict) {
  if (--attempts_left_ == 0) return fail_all(error_of(conflict));
  const auto& claim = claim_of_write_[conflict.write];
  if (!claim.empty()) {
    claims_to_learn_.push_back(claim);
  } else {
    for (Target& target : targets_) {
      shared_->entities.forget_before(workspace_, target.stream, conflict.actual);
    }
  }
  for (Target& target : targets_) target.stored = nullptr;
  where_it_may_block(&Batch::gather);
}

}  // namespace flowstone::commands
