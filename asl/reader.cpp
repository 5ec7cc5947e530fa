#include "asl/reader.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "asl/places.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::asl {

std::string with_article(std::string_view name) {
  const bool vowel = !name.empty() && std::string_view("AEIOU").find(name.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", name);
}

std::string list_text(std::initializer_list<std::string_view> names) {
  std::string out;
  for (const auto name : names) out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", name);
  return "[" + out + "]";
}

void Reader::only(const Value& object, const std::string& at, std::string_view what,
                  std::initializer_list<std::string_view> names) {
  for (const auto& member : object.members()) {
    if (std::ranges::find(names, member.key) != names.end()) continue;
    report_.error("unknown_field", at + "/" + pointer_token(member.key),
                  fmt::format("Field \"{}\" is not allowed in {}", member.key, with_article(what)));
  }
}

bool Reader::exclusive(const Value& object, const std::string& at, std::string_view what,
                       std::initializer_list<std::string_view> names, bool required) {
  const auto count = std::ranges::count_if(names, [&](auto name) { return object.find(name) != nullptr; });
  if (count > 1)
    report_.error("exclusive_fields", at, fmt::format("{} may have only one of {}", what, list_text(names)));
  if (count == 0 && required)
    report_.error("missing_field", at, fmt::format("{} must have one of {}", what, list_text(names)));
  return count == 1;
}

bool Reader::require(const Value& object, const std::string& at, std::string_view what, std::string_view name) {
  if (object.find(name) != nullptr) return true;
  report_.error("missing_field", at, fmt::format("{} must have the field \"{}\"", what, name));
  return false;
}

std::string Reader::text_of(const Value& object, std::string_view name, const std::string& at) {
  const auto* value = object.find(name);
  if (value == nullptr) return {};
  if (value->is_string()) return value->text();
  report_.error("wrong_type", fmt::format("{}/{}", at, name), fmt::format("Field \"{}\" must be a string", name));
  return {};
}

std::optional<double> Reader::number_of(const Value& object, std::string_view name, const std::string& at, double least,
                                        bool whole, std::string_view least_words) {
  const auto* value = object.find(name);
  if (value == nullptr) return std::nullopt;
  const auto place = fmt::format("{}/{}", at, name);
  if (!value->is_number() || (whole && value->as_number() != static_cast<double>(static_cast<std::int64_t>(
                                                                 std::clamp(value->as_number(), -1e15, 1e15))))) {
    report_.error("wrong_type", place,
                  fmt::format("Field \"{}\" must be {}", name, whole ? "a whole number" : "a number"));
    return std::nullopt;
  }
  if (value->as_number() < least) {
    report_.error("out_of_range", place,
                  fmt::format("Field \"{}\" is {}, but its {}", name, value->as_number(), least_words));
    return std::nullopt;
  }
  if (value->as_number() > kMaxNumber) {
    report_.error("out_of_range", place, fmt::format("Field \"{}\" is above {:.0f}", name, kMaxNumber));
    return std::nullopt;
  }
  return value->as_number();
}

void Reader::read(const Value& document, Definition& definition) {
  if (!document.is_object()) {
    report_.error("wrong_type", "", "a definition is a JSON object");
    return;
  }
  definition.document = document;
  read_machine(document, "", Role::whole, definition.machine);
  definition.comment = text_of(document, "Comment", "");
  definition.timeout_seconds = number_of(document, "TimeoutSeconds", "", 1, true, "allowed minimum is 1");
}

void Reader::read_machine(const Value& document, const std::string& at, Role role, Machine& machine) {
  if (nesting_ >= kMaxMachineNesting) {
    report_.error("too_deep", at, fmt::format("machines nest at most {} levels", kMaxMachineNesting));
    return;
  }
  ++nesting_;
  read_machine_fields(document, at, role, machine);
  if (const auto* states = document.find("States")) {
    if (!states->is_object()) {
      report_.error("wrong_type", at + "/States", "Field \"States\" must be an object");
    } else if (states->members().empty()) {
      report_.error("missing_field", at + "/States", "Field \"States\" must have a state");
    } else {
      for (const auto& [name, state] : states->members()) {
        auto& made = machine.states.emplace_back();
        made.name = name;
        made.pointer = at + "/States/" + pointer_token(name);
        if (name.size() > kMaxNameBytes)
          report_.error("too_long", made.pointer, fmt::format("a state's name has at most {} bytes", kMaxNameBytes));
        read_state(state, made);
      }
    }
  }
  --nesting_;
}

void Reader::read_machine_fields(const Value& document, const std::string& at, Role role, Machine& machine) {
  const std::string_view what = role == Role::whole ? "definition" : role == Role::branch ? "branch" : "item processor";
  if (role == Role::whole)
    only(document, at, what, {"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"});
  else if (role == Role::branch)
    only(document, at, what, {"Comment", "StartAt", "States"});
  else
    only(document, at, what, {"Comment", "StartAt", "States", "ProcessorConfig"});
  const auto whose = "The " + std::string(what);
  require(document, at, whose, "States");
  require(document, at, whose, "StartAt");
  machine.start_at = text_of(document, "StartAt", at);
  if (role != Role::whole) text_of(document, "Comment", at);
  if (const auto* config = document.find("ProcessorConfig"); config != nullptr && role == Role::processor)
    read_processor_config(*config, at + "/ProcessorConfig", machine);
  if (role != Role::whole) return;
  const auto language = text_of(document, "QueryLanguage", at);
  if (language == "JSONata")
    language_ = QueryLanguage::jsonata;
  else if (document.find("QueryLanguage") != nullptr && language != "JSONPath")
    report_.error("unknown_value", at + "/QueryLanguage",
                  "Field \"QueryLanguage\" is not one of the allowed values [\"JSONPath\", \"JSONata\"]");
  const auto* version = document.find("Version");
  if (version != nullptr && !(version->is_string() && version->text() == "1.0"))
    report_.error("unknown_value", at + "/Version", "Field \"Version\" is not one of the allowed values [\"1.0\"]");
}

void Reader::read_processor_config(const Value& config, const std::string& at, Machine& machine) {
  if (!config.is_object()) {
    report_.error("wrong_type", at, "Field \"ProcessorConfig\" must be an object");
    return;
  }
  only(config, at, "ProcessorConfig", {"Mode", "ExecutionType"});
  const auto mode = text_of(config, "Mode", at);
  machine.distributed = mode == "DISTRIBUTED";
  if (config.find("Mode") != nullptr && mode != "INLINE" && mode != "DISTRIBUTED")
    report_.error("unknown_value", at + "/Mode",
                  "Field \"Mode\" is not one of the allowed values [\"INLINE\", \"DISTRIBUTED\"]");
  const auto type = text_of(config, "ExecutionType", at);
  if (config.find("ExecutionType") != nullptr && type != "STANDARD" && type != "EXPRESS")
    report_.error("unknown_value", at + "/ExecutionType",
                  "Field \"ExecutionType\" is not one of the allowed values [\"STANDARD\", \"EXPRESS\"]");
}

void Reader::read_branches(const Value& value, const std::string& at, State& state) {
  if (!value.is_array() || value.items().empty()) {
    report_.error("wrong_type", at, "Field \"Branches\" must be a list of machines, non-empty required");
    return;
  }
  for (std::size_t index = 0; index < value.items().size(); ++index) {
    const auto place = fmt::format("{}/{}", at, index);
    auto& branch = state.branches.emplace_back();
    if (value.items()[index].is_object())
      read_machine(value.items()[index], place, Role::branch, branch);
    else
      report_.error("wrong_type", place, "a branch must be an object");
  }
}

void Reader::read_special(Field field, const Value& value, State& state) {
  const auto at = fmt::format("{}/{}", state.pointer, name_of(field));
  if (field == Field::choices)
    read_choices(value, at, state);
  else if (field == Field::retry)
    read_retriers(value, at, state);
  else if (field == Field::catchers)
    read_catchers(value, at, state);
  else if (field == Field::branches)
    read_branches(value, at, state);
  if (field != Field::item_processor && field != Field::iterator) return;
  if (!state.branches.empty()) return;  // both are there, which is reported
  auto& processor = state.branches.emplace_back();
  if (value.is_object())
    read_machine(value, at, Role::processor, processor);
  else
    report_.error("wrong_type", at, fmt::format("Field \"{}\" must be an object", name_of(field)));
}

const State* Machine::find(std::string_view name) const {
  const auto found = std::ranges::find(states, name, &State::name);
  return found == states.end() ? nullptr : &*found;
}

Result<Definition, Problems> read_definition(std::string_view json, const ReadOptions& options) {
  const auto refused = [](std::string_view code, std::string sentence) {
    return failure(Problems{{Severity::error, std::string(code), "", 0, std::move(sentence)}});
  };
  if (json.size() > kMaxDefinitionBytes)
    return refused("too_long", fmt::format("a definition has at most {} bytes", kMaxDefinitionBytes));
  auto document = jsonata::read_json(json);
  if (!document) {
    const auto at = std::min<std::size_t>(document.error().position, json.size());
    auto problems = Problems{{Severity::error, "not_json", "", 0, document.error().message}};
    problems.front().line = 1 + static_cast<std::uint32_t>(std::ranges::count(json.substr(0, at), '\n'));
    return failure(std::move(problems));
  }
  Report report;
  Definition definition;
  Reader(report, options).read(*document, definition);
  check_links(*document, report);
  auto problems = std::move(report).finish(json);
  if (has_errors(problems)) return failure(std::move(problems));
  definition.warnings = std::move(problems);
  return definition;
}

Problems check_links(std::string_view json) {
  const auto document = jsonata::read_json(json);
  if (!document) return {{Severity::error, "not_json", "", 1, document.error().message}};
  Report report;
  check_links(*document, report);
  return std::move(report).finish(json);
}

}  // namespace flowstone::asl
