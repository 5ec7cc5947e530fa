// From a typed decider to the interface of `domain/aggregate.hpp`. What a decider brings besides base/decider.hpp:
//
//   kVerifyCommand, kVerifyEvent   flatc's verifiers of its two unions
//   removals(Command&)             only if it has patch commands: where the given command lists the fields to remove
//
// The state's `id`, `revision`, `created_*` and `updated_*` are kept here, so no decider repeats them.
//
// Cost: folding an event is verify, unpack, evolve; nothing is looked up by reflection.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <flatbuffers/flatbuffers.h>

#include "base/check.hpp"
#include "domain/aggregate.hpp"
#include "domain/upcast.hpp"

namespace flowstone::domain {

namespace binding {

// The table that a finished FlatBuffer holds. The bytes must have been verified, or made here.
const void* root_of(BytesView flatbuffer);

// True if the buffer's root is a well-formed table by `verify_member`, flatc's verifier of one union.
template <class Verify, class Discriminator>
bool verified(BytesView flatbuffer, Verify verify_member, Discriminator discriminator) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(flatbuffer.data()), flatbuffer.size());
  return verifier.VerifyOffset(0) != 0 && verify_member(verifier, root_of(flatbuffer), discriminator);
}

// The names of the texts and lists that a patch gives as empty: to make a value empty is to remove it.
std::vector<std::string> given_as_empty(const schemas::Table& patch, BytesView flatbuffer);

// A builder for one value at a time, whose memory is used again by the next.
flatbuffers::FlatBufferBuilder& fresh_builder();

Bytes finish(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<void> root);

template <class Union>
Union unpack(decltype(Union::type) discriminator, BytesView flatbuffer) {
  Union result;
  result.value = Union::UnPack(root_of(flatbuffer), discriminator, nullptr);
  result.type = discriminator;
  return result;
}

template <class State>
void stamp(State& state, const EventMeta& meta) {
  if (state.revision == 0) {
    state.id = meta.id;
    state.created_at = meta.time.micros;
    state.created_by = meta.actor;
  }
  state.revision = meta.revision.value;
  state.updated_at = meta.time.micros;
  state.updated_by = meta.actor;
}

}  // namespace binding

template <Decider D>
class BoundEntity final : public Entity {
 public:
  BoundEntity(const schemas::Aggregate& contract, const Upcasters& upcasters) : contract_(contract), upcasters_(upcasters) {}

  [[nodiscard]] std::unique_ptr<Entity> clone() const override { return std::make_unique<BoundEntity>(*this); }
  [[nodiscard]] Revision revision() const override { return {state_.revision}; }

  Result<void, std::string> evolve(std::string_view type, std::uint16_t schema_version, BytesView payload,
                                   const EventMeta& meta) override {
    const schemas::Member* member = contract_.find_event(type);
    if (!member) return failure(std::string(D::kName) + " has no event type " + std::string(type));
    Bytes raised;
    if (schema_version != member->table->version) {
      FLOWSTONE_TRY(raised, upcasters_.raise(type, schema_version, member->table->version, payload));
      payload = raised;
    }
    const auto kind = static_cast<EventKind>(member->discriminator);
    if (!binding::verified(payload, D::kVerifyEvent, kind)) return failure("the payload is not a " + std::string(type));
    const auto event = binding::unpack<Event>(kind, payload);
    D::evolve(state_, event, meta);
    binding::stamp(state_, meta);
    return {};
  }

  [[nodiscard]] Result<std::vector<DecidedEvent>, Rejection> decide(const schemas::Member& command, BytesView flatbuffer,
                                                                    const Context& context) const override {
    FLOWSTONE_TRY(const std::vector<Event> events,
                  D::decide(state_.revision == 0 ? nullptr : &state_, read(command, flatbuffer), context));
    std::vector<DecidedEvent> decided;
    decided.reserve(events.size());
    for (const Event& event : events) {
      const schemas::Member& member = member_of(event);
      auto& builder = binding::fresh_builder();
      const auto root = event.Pack(builder);
      decided.push_back({.type = member.name, .schema_version = member.table->version, .payload = binding::finish(builder, root)});
    }
    return decided;
  }

  [[nodiscard]] Bytes pack() const override {
    auto& builder = binding::fresh_builder();
    const auto root = State::TableType::Pack(builder, &state_);
    return binding::finish(builder, root.Union());
  }

  void load(BytesView row) { static_cast<const typename State::TableType*>(binding::root_of(row))->UnPackTo(&state_); }

 private:
  using State = typename D::State;
  using Command = typename D::Command;
  using Event = typename D::Event;
  using CommandKind = decltype(Command::type);
  using EventKind = decltype(Event::type);

  static Command read(const schemas::Member& member, BytesView flatbuffer) {
    const auto kind = static_cast<CommandKind>(member.discriminator);
    check(binding::verified(flatbuffer, D::kVerifyCommand, kind), "a command is a FlatBuffer of its table");
    auto command = binding::unpack<Command>(kind, flatbuffer);
    if constexpr (requires { D::removals(command); }) {
      if (auto* removals = member.table->patch ? D::removals(command) : nullptr) {
        for (auto& name : binding::given_as_empty(*member.table, flatbuffer)) removals->push_back(std::move(name));
      }
    }
    return command;
  }

  const schemas::Member& member_of(const Event& event) const {
    for (const auto& member : contract_.events) {
      if (member.discriminator == static_cast<std::uint8_t>(event.type)) return member;
    }
    check(false, "a decided event is a member of the aggregate's event union");
    std::unreachable();
  }

  const schemas::Aggregate& contract_;
  const Upcasters& upcasters_;
  State state_;
};

template <Decider D>
class BoundAggregate final : public AggregateType {
 public:
  explicit BoundAggregate(const Upcasters& raised_by = upcasters()) : contract_(find_contract()), upcasters_(raised_by) {}

  [[nodiscard]] const schemas::Aggregate& contract() const override { return contract_; }
  [[nodiscard]] std::unique_ptr<Entity> start() const override {
    return std::make_unique<BoundEntity<D>>(contract_, upcasters_);
  }
  [[nodiscard]] std::unique_ptr<Entity> load(BytesView row) const override {
    auto entity = std::make_unique<BoundEntity<D>>(contract_, upcasters_);
    entity->load(row);
    return entity;
  }

 private:
  static const schemas::Aggregate& find_contract() {
    const auto* contract = schemas::contracts().find_aggregate(D::kName);
    check(contract != nullptr, "every decider has a contract of its name");
    return *contract;
  }

  const schemas::Aggregate& contract_;
  const Upcasters& upcasters_;
};

}  // namespace flowstone::domain
