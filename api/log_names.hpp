// Names that events bear, as clients write them into queries: a name that no event could have must not look like one
// that has no events.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/exchange.hpp"

namespace flowstone::api {

// What a stream is called: `<category>-<id>`, the id of an aggregate's stream a UUID.
bool is_stream_name(std::string_view text);
// Such as `task` or `api_key`.
bool is_category(std::string_view text);
// Such as `task.completed`.
bool is_event_type(std::string_view text);
// Actors, correlations and the like: 1 to 255 printable ASCII characters without space.
bool is_log_name(std::string_view text);

// The parameter of that shape; empty if it is not given. Nothing, and refused, if it is given and has another.
std::optional<std::string> take_stream_name(Exchange& exchange, std::string_view parameter);
std::optional<std::string> take_log_name(Exchange& exchange, std::string_view parameter);
// Several, separated by commas.
std::optional<std::vector<std::string>> take_categories(Exchange& exchange, std::string_view parameter);
std::optional<std::vector<std::string>> take_event_types(Exchange& exchange, std::string_view parameter);

}  // namespace flowstone::api
