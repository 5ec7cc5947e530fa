// The readers beside the clients: one that asks for pages and rows, and one that follows the log live through every
// kill.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "tests/crash/connection.hpp"
#include "tests/crash/history.hpp"

namespace flowstone::crash {

// All events from `first` on to the head, page by page.
std::optional<std::vector<Event>> read_events(Connection& connection, std::uint64_t first);

// One entity's row, as of `position` or later.
std::optional<boost::json::object> read_row(Connection& connection, const std::string& aggregate, const std::string& id,
                                            std::uint64_t position);

// All rows of an aggregate, page by page, as of `position` or later.
std::optional<std::vector<boost::json::object>> read_rows(Connection& connection, const std::string& aggregate,
                                                          std::uint64_t position);

struct TreeRoot {
  std::uint64_t size = 0;
  std::string root;
  bool operator==(const TreeRoot&) const = default;
};

// Of the whole log, or of its first `size` events.
std::optional<TreeRoot> read_root(Connection& connection, std::uint64_t size = 0);

// Follows the log as server-sent events and goes on after the last one that it saw, whenever it is connected again.
class LogFollower {
 public:
  // Until the connection ends.
  void follow(const Endpoint& endpoint);

  // Only while it does not follow.
  [[nodiscard]] const std::vector<Event>& seen() const { return seen_; }

 private:
  std::vector<Event> seen_;
};

}  // namespace flowstone::crash
