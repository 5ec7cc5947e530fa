// The words in which deciders answer.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/decider.hpp"

namespace flowstone::domain {

// The events that carry a command out, in order: `return record<Event>(schemas::TaskCompletedT{});`.
// Without arguments: there is nothing to change.
template <class Event, class... Tables>
Decision<Event> record(Tables... tables) {
  std::vector<Event> events(sizeof...(tables));
  std::size_t next = 0;
  (events[next++].Set(std::move(tables)), ...);
  return events;
}

inline auto not_found(std::string code, std::string detail) {
  return failure(
      Rejection{.kind = Rejection::Kind::not_found, .code = std::move(code), .detail = std::move(detail), .field = {}});
}

inline auto conflict(std::string code, std::string detail, std::string field = {}) {
  return failure(Rejection{.kind = Rejection::Kind::conflict,
                           .code = std::move(code),
                           .detail = std::move(detail),
                           .field = std::move(field)});
}

inline auto invalid(std::string field, std::string detail) {
  return failure(Rejection{.kind = Rejection::Kind::invalid,
                           .code = "invalid_field",
                           .detail = std::move(detail),
                           .field = std::move(field)});
}

}  // namespace flowstone::domain
