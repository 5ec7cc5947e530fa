// The links between states.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/core.h>

#include "asl/places.hpp"
#include "asl/reader.hpp"

namespace flowstone::asl {
namespace {

struct Link {
  std::string target;
  std::string place;
};

class Links {
 public:
  explicit Links(Report& report) : report_(report) {}

  void check(const Value& document, const std::string& at, std::uint32_t nesting) {
    if (!document.is_object() || nesting > kMaxMachineNesting) return;
    check_catch_all(document, "Retry", at);
    check_catch_all(document, "Catch", at);
    if (const auto* states = document.find("States"); states != nullptr && states->is_object())
      check_machine(document, *states, at, nesting);
    for (const std::string_view name : {"Iterator", "ItemProcessor"})
      if (const auto* inner = document.find(name)) check(*inner, fmt::format("{}/{}", at, name), nesting + 1);
    if (const auto* branches = document.find("Branches"); branches != nullptr && branches->is_array())
      for (std::size_t index = 0; index < branches->items().size(); ++index)
        check(branches->items()[index], fmt::format("{}/Branches/{}", at, index), nesting + 1);
  }

 private:
  using Names = std::unordered_set<std::string>;

  void check_machine(const Value& document, const Value& states, const std::string& at, std::uint32_t nesting) {
    const auto base = at + "/States/";
    std::unordered_map<std::string, std::vector<std::string>> leads_to;
    Names targets, ends;
    const auto* start = document.find("StartAt");
    if (start != nullptr && start->is_string()) {
      if (states.find(start->text()) == nullptr)
        report_.error("no_such_state", at + "/StartAt",
                      fmt::format("there is no state \"{}\" to start at", start->text()));
      targets.insert(start->text());
    }
    for (const auto& [name, state] : states.members()) {
      const auto place = base + pointer_token(name);
      if (const auto [first, fresh] = names_.emplace(name, place); !fresh)
        report_.error("repeated_name", place,
                      fmt::format("state \"{}\" has the name of the state at {}", name, first->second));
      for (auto& link : links_of(state, place)) {
        if (states.find(link.target) == nullptr)
          report_.error("no_such_state", link.place,
                        fmt::format("there is no state \"{}\" beside state \"{}\"", link.target, name));
        targets.insert(link.target);
        leads_to[name].push_back(std::move(link.target));
      }
      if (is_end(state)) ends.insert(name);
      check(state, place, nesting + 1);
    }
    if (ends.empty()) report_.error("no_end", at + "/States", "no state ends this machine");
    check_reached(states, base, start, leads_to, targets);
    if (!ends.empty()) check_endless(states, base, leads_to, ends);
  }

  void check_reached(const Value& states, const std::string& base, const Value* start,
                     const std::unordered_map<std::string, std::vector<std::string>>& leads_to, const Names& targets) {
    Names reached;
    if (start != nullptr && start->is_string() && states.find(start->text()) != nullptr) {
      std::vector<std::string> open{start->text()};
      while (!open.empty()) {
        const auto name = std::move(open.back());
        open.pop_back();
        if (!reached.insert(name).second) continue;
        if (const auto next = leads_to.find(name); next != leads_to.end())
          open.insert(open.end(), next->second.begin(), next->second.end());
      }
    }
    for (const auto& [name, state] : states.members()) {
      if (!targets.contains(name))
        report_.error("unreachable", base + pointer_token(name),
                      fmt::format("no transition leads to state \"{}\"", name));
      else if (!reached.empty() && !reached.contains(name))
        report_.error("unreachable", base + pointer_token(name),
                      fmt::format("state \"{}\" is led to by unreachable states alone", name));
    }
  }

  // States from which no way leads to an end.
  void check_endless(const Value& states, const std::string& base,
                     const std::unordered_map<std::string, std::vector<std::string>>& leads_to, const Names& ends) {
    std::unordered_map<std::string, std::vector<std::string>> led_from;
    for (const auto& [name, targets] : leads_to)
      for (const auto& target : targets) led_from[target].push_back(name);
    Names ending;
    std::vector<std::string> open(ends.begin(), ends.end());
    while (!open.empty()) {
      const auto name = std::move(open.back());
      open.pop_back();
      if (!ending.insert(name).second) continue;
      if (const auto before = led_from.find(name); before != led_from.end())
        open.insert(open.end(), before->second.begin(), before->second.end());
    }
    for (const auto& [name, state] : states.members())
      if (!ending.contains(name) && leads_to.contains(name))
        report_.warning("endless", base + pointer_token(name),
                        fmt::format("from state \"{}\" no way leads to an end", name));
  }

  static bool is_end(const Value& state) {
    if (!state.is_object()) return false;
    const auto* type = state.find("Type");
    if (type != nullptr && type->is_string() && (type->text() == "Succeed" || type->text() == "Fail")) return true;
    const auto* end = state.find("End");
    return end != nullptr && end->is_boolean() && end->as_boolean();
  }

  static std::vector<Link> links_of(const Value& state, const std::string& at) {
    std::vector<Link> out;
    const auto add = [&out](const Value& value, std::string_view field, const std::string& place) {
      if (!value.is_object()) return;
      if (const auto* target = value.find(field); target != nullptr && target->is_string())
        out.push_back({target->text(), fmt::format("{}/{}", place, field)});
    };
    if (!state.is_object()) return out;
    add(state, "Next", at);
    add(state, "Default", at);
    for (const std::string_view list : {"Choices", "Catch"}) {
      const auto* rules = state.find(list);
      if (rules == nullptr || !rules->is_array()) continue;
      for (std::size_t index = 0; index < rules->items().size(); ++index)
        add(rules->items()[index], "Next", fmt::format("{}/{}/{}", at, list, index));
    }
    return out;
  }

  // States.ALL stands alone in its rule, and its rule is the last.
  void check_catch_all(const Value& document, std::string_view name, const std::string& at) {
    const auto* rules = document.find(name);
    if (rules == nullptr || !rules->is_array()) return;
    for (std::size_t index = 0; index < rules->items().size(); ++index) {
      const auto& rule = rules->items()[index];
      const auto* errors = rule.is_object() ? rule.find("ErrorEquals") : nullptr;
      if (errors == nullptr || !errors->is_array()) continue;
      const bool catches_all = std::ranges::any_of(
          errors->items(), [](const Value& error) { return error.is_string() && error.text() == "States.ALL"; });
      if (catches_all && (errors->items().size() > 1 || index + 1 < rules->items().size()))
        report_.error("catch_all_not_last", fmt::format("{}/{}/{}", at, name, index),
                      "\"States.ALL\" must stand alone, and in the last rule");
    }
  }

  Report& report_;
  std::unordered_map<std::string, std::string> names_;  // of all levels, and where they were first
};

}  // namespace

void check_links(const Value& document, Report& report) { Links(report).check(document, "", 0); }

}  // namespace flowstone::asl
