#include "tests/crash/ledger.hpp"

#include <fmt/format.h>

namespace flowstone::crash {

Entry& Ledger::attempt(Attempt attempt) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_.emplace_back(Entry{.number = entries_.size() + 1, .attempt = std::move(attempt)});
  const Request& request = entry.attempt.request;
  file_ << fmt::format("{} sends {} {} {}", entry.number, request.method, request.path, request.body);
  for (const auto& [name, value] : request.headers) file_ << fmt::format(" {}={}", name, value);
  file_ << std::endl;
  return entry;
}

void Ledger::lost(Entry& entry) {
  const std::scoped_lock lock(mutex_);
  entry.lost = true;
  file_ << fmt::format("{} has no answer", entry.number) << std::endl;
}

void Ledger::answered(Entry& entry, std::vector<Acknowledged> acknowledged) {
  const std::scoped_lock lock(mutex_);
  entry.answered = true;
  entry.acknowledged = std::move(acknowledged);
  for (const Acknowledged& each : entry.acknowledged) {
    file_ << fmt::format("{} answered {} {} revision {} at {}", entry.number, each.status, each.stream, each.revision,
                         each.position)
          << std::endl;
  }
}

}  // namespace flowstone::crash
