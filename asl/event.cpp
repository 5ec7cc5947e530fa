#include "asl/event.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

namespace flowstone::asl {
namespace {

// In the order of EventType.
constexpr std::array<std::string_view, 26> kNames{
    "execution_started", "execution_succeeded", "execution_failed", "execution_timed_out", "execution_aborted",
    "state_entered",     "state_exited",        "state_failed",     "retry_scheduled",     "error_caught",
    "timer_set",         "timer_fired",         "task_scheduled",   "task_started",        "task_submitted",
    "task_heartbeat",    "task_succeeded",      "task_failed",      "task_timed_out",      "map_started",
    "map_run_started",   "parallel_started",    "branch_started",   "branch_succeeded",    "branch_failed",
    "branch_aborted"};
static_assert(kNames.size() == static_cast<std::size_t>(EventType::branch_aborted) + 1);

constexpr double kMaxWhole = 9e15;

// One text field of an event, by its name in JSON.
struct TextField {
  std::string_view name;
  std::string Event::* member;
};
constexpr std::array kTexts{TextField{"path", &Event::path}, TextField{"state", &Event::state},
                            TextField{"location", &Event::location}, TextField{"next", &Event::next},
                            TextField{"resource", &Event::resource}};

struct ValueField {
  std::string_view name;
  Value Event::* member;
};
constexpr std::array kValues{ValueField{"input", &Event::input}, ValueField{"output", &Event::output},
                             ValueField{"assigned", &Event::assigned}, ValueField{"options", &Event::options}};

struct OptionalField {
  std::string_view name;
  std::optional<std::string> Event::* member;
};
constexpr std::array kOptionals{OptionalField{"error", &Event::error}, OptionalField{"cause", &Event::cause}};

struct CountField {
  std::string_view name;
  std::optional<std::uint64_t> Event::* member;
};
constexpr std::array kCounts{CountField{"index", &Event::index}, CountField{"attempt", &Event::attempt}};

std::optional<Timestamp> time_of(const Value& value) {
  return value.is_string() ? from_rfc3339(value.text()) : std::nullopt;
}

// Whether the member belongs to an event and has been taken.
bool take(const jsonata::Member& member, Event& event) {
  const auto& [key, value] = member;
  if (const auto* text = std::ranges::find(kTexts, key, &TextField::name); text != kTexts.end()) {
    if (value.is_string()) event.*text->member = value.text();
    return value.is_string();
  }
  if (const auto* any = std::ranges::find(kValues, key, &ValueField::name); any != kValues.end()) {
    event.*any->member = value;
    return true;
  }
  if (const auto* words = std::ranges::find(kOptionals, key, &OptionalField::name); words != kOptionals.end()) {
    if (value.is_string()) event.*words->member = value.text();
    return value.is_string();
  }
  if (const auto* count = std::ranges::find(kCounts, key, &CountField::name); count != kCounts.end()) {
    const bool whole = value.is_number() && value.as_number() >= 0 && value.as_number() <= kMaxWhole &&
                       std::floor(value.as_number()) == value.as_number();
    if (whole) event.*count->member = static_cast<std::uint64_t>(value.as_number());
    return whole;
  }
  if (key == "until") return (event.until = time_of(value)).has_value();
  return false;
}

}  // namespace

std::string_view name_of(EventType type) { return kNames[static_cast<std::size_t>(type)]; }

Value to_value(const Event& event) {
  std::vector<jsonata::Member> out{{"type", Value::string(std::string(name_of(event.type)))},
                                   {"time", Value::string(to_rfc3339(event.time))}};
  for (const auto& [name, member] : kTexts)
    if (!(event.*member).empty()) out.push_back({std::string(name), Value::string(event.*member)});
  for (const auto& [name, member] : kCounts)
    if (event.*member) out.push_back({std::string(name), Value::number(static_cast<double>((event.*member).value()))});
  for (const auto& [name, member] : kOptionals)
    if (event.*member) out.push_back({std::string(name), Value::string((event.*member).value())});
  if (event.until) out.push_back({"until", Value::string(to_rfc3339(*event.until))});
  for (const auto& [name, member] : kValues)
    if (!(event.*member).is_undefined()) out.push_back({std::string(name), event.*member});
  return Value::object(std::move(out));
}

Result<Event, std::string> event_of(const Value& value) {
  if (!value.is_object()) return failure(std::string("an event must be an object"));
  const auto* type = value.find("type");
  const auto* time = value.find("time");
  const auto* name = type != nullptr && type->is_string() ? std::ranges::find(kNames, type->text()) : kNames.end();
  if (name == kNames.end()) return failure(std::string("the event's type is not known"));
  const auto at = time != nullptr ? time_of(*time) : std::nullopt;
  if (!at) return failure(std::string("the event's time must be an RFC 3339 timestamp"));
  Event event;
  event.type = static_cast<EventType>(name - kNames.begin());
  event.time = *at;
  for (const auto& member : value.members())
    if (member.key != "type" && member.key != "time" && !take(member, event))
      return failure(fmt::format("the event's \"{}\" is not what it should be", member.key));
  return event;
}

}  // namespace flowstone::asl
