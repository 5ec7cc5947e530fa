// Walks one JSON document with simdjson's on-demand parser, and finds what that parser leaves unlooked at: skipped
// values, nesting, what follows the document.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace flowstone::schemas {

namespace ondemand = simdjson::ondemand;

// The first fault ends the walk: after it no more can be known about the document.
class JsonFault {
 public:
  [[nodiscard]] bool any() const { return !sentence_.empty(); }
  [[nodiscard]] const std::string& sentence() const { return sentence_; }

  // Notes the error, if it is one and the first; true if the walk can go on.
  bool ok(simdjson::error_code error);
  bool fail(std::string_view sentence);

 private:
  std::string sentence_;
};

constexpr std::size_t kMaxJsonDepth = 16;
constexpr std::size_t kMaxOpaqueDepth = 64;  // of a field that takes any JSON

// A scalar's text as written, without the white space after it.
std::string_view token_of(ondemand::value& value);

// Walks the whole value and checks it; `depth` is the nesting around it, `most` how deep it may be. False after a
// fault.
bool walk(ondemand::value value, std::size_t depth, JsonFault& fault, std::size_t most = kMaxJsonDepth);

// "text", "a number": what a value is, for people.
std::string_view name_of(ondemand::json_type type);

// The JSON without the white space between its tokens.
std::string compact(std::string_view json);

}  // namespace flowstone::schemas
