// Full-text search over the documents of bundles.
#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/handlers.hpp"
#include "api/query_values.hpp"
#include "base/identifier.hpp"
#include "documents/text.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

constexpr std::uint64_t kDefaultLimit = 50;
constexpr std::uint64_t kMostLimit = 200;
constexpr std::size_t kMostWords = 1000;  // bytes of the query
constexpr std::string_view kProjection = "search";
constexpr std::string_view kMustHaveWords =
    "must have a word: a letter or a digit, in words, in \"words in this order\" or in begin*";

bool take_words(Exchange& exchange, projections::SearchQuery& query) {
  query.words = exchange.query.take("q").value_or("");
  if (query.words.size() > kMostWords || !documents::Text::from_utf8(query.words)) {
    exchange.refuse(invalid_parameter("q", fmt::format("must be UTF-8 of at most {} bytes", kMostWords)));
    return false;
  }
  if (!query.words.empty()) return true;
  exchange.refuse(invalid_parameter("q", kMustHaveWords));
  return false;
}

bool take_place(Exchange& exchange, projections::SearchQuery& query) {
  query.bundle = exchange.query.take("bundle_id").value_or("");
  if (!query.bundle.empty() && !is_uuid(query.bundle)) {
    exchange.refuse(invalid_parameter("bundle_id", "must be a UUID in lower case"));
    return false;
  }
  const auto version = take_number(exchange, "version", 0, 1, UINT32_MAX);
  if (!version) return false;
  if (*version > 0) query.version = static_cast<std::uint32_t>(*version);
  if (!query.version || !query.bundle.empty()) return true;
  exchange.refuse(invalid_parameter("version", "needs `bundle_id`: versions are numbered bundle by bundle"));
  return false;
}

std::optional<projections::SearchQuery> take_query(Exchange& exchange) {
  projections::SearchQuery query;
  query.workspace = exchange.principal->workspace;
  if (!take_words(exchange, query) || !take_place(exchange, query)) return std::nullopt;
  query.cursor = exchange.query.take("cursor").value_or("");
  const auto limit = take_number(exchange, "limit", kDefaultLimit, 1, kMostLimit);
  if (!limit || !exchange.all_parameters_known()) return std::nullopt;
  query.limit = *limit;
  return query;
}

Problem problem_of(const projections::QueryError& error, const projections::SearchQuery& query) {
  switch (error.code) {
    case projections::QueryError::Code::no_words:
      return invalid_parameter("q", kMustHaveWords);
    case projections::QueryError::Code::no_such_version:
      return invalid_parameter(query.version ? "version" : "bundle_id",
                               "must be that of a bundle with a published version that is not withdrawn");
    case projections::QueryError::Code::foreign_cursor:
      return {ProblemKind::foreign_cursor};
    case projections::QueryError::Code::too_many:
    case projections::QueryError::Code::io:
      return damaged_storage(error.detail);
  }
  return {ProblemKind::internal_error};
}

void append_span(const documents::Span& span, std::string& out) {
  fmt::format_to(std::back_inserter(out), "\"start\":{},\"end\":{}", span.start, span.end);
}

void append_hit(const projections::SearchHit& hit, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{{\"bundle_id\":\"{}\",\"version\":{},\"document\":", hit.bundle,
                 hit.version);
  schemas::append_json_string(hit.path, out);
  if (!hit.section.empty()) {
    out.append(",\"section\":");
    schemas::append_json_string(hit.section, out);
  }
  fmt::format_to(std::back_inserter(out), ",\"score\":{:.4f},\"snippet\":{{\"text\":", hit.score);
  schemas::append_json_string(hit.text, out);
  out += ',';
  append_span(hit.span, out);
  out.append(",\"highlights\":[");
  for (std::size_t at = 0; at < hit.highlights.size(); ++at) {
    out.append(at == 0 ? "{" : ",{");
    append_span(hit.highlights[at], out);
    out += '}';
  }
  out.append("]}}");
}

void answer_with(Exchange& exchange, const projections::SearchPage& page) {
  std::string& body = exchange.reply.body;
  body.append("{\"items\":[");
  for (std::size_t at = 0; at < page.hits.size(); ++at) {
    if (at > 0) body += ',';
    append_hit(page.hits[at], body);
  }
  body.append("],\"next_cursor\":");
  if (page.next_cursor.empty()) {
    body.append("null");
  } else {
    schemas::append_json_string(page.next_cursor, body);
  }
  fmt::format_to(std::back_inserter(body), ",\"position\":{}}}", page.position.value);
  exchange.reply.add("Flowstone-Position", std::to_string(page.position.value));
}

}  // namespace

Task<void> search_documents(Exchange* exchange) {
  if (!exchange->principal->in_scope("bundle", Access::read)) {
    exchange->refuse({ProblemKind::forbidden, "This key's scopes do not include `bundle:read`."});
    co_return;
  }
  const bool reached = co_await await_min_position(exchange, kProjection);
  if (!reached) co_return;
  const auto query = take_query(*exchange);
  if (!query) co_return;
  projections::Catalog& catalog = exchange->services().catalog;
  const auto page = co_await exchange->blocking([&catalog, &query] { return catalog.search(*query); });
  if (!page) {
    exchange->refuse(problem_of(page.error(), *query));
    co_return;
  }
  answer_with(*exchange, *page);
}

}  // namespace flowstone::api
