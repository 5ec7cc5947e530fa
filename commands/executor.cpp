#include "commands/executor.hpp"

#include <semaphore>
#include <utility>

#include "commands/batch.hpp"
#include "commands/command_error.hpp"
#include "commands/shared.hpp"

namespace flowstone::commands {

void UnderWay::begin() {
  const std::lock_guard guard(mutex_);
  ++count_;
}

void UnderWay::end() {
  const std::lock_guard guard(mutex_);
  if (--count_ == 0) none_.notify_all();
}

void UnderWay::wait_for_none() {
  std::unique_lock lock(mutex_);
  none_.wait(lock, [this] { return count_ == 0; });
}

Shared::Shared(eventstore::Store& used_store, const Clock& used_clock, IdSource& used_ids,
               Executor::RunBlocking used_run_blocking, ExecutorOptions given_options)
    : store(used_store),
      clock(used_clock),
      ids(used_ids),
      run_blocking(std::move(used_run_blocking)),
      options(std::move(given_options)),
      entities(store, options),
      turns(options.waiting_per_entity),
      existing(options.cached_entities) {}

struct Executor::State : Shared {
  using Shared::Shared;
};

Executor::Executor(eventstore::Store& store, const Clock& clock, IdSource& ids, RunBlocking run_blocking,
                   ExecutorOptions options)
    : state_(std::make_shared<State>(store, clock, ids, std::move(run_blocking), std::move(options))) {}

Executor::~Executor() { state_->under_way.wait_for_none(); }

namespace {

void begin_one(std::shared_ptr<Shared> shared, Command command, std::move_only_function<void(CommandResult)> done,
               bool may_block) {
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  auto all_done = [done = std::move(done)](std::vector<CommandResult> results) mutable {
    done(std::move(results.front()));
  };
  std::make_shared<Batch>(std::move(shared), std::move(commands), std::move(all_done), may_block)->begin();
}

}  // namespace

void Executor::execute(Command command, std::move_only_function<void(CommandResult)> done) {
  begin_one(state_, std::move(command), std::move(done), false);
}

CommandResult Executor::execute(Command command) {
  struct Answer {
    std::binary_semaphore here{0};
    CommandResult result;
  };
  // Shared, because its giver may still be at it when the waiter has woken.
  const auto answer = std::make_shared<Answer>();
  const auto done = [answer](CommandResult result) {
    answer->result = std::move(result);
    answer->here.release();
  };
  begin_one(state_, std::move(command), done, true);
  answer->here.acquire();
  return std::move(answer->result);
}

void Executor::execute_atomically(std::vector<Command> commands,
                                  std::move_only_function<void(std::vector<CommandResult>)> done) {
  if (commands.empty()) return done({});
  std::make_shared<Batch>(state_, std::move(commands), std::move(done), false)->begin();
}

Result<std::optional<Outcome>, eventstore::StoreError> Executor::read(std::string_view workspace,
                                                                      const domain::AggregateType& aggregate,
                                                                      std::string_view id,
                                                                      std::optional<Position> as_of) {
  const Position durable = state_->store.state().durable;
  const Position position = as_of ? std::min(*as_of, durable) : durable;
  FLOWSTONE_TRY(const EntityState entity, as_of ? state_->entities.load_as_of(workspace, aggregate, id, position)
                                                : state_->entities.load_newest(workspace, aggregate, id));
  if (entity->revision() == Revision{0}) return std::nullopt;
  return Outcome{.id = std::string(id),
                 .row = entity->pack(),
                 .revision = entity->revision(),
                 .position = position,
                 .changed = false,
                 .repeated = false};
}

}  // namespace flowstone::commands
