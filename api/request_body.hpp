// The body of a call that is no command, as the contract's table of it.
#pragma once

#include <string>

#include "api/command_answers.hpp"
#include "api/commands.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {

// An empty body is an empty object. False, and refused, where it breaks the contract.
template <class Body>
bool read_body(Exchange& exchange, Body& body, const std::string& target = {}) {
  const auto decoded = schemas::decode_json(*exchange.call().request, json_of(exchange.request), {.target = target});
  if (!decoded) {
    exchange.refuse(problem_of(decoded.error()));
    return false;
  }
  flatbuffers::GetRoot<typename Body::TableType>(decoded->data())->UnPackTo(&body);
  return true;
}

}  // namespace flowstone::api
