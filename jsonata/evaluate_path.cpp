// Paths: steps over sequences, predicates, sorting, grouping.
#include <array>
#include <cmath>
#include <unordered_map>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/ordering.hpp"
#include "jsonata/sequence.hpp"
#include "jsonata/tuples.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

bool is_empty(const Value& value) { return value.is_undefined() || (value.is_array() && value.items().empty()); }

bool is_literal_number(const Ast& node) {
  return node.form == Form::literal && node.literal.is_number() && node.predicates.empty() && !node.group;
}

bool is_array_of_numbers(const Value& value) {
  if (!value.is_array() || value.items().empty()) return false;
  for (const auto& item : value.items()) {
    if (!is_finite_number(item)) return false;
  }
  return true;
}

// The position that a number names among `size` items, counted from the end where negative; beyond: nowhere.
bool names_position(double number, std::size_t position, std::size_t size) {
  double place = std::floor(number);
  if (place < 0) place += static_cast<double>(size);
  return place == static_cast<double>(position);
}

// What a step yields is one list: arrays give their items, unless they were written as arrays.
Value flattened(std::vector<Value> results, bool last) {
  if (last && results.size() == 1 && results[0].is_array() && !results[0].marked(Mark::sequence)) {
    Value only = std::move(results[0]);
    return only;
  }
  bool flat = true;
  for (const auto& result : results) flat = flat && (!result.is_array() || result.marked(Mark::constructed));
  if (flat) return make_sequence(std::move(results));
  std::vector<Value> all;
  for (auto& result : results) {
    if (!result.is_array() || result.marked(Mark::constructed)) {
      all.push_back(std::move(result));
    } else {
      spend(result.items().size() / 16);
      admit((all.size() + result.items().size()) * sizeof(Value));
      append(all, result);
    }
  }
  return make_sequence(std::move(all));
}

}  // namespace

Value Evaluator::evaluate_path(const Ast& path, const Value& input, const FrameRef& frame) {
  Value result = walk(path, input, frame);
  const bool tuples = result.is_array() && result.marked(Mark::tuples);
  Value values = tuples && !path.in_tuples ? focused(result) : result;
  if (path.keep_singleton && values.is_array()) {
    if (values.marked(Mark::constructed) && !values.marked(Mark::sequence)) values = make_sequence({values});
    values = values.with_marks(values.marks() | Mark::keep_singleton);
  }
  return path.group ? group(*path.group, tuples ? result : values, frame) : values;
}

Value Evaluator::walk(const Ast& path, const Value& input, const FrameRef& frame) {
  const auto& steps = path.children;
  Value current = input.is_array() && steps.front()->form != Form::variable ? input : make_sequence({input});
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const Ast& next = *steps[at];
    if (at == 0 && next.constructed) {
      current = evaluate(next, current, frame);
    } else if (next.in_tuples) {
      return walk_in_tuples(path, at, std::move(current), frame);
    } else {
      current = step(next, current, frame, at + 1 == steps.size());
    }
    if (is_empty(current)) return current;
    if (!current.is_array()) current = make_sequence({std::move(current)});
  }
  return current;
}

Value Evaluator::step(const Ast& step, const Value& input, const FrameRef& frame, bool last) {
  if (step.form == Form::sort) return apply_stages(step, sort(step, input, frame), frame);
  std::vector<Value> results;
  const bool plain_name = step.form == Form::name && step.predicates.empty() && !step.group && !step.keep_array;
  for (const auto& item : input.items()) {
    if (plain_name) spend(1);
    Value result = plain_name ? collapsed(look_up(item, step.text)) : evaluate(step, item, frame);
    for (const auto& stage : step.stages) {
      if (stage.predicate) result = filter(*stage.predicate, result, frame);
    }
    if (!result.is_undefined()) results.push_back(std::move(result));
  }
  return flattened(std::move(results), last);
}

Value Evaluator::walk_in_tuples(const Ast& path, std::size_t from, Value current, const FrameRef& frame) {
  Value bound;
  for (std::size_t at = from; at < path.children.size(); ++at) {
    const Ast& next = *path.children[at];
    if (next.form == Form::sort) {
      bound = apply_stages(next, sort_in_tuples(next, bound.is_undefined() ? current : bound, frame), frame);
    } else {
      if (bound.is_undefined()) bound = tuples_of(current);
      bound = step_in_tuples(next, bound, frame);
    }
  }
  return bound;
}

Value Evaluator::sort_in_tuples(const Ast& step, const Value& input, const FrameRef& frame) {
  Value sorted = sort(step, input, frame);
  if (!sorted.is_array()) sorted = make_sequence({sorted});
  Value bound = input.marked(Mark::tuples) ? sorted.with_marks(Mark::sequence | Mark::tuples) : tuples_of(sorted);
  return step.index.empty() ? bound : numbered(bound, step.index);
}

Value Evaluator::step_in_tuples(const Ast& step, const Value& input, const FrameRef& frame) {
  std::vector<Value> results;
  for (const auto& tuple : input.items()) {
    const Value result = evaluate(step, focus_of(tuple), frame_of_tuple(tuple, frame));
    if (!result.is_undefined()) bind_results(step, tuple, result, results);
  }
  return apply_stages(step, Value::array(std::move(results), Mark::sequence | Mark::tuples), frame);
}

void Evaluator::bind_results(const Ast& step, const Value& tuple, const Value& results, std::vector<Value>& into) {
  const Value list = results.is_array() ? results : Value::array({results});
  const bool already_bound = list.marked(Mark::tuples);
  std::size_t index = 0;
  for (const auto& result : list.items()) {
    spend(1);
    TupleBuilder made(tuple);
    if (already_bound) {
      made.take(result);
    } else if (step.focus.empty()) {
      made.focus(result);
    } else {
      made.bind(step.focus, result);
    }
    if (!already_bound) {
      if (!step.index.empty()) made.bind(step.index, Value::number(static_cast<double>(index)));
      if (step.ancestor) made.bind(step.ancestor->label, focus_of(tuple));
    }
    into.push_back(made.build());
    ++index;
  }
}

Value Evaluator::apply_stages(const Ast& step, Value input, const FrameRef& frame) {
  for (const auto& stage : step.stages) {
    input = stage.predicate ? filter(*stage.predicate, input, frame) : numbered(input, stage.index);
  }
  return input;
}

Value Evaluator::filter(const Ast& predicate, const Value& input, const FrameRef& frame) {
  const bool tuples = input.is_array() && input.marked(Mark::tuples);
  const std::uint8_t marks = tuples ? Mark::sequence | Mark::tuples : Mark::sequence;
  if (input.is_undefined()) return {};
  const Value list = input.is_array() ? input : make_sequence({input});
  const auto& items = list.items();
  if (is_literal_number(predicate)) {
    double place = std::floor(predicate.literal.as_number());
    if (place < 0) place += static_cast<double>(items.size());
    if (place < 0 || place >= static_cast<double>(items.size())) return Value::array({}, marks);
    const Value& item = items[static_cast<std::size_t>(place)];
    return item.is_array() ? item : Value::array({item}, marks);
  }
  std::vector<Value> results;
  for (std::size_t at = 0; at < items.size(); ++at) {
    const Value& item = items[at];
    const Value holds =
        tuples ? evaluate(predicate, focus_of(item), frame_of_tuple(item, frame)) : evaluate(predicate, item, frame);
    if (is_finite_number(holds)) {
      if (names_position(holds.as_number(), at, items.size())) results.push_back(item);
    } else if (is_array_of_numbers(holds)) {
      spend(holds.items().size() / 4);
      for (const auto& place : holds.items()) {
        if (names_position(place.as_number(), at, items.size())) results.push_back(item);
      }
    } else if (is_true(holds)) {
      results.push_back(item);
    }
  }
  return Value::array(std::move(results), marks);
}

namespace {

// 1: left goes behind right, -1: before, 0: the term does not decide. What has no key goes to the end in either order.
int compare_keys(const Value& left, const Value& right, bool descending, const Ast& node) {
  if (left.is_undefined() || right.is_undefined())
    return left.is_undefined() && right.is_undefined() ? 0 : left.is_undefined() ? 1 : -1;
  const int less = descending ? 1 : -1;
  for (const auto* key : {&left, &right}) {
    if (!key->is_string() && !key->is_number())
      fail("T2008", {.position = node.position, .token = node.text, .value = *key});
  }
  if (left.kind() != right.kind()) fail("T2007", {.position = node.position, .token = node.text, .value = right});
  if (left.is_string()) {
    const auto order = compare_text(left.text(), right.text());
    return order < 0 ? less : order > 0 ? -less : 0;
  }
  return left.as_number() < right.as_number() ? less : left.as_number() > right.as_number() ? -less : 0;
}

}  // namespace

Value Evaluator::sort(const Ast& node, const Value& input, const FrameRef& frame) {
  if (!input.is_array() || input.items().size() < 2) return input;
  const auto& items = input.items();
  const bool tuples = input.marked(Mark::tuples);
  const std::size_t terms = node.children.size();
  // Each term of each item is evaluated once, and only if an earlier one did not decide.
  std::vector<std::optional<Value>> keys(items.size() * terms);
  const auto key = [&](std::size_t item, std::size_t term) -> const Value& {
    auto& slot = keys[item * terms + term];
    if (!slot) {
      slot = tuples ? evaluate(*node.children[term], focus_of(items[item]), frame_of_tuple(items[item], frame))
                    : evaluate(*node.children[term], items[item], frame);
    }
    return *slot;
  };
  const auto order = merge_order(items.size(), [&](std::size_t left, std::size_t right) {
    for (std::size_t term = 0; term < terms; ++term) {
      const int compared = compare_keys(key(left, term), key(right, term), node.descending[term], node);
      if (compared != 0) return compared > 0;
    }
    return false;
  });
  std::vector<Value> sorted;
  sorted.reserve(items.size());
  for (const std::size_t at : order) sorted.push_back(items[at]);
  return Value::array(std::move(sorted), tuples ? Mark::sequence | Mark::tuples : 0);
}

struct Evaluator::Grouped {
  std::string key;
  std::size_t pair;
  std::vector<Value> items;
};

void Evaluator::group_item(const Group& group, const Value& item, bool tuples, const FrameRef& frame,
                           std::vector<Grouped>& groups) {
  const auto inner = tuples ? frame_of_tuple(item, frame) : frame;
  const Value context = tuples ? focus_of(item) : item;
  for (std::size_t pair = 0; pair < group.pairs.size(); ++pair) {
    const Value key = evaluate(*group.pairs[pair].first, context, inner);
    if (key.is_undefined()) continue;
    if (!key.is_string()) fail("T1003", {.position = group.position, .value = key});
    groups.push_back({.key = key.text(), .pair = pair, .items = {item}});
  }
}

Value Evaluator::group(const Group& group, const Value& input, const FrameRef& frame) {
  const bool tuples = input.is_array() && input.marked(Mark::tuples);
  std::vector<Value> items = input.is_array() ? input.items() : std::vector<Value>{input};
  if (items.empty() && !tuples) items.emplace_back();
  std::vector<Grouped> groups;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& item : items) {
    std::vector<Grouped> found;
    group_item(group, item, tuples, frame, found);
    for (auto& entry : found) {
      const auto [place, is_new] = places.try_emplace(entry.key, groups.size());
      if (is_new) {
        groups.push_back(std::move(entry));
        continue;
      }
      auto& known = groups[place->second];
      if (known.pair != entry.pair) fail("D1009", {.position = group.position, .value = Value::string(entry.key)});
      known.items.push_back(item);
    }
  }
  std::vector<Member> members;
  for (const auto& entry : groups) {
    const Value joined = tuples ? joined_tuple(entry.items) : joined_values(entry.items);
    Value value = tuples ? evaluate(*group.pairs[entry.pair].second, focus_of(joined), frame_of_tuple(joined, frame))
                         : evaluate(*group.pairs[entry.pair].second, joined, frame);
    if (!value.is_undefined()) members.push_back({entry.key, std::move(value)});
  }
  return Value::object(std::move(members));
}

Value look_up(const Value& input, std::string_view name) {
  if (input.is_object()) {
    const Value* found = input.find(name);
    return found != nullptr ? *found : Value();
  }
  if (!input.is_array()) return {};
  std::vector<Value> results;
  for (const auto& item : input.items()) {
    spend(1);
    append(results, look_up(item, name));
  }
  return make_sequence(std::move(results));
}

Value wildcard(const Value& input) {
  if (input.is_array() && input.marked(Mark::wrapper)) return wildcard(Value(input.items().front()).with_marks(0));
  std::vector<Value> results;
  bool any_array = false;
  const auto take = [&](const Value& value) {
    spend(1);
    any_array = any_array || value.is_array();
    value.is_array() ? flatten(value, results) : results.push_back(value);
  };
  if (input.is_array()) {
    for (const auto& item : input.items()) take(item);
  } else if (input.is_object()) {
    for (const auto& member : input.members()) take(member.value);
  }
  return Value::array(std::move(results), any_array ? 0 : Mark::sequence);
}

namespace {

void descend(const Value& value, std::vector<Value>& into) {
  spend(1);
  if (!value.is_array()) into.push_back(value);
  if (value.is_array()) {
    for (const auto& item : value.items()) descend(item, into);
  } else if (value.is_object()) {
    for (const auto& member : value.members()) descend(member.value, into);
  }
}

}  // namespace

Value descendants(const Value& input) {
  std::vector<Value> results;
  if (!input.is_undefined()) descend(input, results);
  return make_sequence(std::move(results));
}

}  // namespace flowstone::jsonata
