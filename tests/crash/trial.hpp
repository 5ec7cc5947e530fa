// One trial: a server that is killed again and again under load, and the judge's view of it after each restart.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "tests/crash/client.hpp"
#include "tests/crash/dice.hpp"
#include "tests/crash/fold.hpp"
#include "tests/crash/history.hpp"
#include "tests/crash/ledger.hpp"
#include "tests/crash/reader.hpp"
#include "tests/crash/server_process.hpp"

namespace flowstone::crash {

struct TrialOptions {
  std::uint64_t seed = 0;
  int kills = 100;
  int clients = 8;
};

class Trial {
 public:
  explicit Trial(TrialOptions options);
  // Removes its directory if nothing was found, and else leaves it for whoever looks into it.
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  // One kill: start, look at what was kept, load, kill.
  void round(int number);
  // Starts, looks at what was kept, and stops.
  void look_once();
  // After the last kill: everything gets its answer, the whole log and all rows are read again.
  void judge_everything();

  [[nodiscard]] const Findings& findings() const { return findings_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] std::string summary() const;

 private:
  [[nodiscard]] ServerStart start() const;
  void kill_while_starting();
  bool look(const Endpoint& endpoint);
  void read_on(Connection& connection);
  void look_at_rows(Connection& connection);
  void look_at_roots(Connection& connection);
  void load(ServerProcess& server, const Endpoint& endpoint, int number);
  void judge_rows(Connection& connection, const std::string& aggregate);
  void judge_root_offline();
  void add(Findings findings);

  TrialOptions options_;
  Dice dice_;
  std::filesystem::path directory_;
  Ledger ledger_;
  std::vector<std::unique_ptr<Client>> clients_;
  LogFollower follower_;
  std::vector<Event> events_;  // read so far, over all rounds
  Fold fold_;                  // of `events_`
  std::vector<TreeRoot> roots_;
  std::vector<std::string> touched_;  // streams of the events read last
  int kills_ = 0;
  Findings findings_;
};

}  // namespace flowstone::crash
