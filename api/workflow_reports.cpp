// What is wrong with a definition, how it looks, and what changed between two versions of it.
#include <map>

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/query_values.hpp"
#include "api/stored_workflows.hpp"
#include "api/workflows.hpp"
#include "base/identifier.hpp"
#include "documents/diff.hpp"
#include "documents/diff_render.hpp"
#include "domain/workflow.hpp"
#include "jsonata/json_text.hpp"
#include "schemas/run_generated.h"
#include "workflows/definition.hpp"
#include "workflows/diff.hpp"
#include "workflows/graph.hpp"

namespace flowstone::api {
namespace {

std::string json_text(const workflows::Value& value) {
  return value.is_undefined() ? std::string() : jsonata::write_json(value).value_or("");
}

// --- problems ---

schemas::WorkflowLintT report_on(std::string_view text, workflows::Format format) {
  schemas::WorkflowLintT report;
  for (const auto& problem : workflows::lint(text, format)) {
    auto told = std::make_unique<schemas::WorkflowProblemT>();
    const bool error = problem.severity == workflows::Severity::error;
    told->severity = error ? schemas::ProblemSeverity::error : schemas::ProblemSeverity::warning;
    told->code = problem.code;
    told->path = problem.path;
    told->line = problem.place.line;
    told->column = problem.place.column;
    told->sentence = problem.sentence;
    ++(error ? report.errors : report.warnings);
    report.problems.push_back(std::move(told));
  }
  report.valid = report.errors == 0;
  return report;
}

Found<schemas::WorkflowLintT> lint_request(BytesView body) {
  schemas::LintWorkflowT request;
  flatbuffers::GetRoot<schemas::LintWorkflow>(body.data())->UnPackTo(&request);
  if (request.definition.empty() == request.source.empty())
    return failure(broken_rule(
        request.source.empty() ? "definition" : "source",
        request.source.empty() ? "must be given, or its text in `source`" : "must be left out beside `definition`"));
  if (request.definition.empty()) return report_on(request.source, domain::format_of(request.format));
  return report_on(domain::indented_definition(request.definition), workflows::Format::json);
}

// --- graphs ---

std::string_view group_name(const workflows::Graph& graph, const workflows::GraphState& state) {
  const auto of = graph.groups[state.group].of_state;
  return of < 0 ? std::string_view() : std::string_view(graph.states[static_cast<std::size_t>(of)].name);
}

// The steps of a run by their names; none if no run was asked for.
using Steps = std::map<std::string, const schemas::RunStepT*, std::less<>>;

struct DrawnRun {
  std::unique_ptr<schemas::RunT> run;
  Steps steps;
};

Found<DrawnRun> find_run(const Exchange& exchange, const std::string& id, const std::string& workflow) {
  DrawnRun drawn;
  if (id.empty()) return drawn;
  FLOWSTONE_TRY(drawn.run, read_state<schemas::RunT>(exchange, "run", id));
  if (drawn.run->workflow_id != workflow)
    return failure(broken_rule("run", "must be a run of this workflow", "not_of_this_workflow"));
  for (const auto& step : drawn.run->steps) drawn.steps.emplace(step->name, step.get());
  return drawn;
}

// "began 3 times, tried again 2 times"
std::string note_on(const schemas::RunStepT& step) {
  std::string note;
  const auto add = [&note](std::uint64_t count, std::uint64_t least, std::string_view what) {
    if (count < least) return;
    note += fmt::format("{}{} {} {}", note.empty() ? "" : ", ", what, count, count == 1 ? "time" : "times");
  };
  add(step.begun, 2, "began");
  add(step.retries, 1, "tried again");
  add(step.failures, step.begun > 1 ? 1 : 2, "failed");
  return note;
}

workflows::GraphMarks marks_of(const Steps& steps) {
  using Kind = workflows::GraphMark::Kind;
  workflows::GraphMarks marks;
  for (const auto& [name, step] : steps) {
    auto kind = step->status == schemas::StepStatus::running ? Kind::under_way : Kind::done;
    if (step->status == schemas::StepStatus::failed) kind = Kind::failed;
    marks.emplace(name, workflows::GraphMark{.kind = kind, .note = note_on(*step)});
  }
  return marks;
}

void tell(const Steps& steps, schemas::GraphStateT& state) {
  const auto found = steps.find(state.name);
  if (found == steps.end()) return;
  const auto& step = *found->second;
  state.status = schemas::EnumNameStepStatus(step.status);
  state.begun = step.begun;
  state.under_way = step.under_way;
  state.failures = step.failures;
  state.retries = step.retries;
}

schemas::WorkflowGraphT describe(const workflows::Graph& graph, const Steps& steps) {
  schemas::WorkflowGraphT told;
  for (const auto& state : graph.states) {
    auto one = std::make_unique<schemas::GraphStateT>();
    one->name = state.name;
    one->type = state.type;
    one->path = state.pointer;
    one->inside = group_name(graph, state);
    one->group = graph.groups[state.group].label;
    one->start = state.start;
    one->end = state.end;
    tell(steps, *one);
    told.states.push_back(std::move(one));
  }
  for (const auto& transition : graph.transitions) {
    auto one = std::make_unique<schemas::GraphTransitionT>();
    one->from = graph.states[transition.from].name;
    one->to = graph.states[transition.to].name;
    one->kind = workflows::name_of(transition.kind);
    one->label = transition.label;
    told.transitions.push_back(std::move(one));
  }
  return told;
}

Found<workflows::Definition> definition_of(const StoredWorkflow& stored) {
  auto definition = workflows::read_definition(stored.published->definition, workflows::Format::json);
  if (definition) return *std::move(definition);
  return failure(
      damaged_storage(fmt::format("workflow {}: version {} has errors", stored.workflow->id, stored.version->number)));
}

Found<std::string> draw(const Exchange& exchange, std::string_view format, const std::string& run) {
  FLOWSTONE_TRY(const auto stored, find_workflow_version(exchange, exchange.parameter("version")));
  FLOWSTONE_TRY(const auto drawn, find_run(exchange, run, stored.workflow->id));
  FLOWSTONE_TRY(const auto definition, definition_of(stored));
  const auto graph = workflows::graph_of(definition);
  if (format == "dot") return workflows::to_dot(graph, stored.workflow->name, marks_of(drawn.steps));
  if (format == "mermaid") return workflows::to_mermaid(graph, marks_of(drawn.steps));
  std::string body;
  append_table(*exchange.call().response, describe(graph, drawn.steps), body);
  return body;
}

// --- differences ---

struct Question {
  std::uint32_t from = 0, to = 0;  // `to` 0: the latest
  std::string format = "json";
};

std::vector<std::unique_ptr<schemas::WorkflowChangeT>> changes_of(const std::vector<workflows::ValueChange>& changes) {
  std::vector<std::unique_ptr<schemas::WorkflowChangeT>> told;
  for (const auto& change : changes) {
    auto one = std::make_unique<schemas::WorkflowChangeT>();
    one->change = workflows::name_of(change.change);
    one->path = change.pointer;
    one->old_value = json_text(change.old_value);
    one->new_value = json_text(change.new_value);
    told.push_back(std::move(one));
  }
  return told;
}

schemas::WorkflowDiffT describe(const workflows::DefinitionDiff& diff) {
  schemas::WorkflowDiffT told;
  told.same = diff.empty();
  told.envelope = changes_of(diff.envelope);
  for (const auto& state : diff.states) {
    auto one = std::make_unique<schemas::WorkflowStateChangeT>();
    one->change = workflows::name_of(state.kind);
    one->name = state.name;
    one->renamed_from = state.old_name;
    one->type = state.type;
    one->path = state.pointer;
    one->changes = changes_of(state.changes);
    told.states.push_back(std::move(one));
  }
  for (const auto& transition : diff.transitions) {
    auto one = std::make_unique<schemas::WorkflowTransitionChangeT>();
    one->change = workflows::name_of(transition.change);
    one->from = transition.from;
    one->to = transition.to;
    one->kind = workflows::name_of(transition.kind);
    one->label = transition.label;
    told.transitions.push_back(std::move(one));
  }
  return told;
}

// The definition as people read it: indented, in the order of its author.
documents::Text text_of(const workflows::Definition& definition) {
  auto json = jsonata::write_json(definition.document, std::size_t{64} << 20U, true).value_or("");
  return documents::Text::from_utf8(json + "\n").value_or(documents::Text());
}

Found<std::string> compare(const Exchange& exchange, const Question& question) {
  const auto id = exchange.parameter("id");
  FLOWSTONE_TRY(const auto from, find_workflow_version(exchange, std::to_string(question.from)));
  const auto newest = question.to == 0 ? std::string("latest") : std::to_string(question.to);
  FLOWSTONE_TRY(const auto to, find_workflow_version(exchange, newest));
  FLOWSTONE_TRY(const auto before, definition_of(from));
  FLOWSTONE_TRY(const auto after, definition_of(to));
  if (question.format == "json") {
    auto told = describe(workflows::diff(before, after));
    told.workflow_id = id;
    told.from = from.version->number;
    told.to = to.version->number;
    std::string body;
    append_table(*exchange.call().response, told, body);
    return body;
  }
  const auto old_text = text_of(before), new_text = text_of(after);
  const auto words = documents::diff(old_text, new_text);
  if (question.format == "html") return documents::html(words, old_text, new_text);
  return documents::unified(words, old_text, new_text, fmt::format("a/{}", from.version->number),
                            fmt::format("b/{}", to.version->number));
}

std::optional<Question> take_question(Exchange& exchange) {
  Question question;
  const auto from = take_number(exchange, "from", 0, 1, UINT32_MAX);
  if (!from) return std::nullopt;
  if (*from == 0) {
    exchange.refuse(invalid_parameter("from", "must be given: a version of the workflow"));
    return std::nullopt;
  }
  const auto to = take_number(exchange, "to", 0, 1, UINT32_MAX);
  if (!to) return std::nullopt;
  question.from = static_cast<std::uint32_t>(*from);
  question.to = static_cast<std::uint32_t>(*to);
  question.format = exchange.query.take("format").value_or("json");
  if (question.format != "json" && question.format != "html" && question.format != "unified") {
    exchange.refuse(invalid_parameter("format", "must be one of json html unified"));
    return std::nullopt;
  }
  if (!exchange.all_parameters_known()) return std::nullopt;
  return question;
}

}  // namespace

Task<void> lint_workflow(Exchange* exchange) {
  if (!check_scope(*exchange, "workflow", Access::read) || !exchange->all_parameters_known()) co_return;
  const auto decoded = schemas::decode_json(*exchange->call().request, exchange->request.body);
  if (!decoded) {
    exchange->refuse(problem_of(decoded.error()));
    co_return;
  }
  const auto report = co_await exchange->blocking([&decoded] { return lint_request(*decoded); });
  if (accepted(*exchange, report)) append_table(*exchange->call().response, *report, exchange->reply.body);
}

Task<void> lint_draft(Exchange* exchange) {
  if (!check_scope(*exchange, "workflow", Access::read) || !exchange->all_parameters_known()) co_return;
  const auto report = co_await exchange->blocking([exchange]() -> Found<schemas::WorkflowLintT> {
    FLOWSTONE_TRY(const auto workflow,
                  read_state<schemas::WorkflowT>(*exchange, "workflow", exchange->parameter("id")));
    return report_on(workflow->draft_source, domain::format_of(workflow->draft_format));
  });
  if (accepted(*exchange, report)) append_table(*exchange->call().response, *report, exchange->reply.body);
}

Task<void> get_workflow_graph(Exchange* exchange) {
  if (!check_scope(*exchange, "workflow", Access::read)) co_return;
  const auto format = exchange->query.take("format").value_or("json");
  if (format != "json" && format != "dot" && format != "mermaid") {
    exchange->refuse(invalid_parameter("format", "must be one of json dot mermaid"));
    co_return;
  }
  const auto run = std::string(exchange->query.take("run").value_or(""));
  if (!run.empty() && !is_uuid(run)) {
    exchange->refuse(invalid_parameter("run", "must be the id of a run"));
    co_return;
  }
  if (!exchange->all_parameters_known()) co_return;
  auto body = co_await exchange->blocking([exchange, &format, &run] { return draw(*exchange, format, run); });
  if (!accepted(*exchange, body)) co_return;
  if (format != "json") exchange->reply.content_type = "text/plain; charset=utf-8";
  exchange->reply.body = *std::move(body);
}

Task<void> diff_workflow(Exchange* exchange) {
  if (!check_scope(*exchange, "workflow", Access::read)) co_return;
  const auto question = take_question(*exchange);
  if (!question) co_return;
  auto body = co_await exchange->blocking([exchange, &question] { return compare(*exchange, *question); });
  if (!accepted(*exchange, body)) co_return;
  if (question->format == "html") exchange->reply.content_type = "text/html; charset=utf-8";
  if (question->format == "unified") exchange->reply.content_type = "text/plain; charset=utf-8";
  exchange->reply.body = *std::move(body);
}

}  // namespace flowstone::api
