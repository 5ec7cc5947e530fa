#include "tests/asl/compare.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

using jsonata::Value;

std::string json(const Value& value) { return jsonata::write_json(value).value_or("?"); }

bool matches_text(std::string_view recorded, std::string_view made) {
  const auto open = recorded.find('<');
  const auto close = open == std::string_view::npos ? open : recorded.find('>', open);
  if (close == std::string_view::npos) return recorded == made;
  if (!made.starts_with(recorded.substr(0, open))) return false;
  const auto rest = recorded.substr(close + 1);
  for (auto from = open; from <= made.size(); ++from)
    if (matches_text(rest, made.substr(from))) return true;
  return false;
}

// Inputs and outputs are JSON texts on the wire; what begins with `{` is parsed already.
Value parsed(const Value& value) {
  if (!value.is_string()) return value;
  auto read = jsonata::read_json(value.text());
  return read ? *std::move(read) : value;
}

Value normalised(const Value& event) {
  std::vector<jsonata::Member> out;
  for (const auto& [name, value] : event.members()) {
    if (name == "timestamp" || name == "id" || name == "previousEventId") continue;
    if (!value.is_object()) {
      out.push_back({name, value});
      continue;
    }
    std::vector<jsonata::Member> details;
    for (const auto& [detail, inner] : value.members()) {
      if (detail == "roleArn" || detail == "mapRunArn") continue;
      if (detail == "assignedVariables") {
        std::vector<jsonata::Member> variables;
        for (const auto& [variable, text] : inner.members()) variables.push_back({variable, parsed(text)});
        details.push_back({detail, Value::object(std::move(variables))});
      } else {
        details.push_back({detail, detail == "input" || detail == "output" ? parsed(inner) : inner});
      }
    }
    out.push_back({name, Value::object(std::move(details))});
  }
  return Value::object(std::move(out));
}

int number(const Value& event, std::string_view name) {
  const auto* found = event.find(name);
  return found != nullptr && found->is_number() ? static_cast<int>(found->as_number()) : -1;
}

std::string label(const Value& event) {
  std::string out = event.find("type")->text();
  for (const auto& [name, value] : event.members())
    if (value.is_object())
      for (const auto& [detail, inner] : value.members())
        if (detail == "name" || detail == "index") out += ":" + json(inner);
  return out;
}

struct Chained {
  std::string chain;
  Value event;
};

// The way from the event back to the beginning, by the names of what is on it.
std::vector<Chained> chained(const std::vector<Value>& events) {
  std::map<int, std::string> chains{{0, ""}};
  std::vector<Chained> out;
  for (const auto& event : events) {
    const auto chain = chains[number(event, "previousEventId")] + "/" + label(event);
    chains[number(event, "id")] = chain;
    out.push_back({chain, normalised(event)});
  }
  return out;
}

std::string in_order(const std::vector<Value>& recorded, const std::vector<Value>& made) {
  for (std::size_t at = 0; at < std::max(recorded.size(), made.size()); ++at) {
    if (at >= made.size()) return "missing: " + json(recorded[at]);
    if (at >= recorded.size()) return "too much: " + json(made[at]);
    const bool linked = number(recorded[at], "id") == number(made[at], "id") &&
                        number(recorded[at], "previousEventId") == number(made[at], "previousEventId");
    if (!linked || !matches_recorded(normalised(recorded[at]), normalised(made[at])))
      return fmt::format("recorded: {}\n    made:     {}", json(recorded[at]), json(made[at]));
  }
  return "";
}

std::string in_any_order(std::vector<Chained> recorded, std::vector<Chained> made) {
  for (const auto& [chain, event] : recorded) {
    const auto found = std::ranges::find_if(
        made, [&](const Chained& other) { return other.chain == chain && matches_recorded(event, other.event); });
    if (found == made.end()) return fmt::format("not made: {} {}", chain, json(event));
    made.erase(found);
  }
  return made.empty() ? "" : fmt::format("too much: {} {}", made.front().chain, json(made.front().event));
}

// Without their links: what happened in branches whose events were sorted when they were recorded.
std::vector<Chained> unlinked(const std::vector<Value>& events, bool branches, const std::set<std::string>& lost) {
  std::vector<Chained> out;
  for (const auto& event : events)
    if (!lost.contains(event.find("type")->text()))
      out.push_back({branches ? "" : std::to_string(number(event, "id")), normalised(event)});
  return out;
}

std::string sorted_difference(const Value& recorded_case, const std::vector<Value>& recorded,
                              const std::vector<Value>& made) {
  std::set<std::string> lost;
  if (const auto* types = recorded_case.find("lost"))
    for (const auto& type : types->items()) lost.insert(type.text());
  std::set<int> linked;
  for (const auto& event : recorded) linked.insert(number(event, "id"));
  std::vector<Value> outside, outside_made;
  for (const auto& event : recorded)
    if (number(event, "id") > 0) outside.push_back(event);
  for (const auto& event : made)
    if (linked.contains(number(event, "id"))) outside_made.push_back(event);
  auto found = in_order(outside, outside_made);
  return found.empty() ? in_any_order(unlinked(recorded, true, lost), unlinked(made, true, lost)) : found;
}

// Each branch by itself is in order where each event comes after the one that it is linked to.
bool is_ordered(const std::vector<Value>& events) {
  return std::ranges::all_of(events,
                             [](const Value& event) { return number(event, "previousEventId") < number(event, "id"); });
}

}  // namespace

bool matches_recorded(const Value& recorded, const Value& made) {
  if (recorded.is_string() && made.is_string()) {
    const auto& text = recorded.text();
    return text == "date" || text == "timestamp" || text.ends_with("_role_arn") || matches_text(text, made.text());
  }
  if (recorded.is_array() && made.is_array())
    return std::ranges::equal(recorded.items(), made.items(), matches_recorded);
  if (recorded.is_object() && made.is_object())
    return recorded.members().size() == made.members().size() &&
           std::ranges::all_of(recorded.members(), [&](const jsonata::Member& member) {
             const auto* other = made.find(member.key);
             return other != nullptr && matches_recorded(member.value, *other);
           });
  return json(recorded) == json(made);
}

std::string difference(const Value& recorded_case, const Value& made) {
  const auto& recorded = recorded_case.find("history")->items();
  if (recorded_case.find("order") != nullptr) return sorted_difference(recorded_case, recorded, made.items());
  const auto plain = in_order(recorded, made.items());
  const bool concurrent = std::ranges::any_of(recorded, [](const Value& event) {
    const auto& type = event.find("type")->text();
    return type == "ParallelStateStarted" || type == "MapStateStarted";
  });
  if (plain.empty() || !concurrent || !is_ordered(made.items())) return plain;
  return in_any_order(chained(recorded), chained(made.items())).empty() ? "" : plain;
}

}  // namespace flowstone::asl
