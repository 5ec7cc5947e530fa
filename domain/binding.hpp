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

#include "base/check.hpp"
#include "domain/aggregate.hpp"
#include "domain/upcast.hpp"
#include "schemas/packed.hpp"

namespace flowstone::domain {

namespace binding {

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
  BoundEntity(const schemas::Aggregate& contract, const Upcasters& upcasters)
      : contract_(contract), upcasters_(upcasters) {}

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
    if (!schemas::verify_member_of(D::kVerifyEvent, kind, payload))
      return failure("the payload is not a " + std::string(type));
    const auto event = schemas::unpack_member<Event>(kind, payload);
    D::evolve(state_, event, meta);
    binding::stamp(state_, meta);
    return {};
  }

  [[nodiscard]] Result<std::vector<DecidedEvent>, Rejection> decide(const schemas::Member& command,
                                                                    BytesView flatbuffer,
                                                                    const Context& context) const override {
    FLOWSTONE_TRY(const std::vector<Event> events,
                  D::decide(state_.revision == 0 ? nullptr : &state_, read(command, flatbuffer), context));
    std::vector<DecidedEvent> decided;
    decided.reserve(events.size());
    for (const Event& event : events) {
      const schemas::Member& member = member_of(event);
      decided.push_back(
          {.type = member.name, .schema_version = member.table->version, .payload = schemas::pack_member(event)});
    }
    return decided;
  }

  [[nodiscard]] Bytes pack() const override { return schemas::pack(state_); }

  void load(BytesView row) { static_cast<const typename State::TableType*>(schemas::root_of(row))->UnPackTo(&state_); }

 private:
  using State = typename D::State;
  using Command = typename D::Command;
  using Event = typename D::Event;
  using CommandKind = decltype(Command::type);
  using EventKind = decltype(Event::type);

  static Command read(const schemas::Member& member, BytesView flatbuffer) {
    const auto kind = static_cast<CommandKind>(member.discriminator);
    check(schemas::verify_member_of(D::kVerifyCommand, kind, flatbuffer), "a command is a FlatBuffer of its table");
    auto command = schemas::unpack_member<Command>(kind, flatbuffer);
    if constexpr (requires { D::removals(command); }) {
      if (auto* removals = member.table->patch ? D::removals(command) : nullptr) {
        // To make a text or list empty is to remove it.
        for (auto& name : schemas::given_as_empty(*member.table, flatbuffer)) removals->push_back(std::move(name));
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
  explicit BoundAggregate(const Upcasters& raised_by = upcasters())
      : contract_(find_contract()), upcasters_(raised_by) {}

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
