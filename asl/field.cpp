#include "asl/field.hpp"

#include <algorithm>
#include <array>

namespace flowstone::asl {
namespace {

constexpr std::uint32_t bit(StateType type) { return 1U << static_cast<unsigned>(type); }

constexpr auto kPass = bit(StateType::pass), kTask = bit(StateType::task), kChoice = bit(StateType::choice),
               kWait = bit(StateType::wait), kFail = bit(StateType::fail), kParallel = bit(StateType::parallel),
               kMap = bit(StateType::map);
constexpr std::uint32_t kEvery = 0xFF;
constexpr auto kWork = kTask | kParallel | kMap;
constexpr std::uint32_t kPaths = 1, kJsonata = 2, kBoth = 3;

using enum Field;

// In the order of Field.
constexpr std::array kRules{
    FieldRule{type, "Type", Shape::special, kEvery, kBoth},
    FieldRule{comment, "Comment", Shape::name, kEvery, kBoth},
    FieldRule{query_language, "QueryLanguage", Shape::special, kEvery, kBoth},
    FieldRule{next, "Next", Shape::name, kPass | kWait | kWork, kBoth},
    FieldRule{end, "End", Shape::flag, kPass | kWait | kWork, kBoth},
    FieldRule{input_path, "InputPath", Shape::path_or_null, kEvery & ~kFail, kPaths},
    FieldRule{output_path, "OutputPath", Shape::path_or_null, kEvery & ~kFail, kPaths},
    FieldRule{result_path, "ResultPath", Shape::reference_or_null, kPass | kWork, kPaths},
    FieldRule{parameters, "Parameters", Shape::payload, kPass | kWork, kPaths},
    FieldRule{result_selector, "ResultSelector", Shape::payload_object, kWork, kPaths},
    FieldRule{result, "Result", Shape::any, kPass, kPaths},
    FieldRule{arguments, "Arguments", Shape::payload, kTask | kParallel, kJsonata},
    FieldRule{output, "Output", Shape::payload, kEvery & ~kFail, kJsonata},
    FieldRule{assign, "Assign", Shape::payload_object, kPass | kWait | kChoice | kWork, kBoth},
    FieldRule{resource, "Resource", Shape::name, kTask, kBoth},
    FieldRule{timeout_seconds, "TimeoutSeconds", Shape::positive, kTask, kBoth},
    FieldRule{timeout_seconds_path, "TimeoutSecondsPath", Shape::reference, kTask, kPaths},
    FieldRule{heartbeat_seconds, "HeartbeatSeconds", Shape::positive, kTask, kBoth},
    FieldRule{heartbeat_seconds_path, "HeartbeatSecondsPath", Shape::reference, kTask, kPaths},
    FieldRule{credentials, "Credentials", Shape::payload_object, kTask, kBoth},
    FieldRule{retry, "Retry", Shape::special, kWork, kBoth},
    FieldRule{catchers, "Catch", Shape::special, kWork, kBoth},
    FieldRule{choices, "Choices", Shape::special, kChoice, kBoth},
    FieldRule{otherwise, "Default", Shape::name, kChoice, kBoth},
    FieldRule{seconds, "Seconds", Shape::whole, kWait, kBoth},
    FieldRule{seconds_path, "SecondsPath", Shape::reference, kWait, kPaths},
    FieldRule{timestamp, "Timestamp", Shape::timestamp, kWait, kBoth},
    FieldRule{timestamp_path, "TimestampPath", Shape::reference, kWait, kPaths},
    FieldRule{error, "Error", Shape::text, kFail, kBoth},
    FieldRule{error_path, "ErrorPath", Shape::query, kFail, kPaths},
    FieldRule{cause, "Cause", Shape::text, kFail, kBoth},
    FieldRule{cause_path, "CausePath", Shape::query, kFail, kPaths},
    FieldRule{branches, "Branches", Shape::special, kParallel, kBoth},
    FieldRule{item_processor, "ItemProcessor", Shape::special, kMap, kBoth},
    FieldRule{iterator, "Iterator", Shape::special, kMap, kPaths},
    FieldRule{items, "Items", Shape::payload_list, kMap, kJsonata},
    FieldRule{items_path, "ItemsPath", Shape::reference, kMap, kPaths},
    FieldRule{item_selector, "ItemSelector", Shape::payload, kMap, kBoth},
    FieldRule{max_concurrency, "MaxConcurrency", Shape::whole, kMap, kBoth},
    FieldRule{max_concurrency_path, "MaxConcurrencyPath", Shape::reference, kMap, kPaths},
    FieldRule{tolerated_failure_count, "ToleratedFailureCount", Shape::whole, kMap, kBoth},
    FieldRule{tolerated_failure_count_path, "ToleratedFailureCountPath", Shape::reference, kMap, kPaths},
    FieldRule{tolerated_failure_percentage, "ToleratedFailurePercentage", Shape::percentage, kMap, kBoth},
    FieldRule{tolerated_failure_percentage_path, "ToleratedFailurePercentagePath", Shape::reference, kMap, kPaths},
    FieldRule{item_reader, "ItemReader", Shape::payload_object, kMap, kBoth},
    FieldRule{item_batcher, "ItemBatcher", Shape::payload_object, kMap, kBoth},
    FieldRule{result_writer, "ResultWriter", Shape::payload_object, kMap, kBoth},
    FieldRule{label, "Label", Shape::name, kMap, kBoth},
};

constexpr std::array<std::string_view, 8> kTypes{"Pass",    "Task", "Choice",   "Wait",
                                                 "Succeed", "Fail", "Parallel", "Map"};

}  // namespace

const FieldRule* rule_of(std::string_view name) {
  const auto* found = std::ranges::find(kRules, name, &FieldRule::name);
  return found == kRules.end() ? nullptr : found;
}

std::string_view name_of(Field field) { return kRules[static_cast<std::size_t>(field)].name; }

std::string_view name_of(StateType type) { return kTypes[static_cast<std::size_t>(type)]; }

std::optional<StateType> state_type_of(std::string_view name) {
  const auto* found = std::ranges::find(kTypes, name);
  if (found == kTypes.end()) return std::nullopt;
  return static_cast<StateType>(found - kTypes.begin());
}

}  // namespace flowstone::asl
