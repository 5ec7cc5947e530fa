// Commands on their way to one append: a single one is a batch of one.
//
//   begin -> recall answers of command ids -> take turns on the entities -> gather states -> decide -> append -> answer
//                                                                             ^                   |
//                                                                             +---- conflict -----+
//
// Threads: one at a time. A step that may read the disk runs where `run_blocking` puts it; the answer is made where the
// append completes.
// Lifetime: owned by whoever carries the next step.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "commands/claims.hpp"
#include "commands/shared.hpp"

namespace flowstone::commands {

class Batch : public std::enable_shared_from_this<Batch> {
 public:
  using Done = std::move_only_function<void(std::vector<CommandResult>)>;

  // `commands` has one at least. `may_block`: the caller of `begin` may be made to wait for the disk.
  Batch(std::shared_ptr<Shared> shared, std::vector<Command> commands, Done done, bool may_block);
  void begin();

 private:
  // An entity that commands of the batch are for.
  struct Target {
    std::string stream;
    std::string key;  // workspace and stream
    const domain::AggregateType* type = nullptr;
    std::string id;
    bool fresh = false;                    // its id was made here: nobody else knows it
    EntityState stored;                    // as the log has it
    EntityState decided;                   // as the commands so far leave it; times are only near the recorded ones
    std::uint64_t written = 0;             // events of the commands so far
    std::shared_ptr<domain::Entity> next;  // becomes the state after the append
  };

  struct Entry {
    Command command;
    std::size_t target = 0;
    std::vector<domain::DecidedEvent> events;
    std::vector<eventstore::StreamWrite> claims;
    bool holds_command_id = false;
    std::optional<CommandResult> result;
  };

  using Step = void (Batch::*)();
  void where_it_may_block(Step step);

  void add(Command command);
  bool take_command_ids();
  void take_turns();
  void fail_all(const CommandError& error);
  void finish();

  // batch/recall.cpp: command ids that came before.
  void recall();
  CommandResult recalled(const Command& command, const eventstore::Store::StoredAnswer& stored) const;
  Result<Outcome, CommandError> render(const Command& command, const eventstore::Appended& answer) const;
  Result<std::string, CommandError> id_in_answer(const Command& command, const eventstore::Appended& answer) const;

  // batch/gather.cpp: what the decisions need to know.
  void gather();
  void gather_from_log();
  bool gather_from_memory();
  Result<void, eventstore::StoreError> load();

  // batch/decide.cpp
  void attempt();
  bool decide_all();
  Result<void, CommandError> decide(Entry& entry, Timestamp now);
  Result<void, CommandError> check_references(const Entry& entry) const;
  Result<void, CommandError> foresee(Entry& entry, Timestamp now);
  eventstore::Append make_append();
  void append();

  // batch/answer.cpp
  void complete(eventstore::AppendResult result);
  void answer(const eventstore::Appended& appended);
  void answer_without_append();
  void try_again(const eventstore::AppendError& conflict);

  const std::shared_ptr<Shared> shared_;
  const std::string workspace_;
  Done done_;
  bool may_block_;
  std::vector<Entry> entries_;
  std::vector<Target> targets_;
  std::vector<std::size_t>
      turn_order_;  // targets, in the order of their keys: so that two batches never wait for each other
  std::size_t turns_taken_ = 0;
  int attempts_left_;
  ClaimChanges claims_;
  std::vector<std::string> claim_of_write_;  // claim stream of each write of the append; empty: an entity's
  std::vector<std::string> claims_to_learn_;
  std::unordered_map<std::string, bool> referred_;  // streams that commands refer to, and whether they have events
};

}  // namespace flowstone::commands
