#include "projections/provenance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <simdjson.h>

#include "projections/prov_json.hpp"
#include "tests/projections/world.hpp"

namespace flowstone::projections {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

const std::string kBundle = "bundle-" + id_number(20);
const std::string kRun = "run-" + id_number(70);
const std::string kEvidence = "evidence-" + id_number(31);
const std::string kInsight = "insight-" + id_number(41);
const std::string kCanvas = "canvas-" + id_number(90);
const std::string kVersion = kBundle + "/versions/1";
const std::string kDocument = kVersion + "/documents/a contract.md";

// A world in which somebody has concluded something from a document.
class ProvenanceTest : public testing::Test {
 protected:
  void SetUp() override { world.open_catalog(); }

  void add_bundle() {
    world.append(kHome, kRun, {{"run.requested", R"({"name":"ingest"})"}}, "worker:ingest");
    world.append(kHome, kBundle,
                 {{"bundle.created", R"({"name":"Supplier contract"})"},
                  {"bundle.version_added", R"({"number":1,"run_id":)" + in_quotes(id_number(70)) + "}"}});
  }
  void add_evidence(std::uint64_t number = 31) {
    world.append(kHome, "evidence-" + id_number(number),
                 {{"evidence.created", R"({"source":{"bundle_id":)" + in_quotes(id_number(20)) +
                                           R"(,"version":1,"document":"a contract.md","selector":)"
                                           R"({"exact":"The fee is 12 %."}}})"}});
  }
  void add_insight(std::uint64_t number, const std::vector<std::uint64_t>& evidence,
                   const std::vector<std::uint64_t>& insights = {}) {
    world.append(kHome, "insight-" + id_number(number),
                 {{"insight.created", R"({"title":"insight )" + std::to_string(number) + R"(","evidence_ids":)" +
                                          list(evidence) + R"(,"insight_ids":)" + list(insights) + "}"}},
                 "key:7");
  }
  void add_canvas(const std::string& pinned) {
    world.append(kHome, kCanvas,
                 {{"canvas.created", R"({"title":"Fees"})"},
                  {"canvas.pinned", R"({"number":1,"entity":)" + in_quotes(pinned) + "}"}});
  }
  void add_everything() {
    add_bundle();
    add_evidence();
    add_insight(41, {31});
    add_canvas(kInsight);
  }

  static std::string list(const std::vector<std::uint64_t>& numbers) {
    std::string items;
    for (const auto number : numbers) items += (items.empty() ? "" : ",") + in_quotes(id_number(number));
    return "[" + items + "]";
  }

  std::optional<Provenance> find(std::string_view stream, const ProvenanceLimits& limits = {}) {
    for (const char* table : {"bundles", "canvases", "evidence", "insights", "intents", "runs", "tasks"})
      world.catch_up(table);
    auto found = provenance_of({.catalog = *world.catalog, .store = *world.store},
                               {.workspace = kHome, .stream = std::string(stream), .limits = limits});
    EXPECT_TRUE(found) << (found ? "" : found.error().detail);
    return found.value_or(std::nullopt);
  }

  World world;
};

std::vector<std::string> sources(const Provenance& found) {
  std::vector<std::string> streams;
  for (const auto& node : found.nodes) {
    if (node.is_source) streams.push_back(node.stream);
  }
  return streams;
}

std::vector<std::string> dependents(const Provenance& found) {
  std::vector<std::string> streams;
  for (const auto& node : found.nodes) {
    if (node.is_dependent) streams.push_back(node.stream);
  }
  return streams;
}

const ProvenanceNode& node(const Provenance& found, std::string_view stream) {
  return *std::ranges::find(found.nodes, stream, &ProvenanceNode::stream);
}

TEST_F(ProvenanceTest, AnInsightComesFromAQuoteInADocumentInAVersionThatARunRead) {
  add_everything();
  const auto found = find(kInsight);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->cut);
  EXPECT_EQ(found->nodes.front().stream, kInsight);
  EXPECT_THAT(sources(*found), UnorderedElementsAre(kEvidence, kBundle, kDocument, kVersion, kRun));
  EXPECT_THAT(dependents(*found), ElementsAre(kCanvas));
  EXPECT_THAT(found->edges,
              UnorderedElementsAre(
                  ProvenanceEdge{kInsight, kEvidence, "evidence_ids"}, ProvenanceEdge{kEvidence, kBundle, "bundle_id"},
                  ProvenanceEdge{kEvidence, kDocument, "source.document"},
                  ProvenanceEdge{kDocument, kVersion, "version"}, ProvenanceEdge{kVersion, kBundle, "bundle_id"},
                  ProvenanceEdge{kVersion, kRun, "run_id"}, ProvenanceEdge{kCanvas, kInsight, "pinned"}));
}

TEST_F(ProvenanceTest, NodesSayWhatTheyAreAndWhoMadeThem) {
  add_everything();
  const auto found = find(kCanvas);
  ASSERT_TRUE(found);
  EXPECT_EQ(node(*found, kCanvas).distance, 0);
  EXPECT_EQ(node(*found, kCanvas).revision, 2);
  EXPECT_EQ(node(*found, kInsight).aggregate, "insight");
  EXPECT_EQ(node(*found, kInsight).title, "insight 41");
  EXPECT_EQ(node(*found, kInsight).created_by, "key:7");
  EXPECT_EQ(node(*found, kInsight).distance, 1);
  EXPECT_TRUE(node(*found, kInsight).created_at.has_value());
  EXPECT_EQ(node(*found, kEvidence).title, "The fee is 12 %.");
  EXPECT_EQ(node(*found, kDocument).aggregate, "document");
  EXPECT_EQ(node(*found, kDocument).title, "a contract.md");
  EXPECT_EQ(node(*found, kVersion).aggregate, "bundle_version");
  EXPECT_EQ(node(*found, kVersion).created_by, "key:1");
  EXPECT_EQ(node(*found, kRun).title, "ingest");
  EXPECT_EQ(node(*found, kRun).distance, 5);
}

TEST_F(ProvenanceTest, WhatRestsOnABundleIsFoundStepByStep) {
  add_everything();
  add_evidence(32);
  add_insight(42, {32}, {41});
  const auto found = find(kBundle);
  ASSERT_TRUE(found);
  EXPECT_THAT(sources(*found), IsEmpty());
  EXPECT_THAT(dependents(*found), UnorderedElementsAre(kEvidence, "evidence-" + id_number(32), kInsight,
                                                       "insight-" + id_number(42), kCanvas));
}

TEST_F(ProvenanceTest, WhatMerelySharesASourceIsNoPartOfIt) {
  add_everything();
  add_insight(42, {31});
  const auto found = find("insight-" + id_number(42));
  ASSERT_TRUE(found);
  EXPECT_THAT(dependents(*found), IsEmpty());
  EXPECT_THAT(sources(*found), testing::Not(Contains(kInsight)));
}

TEST_F(ProvenanceTest, EveryReferenceOfTheContractsLeadsOn) {
  const std::string intent = "intent-" + id_number(5);
  world.append(kHome, intent, {{"intent.created", R"({"code":"DEEP","name":"Deep work"})"}});
  world.append_task(6, {{"task.created", R"({"title":"Write","intent_id":)" + in_quotes(id_number(5)) + "}"}});
  add_canvas("task-" + id_number(6));
  const auto found = find(intent);
  ASSERT_TRUE(found);
  EXPECT_THAT(dependents(*found), ElementsAre("task-" + id_number(6), kCanvas));
}

TEST_F(ProvenanceTest, ACircleIsWalkedOnceAndIsOnBothSides) {
  add_insight(41, {}, {42});
  add_insight(42, {}, {43});
  add_insight(43, {}, {41});
  const auto found = find(kInsight);
  ASSERT_TRUE(found);
  EXPECT_THAT(found->nodes, SizeIs(3));
  EXPECT_THAT(found->edges, SizeIs(3));
  EXPECT_TRUE(node(*found, "insight-" + id_number(42)).is_source);
  EXPECT_TRUE(node(*found, "insight-" + id_number(42)).is_dependent);
  EXPECT_FALSE(node(*found, kInsight).is_source);
}

TEST_F(ProvenanceTest, WhatIsReferredToAndNotThereIsToldWithoutARevision) {
  add_insight(41, {31});
  const auto found = find(kInsight);
  ASSERT_TRUE(found);
  EXPECT_EQ(node(*found, kEvidence).revision, 0);
  EXPECT_EQ(node(*found, kEvidence).aggregate, "evidence");
}

TEST_F(ProvenanceTest, WhatIsNotThereOrElsewhereHasNone) {
  add_insight(41, {31});
  world.append(kElsewhere, "insight-" + id_number(42),
               {{"insight.created", R"({"title":"x","evidence_ids":)" + list({31}) + "}"}});
  EXPECT_FALSE(find(kEvidence).has_value());
  EXPECT_FALSE(find("insight-" + id_number(42)).has_value());
  EXPECT_FALSE(find("nothing-" + id_number(41)).has_value());
  EXPECT_FALSE(find(kVersion).has_value());
  EXPECT_FALSE(find("/versions/1").has_value());
  EXPECT_FALSE(find("").has_value());
}

TEST_F(ProvenanceTest, BeyondTheLimitsItIsCut) {
  for (std::uint64_t number = 41; number < 50; ++number) add_insight(number, {}, {number + 1});
  const auto by_nodes = find(kInsight, {.nodes = 4});
  EXPECT_TRUE(by_nodes->cut);
  EXPECT_THAT(by_nodes->nodes, SizeIs(4));
  EXPECT_THAT(by_nodes->edges, SizeIs(3));
  const auto by_distance = find(kInsight, {.distance = 2});
  EXPECT_TRUE(by_distance->cut);
  EXPECT_THAT(by_distance->nodes, SizeIs(3));
  const auto by_edges = find(kInsight, {.edges = 5});
  EXPECT_TRUE(by_edges->cut);
  EXPECT_THAT(by_edges->edges, SizeIs(5));
  const auto all = find(kInsight);
  EXPECT_FALSE(all->cut);
  EXPECT_THAT(all->nodes, SizeIs(10));
}

TEST_F(ProvenanceTest, OfManyDependentsEveryPageIsRead) {
  for (std::uint64_t number = 1000; number < 1450; ++number) add_insight(number, {31});
  add_evidence();
  EXPECT_THAT(dependents(*find(kEvidence)), SizeIs(450));
}

simdjson::dom::element parsed(simdjson::dom::parser& parser, const std::string& json) {
  simdjson::dom::element root;
  EXPECT_EQ(parser.parse(json).get(root), simdjson::SUCCESS) << json;
  return root;
}

std::string_view text_at(simdjson::dom::element root, std::string_view first, std::string_view second,
                         std::string_view third) {
  std::string_view text;
  EXPECT_EQ(root[first][second][third].get(text), simdjson::SUCCESS) << first << " " << second << " " << third;
  return text;
}

TEST_F(ProvenanceTest, AsProvJsonRunsAreActivitiesAndActorsAreAgents) {
  add_everything();
  const std::string json = prov_json(*find(kInsight));
  simdjson::dom::parser parser;
  const auto root = parsed(parser, json);
  const std::string name = "flowstone:" + kInsight;
  EXPECT_EQ(text_at(root, "entity", name, "prov:label"), "insight 41");
  EXPECT_EQ(text_at(root, "activity", "flowstone:" + kRun, "prov:label"), "ingest");
  EXPECT_EQ(text_at(root, "agent", "flowstone:actor/key/7", "prov:label"), "key:7");
  EXPECT_EQ(text_at(root, "agent", "flowstone:actor/worker/ingest", "prov:label"), "worker:ingest");
  EXPECT_EQ(text_at(root, "entity", "flowstone:" + kVersion + "/documents/a%20contract.md", "prov:label"),
            "a contract.md");
  EXPECT_EQ(text_at(root, "wasDerivedFrom", "_:wasDerivedFrom1", "prov:generatedEntity"), name);
  EXPECT_EQ(text_at(root, "wasDerivedFrom", "_:wasDerivedFrom1", "prov:usedEntity"), "flowstone:" + kEvidence);
  EXPECT_EQ(text_at(root, "hadMember", "_:hadMember1", "prov:collection"), "flowstone:" + kVersion);
  EXPECT_EQ(text_at(root, "specializationOf", "_:specializationOf1", "prov:generalEntity"), "flowstone:" + kBundle);
  EXPECT_EQ(text_at(root, "wasAssociatedWith", "_:wasAssociatedWith1", "prov:activity"), "flowstone:" + kRun);
}

TEST_F(ProvenanceTest, AsProvJsonEveryNameInARelationIsDeclared) {
  add_everything();
  simdjson::dom::parser parser;
  const auto root = parsed(parser, prov_json(*find(kCanvas)));
  const std::map<std::string_view, std::string_view> kinds = {
      {"prov:entity", "entity"},          {"prov:activity", "activity"},   {"prov:agent", "agent"},
      {"prov:generatedEntity", "entity"}, {"prov:usedEntity", "entity"},   {"prov:collection", "entity"},
      {"prov:specificEntity", "entity"},  {"prov:generalEntity", "entity"}};
  std::size_t checked = 0;
  for (const auto relations : root.get_object()) {
    if (relations.key == "prefix" || relations.key == "entity" || relations.key == "activity") continue;
    for (const auto relation : relations.value.get_object()) {
      for (const auto role : relation.value.get_object()) {
        const auto kind = kinds.find(role.key);
        if (kind == kinds.end()) continue;
        EXPECT_EQ(root[kind->second][role.value.get_string().value()].error(), simdjson::SUCCESS) << role.value;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 20);
}

// Who rests on whom, by numbers.
using Rests = std::vector<std::vector<std::uint64_t>>;

constexpr std::uint64_t kInsights = 8;

Rests any_rests() {
  Rests rests(kInsights);
  for (auto& on : rests) {
    for (std::uint64_t other = 0; other < kInsights; ++other) {
      if (*rc::gen::inRange(0, 5) == 0) on.push_back(other);
    }
  }
  return rests;
}

bool reaches(const Rests& rests, std::uint64_t from, std::uint64_t to) {
  std::set<std::uint64_t> seen;
  std::vector<std::uint64_t> open{from};
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    for (const auto other : rests[next]) {
      if (other == to) return true;
      if (seen.insert(other).second) open.push_back(other);
    }
  }
  return false;
}

// In a workspace of their own.
void write_down(World& world, const std::string& workspace, const Rests& rests) {
  for (std::uint64_t number = 0; number < kInsights; ++number) {
    std::string ids;
    for (const auto other : rests[number]) ids += (ids.empty() ? "" : ",") + in_quotes(id_number(other));
    world.append(workspace, "insight-" + id_number(number),
                 {{"insight.created", R"({"title":"x","insight_ids":[)" + ids + "]}"}});
  }
  world.catch_up("insights");
}

TEST(Provenance, IsTheClosureOfTheReferencesBothWays) {
  World world;
  world.open_catalog();
  std::uint64_t workspaces = 0;
  EXPECT_TRUE(rc::check([&] {
    const std::string workspace = id_number(++workspaces);
    const Rests rests = any_rests();
    write_down(world, workspace, rests);
    const auto found = provenance_of({.catalog = *world.catalog, .store = *world.store},
                                     {.workspace = workspace, .stream = "insight-" + id_number(0)});
    RC_ASSERT(found.has_value() && found->has_value());
    const auto from = sources(**found);
    const auto resting = dependents(**found);
    for (std::uint64_t number = 1; number < kInsights; ++number) {
      const std::string stream = "insight-" + id_number(number);
      RC_ASSERT((std::ranges::count(from, stream) == 1) == reaches(rests, 0, number));
      RC_ASSERT((std::ranges::count(resting, stream) == 1) == reaches(rests, number, 0));
    }
  }));
}

}  // namespace
}  // namespace flowstone::projections
