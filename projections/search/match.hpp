// What people write into a search box, and what full-text search makes of it.
#pragma once

#include <cstdint>
#include <span>
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

// Tokens [first, first + count) of a text, as FTS5 counts them.
struct TokenRange {
  std::uint32_t first = 0, count = 0;
  bool operator==(const TokenRange&) const = default;
};

// Where these tokens are in the text: ranges in order, apart from each other; the words of one phrase are one range.
Result<std::vector<ByteRange>, std::string> places_of(Database& database, std::string_view text,
                                                      std::span<const TokenRange> words);

Result<fts5_api*, std::string> full_text_interface(Database& database);

}  // namespace flowstone::projections
