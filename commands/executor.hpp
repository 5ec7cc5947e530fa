// The write side: load a state, decide, append, try again when somebody was faster.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/decider.hpp"
#include "base/digest.hpp"
#include "base/identifier.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/aggregate.hpp"
#include "eventstore/store.hpp"
#include "schemas/contract.hpp"

namespace flowstone::commands {

// One command, decoded and authorised.
struct Command {
  std::string workspace;
  const domain::AggregateType* aggregate = nullptr;
  const schemas::Member* command = nullptr;
  std::string id;                    // of the entity; empty: a fresh one is made
  Bytes body;                        // FlatBuffer of the command's table
  std::optional<Revision> if_match;  // the entity must have this revision
  std::string command_id;            // the client's idempotency key; empty: none
  Digest fingerprint{};              // of the request; the same key with another one is refused
  std::string actor;
  std::string causation;    // empty: the command id, or else the request id
  std::string correlation;  // empty: the request id
  std::string request_id;
  std::string traceparent;
};

struct Outcome {
  std::string id;
  Bytes row;  // the entity's state table after the command
  Revision revision;
  Position position;      // of the command's last event; the position read, if it changed nothing
  bool changed = false;   // false: the command recorded nothing, because there was nothing to do
  bool repeated = false;  // true: this command id was carried out before, and this is that answer again
};

struct CommandError {
  enum class Code : std::uint8_t {
    rejected,           // `rejection` says why
    revision_mismatch,  // `if_match` is not `current`
    missing_reference,  // `rejection.field` names a field whose entity does not exist
    duplicate_value,    // `rejection.field` names a field whose value another entity holds
    command_id_reused,  // 422: the id came before with another request
    in_progress,        // 409: the same id is being carried out right now
    contended,          // others kept changing the entity; try again
    too_large,
    busy,  // back-pressure: try again later
    stopped,
    storage_failed,
    outcome_unknown,
  };
  Code code = Code::rejected;
  Rejection rejection;
  Revision current;
  std::string detail;
};

using CommandResult = Result<Outcome, CommandError>;

struct ExecutorOptions {
  std::size_t cached_entities = 50'000;    // states kept in memory, least recently used first out
  int attempts = 16;                       // on conflict, before `contended`
  std::size_t waiting_per_entity = 1'024;  // commands that wait for others on the same entity; beyond them `busy`
  // The entity's row in a read model, if there is one: a state to fold on from. Called where it may block.
  std::function<std::optional<Bytes>(const schemas::Aggregate& aggregate, std::string_view workspace,
                                     std::string_view id)>
      snapshot = nullptr;
};

// Durability: an outcome is on disk before it is told. The first success of a command id is remembered for ever, also when it
// changed nothing.
// Order: commands on one entity take turns, first come, first served. All appends to entities' streams go through one
// executor: it remembers their states.
// Threads: every member may be called from any thread; the blocking ones not from those of `run_blocking`.
// Limits: see `ExecutorOptions`; an append's are the store's.
// Lifetime: the store, clock, ids and `run_blocking` outlive the executor; its destructor waits for commands under way.
class Executor {
 public:
  // Runs work that may read the disk, somewhere it may block.
  using RunBlocking = std::function<void(std::move_only_function<void()>)>;

  Executor(eventstore::Store& store, const Clock& clock, IdSource& ids, RunBlocking run_blocking,
           ExecutorOptions options = {});
  ~Executor();

  // `done` runs exactly once, on the caller's thread, a blocking one or the sequencer's; it must be quick and must not
  // block.
  // Cost: a create, or a command on a cached entity, without a command id never leaves memory before the append.
  void execute(Command command, std::move_only_function<void(CommandResult)> done);
  // The same, blocking. Not to be called where blocking is forbidden.
  CommandResult execute(Command command);

  // All in one append, or none. Later commands see the earlier ones. On failure every entry says what it would have
  // been refused for, or `not carried out` (stopped) where another one was at fault. They are one request's: actor,
  // correlation, request id and traceparent are those of the first; command id and causation are each one's own.
  // A unique value is free for a later command of the batch only once an earlier one has let go of it: two entities
  // cannot exchange their values in one batch (duplicate_value).
  void execute_atomically(std::vector<Command> commands,
                          std::move_only_function<void(std::vector<CommandResult>)> done);

  // The entity as of the log's present end, or as of a position; nothing if it had no event by then. Blocking.
  Result<std::optional<Outcome>, eventstore::StoreError> read(std::string_view workspace,
                                                              const domain::AggregateType& aggregate,
                                                              std::string_view id, std::optional<Position> as_of = {});

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace flowstone::commands
