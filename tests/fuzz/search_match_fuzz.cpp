// What anybody writes into a search box is an expression that FTS5 takes, and what it finds is where its words are.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "projections/search/match.hpp"

using flowstone::check;
using flowstone::projections::Database;

namespace {

Database& database() {
  static Database opened = [] {
    auto made = Database::open(":memory:", Database::Access::write);
    check(made.has_value(), "a database in memory can be opened");
    check(flowstone::projections::add_matched_function(*made).has_value(), "FTS5 takes the function");
    check(made->run("CREATE VIRTUAL TABLE t USING fts5(section, text, prefix = '2 3');"
                    "INSERT INTO t VALUES('a section', 'and the words of it: one two three and or not near')")
              .has_value(),
          "a table can be made");
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
  auto asked = database().prepare("SELECT matched(t, 1) FROM t WHERE t MATCH ?1");
  check(asked.has_value(), "the statement is right");
  asked->bind(1, *expression);
  const auto found = asked->step();
  check(found.has_value(), found ? "" : found.error());
  if (!*found) return 0;
  std::uint32_t end = 0;
  for (const auto& range : flowstone::projections::read_matched(asked->bytes(0))) {
    check(range.begin >= end && range.end > range.begin, "ranges are in order and apart");
    end = range.end;
  }
  return 0;
}
