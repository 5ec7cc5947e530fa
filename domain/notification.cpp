#include "domain/notification.hpp"

#include "base/identifier.hpp"
#include "domain/decision.hpp"
#include "domain/patch.hpp"

namespace flowstone::domain {
namespace {

using schemas::NotificationCommand;
using schemas::NotificationEvent;
using schemas::NotificationT;
using Event = Notification::Event;

constexpr std::string_view kKey = "key:";

template <class Visit, class... Tables>
void each_described_field(Visit&& visit, Tables&... tables) {
  visit("title", tables.title...);
  visit("body", tables.body...);
  visit("recipient", tables.recipient...);
  visit("urgency", tables.urgency...);
  visit("about", tables.about...);
}

bool may_be_told(std::string_view recipient) {
  return recipient == kEveryone || (recipient.starts_with(kKey) && is_uuid(recipient.substr(kKey.size())));
}

Decision<Event> create(const NotificationT* state, const schemas::CreateNotificationT& command) {
  if (state) {
    return conflict("notification_exists",
                    "A notification with this id exists already; leave the id out to get a fresh one.");
  }
  schemas::NotificationCreatedT created;
  each_described_field(CopyFields{}, command, created);
  if (created.recipient.empty()) created.recipient = kEveryone;
  if (!may_be_told(created.recipient))
    return invalid("recipient", "must be `everyone`, or `key:` and the id of a key of the workspace");
  return record<Event>(std::move(created));
}

Decision<Event> mark_unread(const NotificationT& state) {
  if (state.dismissed) return conflict("notification_dismissed", "The notification was put away; restore it first.");
  return state.read ? record<Event>(schemas::NotificationMarkedUnreadT{}) : record<Event>();
}

void apply_read(NotificationT& into, const EventMeta& meta) {
  if (into.read) return;
  into.read = true;
  into.read_at = meta.time.micros;
  into.read_by = meta.actor;
}

}  // namespace

Decision<Notification::Event> Notification::decide(const State* state, const Command& command, const Context&) {
  if (const auto* create_notification = command.AsCreateNotification()) return create(state, *create_notification);
  if (!state) return not_found("notification_not_found", "There is no notification with this id.");
  switch (command.type) {
    case NotificationCommand::MarkNotificationRead:
      return state->read ? record<Event>() : record<Event>(schemas::NotificationReadT{});
    case NotificationCommand::MarkNotificationUnread:
      return mark_unread(*state);
    case NotificationCommand::DismissNotification:
      return state->dismissed ? record<Event>() : record<Event>(schemas::NotificationDismissedT{});
    case NotificationCommand::RestoreNotification:
      return state->dismissed ? record<Event>(schemas::NotificationRestoredT{}) : record<Event>();
    case NotificationCommand::CreateNotification:
    case NotificationCommand::NONE:
      break;
  }
  return record<Event>();
}

void Notification::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case NotificationEvent::NotificationCreated:
      each_described_field(CopyFields{}, *event.AsNotificationCreated(), into);
      break;
    case NotificationEvent::NotificationRead:
      apply_read(into, meta);
      break;
    case NotificationEvent::NotificationMarkedUnread:
      into.read = false;
      into.read_at = flatbuffers::nullopt;
      into.read_by.clear();
      break;
    case NotificationEvent::NotificationDismissed:
      apply_read(into, meta);
      into.dismissed = true;
      into.dismissed_at = meta.time.micros;
      break;
    case NotificationEvent::NotificationRestored:
      into.dismissed = false;
      into.dismissed_at = flatbuffers::nullopt;
      break;
    case NotificationEvent::NONE:
      break;
  }
}

}  // namespace flowstone::domain
