// Query parameters that several calls share.
#pragma once

#include <optional>
#include <string>

#include "api/exchange.hpp"
#include "base/position.hpp"
#include "base/time.hpp"

namespace flowstone::api {

// The number in `name`, from `least` to `most`; `fallback` if it is not given. Nothing, and refused, if it is no such
// number.
std::optional<std::uint64_t> take_number(Exchange& exchange, std::string_view name, std::uint64_t fallback,
                                         std::uint64_t least, std::uint64_t most);
// A position or a time, whichever the client gave; neither if it gave nothing.
struct Moment {
  std::optional<Position> position;
  std::optional<Timestamp> time;
};
// Nothing, and refused, if it is neither.
std::optional<Moment> take_moment(Exchange& exchange, std::string_view name);
// True or false; `fallback` if not given.
std::optional<bool> take_flag(Exchange& exchange, std::string_view name, bool fallback);

// `as_of`: a position, or a time that stands for the last position not younger. `value` stays empty if it was not
// given. False, and refused, if it is neither or beyond the head.
Task<bool> take_as_of(Exchange* exchange, std::optional<Position>* value);
// `min_position`: waits until the projection has reached it. False, and refused, if it does not in time, or cannot.
Task<bool> await_min_position(Exchange* exchange, std::string_view projection);

}  // namespace flowstone::api
