#include "tests/crash/history.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowstone::crash {
namespace {

std::string text_of(const boost::json::object& object, std::string_view name) {
  const boost::json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::uint64_t number_of(const boost::json::object& object, std::string_view name) {
  const boost::json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<std::uint64_t>() : 0;
}

// The events of each command id, in order.
using Groups = std::map<std::string, std::vector<const Event*>, std::less<>>;

Groups groups_of(const std::vector<Event>& events) {
  Groups groups;
  for (const Event& event : events)
    if (!event.command_id.empty()) groups[event.command_id].push_back(&event);
  return groups;
}

bool in_one_piece(const std::vector<const Event*>& group) {
  return group.empty() || group.back()->position - group.front()->position + 1 == group.size();
}

const Event* at(const std::vector<Event>& events, std::uint64_t position) {
  const auto found = std::ranges::lower_bound(events, position, {}, &Event::position);
  return found != events.end() && found->position == position ? &*found : nullptr;
}

// The event that an acknowledgement names must be there, and be of its command.
void check_acknowledged(const std::vector<Event>& events, const Groups& groups, const Entry& entry,
                        const Expected& command, const Acknowledged& acknowledged, Findings& findings) {
  const auto say = [&](std::string_view what) {
    findings.push_back(fmt::format("ledger entry {} ({} {}, command id '{}', position {}): {}", entry.number,
                                   acknowledged.status, acknowledged.stream, command.command_id, acknowledged.position,
                                   what));
  };
  const Event* const event = at(events, acknowledged.position);
  if (event == nullptr) return say("acknowledged, but its position is not in the log");
  const auto revised = [&](const Event& each) {
    return each.stream == acknowledged.stream && each.revision == acknowledged.revision;
  };
  if (!command.changes) return;
  if (command.command_id.empty()) {
    if (!entry.lost && !revised(*event)) say("acknowledged, but another event is at its position");
    return;
  }
  const auto group = groups.find(command.command_id);
  if (group == groups.end()) return say("acknowledged, but no event carries its command id");
  if (std::ranges::find(group->second, event) == group->second.end()) say("another command's event is at its position");
  if (std::ranges::none_of(group->second, [&](const Event* each) { return revised(*each); }))
    say("no event of the command has the revision that was answered");
}

void check_entry(const std::vector<Event>& events, const Groups& groups, const Entry& entry, Findings& findings) {
  for (std::size_t index = 0; index < entry.acknowledged.size() && index < entry.attempt.commands.size(); ++index) {
    const Expected& command = entry.attempt.commands[index];
    const Acknowledged& acknowledged = entry.acknowledged[index];
    if (acknowledged.succeeded()) {
      check_acknowledged(events, groups, entry, command, acknowledged, findings);
    } else if (!command.command_id.empty() && groups.contains(command.command_id)) {
      findings.push_back(fmt::format("ledger entry {}: refused with {}, but its command id '{}' is in the log",
                                     entry.number, acknowledged.status, command.command_id));
    }
  }
}

void check_atomic(const Groups& groups, const Entry& entry, Findings& findings) {
  std::vector<const Event*> together;
  std::size_t present = 0, changing = 0;
  for (const Expected& command : entry.attempt.commands) {
    changing += command.changes ? 1 : 0;
    if (const auto group = groups.find(command.command_id); group != groups.end()) {
      ++present;
      together.insert(together.end(), group->second.begin(), group->second.end());
    }
  }
  if (present != 0 && present < changing)
    findings.push_back(fmt::format("ledger entry {}: {} of {} commands of an atomic batch are in the log", entry.number,
                                   present, changing));
  std::ranges::sort(together, {}, &Event::position);
  if (!in_one_piece(together))
    findings.push_back(fmt::format("ledger entry {}: other events are between those of an atomic batch", entry.number));
}

// How often each marker occurs in a title.
std::map<std::string, int> titles_of(const std::vector<Event>& events) {
  std::map<std::string, int> titles;
  for (const Event& event : events)
    if (const std::string title = text_of(event.data, "title"); !title.empty()) ++titles[title];
  return titles;
}

void check_marker(const std::map<std::string, int>& titles, const Entry& entry, Findings& findings) {
  const std::string& marker = entry.attempt.commands.front().marker;
  if (marker.empty()) return;
  const auto found = titles.find(marker);
  const int times = found == titles.end() ? 0 : found->second;
  const bool acknowledged = entry.answered && entry.acknowledged.front().succeeded();
  if (times > 1)
    findings.push_back(fmt::format("ledger entry {}: sent once, but recorded {} times", entry.number, times));
  if (times == 0 && acknowledged)
    findings.push_back(fmt::format("ledger entry {}: acknowledged, but its marker is not in the log", entry.number));
}

}  // namespace

Event event_of(const boost::json::object& cloud_event) {
  Event event{.position = number_of(cloud_event, "position"),
              .revision = number_of(cloud_event, "revision"),
              .stream = text_of(cloud_event, "subject"),
              .type = text_of(cloud_event, "type"),
              .command_id = text_of(cloud_event, "commandid"),
              .time = text_of(cloud_event, "time"),
              .actor = text_of(cloud_event, "actor"),
              .data = {},
              .text = boost::json::serialize(cloud_event)};
  if (const auto* data = cloud_event.if_contains("data"); data != nullptr && data->is_object())
    event.data = data->get_object();
  return event;
}

Findings check_order(const std::vector<Event>& events) {
  Findings findings;
  std::map<std::string_view, std::uint64_t> revisions;
  std::uint64_t last = 0;
  for (const Event& event : events) {
    if (event.position != last + 1)
      findings.push_back(fmt::format("position {} follows position {}", event.position, last));
    last = event.position;
    std::uint64_t& revision = revisions[event.stream];
    if (event.revision != revision + 1)
      findings.push_back(fmt::format("position {}: revision {} follows revision {} in {}", event.position,
                                     event.revision, revision, event.stream));
    revision = event.revision;
  }
  return findings;
}

Findings check_ledger(const std::vector<Event>& events, const std::deque<Entry>& entries,
                      std::string_view command_id_prefix) {
  Findings findings;
  const Groups groups = groups_of(events);
  const std::map<std::string, int> titles = titles_of(events);
  std::map<std::string_view, const Entry*> used;
  for (const Entry& entry : entries) {
    for (const Expected& command : entry.attempt.commands) used.emplace(command.command_id, &entry);
    check_entry(events, groups, entry, findings);
    if (entry.attempt.atomic) check_atomic(groups, entry, findings);
    check_marker(titles, entry, findings);
  }
  for (const auto& [command_id, group] : groups) {
    if (!command_id.starts_with(command_id_prefix)) continue;
    if (!used.contains(command_id))
      findings.push_back(fmt::format("command id '{}' is in the log, but nobody used it", command_id));
    if (!in_one_piece(group))
      findings.push_back(fmt::format("the events of command id '{}' are not in one piece", command_id));
  }
  return findings;
}

Findings check_prefix(const std::vector<Event>& events, const std::vector<Event>& seen) {
  Findings findings;
  for (std::size_t index = 0; index < seen.size(); ++index) {
    if (index >= events.size()) {
      findings.push_back(fmt::format("the log ends before position {}, which was seen", seen[index].position));
      break;
    }
    if (events[index].text != seen[index].text)
      findings.push_back(fmt::format("position {} was seen as {} and is now {}", seen[index].position, seen[index].text,
                                     events[index].text));
  }
  return findings;
}

Findings check_runs(const std::vector<Event>& events, const std::deque<Entry>& entries) {
  Findings findings;
  std::map<std::string, std::uint64_t, std::less<>> last;
  for (const Event& event : events) {
    const std::uint64_t sequence = number_of(event.data, "sequence");
    if (!event.stream.starts_with("run-") || sequence == 0) continue;
    std::uint64_t& before = last[event.stream];
    if (sequence != before + 1)
      findings.push_back(fmt::format("position {}: sequence {} follows sequence {} in {}", event.position, sequence,
                                     before, event.stream));
    before = sequence;
  }
  for (const Entry& entry : entries) {
    if (!entry.answered || !entry.acknowledged.front().succeeded()) continue;
    const std::string& run = entry.acknowledged.front().stream;
    if (entry.attempt.commands.front().last_sequence > last[run])
      findings.push_back(fmt::format("ledger entry {}: acknowledged to sequence {}, but {} ends at {}", entry.number,
                                     entry.attempt.commands.front().last_sequence, run, last[run]));
  }
  return findings;
}

Findings check_codes(const std::vector<Event>& events) {
  Findings findings;
  std::map<std::string, std::string> holder_of, code_of;
  for (const Event& event : events) {
    std::string code = text_of(event.data, "code");
    if (!event.stream.starts_with("intent-") || code.empty()) continue;
    std::ranges::transform(code, code.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (const auto held = code_of.find(event.stream); held != code_of.end()) holder_of.erase(held->second);
    code_of[event.stream] = code;
    const auto [holder, taken] = holder_of.emplace(code, event.stream);
    if (!taken)
      findings.push_back(fmt::format("position {}: {} takes code '{}', which {} holds", event.position, event.stream,
                                     code, holder->second));
  }
  return findings;
}

}  // namespace flowstone::crash
