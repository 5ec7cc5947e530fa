// The fields of states: which state has which, in which query language, and what may stand in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flowstone::asl {

enum class StateType : std::uint8_t { pass, task, choice, wait, succeed, fail, parallel, map };
enum class QueryLanguage : std::uint8_t { json_path, jsonata };

enum class Field : std::uint8_t {
  type,
  comment,
  query_language,
  next,
  end,
  input_path,
  output_path,
  result_path,
  parameters,
  result_selector,
  result,
  arguments,
  output,
  assign,
  resource,
  timeout_seconds,
  timeout_seconds_path,
  heartbeat_seconds,
  heartbeat_seconds_path,
  credentials,
  retry,
  catchers,
  choices,
  otherwise,
  seconds,
  seconds_path,
  timestamp,
  timestamp_path,
  error,
  error_path,
  cause,
  cause_path,
  branches,
  item_processor,
  iterator,
  items,
  items_path,
  item_selector,
  max_concurrency,
  max_concurrency_path,
  tolerated_failure_count,
  tolerated_failure_count_path,
  tolerated_failure_percentage,
  tolerated_failure_percentage_path,
  item_reader,
  item_batcher,
  result_writer,
  label,
};

enum class Shape : std::uint8_t {
  text,            // a string; in JSONata perhaps an expression
  name,            // a string, never an expression
  flag,            // true
  any,             // any JSON, taken as it is
  payload,         // any JSON with holes
  payload_object,  // an object with holes
  payload_list,    // a list with holes, or an expression
  path,            // a path
  path_or_null,
  reference,          // a path to one place
  reference_or_null,  // one in the state's input, for results
  query,              // a path or an intrinsic call
  whole,              // a whole number from 0, or an expression
  positive,           // a whole number from 1, or an expression
  percentage,         // 0 to 100, or an expression
  timestamp,          // RFC 3339, or an expression
  special,            // read by hand
};

struct FieldRule {
  Field field;
  std::string_view name;
  Shape shape;
  std::uint32_t types;      // a bit for each StateType
  std::uint32_t languages;  // a bit for each QueryLanguage
};

// Null if no state has a field of this name.
const FieldRule* rule_of(std::string_view name);
std::string_view name_of(Field field);
std::string_view name_of(StateType type);
std::optional<StateType> state_type_of(std::string_view name);

}  // namespace flowstone::asl
