// A state machine, checked and compiled.
//
//   const auto definition = asl::read_definition(text);
//   if (!definition) for (const auto& problem : definition.error()) ...
//
// Threads: immutable once read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asl/field.hpp"
#include "asl/problem.hpp"
#include "asl/template.hpp"
#include "base/result.hpp"

namespace flowstone::asl {

// One comparison of a Choice rule: `what` of the variable, compared as `relation` asks.
struct Comparison {
  enum class Type : std::uint8_t { text, number, boolean, time, matches, is };
  enum class Relation : std::uint8_t { equals, less, greater, at_most, at_least };
  enum class Trait : std::uint8_t { null, present, number, text, boolean, time };
  Type type = Type::text;
  Relation relation = Relation::equals;
  Trait trait = Trait::null;  // of `is`
  std::optional<Path> variable;
  Value literal;                  // what to compare with,
  std::optional<Path> reference;  // or where it is found
  std::string operation;          // as it is written
};

struct Condition {
  enum class Kind : std::uint8_t { comparison, all, any, negation, expression };
  Kind kind = Kind::comparison;
  Comparison comparison;
  std::vector<Condition> parts;
  Template expression;
};

struct ChoiceRule {
  Condition condition;
  std::string next;
  std::optional<Template> assign, output;
};

struct Retrier {
  std::vector<std::string> errors;
  double interval_seconds = 1;
  std::uint32_t max_attempts = 3;
  double backoff_rate = 2;
  std::optional<double> max_delay_seconds;
  bool full_jitter = false;
};

struct Catcher {
  std::vector<std::string> errors;
  std::string next;
  std::optional<Template> result_path, assign, output;
};

struct State;

// States that belong together: of the whole machine, a branch, or what a Map does with each item.
struct Machine {
  std::string start_at;
  std::vector<State> states;  // in the order of the document
  bool distributed = false;   // of a Map: each item is a run of its own

  [[nodiscard]] const State* find(std::string_view name) const;
};

struct State {
  std::string name;
  StateType type = StateType::pass;
  QueryLanguage language = QueryLanguage::json_path;
  std::string next;  // empty where the state ends the run, or rules say what is next
  std::string resource, default_next;
  std::map<Field, Template> fields;  // those that hold values, paths, payloads and expressions
  std::vector<ChoiceRule> choices;
  std::vector<Retrier> retriers;
  std::vector<Catcher> catchers;
  std::vector<Machine> branches;  // of a Map: one, its item processor
  std::string pointer;            // where it stands in the document

  // The field's template; null if the state does not have it.
  [[nodiscard]] const Template* field(Field field) const {
    const auto found = fields.find(field);
    return found == fields.end() ? nullptr : &found->second;
  }
};

struct Definition {
  Machine machine;
  std::string comment;
  std::optional<double> timeout_seconds;
  Value document;
  Problems warnings;
};

struct ReadOptions {
  bool awaited = false;  // the run's starter waits for its end: tasks that wait for a callback are refused
};

inline constexpr std::size_t kMaxDefinitionBytes = 1U << 20U;
inline constexpr std::uint32_t kMaxMachineNesting = 32;  // branches in branches
inline constexpr std::size_t kMaxNameBytes = 320;        // of a state: 80 characters
inline constexpr double kMaxNumber = 99'999'999;         // seconds, attempts, counts

// Every problem at once; warnings alone do not refuse a definition.
// Limits: kMaxDefinitionBytes, kMaxMachineNesting, kMaxProblems.
Result<Definition, Problems> read_definition(std::string_view json, const ReadOptions& options = {});

// The links between states alone: their targets exist, every state is led to, an end exists, names are unique over all
// levels, States.ALL stands alone and last. The document need not be a valid machine otherwise.
Problems check_links(std::string_view json);

inline constexpr std::size_t kMaxProblems = 1'000;

}  // namespace flowstone::asl
