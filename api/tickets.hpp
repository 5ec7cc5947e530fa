// Short-lived passes for browsers' WebSockets, which cannot send an Authorization header.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/principal.hpp"
#include "base/time.hpp"

namespace flowstone::api {

// Threads: any.
// Limits: 10,000 tickets at one time; the oldest goes first.
class Tickets {
 public:
  explicit Tickets(const Clock& clock) : clock_(clock) {}

  struct Issued {
    std::string ticket;
    Timestamp expires_at;
  };
  Issued issue(std::shared_ptr<const Principal> principal);
  // Takes the ticket: it is good once. Null if it is unknown, used or too old.
  std::shared_ptr<const Principal> redeem(std::string_view ticket);

  static constexpr std::chrono::seconds kLifetime{30};

 private:
  struct Entry {
    std::shared_ptr<const Principal> principal;
    Timestamp expires_at;
  };
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::multimap<Timestamp, std::string> by_age_;
};

}  // namespace flowstone::api
