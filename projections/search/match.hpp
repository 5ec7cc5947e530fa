// What people write into a search box, and what full-text search makes of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "projections/search/database.hpp"

namespace flowstone::projections {

// The most words and phrases of one query; more are left out.
constexpr std::size_t kMostTerms = 32;

// `word`, `"words in this order"` and `begin*`, all of which must be there, as an expression of FTS5. Nothing that
// people write is an operator, so no query is a syntax error. What holds no letter or digit is left out; empty if
// nothing is left. The words are taken apart by the tokenizer of the index itself.
Result<std::string, std::string> match_expression(Database& database, std::string_view query);

// Bytes [begin, end) of a text.
struct ByteRange {
  std::uint32_t begin = 0, end = 0;
  bool operator==(const ByteRange&) const = default;
};

// Lets statements on this connection ask `matched(table, column)`: where in that column the words of the expression
// are.
Result<void, std::string> add_matched_function(Database& database);
// What it answers: ranges in order, apart from each other; words of one phrase are one range.
std::vector<ByteRange> read_matched(BytesView answer);

}  // namespace flowstone::projections
