#include "domain/api_key.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "domain/decision.hpp"
#include "schemas/contract.hpp"

namespace flowstone::domain {

namespace {

using schemas::ApiKeyCommand;
using schemas::ApiKeyEvent;
using schemas::ApiKeyT;
using Event = ApiKey::Event;

// `run:write`: an aggregate of the contracts, and what may be done with it.
bool is_scope(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos || !schemas::contracts().find_aggregate(text.substr(0, colon))) return false;
  const auto access = text.substr(colon + 1);
  return access == "read" || access == "write";
}

Decision<Event> create(const ApiKeyT* state, const schemas::CreateApiKeyT& command, Timestamp now) {
  if (state)
    return conflict("api_key_exists", "A key with this id exists already; leave the id out to get a fresh one.");
  for (std::size_t i = 0; i < command.scopes.size(); ++i) {
    if (is_scope(command.scopes[i])) continue;
    return invalid(fmt::format("scopes[{}]", i), "must be <aggregate>:read or <aggregate>:write, such as run:write");
  }
  if (command.expires_at && *command.expires_at <= now.micros) return invalid("expires_at", "must be in the future");
  const auto digest = from_hex(command.secret_digest);
  if (!digest || digest->size() != 32) return invalid("secret_digest", "must be a SHA-256 in hexadecimal");
  schemas::ApiKeyCreatedT created;
  created.name = command.name;
  created.roles = command.roles;
  created.scopes = command.scopes;
  created.expires_at = command.expires_at;
  created.secret_digest = command.secret_digest;
  return record<Event>(std::move(created));
}

}  // namespace

Decision<ApiKey::Event> ApiKey::decide(const State* state, const Command& command, const Context& context) {
  switch (command.type) {
    case ApiKeyCommand::CreateApiKey:
      return create(state, *command.AsCreateApiKey(), context.now);
    case ApiKeyCommand::RevokeApiKey:
      if (!state) return not_found("api_key_not_found", "There is no key with this id.");
      return state->revoked ? record<Event>() : record<Event>(schemas::ApiKeyRevokedT{});
    case ApiKeyCommand::NONE:
      break;
  }
  return record<Event>();
}

void ApiKey::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case ApiKeyEvent::ApiKeyCreated: {
      const auto& created = *event.AsApiKeyCreated();
      into.name = created.name;
      into.roles = created.roles;
      into.scopes = created.scopes;
      into.expires_at = created.expires_at;
      into.secret_digest = created.secret_digest;
      break;
    }
    case ApiKeyEvent::ApiKeyRevoked:
      into.revoked = true;
      into.revoked_at = meta.time.micros;
      break;
    case ApiKeyEvent::NONE:
      break;
  }
}

}  // namespace flowstone::domain
