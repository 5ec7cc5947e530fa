// The tables of a machine's events, in the order of asl::EventType and of RunTransitionKind.
#pragma once

#include <cstdint>

#include "asl/event.hpp"
#include "schemas/run_generated.h"

namespace flowstone::domain::run {

template <class... Tables>
struct TableList {};

using MachineTables =
    TableList<schemas::RunStartedT, schemas::RunCompletedT, schemas::RunFailedT, schemas::RunTimedOutT,
              schemas::RunCancelledT, schemas::RunStepStartedT, schemas::RunStepFinishedT, schemas::RunStepFailedT,
              schemas::RunRetryScheduledT, schemas::RunErrorCaughtT, schemas::RunTimerSetT, schemas::RunTimerFiredT,
              schemas::RunTaskScheduledT, schemas::RunTaskStartedT, schemas::RunTaskSubmittedT,
              schemas::RunTaskHeartbeatT, schemas::RunTaskSucceededT, schemas::RunTaskFailedT,
              schemas::RunTaskTimedOutT, schemas::RunMapStartedT, schemas::RunMapRunStartedT,
              schemas::RunParallelStartedT, schemas::RunBranchStartedT, schemas::RunBranchSucceededT,
              schemas::RunBranchFailedT, schemas::RunBranchAbortedT>;
static_assert(static_cast<int>(asl::EventType::branch_aborted) ==
              static_cast<int>(schemas::RunTransitionKind::branch_aborted));

// Calls `use(table, place)` with the table of the event and its place in the list; false if it is none of them.
template <class Union, class Use, class... Tables>
bool with_table(TableList<Tables...>, Union& event, const Use& use) {
  std::uint8_t place = 0;
  const auto try_one = [&]<class Table>(Table* table) {
    const auto own = place++;
    if (event.type != schemas::RunEventUnionTraits<Table>::enum_value) return false;
    use(*table, own);
    return true;
  };
  return (try_one(static_cast<Tables*>(event.value)) || ...);
}

// Calls `use(table, type)` with the table of the event; false if no machine decides such an event.
template <class Union, class Use>
bool with_machine_table(Union& event, const Use& use) {
  return with_table(MachineTables{}, event,
                    [&use](auto& table, std::uint8_t place) { use(table, static_cast<asl::EventType>(place)); });
}

}  // namespace flowstone::domain::run
