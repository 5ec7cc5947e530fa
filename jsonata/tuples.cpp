#include "jsonata/tuples.hpp"

#include "jsonata/evaluator.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::jsonata {

TupleBuilder::TupleBuilder(const Value& from) {
  if (from.is_object()) {
    members_ = from.members();
  } else {
    members_.push_back({std::string(kFocus), {}});
  }
}

void TupleBuilder::bind(std::string_view name, const Value& value) {
  for (auto& member : members_) {
    if (member.key == name) {
      member.value = value;
      return;
    }
  }
  members_.push_back({std::string(name), value});
}

void TupleBuilder::take(const Value& tuple) {
  for (const auto& member : tuple.members()) bind(member.key, member.value);
}

Value focus_of(const Value& tuple) {
  const Value* focus = tuple.find(kFocus);
  return focus != nullptr ? *focus : Value();
}

Value tuples_of(const Value& items) {
  std::vector<Value> tuples;
  tuples.reserve(items.items().size());
  for (const auto& item : items.items()) {
    spend(1);
    TupleBuilder tuple({});
    tuple.focus(item);
    tuples.push_back(tuple.build());
  }
  return Value::array(std::move(tuples), Mark::sequence | Mark::tuples);
}

Value focused(const Value& tuples) {
  std::vector<Value> values;
  for (const auto& tuple : tuples.items()) {
    Value value = focus_of(tuple);
    if (!value.is_undefined()) values.push_back(std::move(value));
  }
  return make_sequence(std::move(values));
}

Value numbered(const Value& tuples, const std::string& name) {
  std::vector<Value> all;
  for (const auto& item : tuples.items()) {
    TupleBuilder tuple(item);
    tuple.bind(name, Value::number(static_cast<double>(all.size())));
    all.push_back(tuple.build());
  }
  return Value::array(std::move(all), Mark::sequence | Mark::tuples);
}

Value joined_values(const std::vector<Value>& values) {
  if (values.size() == 1) return values.front();
  std::vector<Value> all;
  for (const auto& value : values) append(all, value);
  return Value::array(std::move(all));
}

Value joined_tuple(const std::vector<Value>& tuples) {
  if (tuples.size() == 1) return tuples.front();
  TupleBuilder joined({});
  for (const auto& first : tuples.front().members()) {
    std::vector<Value> values;
    for (const auto& tuple : tuples) {
      const Value* value = tuple.find(first.key);
      if (value != nullptr && !value->is_undefined()) values.push_back(*value);
    }
    joined.bind(first.key, values.empty() ? Value() : joined_values(values));
  }
  return joined.build();
}

FrameRef frame_of_tuple(const Value& tuple, const FrameRef& outer) {
  auto frame = Frame::inside(outer);
  for (const auto& member : tuple.members()) {
    if (member.key != kFocus) frame->bind(member.key, member.value);
  }
  return frame;
}

}  // namespace flowstone::jsonata
