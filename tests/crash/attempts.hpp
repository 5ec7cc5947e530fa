// The requests that the clients send: well-formed, of every kind that changes something, chosen by dice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "tests/crash/dice.hpp"
#include "tests/crash/ledger.hpp"

namespace flowstone::crash {

// A command before it is put into a request of its own, or into a batch.
struct Command {
  std::string name;       // "create_task"
  std::string aggregate;  // "task"
  std::string id = {};    // of the entity; empty: the server makes one
  boost::json::object data = {};
  std::uint64_t if_match = 0;  // 0: none
  bool changes = true;
  std::string marker = {};
};

// `row` is the state as last answered; the command is one that this state takes.
Command create_task(Dice& dice);
Command update_task(Dice& dice, const boost::json::object& row);
Command move_task(Dice& dice, const boost::json::object& row);  // complete, reopen, cancel, snooze
Command complete_task(const boost::json::object& row);
Command complete_task_again(const boost::json::object& row);  // of a completed task: changes nothing
Command stale_update(Dice& dice, const boost::json::object& row);
Command create_intent(Dice& dice, const std::string& code);
Command change_intent(Dice& dice, const boost::json::object& row, const std::string& code);
Command create_run(Dice& dice);

// Events `first` to `last` of a run, the same for the same numbers: it starts, does a step, prints, and ends with
// number `end`.
Attempt record_run_events(const std::string& run, std::uint64_t first, std::uint64_t last, std::uint64_t end);

// A request of its own on the command's route; with an idempotency key unless `command_id` is empty.
Attempt single(const Command& command, const std::string& command_id);
Attempt batch(const std::vector<Command>& commands, const std::vector<std::string>& command_ids, bool atomic);

// What the commands of an attempt were answered.
std::vector<Acknowledged> read_answer(const Attempt& attempt, const Answer& answer);

}  // namespace flowstone::crash
