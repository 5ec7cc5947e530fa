#include "api/tickets.hpp"

#include "base/bytes.hpp"
#include "base/digest.hpp"

namespace flowstone::api {
namespace {

constexpr std::size_t kMostTickets = 10'000;
constexpr std::size_t kTicketBytes = 32;

}  // namespace

Tickets::Issued Tickets::issue(std::shared_ptr<const Principal> principal) {
  const Issued issued{to_base64url(random_bytes(kTicketBytes)), clock_.now() + kLifetime};
  const std::lock_guard guard(mutex_);
  while (!by_age_.empty() && (by_age_.size() >= kMostTickets || by_age_.begin()->first <= clock_.now())) {
    entries_.erase(by_age_.begin()->second);
    by_age_.erase(by_age_.begin());
  }
  entries_.emplace(issued.ticket, Entry{std::move(principal), issued.expires_at});
  by_age_.emplace(issued.expires_at, issued.ticket);
  return issued;
}

std::shared_ptr<const Principal> Tickets::redeem(std::string_view ticket) {
  const std::lock_guard guard(mutex_);
  const auto found = entries_.find(ticket);
  if (found == entries_.end()) return nullptr;
  const Entry entry = std::move(found->second);
  entries_.erase(found);
  for (auto [at, end] = by_age_.equal_range(entry.expires_at); at != end; ++at) {
    if (at->second != ticket) continue;
    by_age_.erase(at);
    break;
  }
  return entry.expires_at > clock_.now() ? entry.principal : nullptr;
}

}  // namespace flowstone::api
