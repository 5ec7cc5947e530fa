#include "api/problem.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace flowstone::api {
namespace {

constexpr std::array kKinds = [] {
  std::array<ProblemKind, static_cast<std::size_t>(ProblemKind::outcome_unknown) + 1> kinds{};
  for (std::size_t at = 0; at < kinds.size(); ++at) kinds[at] = static_cast<ProblemKind>(at);
  return kinds;
}();

void append_member(std::string_view name, std::string_view text, std::string& out) {
  out.append(",\"").append(name).append("\":");
  schemas::append_json_string(text, out);
}

void append_candidates(const std::vector<QuoteCandidate>& candidates, std::string& out) {
  if (candidates.empty()) return;
  out.append(",\"candidates\":[");
  for (const QuoteCandidate& candidate : candidates) {
    if (&candidate != &candidates.front()) out += ',';
    fmt::format_to(std::back_inserter(out), "{{\"start\":{},\"end\":{}", candidate.start, candidate.end);
    append_member("exact", candidate.exact, out);
    append_member("prefix", candidate.prefix, out);
    append_member("suffix", candidate.suffix, out);
    out += '}';
  }
  out += ']';
}

}  // namespace

std::span<const ProblemKind> problem_kinds() { return kKinds; }

ProblemShape shape_of(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::malformed_request:
      return {400, "malformed_request", "Not an HTTP request that can be understood",
              "Check the request line, the headers and the length of the body."};
    case ProblemKind::malformed_json:
      return {400, "malformed_json", "The body is not JSON",
              "Send one JSON object in UTF-8, nested no deeper than 16 levels."};
    case ProblemKind::invalid_parameter:
      return {400, "invalid_parameter", "A query parameter has a value that it cannot have",
              "`errors` names the parameter and what it must be."};
    case ProblemKind::repeated_parameter:
      return {400, "repeated_parameter", "A query parameter is given more than once",
              "`errors` names it; give it once, several values separated by commas."};
    case ProblemKind::unknown_parameter:
      return {400, "unknown_parameter", "There is no such query parameter here",
              "`errors` names it; the reference lists those that exist."};
    case ProblemKind::invalid_header:
      return {400, "invalid_header", "A header has a value that it cannot have",
              "`errors` names the header and what it must be."};
    case ProblemKind::foreign_cursor:
      return {400, "foreign_cursor", "The cursor belongs to another query",
              "Use a cursor only with the filters and the sort that it came with, unchanged."};
    case ProblemKind::position_beyond_head:
      return {400, "position_beyond_head", "The log does not reach that far",
              "Ask for a position that an answer has named."};
    case ProblemKind::unauthenticated:
      return {401, "unauthenticated", "No valid key",
              "Send `Authorization: Bearer <key>` with a key that is neither revoked nor expired."};
    case ProblemKind::forbidden:
      return {403, "forbidden", "The key may not do this",
              "Use a key with the role and the scope that the reference names for this call."};
    case ProblemKind::not_found:
      return {404, "not_found", "There is nothing here",
              "Check the path and the id; another workspace's things are not visible."};
    case ProblemKind::method_not_allowed:
      return {405, "method_not_allowed", "This method does not exist here", "The `Allow` header lists those that do."};
    case ProblemKind::not_acceptable:
      return {406, "not_acceptable", "None of the accepted media types is available",
              "Accept `application/json`, or one that the reference names for this call."};
    case ProblemKind::request_timeout:
      return {408, "request_timeout", "The request came too slowly", "Send it again, without pauses."};
    case ProblemKind::conflict:
      return {409, "conflict", "The present state does not allow this", "Read it again, and decide anew."};
    case ProblemKind::duplicate_value:
      return {409, "duplicate_value", "Another one has this value already",
              "`errors` names the field; choose another value."};
    case ProblemKind::in_progress:
      return {409, "in_progress", "The same request is being carried out right now",
              "Wait a moment and send it again with the same Idempotency-Key to get its answer."};
    case ProblemKind::contended:
      return {409, "contended", "Others kept changing it at the same time", "Nothing was written; try again."};
    case ProblemKind::revision_mismatch:
      return {412, "revision_mismatch", "It has changed since you read it",
              "Read it again and send the new ETag in If-Match; `current_revision` is the present one."};
    case ProblemKind::content_too_large:
      return {413, "content_too_large", "The body is too large",
              "Send at most 8 MiB at once; larger documents as a form (multipart/form-data)."};
    case ProblemKind::unsupported_media_type:
      return {415, "unsupported_media_type", "The body has a type that is not understood",
              "Send `Content-Type: application/json`."};
    case ProblemKind::invalid_field:
      return {422, "invalid_field", "A field has a value that it cannot have",
              "`errors` names each field and what it must be; nothing was written."};
    case ProblemKind::missing_reference:
      return {422, "missing_reference", "A field points to something that does not exist",
              "`errors` names the field; create what it points to first."};
    case ProblemKind::idempotency_key_reused:
      return {422, "idempotency_key_reused", "This Idempotency-Key came before with another request",
              "Make a new key for each new request; keys are remembered for ever."};
    case ProblemKind::too_much_history:
      return {422, "too_much_history", "Too many entities to read them all as of the past",
              "Read single entities with `as_of`, or the present list."};
    case ProblemKind::not_carried_out:
      return {424, "not_carried_out", "Another command of the atomic batch was refused",
              "Nothing was written; correct the command that was refused and send the batch again."};
    case ProblemKind::head_too_large:
      return {431, "head_too_large", "The headers are too large", "Send at most 16 KiB of headers."};
    case ProblemKind::internal_error:
      return {500, "internal_error", "The server failed", "It has been logged under `request_id`."};
    case ProblemKind::position_not_reached:
      return {503, "position_not_reached", "The view has not reached that position in time",
              "Try again after `Retry-After` seconds, or without `min_position`."};
    case ProblemKind::busy:
      return {503, "busy", "The server has as much work as it takes",
              "Nothing was written; try again after `Retry-After` seconds."};
    case ProblemKind::too_many_connections:
      return {503, "too_many_connections", "The server has as many connections as it takes",
              "Try again after `Retry-After` seconds."};
    case ProblemKind::stopping:
      return {503, "stopping", "The server is being stopped", "Nothing was written; try again when it is back."};
    case ProblemKind::storage_failed:
      return {503, "storage_failed", "The log takes no events at present",
              "Nothing was written; `/readyz` says why. Reading goes on."};
    case ProblemKind::storage_damaged:
      return {503, "storage_damaged", "Stored data could not be read",
              "`/readyz` and the server's log say which; the damaged data is not served."};
    case ProblemKind::outcome_unknown:
      return {503, "outcome_unknown", "Nobody knows whether this was written",
              "Send it again with the same Idempotency-Key when the server is ready: it is carried out once at most."};
  }
  return {500, "internal_error", "The server failed", "It has been logged under `request_id`."};
}

std::string problem_type(ProblemKind kind) {
  std::string type = fmt::format("/docs#problem-{}", shape_of(kind).code);
  std::ranges::replace(type, '_', '-');
  return type;
}

Problem invalid_parameter(std::string_view name, std::string_view must) {
  Problem problem{ProblemKind::invalid_parameter};
  problem.errors.push_back({std::string(name), std::string(must)});
  return problem;
}

Problem damaged_storage(std::string cause) {
  Problem problem{ProblemKind::storage_damaged};
  problem.cause = std::move(cause);
  return problem;
}

std::string damage_at(Position position) { return fmt::format("The log cannot be read at {}.", position.value); }

std::string without_directories(std::string_view text) {
  constexpr std::string_view kBefore = " \t\n'\"`(=:,;";
  constexpr std::string_view kAfter = " \t\n'\"`)=:,;";
  std::string kept;
  while (!text.empty()) {
    const bool absolute = text.front() == '/' && (kept.empty() || kBefore.find(kept.back()) != std::string_view::npos);
    const auto word = text.substr(0, absolute ? text.find_first_of(kAfter) : 1);
    kept.append(absolute ? word.substr(word.rfind('/') + 1) : word);
    text.remove_prefix(word.size());
  }
  return kept;
}

void append_json(const Problem& problem, std::string_view instance, std::string_view request_id, std::string& out) {
  const ProblemShape shape = shape_of(problem.kind);
  out.append("{\"type\":");
  schemas::append_json_string(problem_type(problem.kind), out);
  append_member("title", shape.title, out);
  fmt::format_to(std::back_inserter(out), ",\"status\":{}", shape.status);
  append_member("code", problem.code.empty() ? shape.code : problem.code, out);
  append_member("detail", problem.detail.empty() ? shape.sentence : problem.detail, out);
  if (!instance.empty()) append_member("instance", instance, out);
  if (!request_id.empty()) append_member("request_id", request_id, out);
  if (!problem.errors.empty()) {
    out.append(",\"errors\":[");
    for (std::size_t at = 0; at < problem.errors.size(); ++at) {
      out.append(at == 0 ? "{\"field\":" : ",{\"field\":");
      schemas::append_json_string(problem.errors[at].field, out);
      append_member("detail", problem.errors[at].detail, out);
      out += '}';
    }
    out += ']';
  }
  if (problem.current_revision)
    fmt::format_to(std::back_inserter(out), ",\"current_revision\":{}", problem.current_revision->value);
  append_candidates(problem.candidates, out);
  out += '}';
}

std::string_view reason_phrase(std::uint16_t status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 424:
      return "Failed Dependency";
    case 426:
      return "Upgrade Required";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

}  // namespace flowstone::api
