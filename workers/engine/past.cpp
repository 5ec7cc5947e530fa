#include "workers/engine/past.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "asl/fork.hpp"

namespace flowstone::workers {
namespace {

// Of the events only those that the fork shares.
Result<void, std::string> select(Definitions& definitions, const std::string& workspace,
                                 const schemas::RunRequestedT& source, asl::Events& events) {
  FLOWSTONE_TRY(const auto definition,
                definitions.find(workspace, source.workflow_id, Revision{source.workflow_revision.value_or(0)}));
  const auto kept = asl::kept_for_retry(definition->machine, events);
  if (!kept) return failure(std::string("nothing in it failed"));
  asl::Events shared;
  shared.reserve(kept->size());
  for (const auto place : *kept) shared.push_back(std::move(events[place]));
  events = std::move(shared);
  return {};
}

}  // namespace

Result<Past, std::string> read_past(eventstore::Store& store, Definitions& definitions, const std::string& workspace,
                                    const RunHistory& fork, Timestamp now) {
  const auto& request = fork.request;
  const auto count = request.forked_sequence.value_or(0);
  const bool retries = request.retries_failed.value_or(false);
  const auto wrong = [&request](std::string_view why) {
    return failure(fmt::format("run {}, which it was made from: {}", request.forked_from, why));
  };
  auto source = projections::read_recorded_run(store, workspace, request.forked_from, retries ? SIZE_MAX : count);
  if (!source) return wrong(source.error());
  auto events = std::move(source->events);
  const auto until = events.size();
  if (until == 0) return wrong("it has no events");
  const auto left_at = std::ranges::max(events, {}, &asl::Event::time).time;
  if (retries) {
    if (const auto selected = select(definitions, workspace, source->request, events); !selected)
      return wrong(selected.error());
  }
  if (events.size() != count) return wrong("it has not the events that are shared");
  Past past;
  past.said = source->untaken(events, until);
  if (past.said.size() > kMostSignals)
    past.said.erase(past.said.begin(), past.said.end() - static_cast<std::ptrdiff_t>(kMostSignals));
  const std::shared_ptr<const asl::Definition> machine(fork.definition, &fork.definition->machine);
  auto taken = asl::taken_over(machine, std::move(events), left_at, now);
  if (!taken) return wrong(taken.error());
  past.events = *std::move(taken);
  return past;
}

}  // namespace flowstone::workers
