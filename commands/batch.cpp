#include "commands/batch.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/check.hpp"
#include "commands/command_error.hpp"

namespace flowstone::commands {

namespace {

std::string key_of(std::string_view workspace, std::string_view name) {
  std::string key(workspace);
  return key.append(1, '\0').append(name);
}

}  // namespace

Batch::Batch(std::shared_ptr<Shared> shared, std::vector<Command> commands, Done done, bool may_block)
    : shared_(std::move(shared)),
      workspace_(commands.front().workspace),
      done_(std::move(done)),
      may_block_(may_block),
      attempts_left_(shared_->options.attempts),
      claims_(workspace_) {
  entries_.reserve(commands.size());
  targets_.reserve(commands.size());
  for (auto& command : commands) add(std::move(command));
  turn_order_.resize(targets_.size());
  std::iota(turn_order_.begin(), turn_order_.end(), std::size_t{0});
  std::erase_if(turn_order_, [this](std::size_t target) { return targets_[target].fresh; });
  std::ranges::sort(turn_order_, {}, [this](std::size_t target) -> const std::string& { return targets_[target].key; });
}

void Batch::add(Command command) {
  check(command.workspace == workspace_, "a batch belongs to one workspace");
  Target target;
  target.type = command.aggregate;
  target.fresh = command.id.empty();
  target.id = target.fresh ? shared_->ids.fresh() : command.id;
  target.stream = stream_of(*command.aggregate, target.id);
  const auto known = std::ranges::find(targets_, target.stream, &Target::stream);
  Entry& entry = entries_.emplace_back();
  entry.command = std::move(command);
  entry.target = static_cast<std::size_t>(known - targets_.begin());
  if (known != targets_.end()) return;
  target.key = key_of(workspace_, target.stream);
  targets_.push_back(std::move(target));
}

void Batch::where_it_may_block(Step step) {
  if (may_block_) return (this->*step)();
  shared_->run_blocking([self = shared_from_this(), step] {
    self->may_block_ = true;
    (self.get()->*step)();
  });
}

void Batch::begin() {
  shared_->under_way.begin();
  if (!take_command_ids()) return finish();
  const bool has_ids = std::ranges::any_of(entries_, &Entry::holds_command_id);
  if (has_ids) return where_it_may_block(&Batch::recall);
  take_turns();
}

// False if one is being carried out already; then nothing of the batch is.
bool Batch::take_command_ids() {
  return shared_->command_ids.with([&](auto& carried_out) {
    bool all_taken = true;
    for (Entry& entry : entries_) {
      if (entry.command.command_id.empty()) continue;
      entry.holds_command_id = carried_out.insert(key_of(workspace_, entry.command.command_id)).second;
      if (entry.holds_command_id) continue;
      entry.result = refused(CommandError::Code::in_progress, "A command with this id is being carried out right now.");
      all_taken = false;
    }
    return all_taken;
  });
}

void Batch::take_turns() {
  while (turns_taken_ < turn_order_.size()) {
    const bool may_block = std::exchange(may_block_, false);
    auto start = [self = shared_from_this()] {
      self->shared_->run_blocking([self] {
        self->may_block_ = true;
        ++self->turns_taken_;
        self->take_turns();
      });
    };
    const auto entry = shared_->turns.enter(targets_[turn_order_[turns_taken_]].key, std::move(start));
    if (entry == Turns::Entry::later) return;
    may_block_ = may_block;
    if (entry == Turns::Entry::full) {
      return fail_all({.code = CommandError::Code::busy,
                       .rejection = {},
                       .current = {},
                       .detail = "Too many commands wait for this entity; try again later."});
    }
    ++turns_taken_;
  }
  gather();
}

void Batch::fail_all(const CommandError& error) {
  for (Entry& entry : entries_) {
    if (!entry.result) entry.result = failure(error);
  }
  finish();
}

void Batch::finish() {
  shared_->command_ids.with([&](auto& carried_out) {
    for (const Entry& entry : entries_) {
      if (entry.holds_command_id) carried_out.erase(key_of(workspace_, entry.command.command_id));
    }
  });
  while (turns_taken_ > 0) shared_->turns.leave(targets_[turn_order_[--turns_taken_]].key);
  std::vector<CommandResult> results;
  results.reserve(entries_.size());
  for (Entry& entry : entries_) {
    if (!entry.result) {
      entry.result = refused(CommandError::Code::stopped, "Not carried out: another command of the batch was refused.");
    }
    results.push_back(*std::move(entry.result));
  }
  done_(std::move(results));
  done_ = nullptr;
  shared_->under_way.end();
}

}  // namespace flowstone::commands
