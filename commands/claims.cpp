#include "commands/claims.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "eventstore/append.hpp"
#include "schemas/claim_generated.h"
#include "schemas/packed.hpp"
#include "schemas/row.hpp"

namespace flowstone::commands {

namespace {

using eventstore::AnyRevision;
using eventstore::NoStream;

constexpr std::string_view kTaken = "claim.taken";
constexpr std::string_view kReleased = "claim.released";

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string fold(const schemas::Field& field, std::string_view value) {
  std::string folded(value);
  if (field.unique_ignores_case) std::ranges::transform(folded, folded.begin(), to_lower);
  return folded;
}

bool stands_for_itself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

std::string name_part(std::string_view value) {
  std::string part;
  for (const char c : value) {
    if (stands_for_itself(c)) {
      part.push_back(c);
    } else {
      part += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return part;
}

template <class Event>
eventstore::NewEvent claim_event(std::string_view type, const Event& event) {
  static const auto version_of = [](std::string_view name) { return schemas::contracts().find_event(name)->version; };
  return {.type = std::string(type), .schema_version = version_of(type), .payload = schemas::pack(event)};
}

eventstore::ExpectedRevision after(const eventstore::ExpectedRevision& before) {
  if (std::holds_alternative<NoStream>(before)) return Revision{1};
  if (const auto* revision = std::get_if<Revision>(&before)) return revision->next();
  return AnyRevision{};
}

}  // namespace

std::string claim_stream(const schemas::Aggregate& aggregate, const schemas::Field& field, std::string_view value) {
  const auto folded = fold(field, value);
  const auto prefix = fmt::format("claim-{}.{}-", aggregate.name, field.name);
  auto stream = prefix + name_part(folded);
  if (stream.size() <= eventstore::Limits::kNameBytes) return stream;
  // `%` never stands before `sha256` in a value's own name.
  return prefix + "%sha256-" + to_hex(view(sha256(folded)));
}

bool has_unique_fields(const schemas::Aggregate& aggregate) {
  return std::ranges::any_of(aggregate.state->fields, &schemas::Field::unique);
}

void ClaimChanges::restart() { now_ = learnt_; }

ClaimChanges::Claim& ClaimChanges::claim(const std::string& stream) { return now_[stream]; }

Result<std::vector<eventstore::StreamWrite>, DuplicateValue> ClaimChanges::change(const schemas::Aggregate& aggregate,
                                                                                  std::string_view id, BytesView before,
                                                                                  BytesView after_row) {
  std::vector<eventstore::StreamWrite> writes;
  for (const auto& field : aggregate.state->fields) {
    if (!field.unique) continue;
    const auto had = before.empty() ? std::nullopt : schemas::text_of(field, before);
    const auto has = schemas::text_of(field, after_row);
    const auto had_stream = had ? claim_stream(aggregate, field, *had) : std::string();
    const auto has_stream = has ? claim_stream(aggregate, field, *has) : std::string();
    if (had_stream == has_stream) continue;
    if (has) {
      auto& taken = claim(has_stream);
      if (!taken.owner.empty() && taken.owner != id) {
        return failure(DuplicateValue{.field = std::string(field.name), .value = std::string(*has)});
      }
      if (taken.owner.empty()) {
        schemas::ClaimTakenT event;
        event.owner = id;
        event.value = *has;
        writes.push_back({.stream = has_stream, .expected = taken.at, .events = {claim_event(kTaken, event)}});
        taken = {.at = after(taken.at), .owner = std::string(id)};
      }
    }
    if (had) {
      schemas::ClaimReleasedT event;
      event.owner = id;
      // Nobody but its holder releases a claim, and the holder's own revision is expected in the same append.
      writes.push_back({.stream = had_stream, .expected = AnyRevision{}, .events = {claim_event(kReleased, event)}});
      claim(had_stream) = {.at = AnyRevision{}, .owner = {}};
    }
  }
  return writes;
}

Result<void, eventstore::StoreError> ClaimChanges::learn(eventstore::Store& store, const std::string& stream) {
  FLOWSTONE_TRY(const auto reader, store.read_stream(workspace_, stream, {}, eventstore::Direction::backward));
  FLOWSTONE_TRY(const eventstore::RecordedEvent* last, reader->next());
  Claim claim;
  if (last) {
    claim.at = last->revision;
    if (last->type == kTaken) {
      if (!schemas::verify_member_of(schemas::VerifyClaimEvent, schemas::ClaimEvent::ClaimTaken, last->payload)) {
        return failure(eventstore::StoreError{.code = eventstore::StoreError::Code::corrupt,
                                              .position = last->position,
                                              .detail = "the payload is not a claim.taken"});
      }
      const auto* owner = static_cast<const schemas::ClaimTaken*>(schemas::root_of(last->payload))->owner();
      if (owner) claim.owner = owner->str();
    }
  }
  learnt_[stream] = std::move(claim);
  return {};
}

}  // namespace flowstone::commands
