// What anybody writes into a search box is an expression that FTS5 takes, and what it finds is where its words are.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "projections/search/match.hpp"
#include "projections/search/ranking.hpp"

using flowstone::check;
using flowstone::projections::Database;
using flowstone::projections::FoundPassage;

namespace {

constexpr std::string_view kText = "and the words of it: one two three and or not near";

Database& database() {
  static Database opened = [] {
    auto made = Database::open(":memory:", Database::Access::write);
    check(made.has_value(), "a database in memory can be opened");
    check(flowstone::projections::add_ranked_function(*made).has_value(), "FTS5 takes the function");
    check(
        made->run("CREATE TABLE texts(id INTEGER PRIMARY KEY, lengths BLOB); INSERT INTO texts VALUES(1, x'0000000d');"
                  "CREATE VIRTUAL TABLE present_1 USING fts5(section, text, prefix = '2 3');")
            .has_value(),
        "tables can be made");
    auto insert = made->prepare("INSERT INTO present_1(rowid, section, text) VALUES(1 << 20, 'a section', ?1)");
    check(insert && insert->bind(1, kText).run(), "a passage can be put in");
    return *std::move(made);
  }();
  return opened;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view words(reinterpret_cast<const char*>(data), size);
  const auto expression = flowstone::projections::match_expression(database(), words);
  check(expression.has_value(), "every text is a query");
  if (expression->empty()) return 0;
  std::vector<FoundPassage> best;
  const auto ranked = rank(database(), 1, true, *expression, {.count = 10}, best);
  check(ranked.has_value(), ranked ? "" : ranked.error());
  if (best.empty()) return 0;
  const auto places = places_of(database(), kText, best.front().words);
  check(places.has_value(), "the passage can be taken apart");
  std::uint32_t end = 0;
  for (const auto& range : *places) {
    check(range.begin >= end && range.end > range.begin && range.end <= kText.size(), "ranges are in order and apart");
    end = range.end;
  }
  return 0;
}
