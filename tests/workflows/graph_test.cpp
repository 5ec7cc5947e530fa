#include "workflows/graph.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace flowstone::workflows {
namespace {

constexpr std::string_view kOrder = R"({
  "StartAt": "Check", "States": {
    "Check": {"Type": "Choice", "Choices": [{"Variable": "$.amount", "NumericGreaterThan": 1000, "Next": "Ask"}],
              "Default": "Each"},
    "Ask": {"Type": "Task", "Resource": "urn:ask", "Next": "Each",
            "Catch": [{"ErrorEquals": ["States.Timeout", "No"], "Next": "Refused"}]},
    "Each": {"Type": "Map", "Next": "Both", "ItemProcessor": {"StartAt": "Pack", "States": {
      "Pack": {"Type": "Pass", "End": true}}}},
    "Both": {"Type": "Parallel", "End": true, "Branches": [
      {"StartAt": "Bill", "States": {"Bill": {"Type": "Pass", "Next": "Sent"}, "Sent": {"Type": "Succeed"}}},
      {"StartAt": "Ship", "States": {"Ship": {"Type": "Pass", "End": true}}}]},
    "Refused": {"Type": "Fail"}}})";

Graph graph(std::string_view text) {
  const auto definition = read_definition(text, Format::json);
  EXPECT_TRUE(definition.has_value()) << (definition ? "" : definition.error().front().sentence);
  return definition ? graph_of(*definition) : Graph{};
}

std::vector<std::string> told(const Graph& drawn) {
  std::vector<std::string> all;
  for (const auto& one : drawn.transitions)
    all.push_back(fmt::format("{} -{}-> {} {}", drawn.states[one.from].name, name_of(one.kind),
                              drawn.states[one.to].name, one.label));
  return all;
}

TEST(Graph, HasEveryTransitionWithItsKind) {
  EXPECT_EQ(told(graph(kOrder)),
            (std::vector<std::string>{"Bill -next-> Sent ", "Check -choice-> Ask $.amount NumericGreaterThan 1000",
                                      "Check -default-> Each ", "Ask -next-> Each ",
                                      "Ask -catch-> Refused States.Timeout, No", "Each -next-> Both "}));
}

TEST(Graph, KnowsWhereAMachineStartsAndEnds) {
  std::string starts, ends;
  for (const auto& state : graph(kOrder).states) {
    if (state.start) starts += state.name + " ";
    if (state.end) ends += state.name + " ";
  }
  EXPECT_EQ(starts, "Check Pack Bill Ship ");
  EXPECT_EQ(ends, "Pack Both Sent Ship Refused ");
}

TEST(Graph, KnowsWhatIsInsideOfWhat) {
  const auto drawn = graph(kOrder);
  ASSERT_EQ(drawn.groups.size(), 4U);
  EXPECT_EQ(drawn.groups[1].label, "Each: each item");
  EXPECT_EQ(drawn.groups[2].label, "Both: branch 1");
  EXPECT_EQ(drawn.groups[3].label, "Both: branch 2");
  for (const auto& state : drawn.states) {
    if (state.name == "Sent") {
      EXPECT_EQ(state.group, 2U);
      EXPECT_EQ(state.pointer, "/body/States/Both/Branches/0/States/Sent");
    }
    if (state.name == "Ask") EXPECT_EQ(state.group, 0U);
  }
}

TEST(Graph, IsWrittenForGraphviz) {
  const auto dot = to_dot(graph(R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"urn:a","End":true,
      "Catch":[{"ErrorEquals":["States.ALL"],"Next":"F"}]},"F":{"Type":"Fail"}}})"),
                          "One");
  EXPECT_EQ(dot,
            "digraph \"One\" {\n"
            "  node [fontname=\"sans-serif\"];\n"
            "  \"start0\" [shape=point, label=\"\"];\n"
            "  \"s0\" [label=\"A\", tooltip=\"Task\", shape=box, peripheries=2];\n"
            "  \"start0\" -> \"s0\";\n"
            "  \"s1\" [label=\"F\", tooltip=\"Fail\", shape=doublecircle, peripheries=2];\n"
            "  \"s0\" -> \"s1\" [label=\"catch States.ALL\", style=dashed, color=red];\n"
            "}\n");
}

TEST(Graph, IsWrittenForMermaid) {
  const auto mermaid = to_mermaid(graph(R"({"StartAt":"M","States":{"M":{"Type":"Map","End":true,
      "ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}})"));
  EXPECT_EQ(mermaid,
            "flowchart TD\n"
            "  start0(( ))\n"
            "  s0([\"M\"])\n"
            "  start0 --> s0\n"
            "  subgraph g1[\"M: each item\"]\n"
            "    start1(( ))\n"
            "    s1([\"P\"])\n"
            "    start1 --> s1\n"
            "  end\n"
            "  s0 -.- start1\n");
}

TEST(Graph, StatesShowHowTheyStandInARun) {
  const auto drawn = graph(R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Succeed"}}})");
  const GraphMarks marks{{"A", {.kind = GraphMark::Kind::failed, .note = "tried again 2 times <b>"}}};
  const auto dot = to_dot(drawn, "t", marks);
  EXPECT_NE(
      dot.find(R"([label="A\ntried again 2 times <b>", tooltip="Pass", shape=box, style=filled, fillcolor="#f8d0cd"])"),
      std::string::npos)
      << dot;
  EXPECT_NE(dot.find(R"([label="B", tooltip="Succeed", shape=doublecircle, peripheries=2];)"), std::string::npos)
      << dot;
  const auto mermaid = to_mermaid(drawn, marks);
  EXPECT_NE(mermaid.find("  classDef failed fill:#f8d0cd\n"), std::string::npos) << mermaid;
  EXPECT_NE(mermaid.find("  s0[\"A<br/>tried again 2 times #60;b#62;\"]\n  class s0 failed\n"), std::string::npos)
      << mermaid;
  EXPECT_EQ(mermaid.find("class s1"), std::string::npos) << mermaid;
}

TEST(Graph, NamesThatLookLikeGrammarAreShownAndNothingElse) {
  const auto drawn = graph(R"({"StartAt":"a\"]; x -> y\\","States":{"a\"]; x -> y\\":{"Type":"Pass","Next":"<b>\nend"},
      "<b>\nend":{"Type":"Succeed"}}})");
  const auto dot = to_dot(drawn, "t\"\n");
  EXPECT_NE(dot.find(R"(digraph "t\"\n" {)"), std::string::npos) << dot;
  EXPECT_NE(dot.find(R"([label="a\"]; x -> y\\", )"), std::string::npos) << dot;
  EXPECT_NE(dot.find(R"([label="<b>\nend", )"), std::string::npos) << dot;
  const auto mermaid = to_mermaid(drawn);
  EXPECT_NE(mermaid.find("s0[\"a#34;#93;#59; x -#62; y#92;\"]\n"), std::string::npos) << mermaid;
  EXPECT_NE(mermaid.find("s1([\"#60;b#62; end\"])\n"), std::string::npos) << mermaid;
}

}  // namespace
}  // namespace flowstone::workflows
