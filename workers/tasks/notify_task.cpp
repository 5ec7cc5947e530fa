#include "workers/tasks/notify_task.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "domain/notification.hpp"
#include "schemas/notification_generated.h"
#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {
namespace {

using commands::Command;
using jsonata::Member;

// Each once, in the order in which they are named first; nothing if that is not what was given.
std::optional<std::vector<std::string>> named_in(const Value& given) {
  std::vector<std::string> recipients;
  const auto items = given.is_array() ? given.items() : std::vector{given};
  for (const auto& item : items) {
    if (!item.is_string() || item.text().empty()) return std::nullopt;
    if (std::ranges::find(recipients, item.text()) == recipients.end()) recipients.push_back(item.text());
  }
  if (recipients.empty() || recipients.size() > NotifyTask::kMostRecipients) return std::nullopt;
  return recipients;
}

// An expression that finds nobody tells nobody: null is no way of leaving it out.
std::vector<std::string> recipients_of(const TaskCall& call, Arguments& arguments) {
  const auto* given = call.input.is_object() ? call.input.find("Recipient") : nullptr;
  if (given == nullptr) return {std::string(domain::kEveryone)};
  if (auto recipients = named_in(*given)) return *std::move(recipients);
  arguments.refuse("Recipient", fmt::format("`everyone`, `key:` and the id of a key, or a list of 1 to {} of these",
                                            NotifyTask::kMostRecipients));
  return {};
}

Result<std::vector<Command>, TaskOutcome> commands_of(const TaskCall& call) {
  Arguments arguments(call);
  std::vector<Member> said{{"title", Value::string(arguments.text("Title"))}};
  constexpr auto kOthers = std::to_array<std::pair<std::string_view, const char*>>(
      {{"Body", "body"}, {"Urgency", "urgency"}, {"About", "about"}});
  for (const auto& [argument, field] : kOthers) {
    if (auto text = arguments.text(argument, ""); !text.empty())
      said.push_back({field, Value::string(std::move(text))});
  }
  const auto recipients = recipients_of(call, arguments);
  if (arguments.mistake()) return failure(*arguments.mistake());
  const auto create = *schemas::contracts().find_command("create_notification");
  std::vector<Command> commands;
  for (const auto& recipient : recipients) {
    auto body = said;
    body.push_back({"recipient", Value::string(recipient)});
    FLOWSTONE_TRY(auto command, command_of_run(call, create, "", Value::object(std::move(body)), commands.size()));
    commands.push_back(std::move(command));
  }
  return commands;
}

TaskOutcome told(const RunCommands::Outcomes& outcomes) {
  std::vector<Value> notifications;
  Position last;
  for (const auto& outcome : outcomes) {
    const auto* row = flatbuffers::GetRoot<schemas::Notification>(outcome.row.data());
    notifications.push_back(Value::object({{"Id", Value::string(outcome.id)},
                                           {"Revision", Value::number(static_cast<double>(outcome.revision.value))},
                                           {"Recipient", Value::string(row->recipient()->str())}}));
    last = std::max(last, outcome.position);
  }
  return {.output = Value::object({{"Notifications", Value::array(std::move(notifications))},
                                   {"Position", Value::number(static_cast<double>(last.value))}})};
}

}  // namespace

NotifyTask::NotifyTask(commands::Executor& executor) : commands_(executor) {}

void NotifyTask::perform(TaskCall call, Done done) {
  auto commands = commands_of(call);
  if (!commands) return done(std::move(commands).error());
  commands_.send(*std::move(commands), told, std::move(done));
}

}  // namespace flowstone::workers
