#include "asl/path_parser.hpp"

#include <charconv>

#include <fmt/core.h>

#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

}  // namespace

bool PathParser::take(std::string_view word) {
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

void PathParser::skip_spaces() {
  while (peek() == ' ') ++at_;
}

std::string PathParser::wrong(std::string_view what) const { return fmt::format("{} at character {}", what, at_ + 1); }

Result<Path, std::string> PathParser::parse_whole() {
  FLOWSTONE_TRY(auto parsed, path(0));
  if (!at_end()) return failure(wrong("nothing more can stand"));
  return parsed;
}

Result<Path, std::string> PathParser::parse_prefix(std::size_t& length) {
  auto parsed = path(0);
  length = at_;
  return parsed;
}

std::string PathParser::variable_name() {
  const auto start = at_;
  if (!is_name_start(peek())) return {};
  while (is_name_start(peek()) || is_digit(peek())) ++at_;
  return std::string(text_.substr(start, at_ - start));
}

Result<Path, std::string> PathParser::path(std::uint32_t nesting) {
  const auto start = at_;
  Path parsed;
  if (nesting > 0 && take("@")) {
    parsed.root_ = Path::Root::item;
  } else if (take("$$")) {
    parsed.root_ = Path::Root::context;
  } else if (take("$")) {
    parsed.variable_ = variable_name();
    if (!parsed.variable_.empty()) parsed.root_ = Path::Root::variable;
  } else {
    return failure(wrong("a path begins with `$`, not so what stands"));
  }
  while (peek() == '.' || peek() == '[') {
    FLOWSTONE_TRY(auto next, step(nesting));
    parsed.steps_.push_back(std::move(next));
  }
  parsed.text_ = text_.substr(start, at_ - start);
  return parsed;
}

Result<PathStep, std::string> PathParser::step(std::uint32_t nesting) {
  if (peek() == '[') return bracket(nesting);
  PathStep made;
  made.descends = take("..");
  if (made.descends && peek() == '[') {
    FLOWSTONE_TRY(auto below, bracket(nesting));
    below.descends = true;
    return below;
  }
  if (!made.descends) take(".");
  if (take("*")) {
    made.kind = PathStep::Kind::wildcard;
    return made;
  }
  made.names.push_back(dotted_name());
  if (made.names.front().empty()) return failure(wrong("a name is missing"));
  return made;
}

std::string PathParser::dotted_name() {
  const auto start = at_;
  while (is_name_start(peek()) || is_digit(peek()) || peek() == '-') ++at_;
  return std::string(text_.substr(start, at_ - start));
}

Result<PathStep, std::string> PathParser::bracket(std::uint32_t nesting) {
  take("[");
  skip_spaces();
  PathStep made;
  if (peek() == '\'' || peek() == '"') {
    FLOWSTONE_TRY(made, names_in_bracket());
  } else if (take("*")) {
    made.kind = PathStep::Kind::wildcard;
  } else if (take("?(")) {
    if (nesting >= kMaxFilterNesting) return failure(wrong("filters nest too deep"));
    FLOWSTONE_TRY(auto filter, any_of(nesting + 1));
    made.kind = PathStep::Kind::filter;
    made.filter = std::make_shared<const PathFilter>(std::move(filter));
    skip_spaces();
    if (!take(")")) return failure(wrong("`)` is missing"));
  } else {
    FLOWSTONE_TRY(made, numbers_in_bracket());
  }
  skip_spaces();
  if (!take("]")) return failure(wrong("`]` is missing"));
  return made;
}

Result<PathStep, std::string> PathParser::names_in_bracket() {
  PathStep made;
  do {
    skip_spaces();
    FLOWSTONE_TRY(auto name, quoted());
    made.names.push_back(std::move(name));
    skip_spaces();
  } while (take(","));
  return made;
}

Result<PathStep, std::string> PathParser::numbers_in_bracket() {
  PathStep made;
  made.kind = PathStep::Kind::indexes;
  const auto first = integer();
  skip_spaces();
  if (take(":")) {
    made.kind = PathStep::Kind::slice;
    made.first = first;
    skip_spaces();
    made.last = integer();
    if (take(":")) {
      made.stride = integer().value_or(1);
      if (made.stride < 1) return failure(wrong("a slice's stride is at least 1; not so what stands before"));
    }
    return made;
  }
  if (!first) return failure(wrong("a name, an index, `*` or a filter is missing"));
  made.indexes.push_back(*first);
  while (take(",")) {
    skip_spaces();
    const auto next = integer();
    if (!next) return failure(wrong("an index is missing"));
    made.indexes.push_back(*next);
    skip_spaces();
  }
  return made;
}

std::optional<std::int64_t> PathParser::integer() {
  std::int64_t value = 0;
  const auto* start = text_.data() + at_;
  const auto [end, failed] = std::from_chars(start, text_.data() + text_.size(), value);
  if (failed != std::errc()) return std::nullopt;
  at_ += static_cast<std::size_t>(end - start);
  return value;
}

Result<std::string, std::string> PathParser::quoted() {
  const char quote = peek();
  if (quote != '\'' && quote != '"') return failure(wrong("a quoted name is missing"));
  ++at_;
  std::string out;
  while (!at_end() && peek() != quote) {
    if (peek() == '\\' && (peek(1) == quote || peek(1) == '\\')) ++at_;
    out += text_[at_++];
  }
  if (at_end()) return failure(wrong("the closing quotation mark is missing"));
  ++at_;
  return out;
}

PathParser::Filter PathParser::any_of(std::uint32_t nesting) {
  if (nesting > kMaxFilterNesting) return failure(wrong("filters nest too deep"));
  PathFilter out;
  out.kind = PathFilter::Kind::any;
  do {
    FLOWSTONE_TRY(auto part, all_of(nesting));
    out.parts.push_back(std::move(part));
    skip_spaces();
  } while (take("||"));
  return out;
}

PathParser::Filter PathParser::all_of(std::uint32_t nesting) {
  PathFilter out;
  out.kind = PathFilter::Kind::all;
  do {
    FLOWSTONE_TRY(auto part, term(nesting));
    out.parts.push_back(std::move(part));
    skip_spaces();
  } while (take("&&"));
  return out;
}

PathParser::Filter PathParser::term(std::uint32_t nesting) {
  skip_spaces();
  if (nesting > kMaxFilterNesting) return failure(wrong("filters nest too deep"));
  if (take("!")) {
    PathFilter out;
    out.kind = PathFilter::Kind::negation;
    FLOWSTONE_TRY(auto part, term(nesting + 1));
    out.parts.push_back(std::move(part));
    return out;
  }
  if (take("(")) {
    FLOWSTONE_TRY(auto inside, any_of(nesting + 1));
    skip_spaces();
    if (!take(")")) return failure(wrong("`)` is missing"));
    return inside;
  }
  PathFilter out;
  FLOWSTONE_TRY(out.left, operand(nesting));
  skip_spaces();
  if (const auto kind = comparison()) {
    out.kind = *kind;
    skip_spaces();
    FLOWSTONE_TRY(out.right, operand(nesting));
  }
  return out;
}

std::optional<PathFilter::Kind> PathParser::comparison() {
  using Kind = PathFilter::Kind;
  if (take("==")) return Kind::equal;
  if (take("!=")) return Kind::unequal;
  if (take("<=")) return Kind::at_most;
  if (take(">=")) return Kind::at_least;
  if (take("<")) return Kind::less;
  if (take(">")) return Kind::greater;
  return std::nullopt;
}

Result<PathFilter::Operand, std::string> PathParser::operand(std::uint32_t nesting) {
  PathFilter::Operand out;
  if (peek() == '@' || peek() == '$') {
    FLOWSTONE_TRY(out.path, path(nesting));
    return out;
  }
  if (peek() == '\'' || peek() == '"') {
    FLOWSTONE_TRY(auto text, quoted());
    out.literal = Value::string(std::move(text));
    return out;
  }
  const auto start = at_;
  while (is_name_start(peek()) || is_digit(peek()) || peek() == '-' || peek() == '+' || peek() == '.') ++at_;
  auto literal = jsonata::read_json(text_.substr(start, at_ - start));
  if (!literal) return failure(wrong("a path or a value is missing"));
  out.literal = *std::move(literal);
  return out;
}

}  // namespace flowstone::asl
