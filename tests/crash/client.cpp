#include "tests/crash/client.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

namespace flowstone::crash {
namespace {

using boost::json::object;

constexpr std::size_t kRowsRemembered = 20;
constexpr std::size_t kSettledRemembered = 200;
constexpr std::uint64_t kLongestRun = 60;
constexpr std::uint64_t kLargestRecording = 20;

bool worth_repeating(const Entry& entry) {
  return std::ranges::all_of(entry.attempt.commands,
                             [](const Expected& command) { return !command.command_id.empty() && command.changes; }) &&
         std::ranges::all_of(entry.acknowledged, &Acknowledged::succeeded);
}

// Not now, but perhaps later.
bool refused_for_now(const Attempt& attempt, const Answer& answer) {
  const auto for_now = [](int status) { return status == 503 || status == 429; };
  if (for_now(answer.status)) return true;
  return attempt.batch && std::ranges::any_of(read_answer(attempt, answer), for_now, &Acknowledged::status);
}

}  // namespace

Client::Client(int number, std::uint64_t seed, std::string command_id_prefix, Ledger& ledger)
    : number_(number),
      command_id_prefix_(std::move(command_id_prefix)),
      ledger_(ledger),
      dice_(seed, static_cast<std::uint64_t>(number)) {}

void Client::work(const Endpoint& endpoint, int round, const std::atomic<bool>& stop) {
  Connection connection(endpoint);
  bool connected = answer_what_was_lost(connection);
  for (int times = 0; connected && times < 2 && !settled_.empty(); ++times)
    connected = send_again(connection, *dice_.pick(settled_));
  while (connected && !stop) {
    if (!settled_.empty() && dice_.one_in(20)) {
      connected = send_again(connection, *dice_.pick(settled_));
    } else {
      connected = send(connection, ledger_.attempt(choose(round)));
    }
  }
  if (!connected && !stop)
    findings_.push_back(fmt::format("client {}: the connection was lost while the server should live", number_));
}

void Client::settle(const Endpoint& endpoint) {
  Connection connection(endpoint);
  if (!answer_what_was_lost(connection))
    findings_.push_back(fmt::format("client {}: its last command gets no answer", number_));
}

Attempt Client::choose(int round) {
  switch (dice_.between(1, 10)) {
    case 1:
    case 2:
      return choose_intent(round);
    case 3:
    case 4:
      return choose_run();
    case 5:
      return choose_batch();
    default:
      return choose_task();
  }
}

Attempt Client::choose_task() {
  if (tasks_.empty() || dice_.one_in(3)) {
    Command create = create_task(dice_);
    if (!dice_.one_in(5)) return single(create, fresh_command_id());
    create.marker = create.data.at("title").as_string();
    return single(create, "");
  }
  const object& row = dice_.pick(tasks_);
  const std::string_view status = row.at("status").as_string();
  if (status == "completed" && dice_.one_in(3)) return single(complete_task_again(row), fresh_command_id());
  if (status == "cancelled" || dice_.one_in(2)) return single(move_task(dice_, row), fresh_command_id());
  return single(dice_.one_in(6) ? stale_update(dice_, row) : update_task(dice_, row), fresh_command_id());
}

Attempt Client::choose_intent(int round) {
  const std::string code = dice_.one_in(2) ? shared_code(round) : fmt::format("OWN_{}_{}", number_, dice_.letters(10));
  if (intents_.empty() || dice_.one_in(2)) return single(create_intent(dice_, code), fresh_command_id());
  return single(change_intent(dice_, dice_.pick(intents_), code), fresh_command_id());
}

Attempt Client::choose_run() {
  if (run_.empty() || run_sequence_ == run_end_) {
    run_end_ = dice_.between(3, kLongestRun);
    run_sequence_ = 0;
    return single(create_run(dice_), fresh_command_id());
  }
  const std::uint64_t again = dice_.one_in(4) ? std::min<std::uint64_t>(run_sequence_, 3) : 0;
  const std::uint64_t last = std::min(run_end_, run_sequence_ + dice_.between(1, kLargestRecording));
  return record_run_events(run_, run_sequence_ + 1 - again, last, run_end_);
}

// A task that goes through its life within the batch, others beside it, and now and then one that is refused.
Attempt Client::choose_batch() {
  std::vector<Command> commands = {create_task(dice_)};
  commands[0].id = dice_.uuid();
  object row{{"id", commands[0].id}, {"status", "todo"}, {"revision", 1}};
  Command update = update_task(dice_, row);
  commands.push_back(update);
  if (dice_.one_in(2)) commands.push_back(complete_task(row));
  for (std::uint64_t more = dice_.between(0, 4); more > 0; --more) commands.push_back(create_task(dice_));
  if (!tasks_.empty() && dice_.one_in(3)) commands.push_back(stale_update(dice_, dice_.pick(tasks_)));
  if (dice_.one_in(3)) commands.push_back(create_intent(dice_, fmt::format("OWN_{}_{}", number_, dice_.letters(10))));
  std::vector<std::string> command_ids;
  for (std::size_t at = 0; at < commands.size(); ++at) command_ids.push_back(fresh_command_id());
  return batch(commands, command_ids, dice_.one_in(2));
}

// Few, so that clients want the same one; in any case, for case makes no difference.
std::string Client::shared_code(int round) {
  std::string code = fmt::format("shared_{}_{}", round, dice_.between(1, 6));
  if (dice_.one_in(2)) std::ranges::transform(code, code.begin(), [](unsigned char c) { return std::toupper(c); });
  return code;
}

std::string Client::fresh_command_id() { return fmt::format("{}{}-{}", command_id_prefix_, number_, ++commands_); }

bool Client::send(Connection& connection, Entry& entry) {
  std::optional<Answer> answer = connection.ask(entry.attempt.request);
  while (answer && refused_for_now(entry.attempt, *answer)) {
    std::this_thread::yield();
    answer = connection.ask(entry.attempt.request);
  }
  if (!answer) {
    ledger_.lost(entry);
    unanswered_ = &entry;
    return false;
  }
  judge_status(entry, *answer);
  ledger_.answered(entry, read_answer(entry.attempt, *answer));
  learn(entry);
  return true;
}

bool Client::send_again(Connection& connection, const Entry& entry) {
  const std::optional<Answer> answer = connection.ask(entry.attempt.request);
  if (!answer) return false;
  if (refused_for_now(entry.attempt, *answer)) return true;
  ++repeated_;
  const std::vector<Acknowledged> again = read_answer(entry.attempt, *answer);
  if (again != entry.acknowledged) {
    for (std::size_t at = 0; at < again.size() && at < entry.acknowledged.size(); ++at) {
      const Acknowledged &before = entry.acknowledged[at], &after = again[at];
      if (before == after) continue;
      findings_.push_back(
          fmt::format("ledger entry {}: sent again it is answered {} {} at {}: {}; before {} {} at {}: {}",
                      entry.number, after.status, after.revision, after.position, after.body, before.status,
                      before.revision, before.position, before.body));
    }
  }
  return true;
}

bool Client::answer_what_was_lost(Connection& connection) {
  if (unanswered_ == nullptr) return true;
  Entry& entry = *std::exchange(unanswered_, nullptr);
  const bool once_only = !entry.attempt.commands.front().marker.empty();  // sent again it would be done again
  return once_only || send(connection, entry);
}

void Client::judge_status(const Entry& entry, const Answer& answer) {
  const int status = answer.status;
  const bool expected = answer.succeeded() || status == 409 || status == 412;
  if (!expected)
    findings_.push_back(fmt::format("ledger entry {}: {} {} {} is answered {}: {}", entry.number,
                                    entry.attempt.request.method, entry.attempt.request.path,
                                    entry.attempt.request.body, status, answer.body));
}

void Client::learn(const Entry& entry) {
  for (std::size_t at = 0; at < entry.acknowledged.size(); ++at) {
    const Acknowledged& acknowledged = entry.acknowledged[at];
    if (!acknowledged.succeeded()) continue;
    const Expected& command = entry.attempt.commands[at];
    learn_row(command.aggregate, boost::json::parse(acknowledged.body).as_object());
    if (command.last_sequence != 0) run_sequence_ = command.last_sequence;
  }
  if (!worth_repeating(entry)) return;
  settled_.push_back(&entry);
  if (settled_.size() > kSettledRemembered) settled_.pop_front();
}

void Client::learn_row(const std::string& aggregate, object row) {
  if (aggregate == "run") {
    run_ = row.at("id").as_string();
    return;
  }
  std::vector<object>& rows = aggregate == "task" ? tasks_ : intents_;
  const auto same = std::ranges::find(rows, row.at("id"), [](const object& each) { return each.at("id"); });
  if (same != rows.end()) {
    *same = std::move(row);
  } else if (rows.size() < kRowsRemembered) {
    rows.push_back(std::move(row));
  } else {
    dice_.pick(rows) = std::move(row);
  }
}

}  // namespace flowstone::crash
