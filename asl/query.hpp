// What stands in a field whose name ends in `.$`: a path, or a call of an intrinsic function.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "asl/path.hpp"

namespace flowstone::asl {

enum class Intrinsic : std::uint8_t {
  format,
  string_to_json,
  json_to_string,
  array,
  array_partition,
  array_contains,
  array_range,
  array_get_item,
  array_length,
  array_unique,
  base64_encode,
  base64_decode,
  hash,
  json_merge,
  math_random,
  math_add,
  string_split,
  uuid,
};

// "States.Format"
std::string_view name_of(Intrinsic function);

inline constexpr std::uint32_t kMaxCallNesting = 10;  // calls in calls, as the language limits them

struct Argument;

struct Call {
  Intrinsic function = Intrinsic::format;
  std::vector<Argument> arguments;
  std::string text;
};

struct Argument {
  std::variant<Value, Path, Call> is;
};

class Query {
 public:
  // The sentence says what is wrong.
  static Result<Query, std::string> parse(std::string_view text);
  // A path alone.
  static Result<Query, std::string> parse_path(std::string_view text);

  [[nodiscard]] const Path* path() const { return std::get_if<Path>(&is_); }
  [[nodiscard]] const Call* call() const { return std::get_if<Call>(&is_); }
  [[nodiscard]] const std::string& text() const { return path() != nullptr ? path()->text() : call()->text; }

 private:
  explicit Query(Path path) : is_(std::move(path)) {}
  explicit Query(Call call) : is_(std::move(call)) {}
  std::variant<Path, Call> is_;
};

}  // namespace flowstone::asl
