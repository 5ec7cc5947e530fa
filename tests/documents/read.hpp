// Shorthand of the parsers' tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "documents/parse.hpp"

namespace flowstone::documents {

inline Parsed read(std::string_view bytes, MediaType type, const ParseLimits& limits = {}) {
  auto parsed = parse(bytes, type, limits);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().sentence);
  return parsed ? *std::move(parsed) : Parsed{};
}

// Each block as "<kind><level> <text>".
inline std::vector<std::string> blocks_of(const Parsed& parsed) {
  std::vector<std::string> found;
  for (const Block& block : parsed.blocks) {
    found.push_back(std::to_string(static_cast<int>(block.kind)) + std::to_string(block.level) + " " +
                    std::string(parsed.text.slice(block.span)));
  }
  return found;
}

// Why the bytes were refused; `broken` with an unexpected success.
inline ParseErrorCode refusal(std::string_view bytes, MediaType type, const ParseLimits& limits = {}) {
  const auto parsed = parse(bytes, type, limits);
  EXPECT_FALSE(parsed);
  return parsed ? ParseErrorCode::broken : parsed.error().code;
}

}  // namespace flowstone::documents
