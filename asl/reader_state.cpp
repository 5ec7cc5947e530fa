#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "asl/places.hpp"
#include "asl/reader.hpp"

namespace flowstone::asl {
namespace {

std::uint32_t bit(StateType type) { return 1U << static_cast<unsigned>(type); }
std::uint32_t bit(QueryLanguage language) { return 1U << static_cast<unsigned>(language); }

std::string_view name_of_language(QueryLanguage language) {
  return language == QueryLanguage::jsonata ? "JSONata" : "JSONPath";
}

// A scheme and something behind it.
bool is_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == text.size()) return false;
  return std::ranges::all_of(text.substr(0, colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '.';
  });
}

}  // namespace

void Reader::read_state(const Value& document, State& state) {
  if (!document.is_object()) {
    report_.error("wrong_type", state.pointer, "a state must be an object");
    return;
  }
  const auto* type = document.find("Type");
  if (type == nullptr) {
    report_.error("missing_field", state.pointer, "A state must have the field \"Type\"");
    return;
  }
  const auto known = type->is_string() ? state_type_of(type->text()) : std::nullopt;
  if (!known) {
    report_.error("unknown_value", state.pointer + "/Type",
                  "Field \"Type\" is not one of the allowed values "
                  "[\"Pass\", \"Task\", \"Choice\", \"Wait\", \"Succeed\", \"Fail\", \"Parallel\", \"Map\"]");
    return;
  }
  state.type = *known;
  read_language(document, state);
  for (const auto& [key, value] : document.members()) {
    const auto place = state.pointer + "/" + pointer_token(key);
    const auto what = fmt::format("{} state", with_article(name_of(state.type)));
    const auto* rule = rule_of(key);
    if (rule == nullptr || (rule->types & bit(state.type)) == 0)
      report_.error("unknown_field", place, fmt::format("Field \"{}\" is not allowed in {}", key, what));
    else if ((rule->languages & bit(state.language)) == 0)
      report_.error("unknown_field", place,
                    fmt::format("Field \"{}\" is not allowed in {} whose query language is {}", key, what,
                                name_of_language(state.language)));
    else
      read_field(*rule, value, state);
  }
  check_fields_together(document, state);
}

void Reader::read_language(const Value& document, State& state) {
  state.language = language_;
  const auto* value = document.find("QueryLanguage");
  if (value == nullptr) return;
  const auto language = text_of(document, "QueryLanguage", state.pointer);
  if (language == "JSONata") {
    state.language = QueryLanguage::jsonata;
  } else if (language == "JSONPath") {
    if (language_ == QueryLanguage::jsonata)
      report_.error("language_mixed", state.pointer,
                    "\"QueryLanguage\" can not be \"JSONPath\" where it is \"JSONata\" for the whole machine");
  } else if (value->is_string()) {
    report_.error("unknown_value", state.pointer + "/QueryLanguage",
                  "Field \"QueryLanguage\" is not one of the allowed values [\"JSONPath\", \"JSONata\"]");
  }
}

void Reader::read_field(const FieldRule& rule, const Value& value, State& state) {
  const auto at = fmt::format("{}/{}", state.pointer, rule.name);
  if (rule.shape == Shape::special) {
    read_special(rule.field, value, state);
    return;
  }
  auto made = shaped(rule, value, state.language, at);
  if (!made) return;
  if (rule.field == Field::next)
    state.next = value.text();
  else if (rule.field == Field::otherwise)
    state.default_next = value.text();
  else if (rule.field == Field::resource)
    state.resource = value.text();
  state.fields.emplace(rule.field, *std::move(made));
}

void Reader::check_fields_together(const Value& document, const State& state) {
  const auto& at = state.pointer;
  const auto article = with_article(name_of(state.type));
  const auto what = fmt::format("{}{} state", article.front() == 'a' ? 'A' : article.front(), article.substr(1));
  const auto one_of = [&](std::initializer_list<std::string_view> names, bool required = false) {
    exclusive(document, at, what, names, required);
  };
  switch (state.type) {
    case StateType::succeed:
      return;
    case StateType::fail:
      one_of({"Error", "ErrorPath"});
      one_of({"Cause", "CausePath"});
      return;
    case StateType::choice:
      require(document, at, what, "Choices");
      return;
    case StateType::wait:
      if (state.language == QueryLanguage::jsonata)
        one_of({"Seconds", "Timestamp"}, true);
      else
        one_of({"Seconds", "SecondsPath", "Timestamp", "TimestampPath"}, true);
      break;
    case StateType::task:
      check_task(document, state);
      break;
    case StateType::parallel:
      require(document, at, what, "Branches");
      break;
    case StateType::map:
      if (state.language == QueryLanguage::jsonata)
        require(document, at, what, "ItemProcessor");
      else
        one_of({"ItemProcessor", "Iterator"}, true);
      one_of({"ItemSelector", "Parameters"});
      one_of({"MaxConcurrency", "MaxConcurrencyPath"});
      one_of({"ToleratedFailureCount", "ToleratedFailureCountPath"});
      one_of({"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"});
      break;
    case StateType::pass:
      break;
  }
  one_of({"Next", "End"}, true);
}

void Reader::check_task(const Value& document, const State& state) {
  const auto& at = state.pointer;
  if (require(document, at, "A Task state", "Resource") && !state.resource.empty())
    check_resource(state.resource, at + "/Resource");
  exclusive(document, at, "A Task state", {"TimeoutSeconds", "TimeoutSecondsPath"}, false);
  exclusive(document, at, "A Task state", {"HeartbeatSeconds", "HeartbeatSecondsPath"}, false);
  const auto* timeout = document.find("TimeoutSeconds");
  const auto* heartbeat = document.find("HeartbeatSeconds");
  if (timeout != nullptr && heartbeat != nullptr && timeout->is_number() && heartbeat->is_number() &&
      heartbeat->as_number() >= timeout->as_number())
    report_.error("out_of_range", at + "/HeartbeatSeconds",
                  "Field \"HeartbeatSeconds\" must be smaller than \"TimeoutSeconds\"");
  const auto* credentials = document.find("Credentials");
  if (credentials == nullptr || !credentials->is_object()) return;
  const auto names_role = [](const jsonata::Member& member) {
    return member.key == "RoleArn" || member.key == "RoleArn.$" || member.key == "roleArn";
  };
  if (std::ranges::none_of(credentials->members(), names_role))
    report_.error("missing_field", at + "/Credentials", "Field \"Credentials\" must have the field \"RoleArn\"");
}

void Reader::check_resource(const std::string& resource, const std::string& at) {
  if (!is_uri(resource)) {
    report_.error("not_a_resource", at, "Field \"Resource\" must be a URI");
    return;
  }
  for (const std::string_view mark : {".waitForTaskToken", ".sync"}) {
    if (options_.awaited && resource.find(mark) != std::string::npos)
      report_.error("not_a_resource", at,
                    fmt::format("a run that is waited for does not support \"{}\": it may take a year", mark));
  }
  // The integrations that are called by their own names; others go by `aws-sdk:`.
  constexpr std::string_view kTables = "arn:aws:states:::dynamodb:";
  constexpr std::array<std::string_view, 4> kTableCalls{"getItem", "putItem", "updateItem", "deleteItem"};
  if (resource.starts_with(kTables) &&
      std::ranges::find(kTableCalls, resource.substr(kTables.size())) == kTableCalls.end())
    report_.error("not_a_resource", at, fmt::format("the resource \"{}\" is not known", resource));
}

}  // namespace flowstone::asl
