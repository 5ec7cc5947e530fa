// What changed from one definition to another, state by state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/definition.hpp"
#include "workflows/graph.hpp"

namespace flowstone::workflows {

enum class Change : std::uint8_t { added, removed, changed };
std::string_view name_of(Change change);

// A value that is other, new or gone.
struct ValueChange {
  Change change = Change::changed;
  std::string pointer;         // in the newer definition; of what is gone, in the older one
  Value old_value, new_value;  // undefined where there is none
};

struct StateChange {
  enum class Kind : std::uint8_t { added, removed, renamed, changed };
  Kind kind = Kind::changed;
  std::string name;      // in the newer definition; of one that is gone, in the older one
  std::string old_name;  // of one that was renamed
  std::string type;
  std::string pointer;
  std::vector<ValueChange> changes;  // of a renamed or changed state; not those of the states in it
};
std::string_view name_of(StateChange::Kind kind);

struct TransitionChange {
  Change change = Change::added;  // or removed
  std::string from, to;           // names in the newer definition where they have one
  TransitionKind kind = TransitionKind::next;
  std::string label;
};

struct DefinitionDiff {
  std::vector<ValueChange> envelope;  // of everything around the states
  std::vector<StateChange> states;    // in the order of the newer definition; those that are gone behind
  std::vector<TransitionChange> transitions;
  [[nodiscard]] bool empty() const { return envelope.empty() && states.empty() && transitions.empty(); }
};

// A state that is gone and one that is new, of the same type and with the same fields but for what they lead to, are
// one state with another name. The order of members does not matter.
DefinitionDiff diff(const Definition& older, const Definition& newer);

}  // namespace flowstone::workflows
