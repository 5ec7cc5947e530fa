// From a JSON Schema to rules, and everything that is wrong with it.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "asl/places.hpp"
#include "base/regex.hpp"
#include "jsonata/json_text.hpp"
#include "workflows/canonical.hpp"
#include "workflows/schema_rule.hpp"

namespace flowstone::workflows {
namespace {

constexpr double kMostCount = 1'000'000'000;
constexpr std::size_t kMostShown = 200;  // bytes of the values of an enum in a sentence

struct NamedType {
  std::string_view name;
  std::uint8_t bits;
};
constexpr std::array kTypes = {
    NamedType{"null", type_null},       NamedType{"boolean", type_boolean},
    NamedType{"integer", type_integer}, NamedType{"number", type_number | type_integer},
    NamedType{"string", type_string},   NamedType{"array", type_array},
    NamedType{"object", type_object},
};

class Compiler {
 public:
  Misfits misfits;

  std::unique_ptr<SchemaRule> compile(const Value& schema, const std::string& at, std::uint32_t nesting) {
    auto rule = std::make_unique<SchemaRule>();
    if (!schema.is_object()) {
      add("wrong_type", at, "a schema must be an object");
      return rule;
    }
    if (nesting >= kMaxSchemaNesting) {
      add("too_deep", at, fmt::format("schemas nest at most {} levels", kMaxSchemaNesting));
      return rule;
    }
    for (const auto& [word, value] : schema.members()) {
      const auto place = at + "/" + asl::pointer_token(word);
      if (!read_nested(word, value, place, nesting, *rule) && !read_number_word(word, value, place, *rule) &&
          !read_count_word(word, value, place, *rule) && !read_other(word, value, place, *rule))
        add("unknown_field", place, fmt::format("\"{}\" is not among the words of a schema that are checked", word));
    }
    if (!rule->default_value.is_undefined()) check_default(*rule, at + "/default");
    return rule;
  }

 private:
  void add(std::string_view code, const std::string& at, std::string sentence) {
    if (misfits.size() < kMaxMisfits) misfits.push_back({std::string(code), at, std::move(sentence)});
  }

  bool read_nested(std::string_view word, const Value& value, const std::string& at, std::uint32_t nesting,
                   SchemaRule& rule) {
    if (word == "properties") {
      if (!value.is_object()) return wrong(at, "must be an object of schemas");
      for (const auto& [name, inner] : value.members())
        rule.properties.emplace_back(name, compile(inner, at + "/" + asl::pointer_token(name), nesting + 1));
    } else if (word == "items") {
      rule.items = compile(value, at, nesting + 1);
    } else if (word == "additionalProperties") {
      if (value.is_boolean())
        rule.closed = !value.as_boolean();
      else
        rule.other_properties = compile(value, at, nesting + 1);
    } else {
      return false;
    }
    return true;
  }

  bool read_number_word(std::string_view word, const Value& value, const std::string& at, SchemaRule& rule) {
    std::optional<double>* into = word == "minimum"            ? &rule.minimum
                                  : word == "maximum"          ? &rule.maximum
                                  : word == "exclusiveMinimum" ? &rule.above
                                  : word == "exclusiveMaximum" ? &rule.below
                                  : word == "multipleOf"       ? &rule.multiple_of
                                                               : nullptr;
    if (into == nullptr) return false;
    if (!value.is_number()) return wrong(at, "must be a number");
    if (word == "multipleOf" && value.as_number() <= 0) return wrong(at, "must be above 0", "out_of_range");
    *into = value.as_number();
    return true;
  }

  bool read_count_word(std::string_view word, const Value& value, const std::string& at, SchemaRule& rule) {
    std::optional<std::uint64_t>* into = word == "minLength"       ? &rule.min_length
                                         : word == "maxLength"     ? &rule.max_length
                                         : word == "minItems"      ? &rule.min_items
                                         : word == "maxItems"      ? &rule.max_items
                                         : word == "minProperties" ? &rule.min_properties
                                         : word == "maxProperties" ? &rule.max_properties
                                                                   : nullptr;
    if (into == nullptr) return false;
    if (!value.is_number() || value.as_number() != std::floor(value.as_number()))
      return wrong(at, "must be a whole number");
    if (value.as_number() < 0 || value.as_number() > kMostCount)
      return wrong(at, fmt::format("must be from 0 to {:.0f}", kMostCount), "out_of_range");
    *into = static_cast<std::uint64_t>(value.as_number());
    return true;
  }

  bool read_other(std::string_view word, const Value& value, const std::string& at, SchemaRule& rule) {
    if (word == "type") {
      read_type(value, at, rule);
    } else if (word == "enum" || word == "const") {
      read_values(word, value, at, rule);
    } else if (word == "required") {
      read_required(value, at, rule);
    } else if (word == "uniqueItems") {
      if (!value.is_boolean()) return wrong(at, "must be true or false");
      rule.unique_items = value.as_boolean();
    } else if (word == "pattern") {
      read_pattern(value, at, rule);
    } else if (word == "format") {
      if (!value.is_string()) return wrong(at, "must be a string");
      rule.format = text_format_named(value.text());
      if (!rule.format)
        return wrong(at, fmt::format("\"{}\" is not one of date-time, date, email, uri, uuid", value.text()),
                     "unknown_value");
    } else if (word == "default") {
      rule.default_value = value;
    } else if (word == "title" || word == "description") {
      if (!value.is_string()) return wrong(at, "must be a string");
    } else {
      return false;
    }
    return true;
  }

  // True: the word is known, though its value is not good.
  bool wrong(const std::string& at, std::string sentence, std::string_view code = "wrong_type") {
    add(code, at, std::move(sentence));
    return true;
  }

  void read_type(const Value& value, const std::string& at, SchemaRule& rule) {
    const bool list = value.is_array() && !value.items().empty();
    if (!value.is_string() && !list) {
      wrong(at, "must be the name of a type, or a list of names");
      return;
    }
    const std::vector<Value> one{value};
    for (const auto& name : list ? value.items() : one) {
      const auto known = std::ranges::find_if(
          kTypes, [&name](const NamedType& type) { return name.is_string() && type.name == name.text(); });
      if (known == kTypes.end()) {
        wrong(at, "is not one of null, boolean, integer, number, string, array, object", "unknown_value");
        return;
      }
      rule.types |= known->bits;
      rule.type_words += fmt::format("{}{}", rule.type_words.empty() ? "" : " or ", known->name);
    }
  }

  void read_values(std::string_view word, const Value& value, const std::string& at, SchemaRule& rule) {
    if (word == "enum" && (!value.is_array() || value.items().empty())) {
      wrong(at, "must be a list of values");
      return;
    }
    std::unordered_set<std::string> values;
    std::string words;
    const std::vector<Value> one{value};
    for (const auto& item : word == "enum" ? value.items() : one) {
      auto text = canonical_json(item);
      if (words.size() <= kMostShown) words += fmt::format("{}{}", words.empty() ? "" : ", ", text);
      values.insert(std::move(text));
    }
    if (words.size() > kMostShown) words = fmt::format("{} values", values.size());
    if (rule.has_values) {  // of enum and const, what is in both
      std::erase_if(rule.values, [&values](const std::string& text) { return !values.contains(text); });
      rule.values_words += " and of " + words;
    } else {
      rule.values = std::move(values);
      rule.values_words = std::move(words);
    }
    rule.has_values = true;
  }

  void read_required(const Value& value, const std::string& at, SchemaRule& rule) {
    const bool names = value.is_array() && std::ranges::all_of(value.items(), &Value::is_string);
    if (!names) {
      wrong(at, "must be a list of names");
      return;
    }
    for (const auto& name : value.items()) {
      if (std::ranges::find(rule.required, name.text()) != rule.required.end())
        wrong(at, fmt::format("names \"{}\" twice", name.text()), "repeated_name");
      else
        rule.required.push_back(name.text());
    }
  }

  void read_pattern(const Value& value, const std::string& at, SchemaRule& rule) {
    if (!value.is_string()) {
      wrong(at, "must be a string");
      return;
    }
    if (const auto problem = problem_of_regex(value.text())) {
      wrong(at, fmt::format("is not a regular expression (RE2): {}", *problem), "not_an_expression");
      return;
    }
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(kRegexMemory);
    rule.pattern = std::make_unique<RE2>(value.text(), options);
  }

  void check_default(const SchemaRule& rule, const std::string& at) {
    Misfits found;
    check_value(rule, rule.default_value, at, found);
    for (auto& misfit : found) add(misfit.code, misfit.path, "the default " + misfit.sentence);
  }
};

Value fill(const SchemaRule& rule, const Value& value) {
  if (value.is_array() && rule.items) {
    std::vector<Value> items;
    for (const auto& item : value.items()) items.push_back(fill(*rule.items, item));
    return Value::array(std::move(items));
  }
  if (!value.is_object()) return value;
  std::vector<jsonata::Member> members;
  for (const auto& [key, inner] : value.members()) {
    const auto* known = rule.property(key);
    if (known == nullptr) known = rule.other_properties.get();
    members.push_back({key, known == nullptr ? inner : fill(*known, inner)});
  }
  for (const auto& [name, known] : rule.properties)
    if (value.find(name) == nullptr && !known->default_value.is_undefined())
      members.push_back({name, fill(*known, known->default_value)});
  return Value::object(std::move(members));
}

}  // namespace

Result<InputSchema, Misfits> InputSchema::compile(const Value& schema) {
  Compiler compiler;
  std::shared_ptr<const SchemaRule> rule = compiler.compile(schema, "", 0);
  if (!compiler.misfits.empty()) return failure(std::move(compiler.misfits));
  return InputSchema(std::move(rule));
}

Misfits InputSchema::check(const Value& input) const {
  Misfits found;
  check_value(*rule_, input, "", found);
  return found;
}

Value InputSchema::with_defaults(const Value& input) const { return fill(*rule_, input); }

}  // namespace flowstone::workflows
