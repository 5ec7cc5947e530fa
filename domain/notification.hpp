// A notification: what somebody is told, and whether they have read it or put it away. What it says never changes.
#pragma once

#include <string_view>

#include "base/decider.hpp"
#include "schemas/notification_generated.h"

namespace flowstone::domain {

struct Notification {
  static constexpr std::string_view kName = "notification";
  static constexpr auto kVerifyCommand = schemas::VerifyNotificationCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyNotificationEvent;
  using State = schemas::NotificationT;
  using Command = schemas::NotificationCommandUnion;
  using Event = schemas::NotificationEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
};

// Whom a notification without a recipient is for: all of the workspace.
inline constexpr std::string_view kEveryone = "everyone";

}  // namespace flowstone::domain
