// What makes a workflow start by itself: a schedule, an event of the log, or a webhook.
//
//   {"id": "nightly", "kind": "schedule", "cron": "0 2 * * *", "time_zone": "Europe/Berlin", "catch_up": "last"}
//   {"id": "done", "kind": "event", "types": ["task.completed"], "condition": "event.data.late",
//    "input": {"task": "{% event.stream %}"}}
//   {"id": "orders", "kind": "webhook", "signature": "standard", "condition": "webhook.body.total > 0"}
//
// Threads: immutable once read.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "calendar/schedule.hpp"
#include "workflows/condition.hpp"
#include "workflows/input_schema.hpp"
#include "workflows/input_template.hpp"

namespace flowstone::workflows {

enum class StartKind : std::uint8_t { schedule, event, webhook };

// How a webhook's sender shows that it knows the secret.
enum class Signature : std::uint8_t {
  standard,  // Standard Webhooks 1.0 (standardwebhooks.com): `webhook-id`, `webhook-timestamp`, `webhook-signature`
  github,    // `X-Hub-Signature-256`, and `X-GitHub-Delivery`
};

// When a schedule is due while a run that it started goes on.
enum class Overlap : std::uint8_t {
  skip,   // nothing is started
  queue,  // it waits for that run's end
  allow,
};

// What is started of that which fell due while nobody looked.
enum class CatchUp : std::uint8_t { none, last, all };

struct StartRule {
  std::string id;
  StartKind kind = StartKind::event;
  Value document;  // as it was written

  // Of a schedule.
  std::string rule;  // as `calendar::Schedule` reads it
  calendar::Zone zone = calendar::Zone::utc();
  Overlap overlap = Overlap::skip;
  CatchUp catch_up = CatchUp::last;
  std::chrono::seconds catch_up_window{86'400};

  // Of an event.
  std::vector<std::string> types;

  // Of a webhook.
  Signature signature = Signature::standard;

  // Of an event or a webhook.
  std::optional<Condition> condition;

  std::optional<InputTemplate> input;  // without it a run gets what set it off

  // An interval counts from the anchor.
  [[nodiscard]] calendar::Schedule schedule(Timestamp anchor) const;
  // True if `types` name the type: itself, all of its category ("task.*"), or everything ("*"). The evaluations of
  // triggers are never among them.
  [[nodiscard]] bool wants(std::string_view type) const;
};

inline constexpr std::size_t kMaxTriggers = 50;  // of one definition
inline constexpr std::size_t kMaxTriggerTypes = 50;
inline constexpr std::chrono::seconds kLongestCatchUp{31 * 86'400};
inline constexpr std::string_view kEvaluationType = "trigger.evaluated";

// Every problem at once; paths are those below `value`.
Result<StartRule, std::vector<Misfit>> read_start_rule(const Value& value);
// What a task waits for: a type of events or a list of them, and a condition unless it is empty. The error is a
// sentence.
Result<StartRule, std::string> event_rule(const Value& types, const std::string& condition);
// All of a definition; ids are unique among them.
Result<std::vector<StartRule>, std::vector<Misfit>> read_start_rules(const Value& value);

}  // namespace flowstone::workflows
