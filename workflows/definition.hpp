// A workflow's definition: an envelope around a state machine, checked and compiled.
//
//   const auto definition = workflows::read_definition(text, Format::json);
//   if (!definition) for (const auto& problem : definition.error()) ...
//
// A text that is a state machine itself (it has `StartAt` or `States`) is a definition of nothing else.
//
// Threads: immutable once read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asl/definition.hpp"
#include "base/result.hpp"
#include "workflows/input_schema.hpp"
#include "workflows/problem.hpp"
#include "workflows/source.hpp"
#include "workflows/start_rule.hpp"

namespace flowstone::workflows {

// What happens when a run is to start while others of the workflow go on.
struct Concurrency {
  enum class Mode : std::uint8_t {
    single,    // the new one does not start
    restart,   // the others are cancelled
    queued,    // the new one waits; `max` wait or run at most
    parallel,  // it starts; `max` run at most
  };
  Mode mode = Mode::parallel;
  std::uint32_t max = 10;
};

struct Definition {
  std::string name, description;  // empty if not given
  std::vector<StartRule> triggers;
  std::optional<InputSchema> inputs;
  Concurrency concurrency;
  Value layout;  // where an editor shows the states; undefined if not given
  asl::Definition machine;
  Value document;  // as it was written, a machine alone in an envelope of its own
  Source source;
  Problems warnings;
};

inline constexpr std::size_t kMaxDefinitionBytes = 512U << 10U;  // of its JSON: a YAML text may say things twice
inline constexpr std::uint32_t kMaxConcurrency = 1'000;
inline constexpr std::size_t kMaxWorkflowName = 200;  // characters
inline constexpr std::size_t kMaxDescription = 2'000;

// Every problem at once, in the order of their places; warnings alone do not refuse a definition.
// Limits: those of `read_source`, of `asl::read_definition`, and those above.
Result<Definition, Problems> read_definition(std::string_view text, Format format);

// The errors and the warnings.
Problems lint(std::string_view text, Format format);

// The definition's JSON in the order in which it was written, without white space.
std::string json_of(const Definition& definition);
// SHA-256 of its canonical text (RFC 8785), in lower-case hexadecimal: the same for definitions that differ only in
// white space, language or the order of members.
std::string digest_of(const Definition& definition);

}  // namespace flowstone::workflows
