#include "tests/crash/attempts.hpp"

#include <array>
#include <cctype>

#include <fmt/format.h>

namespace flowstone::crash {
namespace {

using boost::json::array;
using boost::json::object;

std::string text_of(const object& row, std::string_view name) {
  const auto* const found = row.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::uint64_t number_of(const object& from, std::string_view name) {
  const auto* const found = from.if_contains(name);
  return found != nullptr && found->is_number() ? found->to_number<std::uint64_t>() : 0;
}

Command on_entity(const object& row, std::string aggregate, std::string name) {
  return {.name = std::move(name), .aggregate = std::move(aggregate), .id = text_of(row, "id")};
}

struct Route {
  std::string method;
  std::string path;
};

// "complete_task" on a task is POST /v1/tasks/{id}/complete.
Route route_of(const Command& command) {
  const std::string all = fmt::format("/v1/{}s", command.aggregate);
  const std::string verb = command.name.substr(0, command.name.find('_'));
  if (verb == "create") return {.method = "POST", .path = all};
  const std::string one = fmt::format("{}/{}", all, command.id);
  if (verb == "update") return {.method = "PATCH", .path = one};
  return {.method = "POST", .path = fmt::format("{}/{}", one, verb)};
}

bool creates(const Command& command) { return command.name.starts_with("create_"); }

object run_event(std::uint64_t sequence, std::uint64_t end) {
  object event{{"sequence", sequence}};
  if (sequence == end) {
    event["kind"] = end % 2 == 0 ? "completed" : "failed";
    event["exit_code"] = end % 2;
  } else if (sequence == 1) {
    event["kind"] = "started";
  } else if (sequence == 2) {
    event["kind"] = "step_started";
    event["step"] = "build";
  } else if (sequence % 7 == 0) {
    event["kind"] = "heartbeat";
  } else {
    event["kind"] = "step_output";
    event["step"] = "build";
    event["stream"] = sequence % 3 == 0 ? "stderr" : "stdout";
    event["text"] = fmt::format("line {} of the program", sequence);
  }
  return event;
}

Acknowledged acknowledged_by(const object& item, const std::string& aggregate) {
  Acknowledged result{.status = static_cast<int>(number_of(item, "status")), .position = number_of(item, "position")};
  if (const auto* const body = item.if_contains("body"); body != nullptr && body->is_object()) {
    result.revision = number_of(body->get_object(), "revision");
    if (result.succeeded()) result.stream = fmt::format("{}-{}", aggregate, text_of(body->get_object(), "id"));
    result.body = boost::json::serialize(*body);
  }
  return result;
}

}  // namespace

Command create_task(Dice& dice) {
  Command command{.name = "create_task", .aggregate = "task"};
  if (dice.one_in(4)) command.id = dice.uuid();
  command.data["title"] = fmt::format("task {}", dice.letters(16));
  if (dice.one_in(2)) command.data["description"] = dice.letters(dice.between(1, 300));
  if (dice.one_in(2)) command.data["priority"] = dice.between(1, 5);
  if (dice.one_in(3)) command.data["labels"] = array{dice.letters(5), dice.letters(6)};
  if (dice.one_in(3)) command.data["due_at"] = fmt::format("2031-03-{:02}T10:00:00Z", dice.between(1, 31));
  if (dice.one_in(4)) command.data["preferred_time"] = "evening";
  return command;
}

Command update_task(Dice& dice, const object& row) {
  Command command = on_entity(row, "task", "update_task");
  command.data["title"] = fmt::format("task {}", dice.letters(16));
  if (dice.one_in(3)) command.data["description"] = nullptr;
  if (dice.one_in(3)) command.data["labels"] = array{dice.letters(7)};
  if (dice.one_in(3)) command.data["effort_minutes"] = dice.between(1, 500);
  if (text_of(row, "status") != "completed" && dice.one_in(3)) command.data["progress"] = dice.between(1, 99);
  if (dice.one_in(3)) command.if_match = number_of(row, "revision");
  return command;
}

Command move_task(Dice& dice, const object& row) {
  const std::string status = text_of(row, "status");
  if (status == "completed" || status == "cancelled") return on_entity(row, "task", "reopen_task");
  switch (dice.between(1, 4)) {
    case 1: {
      Command cancel = on_entity(row, "task", "cancel_task");
      cancel.data["reason"] = dice.letters(20);
      return cancel;
    }
    case 2: {
      Command snooze = on_entity(row, "task", "snooze_task");
      snooze.data["until"] = fmt::format("2032-{:02}-01T08:00:{:02}Z", dice.between(1, 12), dice.between(0, 59));
      snooze.changes = false;  // it may be snoozed until just then
      return snooze;
    }
    default:
      return complete_task(row);
  }
}

Command complete_task(const object& row) { return on_entity(row, "task", "complete_task"); }

Command complete_task_again(const object& row) {
  Command command = complete_task(row);
  command.changes = false;
  return command;
}

Command stale_update(Dice& dice, const object& row) {
  Command command = update_task(dice, row);
  command.if_match = number_of(row, "revision") + dice.between(1, 3);
  return command;
}

Command create_intent(Dice& dice, const std::string& code) {
  Command command{.name = "create_intent", .aggregate = "intent"};
  command.data = {{"code", code}, {"name", fmt::format("intent {}", dice.letters(12))}};
  return command;
}

Command change_intent(Dice& dice, const object& row, const std::string& code) {
  const auto* const archived = row.if_contains("archived");
  if (archived != nullptr && archived->is_bool() && archived->get_bool())
    return on_entity(row, "intent", "restore_intent");
  if (dice.one_in(3)) return on_entity(row, "intent", "archive_intent");
  Command command = on_entity(row, "intent", "update_intent");
  command.data["name"] = fmt::format("intent {}", dice.letters(12));
  if (dice.one_in(2)) command.data["code"] = code;
  return command;
}

Command create_run(Dice& dice) {
  Command command{.name = "create_run", .aggregate = "run"};
  command.data = {
      {"name", fmt::format("make {}", dice.letters(6))}, {"kind", "crash"}, {"command", array{"make", "test"}}};
  return command;
}

Attempt record_run_events(const std::string& run, std::uint64_t first, std::uint64_t last, std::uint64_t end) {
  array events;
  for (std::uint64_t sequence = first; sequence <= last; ++sequence) events.push_back(run_event(sequence, end));
  return {.request = {.method = "POST",
                      .path = fmt::format("/v1/runs/{}/events", run),
                      .body = boost::json::serialize(object{{"events", std::move(events)}})},
          .commands = {{.aggregate = "run", .last_sequence = last}}};
}

Attempt single(const Command& command, const std::string& command_id) {
  object data = command.data;
  if (creates(command) && !command.id.empty()) data["id"] = command.id;
  const Route route = route_of(command);
  Attempt attempt{.request = {.method = route.method, .path = route.path, .body = boost::json::serialize(data)},
                  .commands = {{.command_id = command_id,
                                .aggregate = command.aggregate,
                                .marker = command.marker,
                                .changes = command.changes}}};
  if (!command_id.empty()) attempt.request.headers["Idempotency-Key"] = fmt::format("\"{}\"", command_id);
  if (command.if_match != 0) attempt.request.headers["If-Match"] = fmt::format("\"{}\"", command.if_match);
  return attempt;
}

Attempt batch(const std::vector<Command>& commands, const std::vector<std::string>& command_ids, bool atomic) {
  Attempt attempt{.request = {.method = "POST", .path = "/v1/commands"}, .batch = true, .atomic = atomic};
  array items;
  for (std::size_t at = 0; at < commands.size(); ++at) {
    const Command& command = commands[at];
    object item{{"command", command.name}, {"command_id", command_ids[at]}, {"data", command.data}};
    if (!command.id.empty()) item["id"] = command.id;
    if (command.if_match != 0) item["if_match"] = command.if_match;
    items.push_back(std::move(item));
    attempt.commands.push_back({.command_id = command_ids[at],
                                .aggregate = command.aggregate,
                                .marker = command.marker,
                                .changes = command.changes});
  }
  attempt.request.body = boost::json::serialize(object{{"atomic", atomic}, {"commands", std::move(items)}});
  return attempt;
}

std::vector<Acknowledged> read_answer(const Attempt& attempt, const Answer& answer) {
  boost::json::error_code malformed;
  const boost::json::value body = boost::json::parse(answer.body, malformed);
  std::vector<Acknowledged> result;
  const auto* const items = attempt.batch && body.is_object() ? body.get_object().if_contains("items") : nullptr;
  for (std::size_t at = 0; at < attempt.commands.size(); ++at) {
    const std::string& aggregate = attempt.commands[at].aggregate;
    if (items != nullptr && items->is_array() && at < items->get_array().size()) {
      result.push_back(acknowledged_by(items->get_array()[at].as_object(), aggregate));
    } else {
      object item{{"status", answer.status}, {"position", answer.position()}, {"body", body}};
      result.push_back(acknowledged_by(item, aggregate));
      if (!attempt.batch) result.back().revision = answer.revision();
    }
  }
  return result;
}

}  // namespace flowstone::crash
