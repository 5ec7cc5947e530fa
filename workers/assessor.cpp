#include "workers/assessor.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <optional>
#include <utility>

#include "workers/requests.hpp"

namespace flowstone::workers {
namespace {

constexpr std::string_view kActor = "worker:freshness";
constexpr int kRounds = 32;  // insights may rest on each other in a circle
constexpr std::chrono::seconds kPatience{30};

bool same_flags(const schemas::FreshnessT& left, const schemas::FreshnessT& right) {
  return left.value == right.value && left.support == right.support;
}

struct Waiting {
  std::mutex mutex;
  std::condition_variable changed;
  int left = 0;
  bool reached = true;
};

}  // namespace

bool Assessor::wait_for_tables() const {
  const Position head = store_.state().durable;
  const auto waiting = std::make_shared<Waiting>();
  waiting->left = 2;
  for (const std::string_view table : {"evidence", "insights"}) {
    catalog_.when_reached(table, head, kPatience, [waiting](bool reached) {
      const std::lock_guard lock(waiting->mutex);
      --waiting->left;
      waiting->reached = waiting->reached && reached;
      waiting->changed.notify_all();
    });
  }
  std::unique_lock lock(waiting->mutex);
  waiting->changed.wait(lock, [&] { return waiting->left == 0; });
  return waiting->reached;
}

projections::Knowledge Assessor::knowledge_of(const std::string& workspace) {
  return projections::Knowledge(
      [this, workspace](std::string_view aggregate, std::string_view id) -> Result<std::optional<Bytes>, std::string> {
        auto outcome = executor_.read(workspace, *domain::find_aggregate_type(aggregate), id);
        if (!outcome) return failure(std::move(outcome.error().detail));
        if (!*outcome) return std::nullopt;
        return std::move((*outcome)->row);
      });
}

Result<std::set<std::string>, std::string> Assessor::resting_on(const std::string& workspace,
                                                                const std::vector<std::string>& evidence) {
  projections::Dependents dependents(catalog_, workspace);
  std::set<std::string> found;
  for (const std::string& id : evidence) {
    FLOWSTONE_TRY(auto insights, dependents.insights("evidence_ids", id));
    found.insert(std::make_move_iterator(insights.begin()), std::make_move_iterator(insights.end()));
  }
  return found;
}

// The insights whose flags changed.
Result<std::set<std::string>, std::string> Assessor::judge_all(const std::string& workspace,
                                                               projections::Knowledge& knowledge,
                                                               const std::set<std::string>& insights) {
  std::vector<commands::Command> commands;
  std::set<std::string> changed;
  for (const std::string& id : insights) {
    knowledge.forget_insight(id);
    FLOWSTONE_TRY(const auto* const insight, knowledge.insight(id));
    if (insight == nullptr) continue;
    FLOWSTONE_TRY(auto freshness, knowledge.judge(*insight, {}));
    add_positions(workspace, freshness);
    if (insight->freshness == nullptr || !same_flags(freshness, *insight->freshness)) changed.insert(id);
    schemas::AssessInsightT assess;
    assess.id = id;
    assess.value = freshness.value;
    assess.support = freshness.support;
    assess.causes = std::move(freshness.causes);
    commands.push_back(request(workspace, std::string(kActor), "insight", "assess_insight", id, schemas::pack(assess)));
  }
  FLOWSTONE_TRY_VOID(execute_all(executor_, std::move(commands)));
  for (const std::string& id : changed) knowledge.forget_insight(id);
  return changed;
}

Result<std::size_t, std::string> Assessor::assess(const std::string& workspace, std::set<std::string> insights) {
  const std::lock_guard lock(mutex_);
  projections::Knowledge knowledge = knowledge_of(workspace);
  projections::Dependents dependents(catalog_, workspace);
  std::size_t total = 0;
  for (int round = 0; round < kRounds && !insights.empty(); ++round) {
    FLOWSTONE_TRY(const auto changed, judge_all(workspace, knowledge, insights));
    total += changed.size();
    insights.clear();
    for (const std::string& id : changed) {
      FLOWSTONE_TRY(const auto next, dependents.insights("insight_ids", id));
      insights.insert(next.begin(), next.end());
    }
  }
  return total;
}

void Assessor::add_positions(const std::string& workspace, schemas::FreshnessT& freshness) {
  for (const auto& cause : freshness.causes) {
    if (!cause->position) cause->position = position_of(workspace, *cause);
  }
}

// Of the newest event of the entity that is not about its own freshness: what made it what it is.
std::optional<std::uint64_t> Assessor::position_of(const std::string& workspace, const schemas::CauseT& cause) {
  auto reader = store_.read_stream(workspace, cause.entity, {}, eventstore::Direction::backward);
  if (!reader) return std::nullopt;
  while (true) {
    const auto event = (*reader)->next();
    if (!event || *event == nullptr) return std::nullopt;
    if (cause.to_version && (*event)->type == "evidence.anchored") {
      const auto* const anchored = flatbuffers::GetRoot<schemas::EvidenceAnchored>((*event)->payload.data());
      if (anchored->anchor() != nullptr && anchored->anchor()->version() != *cause.to_version) continue;
    }
    return (*event)->position.value;
  }
}

}  // namespace flowstone::workers
