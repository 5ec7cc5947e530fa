// A key for programs and people: created with its roles, revoked once and for all. Only the digest of its secret is
// known.
#pragma once

#include <string_view>

#include "base/decider.hpp"
#include "schemas/api_key_generated.h"

namespace flowstone::domain {

struct ApiKey {
  static constexpr std::string_view kName = "api_key";
  static constexpr auto kVerifyCommand = schemas::VerifyApiKeyCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyApiKeyEvent;
  using State = schemas::ApiKeyT;
  using Command = schemas::ApiKeyCommandUnion;
  using Event = schemas::ApiKeyEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
};

}  // namespace flowstone::domain
