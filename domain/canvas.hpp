// A canvas: things laid side by side, each remembered at the revision at which it was pinned.
//
// A pin is of an entity, of a version of a bundle, of what a run left behind, or of a diff, and is known by its number,
// which is never given twice. The same thing at the same revision is pinned once. An archived canvas takes no change
// but restoring. Whether an entity has changed since it was pinned is not known here.
//
// Limits: kMaxPins pins a canvas.
#pragma once

#include <string_view>
#include <vector>

#include "base/decider.hpp"
#include "schemas/canvas_generated.h"

namespace flowstone::domain {

struct Canvas {
  static constexpr std::size_t kMaxPins = 500;

  static constexpr std::string_view kName = "canvas";
  static constexpr auto kVerifyCommand = schemas::VerifyCanvasCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyCanvasEvent;
  using State = schemas::CanvasT;
  using Command = schemas::CanvasCommandUnion;
  using Event = schemas::CanvasEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
  static std::vector<std::string>* removals(Command& command);
};

}  // namespace flowstone::domain
