// The tables of bundles, evidence and insights: at any position they are what a fold of the log from its beginning
// makes, and a build from scratch has the same rows as the one that followed.
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/projections/world.hpp"

namespace flowstone::projections {
namespace {

// What happens to documents and to what rests on them, at random, in two workspaces.
class DocumentHistory {
 public:
  DocumentHistory(World& world, unsigned seed) : world_(world), random_(seed) {}

  void run(int steps) {
    for (int step = 0; step < steps; ++step) take_step();
  }

  std::uint64_t draw(std::uint64_t below) { return random_() % below; }

 private:
  struct Bundle {
    std::string id, workspace;
    std::uint32_t versions = 0;
  };
  struct Quote {
    std::string id;
    std::size_t bundle;
  };

  std::string fresh() { return id_number(++made_); }

  void take_step() {
    if (bundles_.empty() || draw(10) == 0) return add_bundle();
    const std::size_t bundle = draw(bundles_.size());
    switch (draw(6)) {
      case 0:
        return add_version(bundles_[bundle]);
      case 1:
        return add_quote(bundle);
      case 2:
        return quotes_.empty() ? add_quote(bundle) : move_quote(quotes_[draw(quotes_.size())]);
      case 3:
        return quotes_.empty() ? add_quote(bundle) : add_insight(quotes_[draw(quotes_.size())]);
      default:
        if (!insights_.empty()) change_insight(insights_[draw(insights_.size())]);
    }
  }

  void add_bundle() {
    const Bundle bundle{.id = fresh(), .workspace = draw(3) == 0 ? kElsewhere : kHome};
    world_.append(bundle.workspace, "bundle-" + bundle.id,
                  {{"bundle.created", fmt::format(R"({{"name":"bundle {}"}})", draw(3))}});
    bundles_.push_back(bundle);
  }

  void add_version(Bundle& bundle) {
    const std::uint32_t number = ++bundle.versions;
    const std::string named = fmt::format(R"("number":{})", number);
    std::vector<JsonEvent> events{
        {"bundle.version_added", fmt::format(R"({{{},"run_id":"{}","document_count":1}})", named, fresh())}};
    if (draw(5) == 0) {
      events.push_back({"bundle.version_failed", fmt::format(R"({{{},"error":"broken"}})", named)});
    } else {
      events.push_back({"bundle.version_published", fmt::format(R"({{{},"manifest":"{:064x}"}})", named, draw(1'000))});
      if (draw(4) != 0) events.push_back({"bundle.version_anchored", fmt::format("{{{}}}", named)});
      if (draw(4) == 0)
        events.push_back({"bundle.version_withdrawn", fmt::format(R"({{{},"reason":"draft"}})", named)});
    }
    world_.append(bundle.workspace, "bundle-" + bundle.id, events);
  }

  void add_quote(std::size_t bundle) {
    const Quote quote{.id = fresh(), .bundle = bundle};
    world_.append(
        bundles_[bundle].workspace, "evidence-" + quote.id,
        {{"evidence.created",
          fmt::format(
              R"({{"source":{{"bundle_id":"{}","version":1,"document":"{}.md","selector":{{"exact":"words"}}}},"digest":"{:064x}"}})",
              bundles_[bundle].id, draw(3), draw(9))}});
    quotes_.push_back(quote);
  }

  void move_quote(const Quote& quote) {
    const auto& bundle = bundles_[quote.bundle];
    const auto anchor = [&](std::string_view verdict) {
      return fmt::format(
          R"({{"anchor":{{"version":{},"document":"{}.md","verdict":"{}","materiality":"{}","exact":"other {}"}}}})",
          2 + draw(4), draw(3), verdict, draw(2) == 0 ? "material" : "none", draw(9));
    };
    JsonEvent event{"evidence.anchored", anchor(draw(2) == 0 ? "changed" : "lost")};
    if (draw(5) == 0) event = {"evidence.placed", anchor("same")};
    if (draw(8) == 0) event = {"evidence.withdrawn", R"({"reason":"draft"})"};
    world_.append(bundle.workspace, "evidence-" + quote.id, {event});
  }

  void add_insight(const Quote& quote) {
    const auto& workspace = bundles_[quote.bundle].workspace;
    insights_.emplace_back(fresh(), workspace);
    world_.append(
        workspace, "insight-" + insights_.back().first,
        {{"insight.created",
          fmt::format(
              R"({{"title":"{}","evidence_ids":["{}"],"confidence":0.{},"claim":{{"subject":"s{}","field":"f","value":"{}"}}}})",
              draw(5), quote.id, 1 + draw(9), draw(3), draw(3))}});
  }

  void change_insight(const std::pair<std::string, std::string>& insight) {
    constexpr std::string_view kFlags[] = {"fresh", "review", "stale"};
    JsonEvent event;
    switch (draw(6)) {
      case 0:
        event = {"insight.reviewed"};
        break;
      case 1:
        event = {"insight.published"};
        break;
      case 2:
        event = {"insight.amended", fmt::format(R"({{"title":"{}","cleared":["confidence"]}})", draw(5))};
        break;
      case 3:
        event = {"insight.confirmed", R"({"note":"looked"})"};
        break;
      default:
        event = {"insight.freshness_changed",
                 fmt::format(R"({{"value":"{}","support":"{}"}})", kFlags[draw(3)], kFlags[draw(3)])};
    }
    world_.append(insight.second, "insight-" + insight.first, {event});
  }

  World& world_;
  std::mt19937 random_;
  std::uint64_t made_ = 0;
  std::vector<Bundle> bundles_;
  std::vector<Quote> quotes_;
  std::vector<std::pair<std::string, std::string>> insights_;  // id, workspace
};

class DocumentTables : public testing::TestWithParam<unsigned> {
 protected:
  void expect_folded() {
    for (const std::string_view name : {"bundle", "evidence", "insight"}) {
      const auto& type = *domain::find_aggregate_type(name);
      EXPECT_EQ(world.served(type.contract()), world.fold(type)) << name << ", seed " << GetParam();
    }
  }
  void catch_up() {
    for (const std::string_view table : {"bundles", "evidence", "insights"}) world.catch_up(table);
  }

  World world;
};

TEST_P(DocumentTables, AreAFoldOfTheLogAtAnyPosition) {
  world.open_catalog();
  DocumentHistory history(world, GetParam());
  for (int stop = 0; stop < 6; ++stop) {
    history.run(5 + static_cast<int>(history.draw(30)));
    catch_up();
    expect_folded();
  }
}

TEST_P(DocumentTables, RebuiltAtAnyPositionHaveTheRowsOfThoseThatFollowed) {
  world.open_catalog();
  DocumentHistory history(world, GetParam());
  history.run(20 + static_cast<int>(history.draw(60)));
  for (const std::string_view table : {"bundles", "evidence", "insights"}) {
    catch_up();
    ASSERT_TRUE(world.catalog->rebuild(table, false));
    // What happens meanwhile is in both.
    history.run(static_cast<int>(history.draw(10)));
    world.step_until([&] { return world.status(table).state == Status::State::ready_to_switch; });
    EXPECT_EQ(world.status(table).digests_equal, true) << table << ", seed " << GetParam();
    ASSERT_TRUE(world.catalog->switch_over(table));
    catch_up();
    expect_folded();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DocumentTables, testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace flowstone::projections
