#include <map>
#include <utility>

#include "projections/run_comparison.hpp"
#include "projections/run_events.hpp"

namespace flowstone::projections {
namespace {

using schemas::StepStatus;

// The steps of one run, from its events.
class Visitor {
 public:
  void take(const schemas::RunEventUnion& event, std::int64_t recorded) {
    using schemas::RunEvent;
    if (const auto* requested = event.AsRunRequested()) visits_.input = requested->input;
    if (const auto* started = event.AsRunStepStarted()) begin(*started, recorded);
    if (const auto* finished = event.AsRunStepFinished()) leave(*finished, recorded);
    if (const auto* failed = event.AsRunStepFailed()) fail(*failed, recorded);
    if (const auto* failed = event.AsRunTaskFailed()) fail(*failed, recorded);
    if (const auto* late = event.AsRunTaskTimedOut()) fail(*late, recorded);
    if (const auto* again = event.AsRunRetryScheduled()) try_again(*again);
    if (const auto* caught = event.AsRunErrorCaught()) catch_error(*caught);
    if (const auto* aborted = event.AsRunBranchAborted()) end_branch(aborted->path, aborted->at.value_or(recorded));
    if (const auto* completed = event.AsRunCompleted()) end(*completed, recorded, true);
    if (const auto* failed = event.AsRunFailed()) end(*failed, recorded, false);
    if (const auto* late = event.AsRunTimedOut()) end(*late, recorded, false);
    if (const auto* cancelled = event.AsRunCancelled()) end(*cancelled, recorded, false);
  }

  RunVisits finish() { return std::move(visits_); }

 private:
  using Key = std::pair<std::string, std::string>;

  StepVisit* open(const std::string& path, const std::string& step) {
    const auto found = last_.find({path, step});
    return found == last_.end() ? nullptr : &visits_.steps[found->second];
  }

  void begin(const schemas::RunStepStartedT& started, std::int64_t recorded) {
    StepVisit visit;
    visit.path = started.path;
    visit.step = started.step;
    if (const auto* before = open(started.path, started.step)) visit.occurrence = before->occurrence + 1;
    visit.sequence = started.sequence;
    visit.started_at = started.at.value_or(recorded);
    visit.input = started.input;
    last_[{started.path, started.step}] = visits_.steps.size();
    visits_.steps.push_back(std::move(visit));
  }

  void leave(const schemas::RunStepFinishedT& finished, std::int64_t recorded) {
    auto* visit = open(finished.path, finished.step);
    if (visit == nullptr) return;
    const bool failed = finished.exit_code.value_or(0) != 0 || !finished.signal.empty();
    visit->status = failed ? StepStatus::failed : StepStatus::completed;
    visit->finished_at = finished.at.value_or(recorded);
    visit->output = finished.output;
    visit->error = finished.signal;
    if (failed && finished.signal.empty()) visit->error = "exit code " + std::to_string(*finished.exit_code);
  }

  template <class Table>
  void fail(const Table& failed, std::int64_t recorded) {
    auto* visit = open(failed.path, failed.step);
    if (visit == nullptr) return;
    visit->status = StepStatus::failed;
    visit->finished_at = failed.at.value_or(recorded);
    visit->error = failed.error;
  }

  void try_again(const schemas::RunRetryScheduledT& again) {
    auto* visit = open(again.path, again.step);
    if (visit == nullptr) return;
    ++visit->retries;
    visit->status = StepStatus::running;
    visit->finished_at.reset();
    visit->error.clear();
  }

  void catch_error(const schemas::RunErrorCaughtT& caught) {
    if (auto* visit = open(caught.path, caught.step)) visit->output = caught.output;
  }

  // What still runs in it, and in the branches below, ends with it.
  void end_branch(const std::string& path, std::int64_t at) {
    for (auto each = last_.lower_bound({path, ""}); each != last_.end() && each->first.first.starts_with(path); ++each)
      if (each->first.first == path || each->first.first[path.size()] == '/')
        stop(visits_.steps[each->second], false, at);
  }

  template <class Table>
  void end(const Table& ended, std::int64_t recorded, bool well) {
    if constexpr (requires { ended.output; }) visits_.output = ended.output;
    for (auto& visit : visits_.steps) stop(visit, well, ended.at.value_or(recorded));
  }

  static void stop(StepVisit& visit, bool well, std::int64_t at) {
    if (visit.status != StepStatus::running) return;
    visit.status = well ? StepStatus::completed : StepStatus::failed;
    visit.finished_at = at;
  }

  RunVisits visits_;
  std::map<Key, std::size_t> last_;  // of each path and step, the visit that began last
};

}  // namespace

Result<RunVisits, std::string> read_run_visits(eventstore::Store& store, std::string_view workspace,
                                               std::string_view run_id) {
  Visitor visitor;
  const auto take = [&visitor](const schemas::RunEventUnion& event, const eventstore::RecordedEvent& recorded) {
    visitor.take(event, recorded.time.micros);
    return true;
  };
  FLOWSTONE_TRY_VOID(each_run_event(store, workspace, run_id, take));
  return visitor.finish();
}

}  // namespace flowstone::projections
