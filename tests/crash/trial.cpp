#include "tests/crash/trial.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>

#include "base/check.hpp"
#include "tests/crash/merkle.hpp"

namespace flowstone::crash {
namespace {

using namespace std::chrono_literals;

// Clients of other trials on the same log would have another one.
std::string command_id_prefix(std::uint64_t seed) { return fmt::format("crash-{:x}-", seed); }

std::filesystem::path fresh_directory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "flowstone-crash-XXXXXX").string();
  check(::mkdtemp(pattern.data()) != nullptr, "a directory for the trial can be made");
  return pattern;
}

std::string aggregate_of(std::string_view stream) { return std::string(stream.substr(0, stream.find('-'))); }
std::string id_of(std::string_view stream) { return std::string(stream.substr(stream.find('-') + 1)); }

}  // namespace

Trial::Trial(TrialOptions options)
    : options_(options), dice_(options.seed, 0), directory_(fresh_directory()), ledger_(directory_ / "ledger") {
  for (int number = 1; number <= options.clients; ++number)
    clients_.push_back(std::make_unique<Client>(number, options.seed, command_id_prefix(options.seed), ledger_));
}

Trial::~Trial() {
  if (findings_.empty()) std::filesystem::remove_all(directory_);
}

ServerStart Trial::start() const { return {.data = directory_ / "data", .log = directory_ / "server.log"}; }

void Trial::round(int number) {
  if (number > 1 && dice_.one_in(8)) kill_while_starting();
  ServerProcess server(start());
  const std::optional<Endpoint> endpoint = server.wait_until_ready();
  if (!endpoint) return add({fmt::format("round {}: the server did not get ready", number)});
  if (!look(*endpoint)) return add({fmt::format("round {}: the server does not answer its readers", number)});
  load(server, *endpoint, number);
  for (const auto& client : clients_) add(client->findings());
}

void Trial::look_once() {
  ServerProcess server(start());
  const std::optional<Endpoint> endpoint = server.wait_until_ready();
  if (!endpoint || !look(*endpoint)) return add({"the server does not answer its readers"});
  if (server.stop() != 0) add({"the server does not stop as it should"});
}

void Trial::kill_while_starting() {
  ServerProcess server(start());
  std::this_thread::sleep_for(std::chrono::milliseconds(dice_.between(0, 150)));
  if (!server.kill()) add({"the server ended by itself while it started"});
  ++kills_;
}

void Trial::load(ServerProcess& server, const Endpoint& endpoint, int number) {
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  threads.emplace_back([&] { follower_.follow(endpoint); });
  for (const auto& client : clients_)
    threads.emplace_back([&, at = client.get()] { at->work(endpoint, number, stop); });
  std::this_thread::sleep_for(std::chrono::milliseconds(dice_.between(20, 400)));
  stop = true;
  if (!server.kill()) add({fmt::format("round {}: the server ended by itself", number)});
  ++kills_;
}

bool Trial::look(const Endpoint& endpoint) {
  Connection connection(endpoint);
  const std::size_t before = events_.size();
  read_on(connection);
  if (events_.size() < before || events_.empty()) return false;
  look_at_rows(connection);
  look_at_roots(connection);
  add(check_order(events_));
  add(check_prefix(events_, follower_.seen()));
  add(check_ledger(events_, ledger_.entries(), command_id_prefix(options_.seed)));
  return true;
}

// What was read before is not read again, but for the last events, which must be the same.
void Trial::read_on(Connection& connection) {
  const std::size_t overlap = std::min<std::size_t>(events_.size(), 50);
  const auto next = read_events(connection, events_.size() - overlap + 1);
  if (!next) return add({"the events cannot be read"});
  add(check_prefix(*next, {events_.end() - static_cast<std::ptrdiff_t>(overlap), events_.end()}));
  touched_.clear();
  for (std::size_t at = overlap; at < next->size(); ++at) {
    fold_.add((*next)[at]);
    touched_.push_back((*next)[at].stream);
    events_.push_back((*next)[at]);
  }
  std::ranges::sort(touched_);
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
}

void Trial::look_at_rows(Connection& connection) {
  for (int rows = 0; rows < 30 && !touched_.empty(); ++rows) {
    const std::string& stream = dice_.pick(touched_);
    const auto folded = fold_.rows().find(stream);
    if (folded == fold_.rows().end()) continue;
    const auto row = read_row(connection, aggregate_of(stream), id_of(stream), events_.back().position);
    if (!row) {
      add({fmt::format("{} has no row", stream)});
    } else if (const std::string words = difference(folded->second, *row); !words.empty()) {
      add({fmt::format("{} at {}: {}", stream, events_.back().position, words)});
    }
  }
}

// What was signed for once stays: the tree of the first n events has the root that it had then.
void Trial::look_at_roots(Connection& connection) {
  const auto look_again = [&](const TreeRoot& before) {
    if (read_root(connection, before.size) != before)
      add({fmt::format("the root over the first {} events is no longer {}", before.size, before.root)});
  };
  if (!roots_.empty()) {
    look_again(roots_.back());
    look_again(dice_.pick(roots_));
  }
  const auto now = read_root(connection);
  if (!now || now->size < events_.back().position)
    add({fmt::format("the tree does not cover position {}", events_.back().position)});
  if (now) roots_.push_back(*now);
}

void Trial::judge_everything() {
  {
    ServerProcess server(start());
    const std::optional<Endpoint> endpoint = server.wait_until_ready();
    if (!endpoint) return add({"the server did not get ready after the last kill"});
    for (const auto& client : clients_) client->settle(*endpoint);
    Connection connection(*endpoint);
    read_on(connection);
    const auto all = read_events(connection, 1);
    if (!all || all->size() != events_.size())
      return add({"the log read as a whole is another one than that read in parts"});
    add(check_prefix(*all, events_));
    add(check_order(*all));
    add(check_prefix(*all, follower_.seen()));
    add(check_ledger(*all, ledger_.entries(), command_id_prefix(options_.seed)));
    add(check_runs(*all, ledger_.entries()));
    add(check_codes(*all));
    for (const char* const aggregate : {"task", "intent", "run"}) judge_rows(connection, aggregate);
    look_at_roots(connection);
    if (server.stop() != 0) add({"the server does not stop as it should"});
  }
  judge_root_offline();
}

void Trial::judge_rows(Connection& connection, const std::string& aggregate) {
  const auto rows = read_rows(connection, aggregate, events_.back().position);
  if (!rows) return add({fmt::format("the rows of {} cannot be read", aggregate)});
  std::map<std::string, const boost::json::object*> shown;
  for (const auto& row : *rows) {
    const std::string stream = fmt::format("{}-{}", aggregate, std::string_view(row.at("id").as_string()));
    if (!shown.emplace(stream, &row).second) add({fmt::format("{} is listed twice", stream)});
    if (!fold_.rows().contains(stream)) add({fmt::format("{} has a row, but no events", stream)});
  }
  for (const auto& [stream, folded] : fold_.rows()) {
    if (aggregate_of(stream) != aggregate) continue;
    const auto row = shown.find(stream);
    if (row == shown.end()) {
      add({fmt::format("{} has events, but is not listed", stream)});
    } else if (const std::string words = difference(folded, *row->second); !words.empty()) {
      add({fmt::format("{} in the list: {}", stream, words)});
    }
  }
}

// Recomputed from the records by processes that never served them, and here from what one of them exported.
void Trial::judge_root_offline() {
  if (roots_.empty()) return add({"no root was ever told"});
  const TreeRoot& told = roots_.back();
  const std::string data = (directory_ / "data").string();
  const Finished verified = run_flowstone({"audit", "verify", "--json", "--data", data});
  if (verified.status != 0 || verified.output.find(told.root) == std::string::npos)
    add({fmt::format("audit verify does not find the root {} that was told: {}", told.root, verified.output)});
  const Finished exported = run_flowstone({"export", "--data", data, "-"});
  if (exported.status != 0) return add({"the log cannot be exported"});
  const Recomputed recomputed = recompute(exported.output);
  add(recomputed.findings);
  if (recomputed.size != told.size || recomputed.root != told.root)
    add({fmt::format("the root over {} events is {} by what was exported, and was told as {} over {}", recomputed.size,
                     recomputed.root, told.root, told.size)});
}

void Trial::add(Findings findings) {
  constexpr std::size_t kAtMost = 50;
  for (std::string& finding : findings) {
    if (findings_.size() < kAtMost && std::ranges::find(findings_, finding) == findings_.end())
      findings_.push_back(std::move(finding));
  }
}

std::string Trial::summary() const {
  std::size_t lost = 0, answered = 0;
  std::uint64_t repeated = 0;
  for (const Entry& entry : ledger_.entries()) {
    lost += entry.lost ? 1 : 0;
    answered += entry.answered ? 1 : 0;
  }
  for (const auto& client : clients_) repeated += client->repeated();
  return fmt::format(
      "{} kills; {} requests, {} answered, {} without an answer at first, {} sent again after one; {} events, "
      "{} followed live; {} rows",
      kills_, ledger_.entries().size(), answered, lost, repeated, events_.size(), follower_.seen().size(),
      fold_.rows().size());
}

}  // namespace flowstone::crash
