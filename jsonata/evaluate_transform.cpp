// |pattern|update,delete|: a copy of the input in which each match is changed.
#include <algorithm>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::jsonata {
namespace {

// A copy that shares no object or array with the value: each place is its own node.
Value deep_copy(const Value& value) {
  spend(1);
  if (value.is_array()) {
    std::vector<Value> items;
    items.reserve(value.items().size());
    for (const auto& item : value.items()) items.push_back(deep_copy(item));
    return Value::array(std::move(items), value.marks());
  }
  if (!value.is_object()) return value;
  std::vector<Member> members;
  members.reserve(value.members().size());
  for (const auto& member : value.members()) members.push_back({member.key, deep_copy(member.value)});
  return Value::object(std::move(members));
}

// The copy is not seen by anybody else until the transform is done, so its objects may change.
detail::ObjectNode& node_of(const Value& object) { return *static_cast<detail::ObjectNode*>(object.node()); }

void update(const Value& match, const Value& changes) {
  auto& node = node_of(match);
  for (const auto& change : changes.members()) {
    // Copied: a change may hold the match itself.
    Value value = deep_copy(change.value);
    const auto known = std::ranges::find(node.members, change.key, &Member::key);
    if (known != node.members.end()) {
      known->value = std::move(value);
    } else {
      node.members.push_back({change.key, std::move(value)});
    }
  }
  node.remember_keys();
}

void remove(const Value& match, const Value& names) {
  auto& node = node_of(match);
  for (const auto& name : names.items())
    std::erase_if(node.members, [&](const Member& member) { return member.key == name.text(); });
  node.remember_keys();
}

bool all_strings(const Value& names) {
  return std::ranges::all_of(names.items(), [](const Value& name) { return name.is_string(); });
}

}  // namespace

Value Evaluator::transform(const Transformer& transformer, const Value& input) {
  if (input.is_undefined()) return {};
  if (transformer.frame->closed()) fail("T1006");
  const auto& parts = transformer.definition->children;
  Value copy = deep_copy(input);
  const Value found = evaluate(*parts[0], copy, transformer.frame);
  if (found.is_undefined()) return copy;
  const Value matches = found.is_array() ? found : Value::array({found});
  for (const auto& match : matches.items()) {
    const Value changes = evaluate(*parts[1], match, transformer.frame);
    if (!changes.is_undefined()) {
      if (!changes.is_object()) fail("T2011", {.position = parts[1]->position, .value = changes});
      if (match.is_object()) update(match, changes);
    }
    if (parts.size() < 3) continue;
    const Value gone = evaluate(*parts[2], match, transformer.frame);
    if (gone.is_undefined()) continue;
    const Value names = gone.is_array() ? gone : Value::array({gone});
    if (!all_strings(names)) fail("T2012", {.position = parts[2]->position, .value = gone});
    if (match.is_object()) remove(match, names);
  }
  // Levels may have grown: building it anew counts them.
  return deep_copy(copy);
}

}  // namespace flowstone::jsonata
