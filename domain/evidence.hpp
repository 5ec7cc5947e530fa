// Evidence: a quote that something rests on, and what became of it in later versions of its document.
//
// Whether the words stand in a document is not found out here: the anchors come with the commands. The first anchor is
// that of the source and never changes; each later version has one at most. A place that somebody chose by hand is not
// overruled by a search.
//
// Limits: kMaxAnchors anchors a piece of evidence.
#pragma once

#include <string_view>

#include "base/decider.hpp"
#include "schemas/evidence_generated.h"

namespace flowstone::domain {

struct Evidence {
  static constexpr std::size_t kMaxAnchors = 1'000;

  static constexpr std::string_view kName = "evidence";
  static constexpr auto kVerifyCommand = schemas::VerifyEvidenceCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyEvidenceEvent;
  using State = schemas::EvidenceT;
  using Command = schemas::EvidenceCommandUnion;
  using Event = schemas::EvidenceEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
};

}  // namespace flowstone::domain
