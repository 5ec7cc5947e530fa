#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "asl/places.hpp"
#include "asl/reader.hpp"
#include "base/time.hpp"

namespace flowstone::asl {
namespace {

constexpr std::uint32_t kMaxConditionNesting = 32;

constexpr FieldRule kRuleAssign{Field::assign, "Assign", Shape::payload_object, 0, 0};
constexpr FieldRule kRuleOutput{Field::output, "Output", Shape::payload, 0, 0};
constexpr FieldRule kRuleResultPath{Field::result_path, "ResultPath", Shape::reference_or_null, 0, 0};

struct Prefix {
  std::string_view text;
  Comparison::Type type;
};
constexpr std::array kPrefixes{Prefix{"String", Comparison::Type::text}, Prefix{"Numeric", Comparison::Type::number},
                               Prefix{"Boolean", Comparison::Type::boolean},
                               Prefix{"Timestamp", Comparison::Type::time}};
struct Suffix {
  std::string_view text;
  Comparison::Relation relation;
};
constexpr std::array kSuffixes{
    Suffix{"Equals", Comparison::Relation::equals}, Suffix{"LessThan", Comparison::Relation::less},
    Suffix{"GreaterThan", Comparison::Relation::greater}, Suffix{"LessThanEquals", Comparison::Relation::at_most},
    Suffix{"GreaterThanEquals", Comparison::Relation::at_least}};
struct TraitName {
  std::string_view text;
  Comparison::Trait trait;
};
constexpr std::array kTraits{
    TraitName{"IsNull", Comparison::Trait::null},       TraitName{"IsPresent", Comparison::Trait::present},
    TraitName{"IsNumeric", Comparison::Trait::number},  TraitName{"IsString", Comparison::Trait::text},
    TraitName{"IsBoolean", Comparison::Trait::boolean}, TraitName{"IsTimestamp", Comparison::Trait::time}};

// Sets what the operator's name says; `by_path` if it compares with what a path finds.
bool read_operator(std::string_view name, Comparison& out, bool& by_path) {
  by_path = false;
  if (name == "StringMatches") {
    out.type = Comparison::Type::matches;
    return true;
  }
  for (const auto& [text, trait] : kTraits) {
    if (name != text) continue;
    out.type = Comparison::Type::is;
    out.trait = trait;
    return true;
  }
  for (const auto& prefix : kPrefixes) {
    if (!name.starts_with(prefix.text)) continue;
    auto rest = name.substr(prefix.text.size());
    by_path = rest.ends_with("Path");
    if (by_path) rest.remove_suffix(4);
    for (const auto& suffix : kSuffixes) {
      if (rest != suffix.text) continue;
      out.type = prefix.type;
      out.relation = suffix.relation;
      return prefix.type != Comparison::Type::boolean || suffix.relation == Comparison::Relation::equals;
    }
  }
  return false;
}

bool fits(Comparison::Type type, const Value& value) {
  switch (type) {
    case Comparison::Type::text:
    case Comparison::Type::matches:
      return value.is_string();
    case Comparison::Type::number:
      return value.is_number();
    case Comparison::Type::boolean:
    case Comparison::Type::is:
      return value.is_boolean();
    case Comparison::Type::time:
      return value.is_string() && from_rfc3339(value.text()).has_value();
  }
  return false;
}

}  // namespace

void Reader::read_choices(const Value& value, const std::string& at, State& state) {
  if (!value.is_array() || value.items().empty()) {
    report_.error("wrong_type", at, "Field \"Choices\" must be a list of rules, non-empty required");
    return;
  }
  for (std::size_t index = 0; index < value.items().size(); ++index) {
    const auto place = fmt::format("{}/{}", at, index);
    if (value.items()[index].is_object())
      state.choices.push_back(read_rule(value.items()[index], place, state.language));
    else
      report_.error("wrong_type", place, "a Choice rule must be an object");
  }
}

ChoiceRule Reader::read_rule(const Value& value, const std::string& at, QueryLanguage language) {
  ChoiceRule rule;
  require(value, at, "A Choice rule", "Next");
  rule.next = text_of(value, "Next", at);
  if (const auto* assign = value.find("Assign")) rule.assign = shaped(kRuleAssign, *assign, language, at + "/Assign");
  if (language == QueryLanguage::json_path) {
    rule.condition = read_condition(value, at, 0);
    return rule;
  }
  only(value, at, "Choice rule", {"Condition", "Next", "Assign", "Output", "Comment"});
  if (const auto* output = value.find("Output")) rule.output = shaped(kRuleOutput, *output, language, at + "/Output");
  rule.condition.kind = Condition::Kind::expression;
  if (!require(value, at, "A Choice rule", "Condition")) return rule;
  const auto& condition = *value.find("Condition");
  const auto place = at + "/Condition";
  if (condition.is_boolean())
    rule.condition.expression = Template(condition);
  else if (condition.is_string() && is_expression(condition.text()))
    rule.condition.expression = payload_text(condition, place);
  else
    report_.error("not_an_expression", place, "Field \"Condition\" must be an expression `{% ... %}`");
  return rule;
}

Condition Reader::read_condition(const Value& value, const std::string& at, std::uint32_t nesting) {
  Condition condition;
  if (nesting > kMaxConditionNesting) {
    report_.error("too_deep", at, fmt::format("rules nest at most {} levels", kMaxConditionNesting));
    return condition;
  }
  if (nesting > 0 && value.find("Next") != nullptr)
    report_.error("unknown_field", at + "/Next", "Field \"Next\" is allowed in the outermost rule alone");
  for (const std::string_view name : {"And", "Or", "Not"}) {
    const auto* parts = value.find(name);
    if (parts == nullptr) continue;
    only(value, at, "rule with " + std::string(name), {name, "Next", "Assign", "Comment"});
    read_parts(*parts, name, fmt::format("{}/{}", at, name), nesting, condition);
    return condition;
  }
  read_comparison(value, at, condition.comparison);
  return condition;
}

void Reader::read_parts(const Value& value, std::string_view name, const std::string& at, std::uint32_t nesting,
                        Condition& condition) {
  if (name == "Not") {
    condition.kind = Condition::Kind::negation;
    if (value.is_object())
      condition.parts.push_back(read_condition(value, at, nesting + 1));
    else
      report_.error("wrong_type", at, "Field \"Not\" must be a rule");
    return;
  }
  condition.kind = name == "And" ? Condition::Kind::all : Condition::Kind::any;
  if (!value.is_array() || value.items().empty()) {
    report_.error("wrong_type", at, fmt::format("Field \"{}\" must be a list of rules, non-empty required", name));
    return;
  }
  for (std::size_t index = 0; index < value.items().size(); ++index) {
    const auto place = fmt::format("{}/{}", at, index);
    if (value.items()[index].is_object())
      condition.parts.push_back(read_condition(value.items()[index], place, nesting + 1));
    else
      report_.error("wrong_type", place, "a rule must be an object");
  }
}

void Reader::read_comparison(const Value& value, const std::string& at, Comparison& comparison) {
  if (require(value, at, "A comparison", "Variable")) {
    auto path = Path::parse(text_of(value, "Variable", at));
    if (path)
      comparison.variable = *std::move(path);
    else
      report_.error("not_a_path", at + "/Variable", fmt::format("Field \"Variable\" is not a path: {}", path.error()));
  }
  std::size_t operators = 0;
  for (const auto& [key, compared] : value.members()) {
    if (key == "Variable" || key == "Next" || key == "Comment" || key == "Assign") continue;
    ++operators;
    read_compared(key, compared, at + "/" + pointer_token(key), comparison);
  }
  if (operators != 1)
    report_.error(operators == 0 ? "missing_field" : "exclusive_fields", at,
                  "A comparison must have exactly one operator");
}

void Reader::read_compared(std::string_view name, const Value& value, const std::string& at, Comparison& comparison) {
  bool by_path = false;
  if (!read_operator(name, comparison, by_path)) {
    report_.error("unknown_field", at, fmt::format("\"{}\" is no operator of comparisons", name));
    return;
  }
  comparison.operation = name;
  if (!by_path) {
    comparison.literal = value;
    if (!fits(comparison.type, value))
      report_.error("wrong_type", at, fmt::format("Field \"{}\" does not take such a value", name));
    return;
  }
  auto path = value.is_string() ? Path::parse(value.text()) : failure(std::string("it must be a string"));
  if (path)
    comparison.reference = *std::move(path);
  else
    report_.error("not_a_path", at, fmt::format("Field \"{}\" is not a path: {}", name, path.error()));
}

std::vector<std::string> Reader::read_errors(const Value& value, const std::string& at) {
  std::vector<std::string> out;
  const auto* errors = value.find("ErrorEquals");
  if (errors == nullptr) {
    report_.error("missing_field", at, "It must have the field \"ErrorEquals\"");
    return out;
  }
  const auto place = at + "/ErrorEquals";
  if (!errors->is_array() || errors->items().empty()) {
    report_.error("wrong_type", place, "Field \"ErrorEquals\" must be a list of error names, non-empty required");
    return out;
  }
  for (const auto& item : errors->items()) {
    if (item.is_string())
      out.push_back(item.text());
    else
      report_.error("wrong_type", place, "Field \"ErrorEquals\" must be a list of strings");
  }
  return out;
}

void Reader::read_retriers(const Value& value, const std::string& at, State& state) {
  if (!value.is_array()) {
    report_.error("wrong_type", at, "Field \"Retry\" must be a list");
    return;
  }
  for (std::size_t index = 0; index < value.items().size(); ++index) {
    const auto place = fmt::format("{}/{}", at, index);
    const auto& item = value.items()[index];
    if (!item.is_object()) {
      report_.error("wrong_type", place, "a retrier must be an object");
      continue;
    }
    only(item, place, "retrier",
         {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy",
          "Comment"});
    Retrier retrier;
    retrier.errors = read_errors(item, place);
    retrier.interval_seconds = number_of(item, "IntervalSeconds", place, 1, true, "allowed minimum is 1").value_or(1);
    retrier.max_attempts =
        static_cast<std::uint32_t>(number_of(item, "MaxAttempts", place, 0, true, "allowed minimum is 0").value_or(3));
    retrier.backoff_rate = number_of(item, "BackoffRate", place, 1, false, "allowed minimum is 1").value_or(2);
    retrier.max_delay_seconds = number_of(item, "MaxDelaySeconds", place, 1, true, "allowed floor is 0");
    const auto jitter = text_of(item, "JitterStrategy", place);
    retrier.full_jitter = jitter == "FULL";
    if (!jitter.empty() && jitter != "FULL" && jitter != "NONE")
      report_.error("unknown_value", place + "/JitterStrategy",
                    "Field \"JitterStrategy\" is not one of the allowed values [\"FULL\", \"NONE\"]");
    state.retriers.push_back(std::move(retrier));
  }
}

void Reader::read_catchers(const Value& value, const std::string& at, State& state) {
  if (!value.is_array()) {
    report_.error("wrong_type", at, "Field \"Catch\" must be a list");
    return;
  }
  for (std::size_t index = 0; index < value.items().size(); ++index) {
    const auto place = fmt::format("{}/{}", at, index);
    const auto& item = value.items()[index];
    if (!item.is_object()) {
      report_.error("wrong_type", place, "a catcher must be an object");
      continue;
    }
    Catcher catcher;
    catcher.errors = read_errors(item, place);
    require(item, place, "A catcher", "Next");
    catcher.next = text_of(item, "Next", place);
    if (const auto* assign = item.find("Assign"))
      catcher.assign = shaped(kRuleAssign, *assign, state.language, place + "/Assign");
    if (state.language == QueryLanguage::jsonata) {
      only(item, place, "catcher", {"ErrorEquals", "Next", "Assign", "Output", "Comment"});
      if (const auto* output = item.find("Output"))
        catcher.output = shaped(kRuleOutput, *output, state.language, place + "/Output");
    } else {
      only(item, place, "catcher", {"ErrorEquals", "Next", "Assign", "ResultPath", "Comment"});
      if (const auto* path = item.find("ResultPath"))
        catcher.result_path = shaped(kRuleResultPath, *path, state.language, place + "/ResultPath");
    }
    state.catchers.push_back(std::move(catcher));
  }
}

}  // namespace flowstone::asl
