// A machine's states and transitions, to be drawn.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/definition.hpp"

namespace flowstone::workflows {

// States that are drawn together: the whole machine, a branch, or what a Map does with each item.
struct GraphGroup {
  std::string label;           // empty for the whole machine
  std::uint32_t around = 0;    // the group that it is in; of the whole machine itself
  std::int64_t of_state = -1;  // the state that it is a part of, by its index
};

struct GraphState {
  std::string name;
  std::string type;     // "Task"
  std::string pointer;  // in the definition
  std::uint32_t group = 0;
  bool start = false;  // its machine starts here
  bool end = false;    // its machine may end here
};

enum class TransitionKind : std::uint8_t { next, choice, otherwise, caught };
std::string_view name_of(TransitionKind kind);

struct Transition {
  std::uint32_t from = 0, to = 0;  // indexes of states
  TransitionKind kind = TransitionKind::next;
  std::string label;  // of a choice its condition, of what is caught the errors
};

// In the order of the document; a state stands before those inside of it.
struct Graph {
  std::vector<GraphGroup> groups;
  std::vector<GraphState> states;
  std::vector<Transition> transitions;
};

Graph graph_of(const Definition& definition);

// How a state stands in a run: its colour, and a note below its name.
struct GraphMark {
  enum class Kind : std::uint8_t { under_way, done, failed };
  Kind kind = Kind::under_way;
  std::string note;
};
using GraphMarks = std::map<std::string, GraphMark, std::less<>>;  // by the state's name

// For Graphviz, and for Mermaid. Names, labels and notes are escaped: whatever they are, they are shown and nothing
// else.
std::string to_dot(const Graph& graph, std::string_view title, const GraphMarks& marks = {});
std::string to_mermaid(const Graph& graph, const GraphMarks& marks = {});

}  // namespace flowstone::workflows
