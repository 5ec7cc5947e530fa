// Where an entity comes from and what rests on it.
#include "projections/provenance.hpp"

#include <set>

#include <fmt/format.h>

#include "api/handlers.hpp"
#include "api/query_values.hpp"
#include "api/uploads.hpp"
#include "projections/prov_json.hpp"
#include "projections/provenance_names.hpp"
#include "schemas/provenance_generated.h"

namespace flowstone::api {
namespace {

using schemas::ProvenanceDirection;
using schemas::ProvenanceSide;

constexpr std::string_view kProvJson = "prov-json";

struct Question {
  projections::ProvenanceQuestion asked;
  ProvenanceDirection direction = ProvenanceDirection::both;
  bool as_prov_json = false;
};

bool take_direction(Exchange& exchange, Question& question) {
  const auto direction = exchange.query.take("direction").value_or("both");
  if (direction == "up") question.direction = ProvenanceDirection::up;
  if (direction == "down") question.direction = ProvenanceDirection::down;
  question.asked.up = direction != "down";
  question.asked.down = direction != "up";
  if (direction == "both" || question.direction != ProvenanceDirection::both) return true;
  exchange.refuse(invalid_parameter("direction", "must be one of both up down"));
  return false;
}

bool take_format(Exchange& exchange, Question& question) {
  const auto format = exchange.query.take("format").value_or("json");
  question.as_prov_json = format == kProvJson;
  if (format == "json" || question.as_prov_json) return true;
  exchange.refuse(invalid_parameter("format", "must be one of json prov-json"));
  return false;
}

std::optional<Question> take_question(Exchange& exchange) {
  Question question;
  question.asked.workspace = exchange.principal->workspace;
  question.asked.stream = exchange.parameter("entity");
  auto& limits = question.asked.limits;
  const auto depth = take_number(exchange, "depth", limits.distance, 1, limits.distance);
  if (!depth) return std::nullopt;
  const auto most = take_number(exchange, "limit", 500, 1, limits.nodes);
  if (!most || !take_direction(exchange, question) || !take_format(exchange, question)) return std::nullopt;
  limits.distance = static_cast<std::uint32_t>(*depth);
  limits.nodes = *most;
  return question;
}

Problem problem_of(const projections::QueryError& error) {
  if (error.code == projections::QueryError::Code::too_many) return {ProblemKind::too_much_history, error.detail};
  return damaged_storage(error.detail);
}

Found<projections::Provenance> walk(const Exchange& exchange, const projections::ProvenanceQuestion& asked) {
  const Services& services = exchange.services();
  auto found = projections::provenance_of(
      {.catalog = services.catalog, .store = services.store, .library = &services.library}, asked);
  if (!found) return failure(problem_of(found.error()));
  if (!*found)
    return failure(Problem{ProblemKind::not_found, fmt::format("There is nothing called `{}`.", asked.stream)});
  return *std::move(*found);
}

// A key with scopes reads what is inside them: an answer that left the rest out would not be true.
bool is_in_scope(Exchange& exchange, const projections::Provenance& found) {
  std::set<std::string_view> aggregates;
  for (const auto& node : found.nodes) {
    const bool is_entity = schemas::contracts().find_aggregate(node.aggregate) != nullptr;
    aggregates.insert(is_entity ? std::string_view(node.aggregate) : "bundle");
  }
  for (const std::string_view aggregate : aggregates) {
    if (!check_scope(exchange, aggregate, Access::read)) return false;
  }
  return true;
}

ProvenanceSide side_of(const projections::ProvenanceNode& node) {
  if (node.is_source) return node.is_dependent ? ProvenanceSide::both : ProvenanceSide::source;
  return node.is_dependent ? ProvenanceSide::dependent : ProvenanceSide::self;
}

std::unique_ptr<schemas::ProvenanceNodeT> node_of(const projections::ProvenanceNode& node) {
  auto shown = std::make_unique<schemas::ProvenanceNodeT>();
  shown->entity = node.stream;
  shown->kind = node.aggregate;
  shown->title = node.title;
  if (node.revision != 0) shown->revision = node.revision;
  if (node.created_at) shown->created_at = node.created_at->micros;
  shown->created_by = node.created_by;
  shown->depth = node.distance;
  shown->side = side_of(node);
  if (node.position != 0) shown->position = node.position;
  if (node.span) {
    shown->start = node.span->start;
    shown->end = node.span->end;
  }
  shown->sha256 = node.sha256;
  return shown;
}

schemas::ProvenanceReportT report_of(const Question& question, const projections::Provenance& found,
                                     Position position) {
  schemas::ProvenanceReportT report;
  report.entity = question.asked.stream;
  report.direction = question.direction;
  for (const auto& node : found.nodes) report.nodes.push_back(node_of(node));
  for (const auto& edge : found.edges) {
    auto shown = std::make_unique<schemas::ProvenanceEdgeT>();
    shown->from = edge.from;
    shown->to = edge.to;
    shown->field = edge.field;
    report.edges.push_back(std::move(shown));
  }
  report.truncated = found.cut;
  report.position = position.value;
  return report;
}

// Of the present, everything that was acknowledged is in the answer.
Task<bool> await_present(Exchange* exchange) {
  std::vector<std::string_view> tables;
  for (const auto& aggregate : schemas::contracts().aggregates()) tables.emplace_back(aggregate.plural);
  const bool reached = co_await await_tables(exchange, tables);
  co_return reached;
}

}  // namespace

Task<void> get_provenance(Exchange* exchange) {
  auto question = take_question(*exchange);
  if (!question) co_return;
  const bool past = co_await take_as_of(exchange, &question->asked.as_of);
  if (!past || !exchange->all_parameters_known()) co_return;
  const auto* const aggregate = projections::provenance_name(question->asked.stream).aggregate;
  if (aggregate != nullptr && !check_scope(*exchange, aggregate->name, Access::read)) co_return;
  const Position position = question->asked.as_of.value_or(exchange->services().store.state().durable);
  if (!question->asked.as_of) {
    const bool reached = co_await await_present(exchange);
    if (!reached) co_return;
  }
  const auto found = co_await exchange->blocking([exchange, &question] { return walk(*exchange, question->asked); });
  if (!accepted(*exchange, found) || !is_in_scope(*exchange, *found)) co_return;
  exchange->reply.add("Flowstone-Position", std::to_string(position.value));
  if (question->as_prov_json) {
    exchange->reply.body = projections::prov_json(*found);
  } else {
    append_table(*exchange->call().response, report_of(*question, *found, position), exchange->reply.body);
  }
}

}  // namespace flowstone::api
