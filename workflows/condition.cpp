#include "workflows/condition.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace flowstone::workflows {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Behind the quoted text that begins at `at`.
std::size_t behind_quote(std::string_view text, std::size_t at) {
  const char quote = text[at++];
  while (at < text.size() && text[at] != quote) at += text[at] == '\\' && quote != '`' ? 2 : 1;
  return std::min(at + 1, text.size());
}

std::size_t behind_comment(std::string_view text, std::size_t at) {
  const auto end = text.find("*/", at + 2);
  return end == std::string_view::npos ? text.size() : end + 2;
}

// What binds more loosely than `and`, beside the word `or`.
bool is_loose(std::string_view rest) {
  return rest.starts_with('?') || rest.starts_with(';') || rest.starts_with(":=");
}

// The texts between the `and`s that are in no brackets; one part where something else joins them. It does not know
// regular expressions: whoever calls sees from the parts that one was cut.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0, at = 0;
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"' || c == '\'' || c == '`') {
      at = behind_quote(text, at);
    } else if (text.substr(at).starts_with("/*")) {
      at = behind_comment(text, at);
    } else if (is_word(c)) {
      const auto from = at;
      while (at < text.size() && is_word(text[at])) ++at;
      if (depth > 0) continue;
      const auto word = text.substr(from, at - from);
      if (word == "or") return {text};
      if (word != "and") continue;
      parts.push_back(text.substr(begin, from - begin));
      begin = at;
    } else {
      if (depth == 0 && is_loose(text.substr(at))) return {text};
      depth += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
      ++at;
    }
  }
  parts.push_back(text.substr(begin));
  return parts;
}

}  // namespace

jsonata::Limits condition_limits() { return {.steps = 200'000, .memory = 16U << 20U, .expired = nullptr}; }

Result<Condition, jsonata::Error> Condition::compile(std::string_view text) {
  FLOWSTONE_TRY_VOID(jsonata::compile(text));
  auto parts = split(text);
  if (std::ranges::any_of(parts, [](std::string_view part) { return !jsonata::compile(part); })) parts = {text};
  Condition condition;
  for (const auto part : parts) {
    FLOWSTONE_TRY(auto expression, jsonata::compile(fmt::format("$boolean((\n{}\n))", part)));
    condition.parts_.push_back({std::string(trimmed(part)), std::move(expression)});
  }
  return condition;
}

Condition::Verdict Condition::judge(const jsonata::Value& input, const jsonata::Context& context) const {
  for (const auto& part : parts_) {
    const auto value = part.expression.evaluate(input, {}, context, condition_limits());
    if (!value) return {.holds = false, .part = part.text, .error = jsonata::sentence_of(value.error())};
    if (!value->is_boolean() || !value->as_boolean()) return {.holds = false, .part = part.text, .error = {}};
  }
  return {.holds = true, .part = {}, .error = {}};
}

}  // namespace flowstone::workflows
