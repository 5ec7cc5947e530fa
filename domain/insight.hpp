// An insight: something that somebody concluded, and what it rests on.
//
//   draft --review--> reviewed --publish--> published
//     ^                  |                      |
//     +------amend-------+----------------------+
//
// From each of them it may be superseded or withdrawn, which closes it for good. Whether what it rests on still says
// the same is judged elsewhere (domain/freshness.hpp) and told by `AssessInsight`; that records only what is news. What
// it was last checked against is its trace: amending and confirming bring the entries to replace.
#pragma once

#include <string_view>
#include <vector>

#include "base/decider.hpp"
#include "schemas/insight_generated.h"

namespace flowstone::domain {

struct Insight {
  static constexpr std::string_view kName = "insight";
  static constexpr auto kVerifyCommand = schemas::VerifyInsightCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyInsightEvent;
  using State = schemas::InsightT;
  using Command = schemas::InsightCommandUnion;
  using Event = schemas::InsightEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
  static std::vector<std::string>* removals(Command& command);
};

}  // namespace flowstone::domain
