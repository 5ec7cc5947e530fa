#include "workflows/graph.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "jsonata/json_text.hpp"

namespace flowstone::workflows {
namespace {

constexpr std::size_t kMostLabelBytes = 80;

// The text as far as it is shown, cut between characters.
std::string shortened(std::string text) {
  if (text.size() <= kMostLabelBytes) return text;
  std::size_t end = kMostLabelBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// What a rule of a Choice state asks, in a line.
std::string condition_of(const Value& rule) {
  if (const auto* condition = rule.find("Condition"); condition != nullptr && condition->is_string())
    return shortened(condition->text());
  const auto* variable = rule.find("Variable");
  for (const auto& [key, value] : rule.members()) {
    if (key == "Next" || key == "Variable" || key == "Assign" || key == "Output" || key == "Comment") continue;
    if (variable == nullptr || !variable->is_string()) return key;
    return shortened(fmt::format("{} {} {}", variable->text(), key, jsonata::write_json(value).value_or("")));
  }
  return {};
}

class Drawing {
 public:
  explicit Drawing(Graph& graph) : graph_(graph) {}

  void add(const asl::Machine& machine, const Value* document, const std::string& prefix, GraphGroup group) {
    const auto own = static_cast<std::uint32_t>(graph_.groups.size());
    graph_.groups.push_back(std::move(group));
    std::map<std::string_view, std::uint32_t> indexes;
    const auto* states = document == nullptr ? nullptr : document->find("States");
    for (const auto& state : machine.states) {
      const auto index = static_cast<std::uint32_t>(graph_.states.size());
      indexes.emplace(state.name, index);
      graph_.states.push_back({.name = state.name,
                               .type = std::string(asl::name_of(state.type)),
                               .pointer = prefix + state.pointer,
                               .group = own,
                               .start = state.name == machine.start_at,
                               .end = ends(state)});
      add_inner(state, states == nullptr ? nullptr : states->find(state.name), prefix, own, index);
    }
    for (const auto& state : machine.states)
      link(state, states == nullptr ? nullptr : states->find(state.name), indexes);
  }

 private:
  static bool ends(const asl::State& state) { return state.next.empty() && state.type != asl::StateType::choice; }

  void add_inner(const asl::State& state, const Value* document, const std::string& prefix, std::uint32_t around,
                 std::uint32_t index) {
    const bool parallel = state.type == asl::StateType::parallel;
    for (std::size_t branch = 0; branch < state.branches.size(); ++branch) {
      const Value* inner = nullptr;
      if (document != nullptr && parallel) {
        inner = &document->find("Branches")->items()[branch];
      } else if (document != nullptr) {
        inner = document->find("ItemProcessor");
        if (inner == nullptr) inner = document->find("Iterator");
      }
      auto label =
          parallel ? fmt::format("{}: branch {}", state.name, branch + 1) : fmt::format("{}: each item", state.name);
      add(state.branches[branch], inner, prefix, {.label = std::move(label), .around = around, .of_state = index});
    }
  }

  void link(const asl::State& state, const Value* document, const std::map<std::string_view, std::uint32_t>& indexes) {
    const auto from = indexes.at(state.name);
    const auto to = [&](const std::string& name, TransitionKind kind, std::string label) {
      if (const auto found = indexes.find(name); found != indexes.end())
        graph_.transitions.push_back({.from = from, .to = found->second, .kind = kind, .label = std::move(label)});
    };
    if (!state.next.empty()) to(state.next, TransitionKind::next, "");
    const auto* rules = document == nullptr ? nullptr : document->find("Choices");
    for (std::size_t index = 0; index < state.choices.size(); ++index)
      to(state.choices[index].next, TransitionKind::choice,
         rules == nullptr ? "" : condition_of(rules->items()[index]));
    if (!state.default_next.empty()) to(state.default_next, TransitionKind::otherwise, "");
    for (const auto& catcher : state.catchers)
      to(catcher.next, TransitionKind::caught, shortened(fmt::format("{}", fmt::join(catcher.errors, ", "))));
  }

  Graph& graph_;
};

}  // namespace

std::string_view name_of(TransitionKind kind) {
  switch (kind) {
    case TransitionKind::next:
      return "next";
    case TransitionKind::choice:
      return "choice";
    case TransitionKind::otherwise:
      return "default";
    case TransitionKind::caught:
      return "catch";
  }
  return "next";
}

Graph graph_of(const Definition& definition) {
  Graph graph;
  const auto* body = definition.document.find("body");
  Drawing(graph).add(definition.machine.machine, body, "/body", {});
  return graph;
}

}  // namespace flowstone::workflows
