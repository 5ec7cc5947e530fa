#include "asl/query.hpp"

#include <array>

#include <fmt/core.h>

#include "asl/path_parser.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

struct Signature {
  std::string_view name;
  std::size_t least, most;  // arguments
};

constexpr std::size_t kAny = 1'000;

// In the order of Intrinsic.
constexpr std::array<Signature, 18> kIntrinsics{{
    {"States.Format", 1, kAny},
    {"States.StringToJson", 1, 1},
    {"States.JsonToString", 1, 1},
    {"States.Array", 0, kAny},
    {"States.ArrayPartition", 2, 2},
    {"States.ArrayContains", 2, 2},
    {"States.ArrayRange", 3, 3},
    {"States.ArrayGetItem", 2, 2},
    {"States.ArrayLength", 1, 1},
    {"States.ArrayUnique", 1, 1},
    {"States.Base64Encode", 1, 1},
    {"States.Base64Decode", 1, 1},
    {"States.Hash", 2, 2},
    {"States.JsonMerge", 3, 3},
    {"States.MathRandom", 2, 3},
    {"States.MathAdd", 2, 2},
    {"States.StringSplit", 2, 2},
    {"States.UUID", 0, 0},
}};

class CallParser {
 public:
  explicit CallParser(std::string_view text) : text_(text) {}

  Result<Call, std::string> parse() {
    FLOWSTONE_TRY(auto parsed, call(1));
    if (at_ != text_.size()) return failure(wrong("nothing more can stand"));
    return parsed;
  }

 private:
  Result<Call, std::string> call(std::uint32_t nesting) {
    if (nesting > kMaxCallNesting) return failure(fmt::format("calls nest at most {} levels", kMaxCallNesting));
    const auto start = at_;
    const auto open = text_.find('(', at_);
    const auto name = text_.substr(at_, open == std::string_view::npos ? open : open - at_);
    Call made;
    std::size_t function = 0;
    while (function < kIntrinsics.size() && kIntrinsics[function].name != name) ++function;
    if (function == kIntrinsics.size()) return failure(fmt::format("there is no intrinsic function '{}'", name));
    if (open == std::string_view::npos) return failure(std::string("`(` is missing"));
    made.function = static_cast<Intrinsic>(function);
    at_ = open + 1;
    FLOWSTONE_TRY(made.arguments, arguments(nesting));
    const auto& [known, least, most] = kIntrinsics[function];
    if (made.arguments.size() < least || made.arguments.size() > most)
      return failure(fmt::format("{} does not take {} arguments", known, made.arguments.size()));
    made.text = text_.substr(start, at_ - start);
    return made;
  }

  Result<std::vector<Argument>, std::string> arguments(std::uint32_t nesting) {
    std::vector<Argument> out;
    skip_spaces();
    if (take(')')) return out;
    do {
      skip_spaces();
      FLOWSTONE_TRY(auto next, argument(nesting));
      out.push_back(std::move(next));
      skip_spaces();
    } while (take(','));
    if (!take(')')) return failure(wrong("`,` or `)` is missing"));
    return out;
  }

  Result<Argument, std::string> argument(std::uint32_t nesting) {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    if (c == '$') {
      std::size_t length = 0;
      FLOWSTONE_TRY(auto path, PathParser(text_.substr(at_)).parse_prefix(length));
      at_ += length;
      return Argument{std::move(path)};
    }
    if (c == '\'') {
      FLOWSTONE_TRY(auto text, quoted());
      return Argument{Value::string(std::move(text))};
    }
    if (text_.substr(at_).starts_with("States.")) {
      FLOWSTONE_TRY(auto inner, call(nesting + 1));
      return Argument{std::move(inner)};
    }
    const auto end = text_.find_first_of(",) ", at_);
    auto literal = jsonata::read_json(text_.substr(at_, end == std::string_view::npos ? end : end - at_));
    if (!literal || literal->is_string() || literal->is_array() || literal->is_object())
      return failure(wrong("a path, a quoted text, a number, true, false, null or a call is missing"));
    at_ = end == std::string_view::npos ? text_.size() : end;
    return Argument{*std::move(literal)};
  }

  // Of texts only the quotation mark, braces and the backslash itself are written with a backslash. Braces keep it:
  // States.Format tells `\{` from `{`.
  Result<std::string, std::string> quoted() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '\''; ++at_) {
      if (text_[at_] != '\\') {
        out += text_[at_];
        continue;
      }
      const char escaped = ++at_ < text_.size() ? text_[at_] : '\0';
      if (escaped == '{' || escaped == '}')
        out += '\\';
      else if (escaped != '\'' && escaped != '\\')
        return failure(wrong("no such escape"));
      out += escaped;
    }
    if (at_ >= text_.size()) return failure(wrong("the closing quotation mark is missing"));
    ++at_;
    return out;
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  [[nodiscard]] std::string wrong(std::string_view what) const {
    return fmt::format("{} at character {}", what, at_ + 1);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string_view name_of(Intrinsic function) { return kIntrinsics[static_cast<std::size_t>(function)].name; }

Result<Query, std::string> Query::parse(std::string_view text) {
  if (text.size() > kMaxPathBytes) return failure(fmt::format("it has more than {} bytes", kMaxPathBytes));
  if (!text.starts_with("States.")) return parse_path(text);
  FLOWSTONE_TRY(auto call, CallParser(text).parse());
  return Query(std::move(call));
}

Result<Query, std::string> Query::parse_path(std::string_view text) {
  FLOWSTONE_TRY(auto path, Path::parse(text));
  return Query(std::move(path));
}

}  // namespace flowstone::asl
