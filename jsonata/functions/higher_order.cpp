// Functions that call functions.
#include <algorithm>
#include <random>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/ordering.hpp"
#include "jsonata/sequence.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

// An item, its place and the whole, as many of them as the function takes.
Value apply_to(Call& call, const Value& function, const Value& item, const Value& place, const Value& whole) {
  const std::size_t arity = arity_of(function);
  std::vector<Value> arguments{item};
  if (arity >= 2) arguments.push_back(place);
  if (arity >= 3) arguments.push_back(whole);
  return call.apply(function, std::move(arguments));
}

Value place_of(std::size_t index) { return Value::number(static_cast<double>(index)); }

Value map(Call& call) {
  if (call[0].is_undefined()) return {};
  std::vector<Value> results;
  for (std::size_t at = 0; at < call[0].items().size(); ++at) {
    Value result = apply_to(call, call[1], call[0].items()[at], place_of(at), call[0]);
    if (!result.is_undefined()) results.push_back(std::move(result));
  }
  return make_sequence(std::move(results));
}

Value filter(Call& call) {
  if (call[0].is_undefined()) return {};
  std::vector<Value> results;
  for (std::size_t at = 0; at < call[0].items().size(); ++at) {
    const Value& item = call[0].items()[at];
    if (is_true(apply_to(call, call[1], item, place_of(at), call[0]))) results.push_back(item);
  }
  return make_sequence(std::move(results));
}

Value single(Call& call) {
  if (call[0].is_undefined()) return {};
  const Value* found = nullptr;
  const auto& items = call[0].items();
  for (std::size_t at = 0; at < items.size(); ++at) {
    if (!call[1].is_undefined() && !is_true(apply_to(call, call[1], items[at], place_of(at), call[0]))) continue;
    if (found != nullptr) fail("D3138", {.index = static_cast<std::uint32_t>(at)});
    found = &items[at];
  }
  if (found == nullptr) fail("D3139");
  return *found;
}

Value reduce(Call& call) {
  if (call[0].is_undefined()) return {};
  const std::size_t arity = arity_of(call[1]);
  if (arity < 2) fail("D3050", {.index = 1});
  const auto& items = call[0].items();
  Value result = call[2];
  std::size_t at = 0;
  if (result.is_undefined() && !items.empty()) result = items[at++];
  for (; at < items.size(); ++at) {
    std::vector<Value> arguments{result, items[at]};
    if (arity >= 3) arguments.push_back(place_of(at));
    if (arity >= 4) arguments.push_back(call[0]);
    result = call.apply(call[1], std::move(arguments));
  }
  return result;
}

Value sift(Call& call) {
  if (!call[0].is_object()) return {};
  std::vector<Member> kept;
  for (const auto& member : call[0].members()) {
    const Value key = Value::string(member.key);
    if (is_true(apply_to(call, call[1], member.value, key, call[0]))) kept.push_back(member);
  }
  return kept.empty() ? Value() : Value::object(std::move(kept));
}

Value each(Call& call) {
  if (!call[0].is_object()) return {};
  std::vector<Value> results;
  for (const auto& member : call[0].members()) {
    Value result = apply_to(call, call[1], member.value, Value::string(member.key), call[0]);
    if (!result.is_undefined()) results.push_back(std::move(result));
  }
  return make_sequence(std::move(results));
}

bool all_of_kind(const std::vector<Value>& items, Kind kind) {
  return std::ranges::all_of(items, [kind](const Value& item) { return item.kind() == kind; });
}

Value sort(Call& call) {
  if (call[0].is_undefined()) return {};
  const auto& items = call[0].items();
  if (items.size() < 2) return call[0];
  std::function<bool(std::size_t, std::size_t)> after;
  if (call[1].is_function()) {
    after = [&](std::size_t left, std::size_t right) {
      return is_true(call.apply(call[1], {items[left], items[right]}));
    };
  } else if (all_of_kind(items, Kind::number)) {
    after = [&](std::size_t left, std::size_t right) { return items[left].as_number() > items[right].as_number(); };
  } else if (all_of_kind(items, Kind::string)) {
    after = [&](std::size_t left, std::size_t right) {
      return compare_text(items[left].text(), items[right].text()) > 0;
    };
  } else {
    fail("D3070", {.index = 1});
  }
  std::vector<Value> sorted;
  for (const std::size_t at : merge_order(items.size(), after)) sorted.push_back(items[at]);
  return Value::array(std::move(sorted));
}

}  // namespace

void add_higher_order_functions(std::vector<BuiltIn>& all) {
  all.insert(all.end(), {
                            {"map", "<af>", 2, map},
                            {"filter", "<af>", 2, filter},
                            {"single", "<af?>", 2, single},
                            {"reduce", "<afj?:j>", 3, reduce},
                            {"sift", "<o-f?:o>", 2, sift},
                            {"each", "<o-f:a>", 2, each},
                            {"sort", "<af?:a>", 2, sort},
                        });
}

}  // namespace flowstone::jsonata
