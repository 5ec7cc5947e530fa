// The steps of a command over HTTP, for the calls that put something between them.
#pragma once

#include <optional>
#include <string_view>

#include "api/exchange.hpp"
#include "commands/executor.hpp"

namespace flowstone::api {

// Everything of the command but what its body says. False, and refused, if it may not be.
bool begin_command(Exchange& exchange, commands::Command& command);
// The body, as a FlatBuffer of the command's table. False, and refused, if it breaks the contract.
bool decode_command(Exchange& exchange, commands::Command& command, std::string_view json, bool accept_hidden);
// The request's body; an empty one is an empty object.
std::string_view json_of(const Request& request);
// Carries it out and answers with the entity's new state. Nothing if it was refused, and that is the answer.
Task<std::optional<commands::Outcome>> finish_command(Exchange* exchange, commands::Command command);

}  // namespace flowstone::api
