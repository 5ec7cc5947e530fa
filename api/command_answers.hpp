// From what the write side says to what the client reads.
#pragma once

#include <string>

#include "api/exchange.hpp"
#include "api/problem.hpp"
#include "commands/executor.hpp"
#include "schemas/contract.hpp"

namespace flowstone::api {

Problem problem_of(const commands::CommandError& error);
Problem problem_of(const schemas::DecodeError& error);
Problem problem_of(const eventstore::StoreError& error);

// Runs the command and waits for its outcome without holding the network thread.
Task<commands::CommandResult> execute(Exchange* exchange, commands::Command command);

// The entity's state, its ETag and its position.
void answer_with(Exchange& exchange, const schemas::Aggregate& aggregate, const commands::Outcome& outcome);

// What the command has from the request besides its body: who, in which request, under which key.
// False, and refused, if a header is not what it must be.
bool fill_from_request(Exchange& exchange, commands::Command& command);

// After a command on a key: this server's view of the keys follows before the answer leaves.
Task<void> follow_keys(Exchange* exchange, std::string_view aggregate);

}  // namespace flowstone::api
