// Table queries, for the calls that show more than a row has.
#pragma once

#include <optional>

#include "api/exchange.hpp"
#include "base/position.hpp"

namespace flowstone::api {

// What is shown in place of a row, as of a position where the client asked for the past. Runs where it may block.
using ShowRow = Bytes (*)(const Exchange& exchange, Bytes row, std::optional<Position> as_of);

// One entity, or a page of them; with `show` each row passes through it.
Task<void> answer_entity(Exchange* exchange, ShowRow show);
Task<void> answer_list(Exchange* exchange, ShowRow show);

}  // namespace flowstone::api
