#include "projections/run_comparison.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/query_values.hpp"
#include "api/run_forks.hpp"
#include "api/stored_documents.hpp"
#include "base/identifier.hpp"
#include "schemas/run_fork_generated.h"

namespace flowstone::api {
namespace {

using projections::StepPair;
using projections::StepVisit;

constexpr std::uint64_t kDefaultLimit = 100;
constexpr std::uint64_t kMostLimit = 1'000;

struct Question {
  std::string a, b;
  bool differences = false;
  std::size_t limit = kDefaultLimit;
  std::size_t after = 0;  // steps with higher numbers
};

// One of the runs, as it stands and as it came there.
struct Side {
  std::unique_ptr<schemas::RunT> state;
  projections::RunVisits visits;
};

std::optional<std::string> take_run(Exchange& exchange, const std::string& name) {
  auto given = exchange.query.take(name);
  if (given && is_uuid(*given)) return std::string(*given);
  exchange.refuse(invalid_parameter(name, given ? "must be the id of a run" : "must be given: the id of a run"));
  return std::nullopt;
}

std::optional<Question> take_question(Exchange& exchange) {
  Question question;
  const auto a = take_run(exchange, "a");
  if (!a) return std::nullopt;
  const auto b = take_run(exchange, "b");
  if (!b) return std::nullopt;
  const auto differences = take_flag(exchange, "differences", false);
  if (!differences) return std::nullopt;
  const auto limit = take_number(exchange, "limit", kDefaultLimit, 1, kMostLimit);
  if (!limit) return std::nullopt;
  const auto cursor = take_number(exchange, "cursor", 0, 1, UINT32_MAX);
  if (!cursor || !exchange.all_parameters_known()) return std::nullopt;
  return Question{.a = *a, .b = *b, .differences = *differences, .limit = *limit, .after = *cursor};
}

Found<Side> find_side(const Exchange& exchange, const std::string& name, const std::string& id) {
  Side side;
  auto state = read_state<schemas::RunT>(exchange, "run", id);
  if (!state) {
    auto problem = std::move(state.error());
    if (problem.kind == ProblemKind::not_found) problem.detail = fmt::format("There is no run `{}` (`{}`).", id, name);
    return failure(std::move(problem));
  }
  side.state = *std::move(state);
  auto visits = projections::read_run_visits(exchange.services().store, exchange.principal->workspace, id);
  if (!visits) return failure(damaged_storage(fmt::format("run {}: {}", id, visits.error())));
  side.visits = *std::move(visits);
  return side;
}

std::unique_ptr<schemas::ComparedRunT> describe(const Side& side) {
  const auto& state = *side.state;
  auto told = std::make_unique<schemas::ComparedRunT>();
  told->id = state.id;
  told->name = state.name;
  told->status = state.status;
  told->workflow_id = state.workflow_id;
  told->workflow_version = state.workflow_version;
  told->forked_from = state.forked_from;
  told->forked_sequence = state.forked_sequence;
  told->started_at = state.started_at;
  told->duration_ms = state.duration_ms;
  told->steps = side.visits.steps.size();
  told->error = state.error;
  return told;
}

std::unique_ptr<schemas::ComparedStepT> describe(const StepVisit* visit) {
  if (visit == nullptr) return nullptr;
  auto told = std::make_unique<schemas::ComparedStepT>();
  told->sequence = visit->sequence;
  told->status = visit->status;
  told->started_at = visit->started_at;
  if (visit->finished_at)
    told->duration_ms =
        static_cast<std::uint64_t>(std::max<std::int64_t>(*visit->finished_at - visit->started_at, 0)) / 1000;
  told->retries = visit->retries;
  told->error = visit->error;
  return told;
}

std::vector<std::unique_ptr<schemas::ValueDifferenceT>> describe_values(const std::string& a, const std::string& b) {
  std::vector<std::unique_ptr<schemas::ValueDifferenceT>> told;
  for (auto& difference : projections::differences(a, b)) {
    auto one = std::make_unique<schemas::ValueDifferenceT>();
    one->pointer = std::move(difference.pointer);
    one->a = std::move(difference.a);
    one->b = std::move(difference.b);
    told.push_back(std::move(one));
  }
  return told;
}

std::unique_ptr<schemas::StepComparisonT> describe(const StepPair& pair, std::size_t number) {
  auto told = std::make_unique<schemas::StepComparisonT>();
  const auto& one = pair.one();
  told->number = number;
  told->step = one.step;
  told->path = one.path;
  told->occurrence = one.occurrence;
  told->same = pair.same;
  told->a = describe(pair.a);
  told->b = describe(pair.b);
  if (pair.a == nullptr || pair.b == nullptr) return told;
  told->same_input = pair.same_input;
  told->same_output = pair.same_output;
  if (!pair.same_input) told->input = describe_values(pair.a->input, pair.b->input);
  if (!pair.same_output) told->output = describe_values(pair.a->output, pair.b->output);
  return told;
}

void count(const StepPair& pair, schemas::RunComparisonT& told) {
  if (pair.same) {
    ++told.steps_same;
  } else if (pair.a == nullptr) {
    ++told.steps_only_b;
  } else if (pair.b == nullptr) {
    ++told.steps_only_a;
  } else {
    ++told.steps_different;
  }
}

Found<schemas::RunComparisonT> compare(const Exchange& exchange, const Question& question) {
  FLOWSTONE_TRY(const auto a, find_side(exchange, "a", question.a));
  FLOWSTONE_TRY(const auto b, find_side(exchange, "b", question.b));
  schemas::RunComparisonT told;
  told.a = describe(a);
  told.b = describe(b);
  told.same_input = projections::same_value(a.visits.input, b.visits.input);
  told.same_output = projections::same_value(a.visits.output, b.visits.output);
  const auto pairs = projections::compare(a.visits, b.visits);
  for (std::size_t at = 0; at < pairs.size(); ++at) {
    const auto& pair = pairs[at];
    count(pair, told);
    if (!pair.same && !told.first_difference) told.first_difference = describe(pair, at + 1);
    if (at < question.after || (question.differences && pair.same)) continue;
    if (told.steps.size() < question.limit) {
      told.steps.push_back(describe(pair, at + 1));
    } else if (told.next_cursor.empty()) {
      told.next_cursor = std::to_string(told.steps.back()->number);
    }
  }
  told.same = *told.same_input && *told.same_output && told.steps_same == pairs.size() &&
              a.state->status == b.state->status && a.state->error == b.state->error;
  return told;
}

}  // namespace

Task<void> compare_runs(Exchange* exchange) {
  if (!check_scope(*exchange, "run", Access::read)) co_return;
  const auto question = take_question(*exchange);
  if (!question) co_return;
  const auto told = co_await exchange->blocking([exchange, &question] { return compare(*exchange, *question); });
  if (accepted(*exchange, told)) append_table(*exchange->call().response, *told, exchange->reply.body);
}

}  // namespace flowstone::api
