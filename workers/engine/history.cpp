#include "workers/engine/history.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "domain/run/machine.hpp"
#include "jsonata/json_text.hpp"
#include "projections/run_events.hpp"

namespace flowstone::workers {
namespace {

// The events of one run, one after the other.
class Folder {
 public:
  Folder(Definitions& definitions, const std::string& workspace) : definitions_(definitions), workspace_(workspace) {}

  Result<void, std::string> take(const schemas::RunEventUnion& event, std::uint64_t revision) {
    if (const auto* requested = event.AsRunRequested()) return begin(*requested);
    if (!history_.machine) return failure(std::string("the run's first event does not ask for a workflow"));
    if (domain::is_of_machine(event)) return apply(event);
    if (const auto* said = event.AsRunSignalled())
      history_.signals.push_back({said->name, value_of_json(said->payload), revision});
    if (event.type == schemas::RunEvent::RunPaused) history_.paused = true;
    if (event.type == schemas::RunEvent::RunResumed) history_.paused = false;
    if (const auto* asked = event.AsRunCancelRequested()) history_.cancelled = asked->reason;
    return {};
  }

  RunHistory finish() { return std::move(history_); }

 private:
  Result<void, std::string> begin(const schemas::RunRequestedT& requested) {
    history_.request = requested;
    FLOWSTONE_TRY(history_.definition, definitions_.find(workspace_, requested.workflow_id,
                                                         Revision{requested.workflow_revision.value_or(0)}));
    history_.machine.emplace(machine_of(history_.definition));
    input_ = input_of(requested);
    return {};
  }

  Result<void, std::string> apply(const schemas::RunEventUnion& event) {
    FLOWSTONE_TRY(const auto decided, domain::machine_event_of(event, input_));
    forget_signal(decided);
    // A run that was cancelled before it began has an end and no beginning.
    if (history_.machine->status() == asl::Status::none && decided.type != asl::EventType::execution_started) return {};
    return history_.machine->apply(decided);
  }

  // A task has taken it. What a fork shares with another run was said to that one.
  void forget_signal(const asl::Event& event) {
    if (history_.machine->events() < history_.request.forked_sequence.value_or(0)) return;
    if (event.type != asl::EventType::task_succeeded || !event.output.is_object()) return;
    const auto* branch = history_.machine->find(event.path);
    const auto* revision = event.output.find(kRevision);
    if (branch == nullptr || branch->task.resource != kSignalResource || revision == nullptr) return;
    std::erase_if(history_.signals, [&](const Signal& signal) {
      return revision->is_number() && static_cast<double>(signal.revision) == revision->as_number();
    });
  }

  Definitions& definitions_;
  const std::string& workspace_;
  RunHistory history_;
  asl::Value input_;
};

}  // namespace

asl::Run machine_of(const DefinitionPointer& definition) {
  return asl::Run(std::shared_ptr<const asl::Definition>(definition, &definition->machine));
}

asl::Value value_of_json(const std::string& json) {
  if (json.empty()) return {};
  auto value = jsonata::read_json(json);
  return value ? *std::move(value) : asl::Value();
}

asl::Value input_of(const schemas::RunRequestedT& request) {
  auto value = value_of_json(request.input);
  return value.is_undefined() ? asl::Value::object({}) : value;
}

Result<RunHistory, std::string> read_history(eventstore::Store& store, Definitions& definitions,
                                             const std::string& workspace, const std::string& run_id) {
  Folder folder(definitions, workspace);
  Result<void, std::string> folded;
  std::uint64_t last = 0;
  const auto take = [&](const schemas::RunEventUnion& event, const eventstore::RecordedEvent& recorded) {
    folded = folder.take(event, recorded.revision.value);
    last = recorded.revision.value;
    return folded.has_value();
  };
  FLOWSTONE_TRY_VOID(projections::each_run_event(store, workspace, run_id, take));
  if (!folded) return failure(fmt::format("run {}: {}", run_id, folded.error()));
  auto history = folder.finish();
  history.revision = last;
  if (!history.machine) return failure(fmt::format("there is no run {}", run_id));
  return history;
}

}  // namespace flowstone::workers
