#include "projections/recorded_run.hpp"

#include <algorithm>

#include "domain/run/machine.hpp"
#include "jsonata/json_text.hpp"
#include "projections/run_events.hpp"

namespace flowstone::projections {
namespace {

// Whether the event is a task's that took the signal.
bool takes(const asl::Event& event, const RecordedSignal& signal) {
  if (event.type != asl::EventType::task_succeeded || !event.output.is_object()) return false;
  const auto* revision = event.output.find("Revision");
  const auto* name = event.output.find("Name");
  return revision != nullptr && revision->is_number() && name != nullptr && name->is_string() &&
         revision->as_number() == static_cast<double>(signal.revision) && name->text() == signal.name;
}

asl::Value input_of(const schemas::RunRequestedT& request) {
  auto value = jsonata::read_json(request.input);
  return request.input.empty() || !value ? asl::Value::object({}) : *std::move(value);
}

}  // namespace

std::vector<RecordedSignal> RecordedRun::untaken(const asl::Events& of, std::size_t until) const {
  // What it shares with another run was said to that one.
  const auto own = std::min<std::size_t>(request.forked_sequence.value_or(0), of.size());
  std::vector<RecordedSignal> left;
  for (const auto& signal : signals) {
    const bool taken = std::any_of(of.begin() + static_cast<std::ptrdiff_t>(own), of.end(),
                                   [&signal](const auto& event) { return takes(event, signal); });
    if (signal.after < until && !taken) left.push_back(signal);
  }
  return left;
}

Result<RecordedRun, std::string> read_recorded_run(eventstore::Store& store, std::string_view workspace,
                                                   std::string_view run_id, std::size_t most) {
  RecordedRun run;
  asl::Value input;
  std::string wrong;
  const auto take = [&](const schemas::RunEventUnion& event, const eventstore::RecordedEvent& recorded) {
    if (const auto* requested = event.AsRunRequested()) {
      run.request = *requested;
      input = input_of(*requested);
      return !requested->workflow_id.empty();
    }
    if (const auto* said = event.AsRunSignalled())
      run.signals.push_back({.name = said->name,
                             .payload = said->payload,
                             .revision = recorded.revision.value,
                             .after = run.events.size()});
    if (!domain::is_of_machine(event)) return true;
    auto decided = domain::machine_event_of(event, input);
    if (decided) {
      run.events.push_back(*std::move(decided));
    } else {
      wrong = decided.error();
    }
    return wrong.empty() && run.events.size() < most;
  };
  FLOWSTONE_TRY_VOID(each_run_event(store, workspace, run_id, take));
  if (!wrong.empty()) return failure(std::move(wrong));
  return run;
}

}  // namespace flowstone::projections
