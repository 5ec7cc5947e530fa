#include <cmath>

#include <fmt/core.h>

#include "asl/places.hpp"
#include "asl/reader.hpp"
#include "base/time.hpp"

namespace flowstone::asl {
namespace {

constexpr std::string_view kPathSuffix = ".$";

// Of the query language: the text between `{%` and `%}`.
std::string_view inner_text(std::string_view text) { return text.substr(2, text.size() - 4); }

bool takes_expressions(Shape shape) {
  using enum Shape;
  return shape == text || shape == payload_list || shape == whole || shape == positive || shape == percentage ||
         shape == timestamp || shape == payload_object;
}

bool is_timestamp(const std::string& text) {
  return text.size() >= 20 && text[10] == 'T' && (text.back() == 'Z' || text[text.size() - 3] == ':') &&
         from_rfc3339(text).has_value();
}

}  // namespace

bool is_expression(std::string_view text) { return text.size() >= 4 && text.starts_with("{%") && text.ends_with("%}"); }

std::optional<Template> Reader::shaped(const FieldRule& rule, const Value& value, QueryLanguage language,
                                       const std::string& at) {
  const auto wrong = [&](std::string_view expected) -> std::optional<Template> {
    report_.error("wrong_type", at, fmt::format("Field \"{}\" must be {}", rule.name, expected));
    return std::nullopt;
  };
  if (language == QueryLanguage::jsonata && takes_expressions(rule.shape) && rule.field != Field::assign &&
      value.is_string() && value.text().starts_with("{%"))
    return payload_text(value, at);
  switch (rule.shape) {
    case Shape::text:
    case Shape::name:
      return value.is_string() ? std::optional(Template(value)) : wrong("a string");
    case Shape::flag:
      return value.is_boolean() && value.as_boolean() ? std::optional(Template(value)) : wrong("true");
    case Shape::any:
      return Template(value);
    case Shape::payload:
      return payload(value, language, at);
    case Shape::payload_object:
      if (!value.is_object()) return wrong("an object");
      return rule.field == Field::assign ? assignment(value, language, at) : payload(value, language, at);
    case Shape::payload_list:
      return value.is_array() ? std::optional(payload(value, language, at)) : wrong("a list or an expression");
    case Shape::path:
    case Shape::path_or_null:
    case Shape::reference:
    case Shape::reference_or_null:
    case Shape::query:
      return path_shaped(rule, value, at);
    case Shape::whole:
    case Shape::positive:
    case Shape::percentage:
      return number_shaped(rule, value, at);
    case Shape::timestamp:
      return time_shaped(rule, value, at);
    case Shape::special:
      break;
  }
  return std::nullopt;
}

std::optional<Template> Reader::path_shaped(const FieldRule& rule, const Value& value, const std::string& at) {
  const auto wrong = [&](std::string_view sentence) -> std::optional<Template> {
    report_.error("not_a_path", at, fmt::format("Field \"{}\" {}", rule.name, sentence));
    return std::nullopt;
  };
  if (value.is_null() && (rule.shape == Shape::path_or_null || rule.shape == Shape::reference_or_null))
    return Template(value);
  if (!value.is_string()) return wrong("must be a path");
  auto query = rule.shape == Shape::query ? Query::parse(value.text()) : Query::parse_path(value.text());
  if (!query) return wrong(fmt::format("is not a path: {}", query.error()));
  if (query->path() == nullptr) return Template(*std::move(query));
  const auto& path = *query->path();
  if (rule.shape == Shape::reference && !path.is_reference()) return wrong("must be a path to one place");
  if (rule.shape == Shape::reference_or_null && (!path.is_reference() || path.root() != Path::Root::input))
    return wrong("must be a path to one place in the state's input");
  return Template(*std::move(query));
}

std::optional<Template> Reader::number_shaped(const FieldRule& rule, const Value& value, const std::string& at) {
  const auto wrong = [&](std::string_view code, std::string_view sentence) -> std::optional<Template> {
    report_.error(code, at, fmt::format("Field \"{}\" {}", rule.name, sentence));
    return std::nullopt;
  };
  const bool whole = rule.shape != Shape::percentage;
  if (!value.is_number() || (whole && std::trunc(value.as_number()) != value.as_number()))
    return wrong("wrong_type", whole ? "must be a whole number" : "must be a number");
  const double least = rule.shape == Shape::positive ? 1 : 0;
  if (value.as_number() < least)
    return wrong("out_of_range", fmt::format("is {}, but its allowed minimum is {}", value.as_number(), least));
  const double most = rule.shape == Shape::percentage ? 100 : kMaxNumber;
  if (value.as_number() > most)
    return wrong("out_of_range", fmt::format("is {}, but its allowed maximum is {}", value.as_number(), most));
  return Template(value);
}

std::optional<Template> Reader::time_shaped(const FieldRule& rule, const Value& value, const std::string& at) {
  if (value.is_string() && is_timestamp(value.text())) return Template(value);
  report_.error("not_a_time", at, fmt::format("Field \"{}\" must be an RFC 3339 timestamp", rule.name));
  return std::nullopt;
}

Template Reader::payload(const Value& value, QueryLanguage language, const std::string& at) {
  if (value.is_object()) return payload_object(value, language, at);
  if (value.is_array()) {
    Template::List list;
    bool fixed = true;
    for (std::size_t index = 0; index < value.items().size(); ++index) {
      list.items.push_back(payload(value.items()[index], language, fmt::format("{}/{}", at, index)));
      fixed = fixed && list.items.back().literal() != nullptr;
    }
    return fixed ? Template(value) : Template(std::move(list));
  }
  if (language == QueryLanguage::jsonata && value.is_string() && value.text().starts_with("{%"))
    return payload_text(value, at);
  return Template(value);
}

Template Reader::payload_object(const Value& value, QueryLanguage language, const std::string& at) {
  Template::Object object;
  bool fixed = true;
  for (const auto& [key, inner] : value.members()) {
    const auto place = at + "/" + pointer_token(key);
    if (language == QueryLanguage::jsonata || !key.ends_with(kPathSuffix)) {
      object.keys.push_back({key, key});
      object.values.push_back(payload(inner, language, place));
      fixed = fixed && object.values.back().literal() != nullptr;
      continue;
    }
    fixed = false;
    auto query = inner.is_string() ? Query::parse(inner.text()) : failure(std::string("it must be a string"));
    if (!query) {
      report_.error(
          "not_a_query", place,
          fmt::format("Field \"{}\" is not a JSONPath or intrinsic function expression: {}", key, query.error()));
      continue;
    }
    object.keys.push_back({key.substr(0, key.size() - kPathSuffix.size()), key});
    object.values.emplace_back(*std::move(query));
  }
  return fixed ? Template(value) : Template(std::move(object));
}

Template Reader::payload_text(const Value& value, const std::string& at) {
  if (!is_expression(value.text())) {
    report_.error("not_an_expression", at, "an expression that begins with `{%` must end with `%}`");
    return Template(value);
  }
  auto compiled = jsonata::compile(inner_text(value.text()));
  if (compiled) return Template(*std::move(compiled));
  report_.error(
      "not_an_expression", at,
      fmt::format("the expression does not compile: {}: {}", compiled.error().code, compiled.error().message));
  return Template(value);
}

std::optional<Template> Reader::assignment(const Value& value, QueryLanguage language, const std::string& at) {
  for (const auto& member : value.members()) {
    auto name = std::string_view(member.key);
    if (language == QueryLanguage::json_path && name.ends_with(kPathSuffix)) name.remove_suffix(kPathSuffix.size());
    const auto path = Path::parse("$" + std::string(name));
    const bool named = path && path->root() == Path::Root::variable && path->steps().empty();
    if (!named || name.size() > kMaxNameBytes || name == "states")
      report_.error("not_a_variable", at + "/" + pointer_token(member.key),
                    fmt::format("\"{}\" is no name of a variable", name));
  }
  return payload(value, language, at);
}

}  // namespace flowstone::asl
