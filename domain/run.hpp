// A run: work that takes time, recorded from outside.
//
//   requested --started--> running --completed | failed | cancelled--> the end
//                 ^            |
//                 |            v
//                 +---------- lost     (not an end: the next thing a recorder sends puts the run back to running)
//
// A recorder sends what it saw as inputs with a dense sequence from 1. What was taken before is skipped, so a batch can
// be sent again after a lost answer; a gap is refused with the sequence that is due. A batch is taken whole or not at
// all.
//
// Limits: kMaxSteps steps and kMaxArtifacts artifacts a run; output lines are events and only counted in the state.
#pragma once

#include <string_view>

#include "base/decider.hpp"
#include "schemas/run_generated.h"

namespace flowstone::domain {

struct Run {
  static constexpr std::size_t kMaxSteps = 1'000;
  static constexpr std::size_t kMaxArtifacts = 1'000;

  static constexpr std::string_view kName = "run";
  static constexpr auto kVerifyCommand = schemas::VerifyRunCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyRunEvent;
  using State = schemas::RunT;
  using Command = schemas::RunCommandUnion;
  using Event = schemas::RunEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
};

}  // namespace flowstone::domain
