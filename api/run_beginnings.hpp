// The steps that the calls have in common which begin a workflow's run: start one, fork one, do one again.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "api/exchange.hpp"
#include "api/stored_documents.hpp"
#include "commands/executor.hpp"
#include "schemas/run_generated.h"

namespace flowstone::api {

struct Beginning {
  commands::Command command;  // empty if it was carried out before
  std::string repeated;       // the run that the same key began
};

// What the request says besides its body. False, and refused, if it may not ask for a run.
bool may_begin(Exchange& exchange, commands::Command& from_request);

// A key names one run: asking again with it is asked once, and `ask` is not called. Blocking.
using AskForRun = std::function<Found<schemas::RequestRunT>()>;
Found<Beginning> prepare_beginning(const Exchange& exchange, const commands::Command& from_request,
                                   const AskForRun& ask);

// Begins the run, waits for its end as long as asked, and answers with it.
Task<void> begin_and_answer(Exchange* exchange, Beginning beginning, std::chrono::seconds patience);

// The row of a run with what went in and came out. Blocking.
Bytes show_values(const Exchange& exchange, Bytes row, std::optional<Position> as_of);

}  // namespace flowstone::api
