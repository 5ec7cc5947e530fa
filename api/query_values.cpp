#include "api/query_values.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/header_values.hpp"

namespace flowstone::api {
namespace {

Problem beyond_head(std::string_view name, Position head) {
  Problem problem{ProblemKind::position_beyond_head, fmt::format("The log's head is {}.", head.value)};
  problem.errors.push_back({std::string(name), fmt::format("must be at most {}", head.value)});
  return problem;
}

}  // namespace

std::optional<std::uint64_t> take_number(Exchange& exchange, std::string_view name, std::uint64_t fallback,
                                         std::uint64_t least, std::uint64_t most) {
  const auto text = exchange.query.take(name);
  if (!text) return fallback;
  const auto number = parse_number(*text);
  if (number && *number >= least && *number <= most) return number;
  exchange.refuse(invalid_parameter(name, most == UINT64_MAX
                                              ? fmt::format("must be a number from {}", least)
                                              : fmt::format("must be a number from {} to {}", least, most)));
  return std::nullopt;
}

std::optional<Moment> take_moment(Exchange& exchange, std::string_view name) {
  const auto text = exchange.query.take(name);
  if (!text) return Moment{};
  if (const auto number = parse_number(*text)) return Moment{.position = Position{*number}, .time = {}};
  if (const auto time = from_rfc3339(*text)) return Moment{.position = {}, .time = time};
  exchange.refuse(invalid_parameter(
      name, "must be a position, or an RFC 3339 time such as 2030-01-31T09:00:00Z (write `+` as %2B)"));
  return std::nullopt;
}

std::optional<bool> take_flag(Exchange& exchange, std::string_view name, bool fallback) {
  const auto text = exchange.query.take(name);
  if (!text) return fallback;
  if (*text == "true" || *text == "1" || text->empty()) return true;
  if (*text == "false" || *text == "0") return false;
  exchange.refuse(invalid_parameter(name, "must be true or false"));
  return std::nullopt;
}

Task<bool> take_as_of(Exchange* exchange, std::optional<Position>* value) {
  const auto text = exchange->query.take("as_of");
  if (!text) co_return true;
  eventstore::Store& store = exchange->services().store;
  if (const auto number = parse_number(*text)) {
    const Position head = store.state().durable;
    if (*number > head.value) {
      exchange->refuse(beyond_head("as_of", head));
      co_return false;
    }
    *value = Position{*number};
    co_return true;
  }
  const auto time = from_rfc3339(*text);
  if (!time) {
    exchange->refuse(
        invalid_parameter("as_of", "must be a position, or an RFC 3339 time such as 2030-01-31T09:00:00Z"));
    co_return false;
  }
  const auto position = co_await exchange->blocking([&store, &time] { return store.position_at(*time); });
  if (!position) {
    exchange->refuse(problem_of(position.error()));
    co_return false;
  }
  *value = *position;
  co_return true;
}

Task<bool> await_min_position(Exchange* exchange, std::string_view projection) {
  const auto wanted = take_number(*exchange, "min_position", 0, 0, UINT64_MAX);
  if (!wanted) co_return false;
  projections::Catalog& catalog = exchange->services().catalog;
  if (*wanted == 0 || catalog.position(projection).value >= *wanted) co_return true;
  const Position head = exchange->services().store.state().durable;
  if (*wanted > head.value) {
    exchange->refuse(beyond_head("min_position", head));
    co_return false;
  }
  auto patience = exchange->core.options.deadlines.min_position;
  if (const auto wait = parse_prefer(exchange->request.header(Header::prefer)).wait) {
    patience = std::min(patience, std::chrono::milliseconds(*wait));
  }
  Arrival<bool> arrival(exchange->loop);
  catalog.when_reached(projection, Position{*wanted}, patience, [&arrival](bool reached) { arrival.bring(reached); });
  const bool reached = co_await arrival.wait();
  if (!reached) {
    Problem problem{ProblemKind::position_not_reached,
                    fmt::format("The view is at {}, not yet at {}.", catalog.position(projection).value, *wanted)};
    problem.retry_after_seconds = 1;
    exchange->refuse(problem);
  }
  co_return reached;
}

}  // namespace flowstone::api
