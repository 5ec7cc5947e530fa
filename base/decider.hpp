// The shape of every aggregate's pure core.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace flowstone {

// What `decide` may know besides state and command. Nothing else reaches it: no clock, no randomness, no I/O.
struct Context {
  Timestamp now;
  std::string_view actor;
  std::string_view id;  // of the entity
};

// What `evolve` may know of an event besides its payload.
struct EventMeta {
  Timestamp time;
  std::string_view actor;
  Revision revision;
  std::string_view id;  // of the entity
};

// Why the domain says no. Nothing was recorded.
struct Rejection {
  enum class Kind : std::uint8_t {
    not_found,  // the entity does not exist
    conflict,   // it exists, but its state does not allow this
    invalid,    // a field's value makes no sense here; `field` names it
  };
  Kind kind = Kind::conflict;
  std::string code;    // stable, snake_case: "task_already_completed"
  std::string detail;  // a sentence for people that says what to do
  std::string field;
};

template <class Event>
using Decision = Result<std::vector<Event>, Rejection>;

// `decide` returns the events that carry the command out; none if there is nothing to change. `state` is null before
// the first event. `evolve` never fails: what is in the log has happened.
template <class D>
concept Decider = requires(const typename D::State* state, typename D::State& into, const typename D::Command& command,
                           const typename D::Event& event, const Context& context, const EventMeta& meta) {
  { D::kName } -> std::convertible_to<std::string_view>;
  { D::decide(state, command, context) } -> std::same_as<Decision<typename D::Event>>;
  { D::evolve(into, event, meta) } -> std::same_as<void>;
};

}  // namespace flowstone
