#include "tests/crash/fold.hpp"

#include <fmt/format.h>

#include "base/time.hpp"

namespace flowstone::crash {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

std::string_view text_of(const object& from, std::string_view name) {
  const value* const found = from.if_contains(name);
  return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view{};
}

std::int64_t number_of(const object& from, std::string_view name) {
  const value* const found = from.if_contains(name);
  return found != nullptr && found->is_number() ? found->to_number<std::int64_t>() : 0;
}

void copy_all(const object& from, object& row) {
  for (const auto& [name, field] : from) row[name] = field;
}

void apply_update(const object& updated, object& row) {
  copy_all(updated, row);
  row.erase("cleared");
  if (const value* const cleared = updated.if_contains("cleared"))
    for (const value& name : cleared->as_array()) row.erase(name.as_string());
}

void end_task(object& row, std::string_view status, std::string_view when, const std::string& time) {
  row["status"] = status;
  row[when] = time;
  row.erase("snoozed_until");
}

void reopen_task(object& row) {
  if (text_of(row, "status") == "completed") row["progress"] = 0;
  row["status"] = number_of(row, "progress") > 0 ? "in_progress" : "todo";
  for (const char* const name : {"completed_at", "cancelled_at", "cancel_reason"}) row.erase(name);
}

void add_to_task(const Event& event, std::string_view what, object& row) {
  if (what == "created") {
    copy_all(event.data, row);
    row["status"] = "todo";
  } else if (what == "updated") {
    apply_update(event.data, row);
  } else if (what == "completed") {
    end_task(row, "completed", "completed_at", event.time);
    row["progress"] = 100;
  } else if (what == "reopened") {
    reopen_task(row);
  } else if (what == "cancelled") {
    end_task(row, "cancelled", "cancelled_at", event.time);
    row["cancel_reason"] = text_of(event.data, "reason");
  } else if (what == "snoozed") {
    row.erase("snoozed_until");
    if (const value* const until = event.data.if_contains("until")) row["snoozed_until"] = *until;
  }
}

void add_to_intent(const Event& event, std::string_view what, object& row) {
  if (what == "created") {
    copy_all(event.data, row);
  } else if (what == "updated") {
    apply_update(event.data, row);
  } else if (what == "archived") {
    row["archived"] = true;
    row["archived_at"] = event.time;
  } else if (what == "restored") {
    row.erase("archived");
    row.erase("archived_at");
  }
}

array& list_of(object& row, std::string_view name) {
  value& list = row[name];
  if (!list.is_array()) list.emplace_array();
  return list.get_array();
}

object* last_step(object& row, std::string_view name) {
  array& steps = list_of(row, "steps");
  for (std::size_t at = steps.size(); at > 0; --at)
    if (text_of(steps[at - 1].as_object(), "name") == name) return &steps[at - 1].as_object();
  return nullptr;
}

void print_line(const object& data, object& row) {
  row["output_bytes"] = number_of(row, "output_bytes") + static_cast<std::int64_t>(text_of(data, "text").size());
  row["output_lines"] = number_of(row, "output_lines") + 1;
  if (object* const step = last_step(row, text_of(data, "step")))
    (*step)["output_lines"] = number_of(*step, "output_lines") + 1;
}

void finish_step(const object& data, object& row, const value& when) {
  object* const step = last_step(row, text_of(data, "step"));
  if (step == nullptr) return;
  (*step)["status"] = number_of(data, "exit_code") == 0 && text_of(data, "signal").empty() ? "completed" : "failed";
  (*step)["finished_at"] = when;
  if (const value* const code = data.if_contains("exit_code")) (*step)["exit_code"] = *code;
}

void end_run(const Event& event, std::string_view status, object& row, const value& when) {
  row["status"] = status;
  row["finished_at"] = when;
  for (const char* const name : {"exit_code", "signal", "error", "duration_ms"})
    if (const value* const found = event.data.if_contains(name)) row[name] = *found;
  for (value& step : list_of(row, "steps")) {
    if (text_of(step.as_object(), "status") != "running") continue;
    step.as_object()["status"] = status == "completed" ? "completed" : "failed";
    step.as_object()["finished_at"] = when;
  }
}

// Any word of the recorder's is a sign of life. When it happened: by the recorder's clock, if it said so.
value hear(const Event& event, object& row) {
  if (number_of(event.data, "sequence") > number_of(row, "last_sequence")) {
    row["last_sequence"] = event.data.at("sequence");
    row["heartbeat_at"] = event.time;
    if (text_of(row, "status") == "lost") row["status"] = "running";
  }
  const value* const at = event.data.if_contains("at");
  return at != nullptr ? *at : value(event.time);
}

// While it runs and must be heard of: when it counts as lost.
void expect_word(object& row) {
  row.erase("lost_at");
  const auto timeout = number_of(row, "heartbeat_timeout_ms");
  if (text_of(row, "status") != "running" || timeout == 0) return;
  const auto heard = from_rfc3339(text_of(row, "heartbeat_at")).value();
  row["lost_at"] = to_rfc3339(Timestamp{heard.micros + static_cast<std::int64_t>(timeout) * 1000});
}

void add_to_run(const Event& event, std::string_view what, object& row) {
  if (what == "requested") {
    copy_all(event.data, row);
    row["status"] = "requested";
    row["requested_at"] = event.time;
    return;
  }
  const value when = hear(event, row);
  if (what == "started") {
    row["status"] = "running";
    row["started_at"] = when;
  } else if (what == "step_started") {
    list_of(row, "steps")
        .push_back({{"name", text_of(event.data, "step")}, {"status", "running"}, {"started_at", when}});
  } else if (what == "step_output") {
    print_line(event.data, row);
  } else if (what == "step_finished") {
    finish_step(event.data, row, when);
  } else if (what == "artifact_recorded") {
    list_of(row, "artifacts").push_back(event.data.at("artifact"));
  } else if (what == "completed" || what == "failed" || what == "cancelled") {
    end_run(event, what, row, when);
  } else if (what == "cancel_requested") {
    row["cancel_requested"] = true;
  } else if (what == "lost") {
    row["status"] = "lost";
  }
  expect_word(row);
}

void stamp(const Event& event, object& row) {
  if (event.revision == 1) {
    row["id"] = event.stream.substr(event.stream.find('-') + 1);
    row["created_at"] = event.time;
    row["created_by"] = event.actor;
  }
  row["revision"] = event.revision;
  row["updated_at"] = event.time;
  row["updated_by"] = event.actor;
}

bool is_nothing(const value& field) {
  switch (field.kind()) {
    case boost::json::kind::null:
      return true;
    case boost::json::kind::bool_:
      return !field.get_bool();
    case boost::json::kind::string:
      return field.get_string().empty();
    case boost::json::kind::array:
      return field.get_array().empty();
    case boost::json::kind::object:
      return field.get_object().empty();
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
      return field.to_number<double>() == 0;
  }
  return false;
}

value without_nothings(const value& from) {
  if (from.is_array()) {
    array result;
    for (const value& each : from.get_array()) result.push_back(without_nothings(each));
    return result;
  }
  if (!from.is_object()) return from;
  object result;
  for (const auto& [name, field] : from.get_object())
    if (!is_nothing(field)) result[name] = without_nothings(field);
  return result;
}

}  // namespace

void Fold::add(const Event& event) {
  const std::size_t dot = event.type.find('.');
  const std::string_view category = std::string_view(event.type).substr(0, dot);
  const std::string_view what = std::string_view(event.type).substr(dot + 1);
  const auto add_to = category == "task"     ? add_to_task
                      : category == "intent" ? add_to_intent
                      : category == "run"    ? add_to_run
                                             : nullptr;
  if (add_to == nullptr) return;
  object& row = rows_[event.stream];
  add_to(event, what, row);
  stamp(event, row);
}

std::string difference(const object& folded, const object& shown) {
  const object left = without_nothings(folded).as_object();
  const object right = without_nothings(shown).as_object();
  std::string words;
  for (const auto& [name, field] : left) {
    const value* const other = right.if_contains(name);
    if (other == nullptr || *other != field)
      words += fmt::format("{}: folded {}, shown {}; ", std::string_view(name), boost::json::serialize(field),
                           other == nullptr ? "nothing" : boost::json::serialize(*other));
  }
  for (const auto& [name, field] : right)
    if (!left.contains(name))
      words += fmt::format("{}: folded nothing, shown {}; ", std::string_view(name), boost::json::serialize(field));
  return words;
}

}  // namespace flowstone::crash
