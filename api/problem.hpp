// Why a request was refused, in the server's own words. The one file that speaks to users about errors (RFC 9457).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {

enum class ProblemKind : std::uint8_t {
  malformed_request,
  malformed_json,
  invalid_parameter,
  repeated_parameter,
  unknown_parameter,
  invalid_header,
  foreign_cursor,
  position_beyond_head,
  unauthenticated,
  forbidden,
  not_found,
  method_not_allowed,
  not_acceptable,
  request_timeout,
  conflict,
  duplicate_value,
  in_progress,
  contended,
  revision_mismatch,
  content_too_large,
  unsupported_media_type,
  invalid_field,
  missing_reference,
  idempotency_key_reused,
  too_much_history,
  not_carried_out,
  head_too_large,
  internal_error,
  position_not_reached,
  busy,
  too_many_connections,
  stopping,
  storage_failed,
  storage_damaged,
  outcome_unknown,
};

struct ProblemShape {
  std::uint16_t status = 500;
  std::string_view code;  // stable, for programs
  std::string_view title;
  std::string_view sentence;  // what to do about it; `detail` when nothing better is known
};

// Complete by the compiler's proof: a kind without a shape does not compile.
ProblemShape shape_of(ProblemKind kind);
std::span<const ProblemKind> problem_kinds();
// Its place in the reference: "/docs#problem-invalid-field".
std::string problem_type(ProblemKind kind);

// Words of a document that might be meant: code points, and what stands before and behind them.
struct QuoteCandidate {
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  std::string exact, prefix, suffix;
};

struct Problem {
  ProblemKind kind = ProblemKind::internal_error;
  std::string detail{};  // empty: the kind's own sentence
  std::vector<schemas::FieldProblem> errors{};
  std::string code{};  // empty: the kind's own; otherwise the domain's word for it
  std::optional<Revision> current_revision{};
  std::optional<int> retry_after_seconds{};
  std::vector<QuoteCandidate> candidates{};
  std::string cause{};  // for the server's own log alone: it may name files

  [[nodiscard]] std::uint16_t status() const { return shape_of(kind).status; }
};

Problem invalid_parameter(std::string_view name, std::string_view must);
// What the storage said goes into the server's log; the client is told no more than that.
Problem damaged_storage(std::string cause);
std::string damage_at(Position position);
// The same text with every absolute path cut down to the file's name: where the server keeps its files is no client's
// business.
std::string without_directories(std::string_view text);

// Appends the problem document.
void append_json(const Problem& problem, std::string_view instance, std::string_view request_id, std::string& out);

// The words that stand behind a status code in the first line of an answer.
std::string_view reason_phrase(std::uint16_t status);

}  // namespace flowstone::api
