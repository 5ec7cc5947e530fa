// Graphs as text: DOT and Mermaid.
#include <array>

#include <fmt/core.h>

#include "workflows/graph.hpp"

namespace flowstone::workflows {
namespace {

std::string in_dot(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += ' ';
    else
      out += c;
  }
  return out + '"';
}

// Mermaid's entities begin with #; what its grammar or a browser could take for its own is written as one.
std::string in_mermaid(std::string_view text) {
  constexpr std::string_view kOwn = "\"#&<>`;%|{}[]()\\";
  std::string out = "\"";
  for (const char c : text) {
    if (kOwn.find(c) != std::string_view::npos)
      out += fmt::format("#{};", static_cast<int>(c));
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += ' ';
    else
      out += c;
  }
  return out + '"';
}

std::string label_of(const Transition& transition) {
  switch (transition.kind) {
    case TransitionKind::next:
      return "";
    case TransitionKind::choice:
      return transition.label;
    case TransitionKind::otherwise:
      return "default";
    case TransitionKind::caught:
      return "catch " + transition.label;
  }
  return "";
}

std::string_view shape_in_dot(const GraphState& state) {
  if (state.type == "Choice") return "diamond";
  if (state.type == "Succeed" || state.type == "Fail") return "doublecircle";
  return "box";
}

std::string_view name_of(GraphMark::Kind kind) {
  constexpr std::array<std::string_view, 3> kNames{"under_way", "done", "failed"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view fill_of(GraphMark::Kind kind) {
  constexpr std::array<std::string_view, 3> kFills{"#cfe3fb", "#d3eed3", "#f8d0cd"};
  return kFills[static_cast<std::size_t>(kind)];
}

// Writes the groups of a graph, each within the one around it.
class Text {
 public:
  Text(const Graph& graph, const GraphMarks& marks) : graph_(graph), marks_(marks) {}
  std::string out;

  void dot_group(std::uint32_t group, const std::string& indent) {
    if (group > 0) out += fmt::format("{}label={};\n", indent, in_dot(graph_.groups[group].label));
    out += fmt::format("{}\"start{}\" [shape=point, label=\"\"];\n", indent, group);
    for (std::uint32_t index = 0; index < graph_.states.size(); ++index) {
      const auto& state = graph_.states[index];
      if (state.group != group) continue;
      const auto* mark = mark_of(state);
      const auto label = mark == nullptr || mark->note.empty() ? state.name : state.name + "\n" + mark->note;
      out += fmt::format("{}\"s{}\" [label={}, tooltip={}, shape={}{}{}];\n", indent, index, in_dot(label),
                         in_dot(state.type), shape_in_dot(state), state.end ? ", peripheries=2" : "",
                         mark == nullptr ? "" : fmt::format(", style=filled, fillcolor=\"{}\"", fill_of(mark->kind)));
      if (state.start) out += fmt::format("{}\"start{}\" -> \"s{}\";\n", indent, group, index);
    }
    for (std::uint32_t inner = 1; inner < graph_.groups.size(); ++inner) {
      if (graph_.groups[inner].around != group) continue;
      out += fmt::format("{}subgraph \"cluster{}\" {{\n", indent, inner);
      dot_group(inner, indent + "  ");
      out += indent + "}\n";
    }
  }

  void mermaid_group(std::uint32_t group, const std::string& indent) {
    out += fmt::format("{}start{}(( ))\n", indent, group);
    for (std::uint32_t index = 0; index < graph_.states.size(); ++index) {
      const auto& state = graph_.states[index];
      if (state.group != group) continue;
      const bool choice = state.type == "Choice";
      const std::string_view before = choice ? "{" : state.end ? "([" : "[";
      const std::string_view behind = choice ? "}" : state.end ? "])" : "]";
      const auto* mark = mark_of(state);
      auto label = in_mermaid(state.name);
      if (mark != nullptr && !mark->note.empty()) {
        label.pop_back();
        label += "<br/>" + in_mermaid(mark->note).substr(1);
      }
      out += fmt::format("{}s{}{}{}{}\n", indent, index, before, label, behind);
      if (mark != nullptr) out += fmt::format("{}class s{} {}\n", indent, index, name_of(mark->kind));
      if (state.start) out += fmt::format("{}start{} --> s{}\n", indent, group, index);
    }
    for (std::uint32_t inner = 1; inner < graph_.groups.size(); ++inner) {
      if (graph_.groups[inner].around != group) continue;
      out += fmt::format("{}subgraph g{}[{}]\n", indent, inner, in_mermaid(graph_.groups[inner].label));
      mermaid_group(inner, indent + "  ");
      out += indent + "end\n";
    }
  }

  void mermaid_classes() {
    if (marks_.empty()) return;
    for (const auto kind : {GraphMark::Kind::under_way, GraphMark::Kind::done, GraphMark::Kind::failed})
      out += fmt::format("  classDef {} fill:{}\n", name_of(kind), fill_of(kind));
  }

 private:
  [[nodiscard]] const GraphMark* mark_of(const GraphState& state) const {
    const auto found = marks_.find(state.name);
    return found == marks_.end() ? nullptr : &found->second;
  }

  const Graph& graph_;
  const GraphMarks& marks_;
};

}  // namespace

std::string to_dot(const Graph& graph, std::string_view title, const GraphMarks& marks) {
  Text text(graph, marks);
  text.out = fmt::format("digraph {} {{\n  node [fontname=\"sans-serif\"];\n", in_dot(title));
  text.dot_group(0, "  ");
  for (const auto& transition : graph.transitions) {
    const auto label = label_of(transition);
    const bool caught = transition.kind == TransitionKind::caught;
    text.out += fmt::format("  \"s{}\" -> \"s{}\" [label={}{}];\n", transition.from, transition.to, in_dot(label),
                            caught ? ", style=dashed, color=red" : "");
  }
  for (std::uint32_t group = 1; group < graph.groups.size(); ++group)
    text.out +=
        fmt::format("  \"s{}\" -> \"start{}\" [style=dotted, arrowhead=none];\n", graph.groups[group].of_state, group);
  return text.out + "}\n";
}

std::string to_mermaid(const Graph& graph, const GraphMarks& marks) {
  Text text(graph, marks);
  text.out = "flowchart TD\n";
  text.mermaid_classes();
  text.mermaid_group(0, "  ");
  for (const auto& transition : graph.transitions) {
    const auto label = label_of(transition);
    const std::string_view arrow = transition.kind == TransitionKind::caught ? "-.->" : "-->";
    text.out += fmt::format("  s{} {}{} s{}\n", transition.from, arrow,
                            label.empty() ? "" : fmt::format("|{}|", in_mermaid(label)), transition.to);
  }
  for (std::uint32_t group = 1; group < graph.groups.size(); ++group)
    text.out += fmt::format("  s{} -.- start{}\n", graph.groups[group].of_state, group);
  return text.out;
}

}  // namespace flowstone::workflows
