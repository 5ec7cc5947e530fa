#include "workflows/diff.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include <fmt/core.h>

#include "asl/places.hpp"
#include "workflows/canonical.hpp"

namespace flowstone::workflows {
namespace {

using Names = std::map<std::string, std::string>;  // older to newer

// A state without the states in it: those are states of their own.
struct FlatState {
  std::string name, type, pointer;
  Value own;
};

Value without_states(const Value& machine) {
  if (!machine.is_object()) return machine;
  std::vector<jsonata::Member> members;
  for (const auto& member : machine.members())
    if (member.key != "States") members.push_back(member);
  return Value::object(std::move(members));
}

Value own_part(const Value& state) {
  std::vector<jsonata::Member> members;
  for (const auto& [key, value] : state.members()) {
    if (key == "Branches" && value.is_array()) {
      std::vector<Value> branches;
      for (const auto& branch : value.items()) branches.push_back(without_states(branch));
      members.push_back({key, Value::array(std::move(branches))});
    } else if (key == "ItemProcessor" || key == "Iterator") {
      members.push_back({key, without_states(value)});
    } else {
      members.push_back({key, value});
    }
  }
  return Value::object(std::move(members));
}

// With the names of states put through `rename`.
template <class Rename>
Value with_targets(const Value& value, const Rename& rename, bool inside_rules = false) {
  if (!value.is_object()) return value;
  std::vector<jsonata::Member> members;
  for (const auto& [key, inner] : value.members()) {
    const bool target = key == "Next" || (!inside_rules && (key == "Default" || key == "StartAt"));
    const bool rules = !inside_rules && (key == "Choices" || key == "Catch" || key == "Branches");
    const bool machine = !inside_rules && (key == "ItemProcessor" || key == "Iterator");
    if (target && inner.is_string()) {
      members.push_back({key, Value::string(rename(inner.text()))});
    } else if (rules && inner.is_array()) {
      std::vector<Value> items;
      for (const auto& item : inner.items()) items.push_back(with_targets(item, rename, key != "Branches"));
      members.push_back({key, Value::array(std::move(items))});
    } else if (machine) {
      members.push_back({key, with_targets(inner, rename)});
    } else {
      members.push_back({key, inner});
    }
  }
  return Value::object(std::move(members));
}

std::vector<FlatState> flat_states(const Definition& definition, const Graph& graph) {
  std::vector<FlatState> states;
  for (const auto& state : graph.states) {
    const auto* value = find_value(definition.document, state.pointer);
    states.push_back({state.name, state.type, state.pointer, value == nullptr ? Value::object({}) : own_part(*value)});
  }
  return states;
}

// What differs between two values, member by member.
class Comparison {
 public:
  explicit Comparison(std::vector<ValueChange>& found) : found_(found) {}

  void compare(const Value& older, const Value& newer, const std::string& at) {
    if (older.is_object() && newer.is_object()) {
      for (const auto& [key, value] : newer.members()) {
        const auto* before = older.find(key);
        const auto place = at + "/" + asl::pointer_token(key);
        if (before != nullptr)
          compare(*before, value, place);
        else
          found_.push_back({Change::added, place, Value(), value});
      }
      for (const auto& [key, value] : older.members())
        if (newer.find(key) == nullptr)
          found_.push_back({Change::removed, at + "/" + asl::pointer_token(key), value, Value()});
    } else if (older.is_array() && newer.is_array() && older.items().size() == newer.items().size()) {
      for (std::size_t index = 0; index < newer.items().size(); ++index)
        compare(older.items()[index], newer.items()[index], fmt::format("{}/{}", at, index));
    } else if (canonical_json(older) != canonical_json(newer)) {
      found_.push_back({Change::changed, at, older, newer});
    }
  }

 private:
  std::vector<ValueChange>& found_;
};

// The names that states of the older definition have in the newer one: first those that kept theirs, then those that do
// the same under another.
Names match(const std::vector<FlatState>& older, const std::vector<FlatState>& newer) {
  const auto shape = [](const FlatState& state) {
    return canonical_json(with_targets(state.own, [](const std::string&) { return std::string(); }));
  };
  std::set<std::string_view> kept;
  std::map<std::string, std::vector<const FlatState*>> fresh;  // by shape, the first one last
  for (const auto& state : older) kept.insert(state.name);
  for (const auto& state : newer)
    if (!kept.contains(state.name)) fresh[shape(state)].push_back(&state);
  for (auto& [text, states] : fresh) std::ranges::reverse(states);
  std::set<std::string_view> present;
  for (const auto& state : newer) present.insert(state.name);
  Names names;
  for (const auto& state : older) {
    if (present.contains(state.name)) {
      names.emplace(state.name, state.name);
      continue;
    }
    const auto found = fresh.find(shape(state));
    if (found == fresh.end() || found->second.empty()) continue;
    names.emplace(state.name, found->second.back()->name);
    found->second.pop_back();
  }
  return names;
}

std::string newer_name(const Names& names, const std::string& name) {
  const auto found = names.find(name);
  return found == names.end() ? name : found->second;
}

void compare_states(const std::vector<FlatState>& older, const std::vector<FlatState>& newer, const Names& names,
                    std::vector<StateChange>& changes) {
  using Kind = StateChange::Kind;
  std::map<std::string_view, const FlatState*> before;  // by the name in the newer definition
  for (const auto& state : older)
    if (const auto found = names.find(state.name); found != names.end()) before.emplace(found->second, &state);
  const auto rename = [&names](const std::string& name) { return newer_name(names, name); };
  for (const auto& state : newer) {
    const auto found = before.find(state.name);
    if (found == before.end()) {
      changes.push_back({Kind::added, state.name, "", state.type, state.pointer, {}});
      continue;
    }
    const FlatState& old = *found->second;
    StateChange change{Kind::changed, state.name, "", state.type, state.pointer, {}};
    Comparison(change.changes).compare(with_targets(old.own, rename), state.own, state.pointer);
    if (old.name != state.name) {
      change.kind = Kind::renamed;
      change.old_name = old.name;
    }
    if (change.kind == Kind::renamed || !change.changes.empty()) changes.push_back(std::move(change));
  }
  for (const auto& state : older)
    if (!names.contains(state.name)) changes.push_back({Kind::removed, state.name, "", state.type, state.pointer, {}});
}

using Link = std::tuple<std::string, std::string, TransitionKind, std::string>;

std::multiset<Link> links_of(const Graph& graph, const Names& names) {
  std::multiset<Link> links;
  for (const auto& transition : graph.transitions)
    links.emplace(newer_name(names, graph.states[transition.from].name),
                  newer_name(names, graph.states[transition.to].name), transition.kind, transition.label);
  return links;
}

void compare_links(const std::multiset<Link>& older, const std::multiset<Link>& newer,
                   std::vector<TransitionChange>& changes) {
  const auto tell = [&changes](const std::multiset<Link>& one, const std::multiset<Link>& other, Change change) {
    std::vector<Link> only;
    std::ranges::set_difference(one, other, std::back_inserter(only));
    for (auto& [from, to, kind, label] : only)
      changes.push_back({change, std::move(from), std::move(to), kind, std::move(label)});
  };
  tell(newer, older, Change::added);
  tell(older, newer, Change::removed);
}

// The definition without states.
Value envelope_of(const Definition& definition) {
  std::vector<jsonata::Member> members;
  for (const auto& [key, value] : definition.document.members())
    members.push_back({key, key == "body" ? without_states(value) : value});
  return Value::object(std::move(members));
}

Value with_start(const Value& envelope, const Names& names) {
  const auto rename = [&names](const std::string& name) { return newer_name(names, name); };
  std::vector<jsonata::Member> members;
  for (const auto& [key, value] : envelope.members())
    members.push_back({key, key == "body" ? with_targets(value, rename) : value});
  return Value::object(std::move(members));
}

}  // namespace

std::string_view name_of(Change change) {
  switch (change) {
    case Change::added:
      return "added";
    case Change::removed:
      return "removed";
    case Change::changed:
      return "changed";
  }
  return "changed";
}

std::string_view name_of(StateChange::Kind kind) {
  switch (kind) {
    case StateChange::Kind::added:
      return "added";
    case StateChange::Kind::removed:
      return "removed";
    case StateChange::Kind::renamed:
      return "renamed";
    case StateChange::Kind::changed:
      return "changed";
  }
  return "changed";
}

DefinitionDiff diff(const Definition& older, const Definition& newer) {
  const auto old_graph = graph_of(older);
  const auto new_graph = graph_of(newer);
  const auto old_states = flat_states(older, old_graph);
  const auto new_states = flat_states(newer, new_graph);
  const auto names = match(old_states, new_states);
  DefinitionDiff found;
  Comparison(found.envelope).compare(with_start(envelope_of(older), names), envelope_of(newer), "");
  compare_states(old_states, new_states, names, found.states);
  compare_links(links_of(old_graph, names), links_of(new_graph, {}), found.transitions);
  return found;
}

}  // namespace flowstone::workflows
