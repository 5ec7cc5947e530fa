// A client of the server's: one connection, one command at a time, and it remembers what it was answered.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "tests/crash/attempts.hpp"
#include "tests/crash/connection.hpp"
#include "tests/crash/dice.hpp"
#include "tests/crash/history.hpp"
#include "tests/crash/ledger.hpp"

namespace flowstone::crash {

// The dice are the client's own and go on from round to round, so that a seed gives each client the same choices again
// as long as it is answered the same.
// Threads: used by one at a time. Other clients may use the same ledger and compete for the same codes.
class Client {
 public:
  Client(int number, std::uint64_t seed, std::string command_id_prefix, Ledger& ledger);

  // First asks again what was left without an answer, then goes on until `stop` is set or the connection is lost.
  // `stop` is set before the server is killed: a connection that is lost earlier is a finding.
  void work(const Endpoint& endpoint, int round, const std::atomic<bool>& stop);

  // Asks again what was left without an answer, until everything has one.
  void settle(const Endpoint& endpoint);

  [[nodiscard]] const Findings& findings() const { return findings_; }

  // How often something that had been acknowledged was sent again.
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }

 private:
  Attempt choose(int round);
  Attempt choose_task();
  Attempt choose_intent(int round);
  Attempt choose_run();
  Attempt choose_batch();
  std::string shared_code(int round);
  std::string fresh_command_id();

  // False: the connection was lost.
  bool send(Connection& connection, Entry& entry);
  bool send_again(Connection& connection, const Entry& entry);
  bool answer_what_was_lost(Connection& connection);
  void judge_status(const Entry& entry, const Answer& answer);
  void learn(const Entry& entry);
  void learn_row(const std::string& aggregate, boost::json::object row);

  const int number_;
  const std::string command_id_prefix_;
  Ledger& ledger_;
  Dice dice_;
  std::uint64_t commands_ = 0;
  std::uint64_t repeated_ = 0;
  Entry* unanswered_ = nullptr;
  std::deque<const Entry*> settled_;  // the last ones that succeeded under a command id
  std::vector<boost::json::object> tasks_, intents_;
  std::string run_;
  std::uint64_t run_sequence_ = 0;  // the last one taken
  std::uint64_t run_end_ = 0;
  Findings findings_;
};

}  // namespace flowstone::crash
