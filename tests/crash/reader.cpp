#include "tests/crash/reader.hpp"

#include <fmt/format.h>

namespace flowstone::crash {
namespace {

using boost::json::object;

std::optional<object> ask_for(Connection& connection, const std::string& path) {
  const std::optional<Answer> answer = connection.ask({.method = "GET", .path = path});
  if (!answer || !answer->succeeded()) return {};
  boost::json::error_code malformed;
  boost::json::value body = boost::json::parse(answer->body, malformed);
  return body.is_object() ? std::optional(std::move(body.get_object())) : std::nullopt;
}

}  // namespace

std::optional<std::vector<Event>> read_events(Connection& connection, std::uint64_t first) {
  std::vector<Event> events;
  for (;;) {
    const auto page = ask_for(connection, fmt::format("/v1/events?from={}&limit=1000", first));
    if (!page) return {};
    const auto& items = page->at("items").as_array();
    for (const auto& item : items) events.push_back(event_of(item.as_object()));
    if (items.empty()) return events;
    first = events.back().position + 1;
  }
}

std::optional<object> read_row(Connection& connection, const std::string& aggregate, const std::string& id,
                               std::uint64_t position) {
  return ask_for(connection, fmt::format("/v1/{}s/{}?min_position={}", aggregate, id, position));
}

std::optional<std::vector<object>> read_rows(Connection& connection, const std::string& aggregate,
                                             std::uint64_t position) {
  std::vector<object> rows;
  for (std::string cursor;;) {
    const std::string after = cursor.empty() ? "" : fmt::format("&cursor={}", cursor);
    const auto page =
        ask_for(connection, fmt::format("/v1/{}s?limit=100&min_position={}{}", aggregate, position, after));
    if (!page) return {};
    for (const auto& item : page->at("items").as_array()) rows.push_back(item.as_object());
    const auto* const next = page->if_contains("next_cursor");
    if (next == nullptr || !next->is_string() || next->get_string().empty()) return rows;
    cursor = next->get_string();
  }
}

std::optional<TreeRoot> read_root(Connection& connection, std::uint64_t size) {
  const auto root = ask_for(connection, size == 0 ? "/v1/audit/root" : fmt::format("/v1/audit/root?size={}", size));
  if (!root) return {};
  return TreeRoot{.size = root->at("size").to_number<std::uint64_t>(),
                  .root = std::string(root->at("root").as_string())};
}

void LogFollower::follow(const Endpoint& endpoint) {
  Connection connection(endpoint);
  Request request{.method = "GET", .path = "/v1/events", .headers = {{"Accept", "text/event-stream"}}};
  if (!seen_.empty()) request.headers["Last-Event-ID"] = std::to_string(seen_.back().position);
  connection.follow(request, [this](std::string_view line) {
    constexpr std::string_view kData = "data:";
    if (!line.starts_with(kData)) return true;
    boost::json::error_code malformed;
    const std::string text(line.substr(kData.size()));
    const boost::json::value event = boost::json::parse(text, malformed);
    if (event.is_object() && event.get_object().contains("position")) seen_.push_back(event_of(event.get_object()));
    return true;
  });
}

}  // namespace flowstone::crash
