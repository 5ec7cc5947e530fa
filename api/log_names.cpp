#include "api/log_names.hpp"

#include <algorithm>

#include "api/header_values.hpp"
#include "base/identifier.hpp"
#include "eventstore/append.hpp"
#include "schemas/contract.hpp"

namespace flowstone::api {
namespace {

using Test = bool (*)(std::string_view);

bool is_word(std::string_view text) {
  const auto inside = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' && std::ranges::all_of(text, inside);
}

std::optional<std::string> take_one(Exchange& exchange, std::string_view parameter, Test test, std::string_view must) {
  const auto text = exchange.query.take(parameter);
  if (!text) return std::string();
  if (test(*text)) return std::string(*text);
  exchange.refuse(invalid_parameter(parameter, must));
  return std::nullopt;
}

std::optional<std::vector<std::string>> take_several(Exchange& exchange, std::string_view parameter, Test test,
                                                     std::string_view must) {
  const auto text = exchange.query.take(parameter);
  std::vector<std::string> items;
  if (!text) return items;
  for (const auto item : split_list(*text)) items.emplace_back(item);
  if (!items.empty() && std::ranges::all_of(items, test)) return items;
  exchange.refuse(invalid_parameter(parameter, must));
  return std::nullopt;
}

}  // namespace

bool is_log_name(std::string_view text) {
  return !text.empty() && text.size() <= eventstore::Limits::kNameBytes &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

bool is_category(std::string_view text) { return is_log_name(text) && is_word(text); }

bool is_event_type(std::string_view text) {
  const std::size_t dot = text.find('.');
  return dot != std::string_view::npos && is_log_name(text) && is_word(text.substr(0, dot)) &&
         is_word(text.substr(dot + 1));
}

bool is_stream_name(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos || dash + 1 == text.size() || !is_log_name(text)) return false;
  const auto category = text.substr(0, dash);
  if (!is_word(category)) return false;
  const schemas::Aggregate* const aggregate = schemas::contracts().find_aggregate(category);
  return aggregate == nullptr || is_uuid(text.substr(dash + 1));
}

std::optional<std::string> take_stream_name(Exchange& exchange, std::string_view parameter) {
  return take_one(exchange, parameter, is_stream_name,
                  "must be the name of a stream: `<category>-<id>`, such as task-01920000-0000-7000-8000-000000000011");
}

std::optional<std::string> take_log_name(Exchange& exchange, std::string_view parameter) {
  return take_one(exchange, parameter, is_log_name, "must be 1 to 255 printable ASCII characters without space");
}

std::optional<std::vector<std::string>> take_categories(Exchange& exchange, std::string_view parameter) {
  return take_several(exchange, parameter, is_category, "must be categories such as task, separated by commas");
}

std::optional<std::vector<std::string>> take_event_types(Exchange& exchange, std::string_view parameter) {
  return take_several(exchange, parameter, is_event_type,
                      "must be event types such as task.completed, separated by commas");
}

}  // namespace flowstone::api
