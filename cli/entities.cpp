#include "cli/entities.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "base/time.hpp"
#include "cli/json_text.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {

namespace {

constexpr std::size_t kDigestCharacters = 64;  // SHA-256 in hexadecimal
constexpr std::size_t kShownOfDigest = 12;

bool is_list_of_objects(const boost::json::value& value) {
  const auto* list = value.if_array();
  return list != nullptr && !list->empty() &&
         std::ranges::all_of(*list, [](const auto& item) { return item.is_object(); });
}

// "2026-11-21T07:17:26.283381Z" to the second: in a table nobody reads on.
std::string to_the_second(std::string time) {
  const auto point = time.find('.');
  if (point != std::string::npos && time.ends_with('Z')) time.replace(point, std::string::npos, "Z");
  return time;
}

bool is_digest(std::string_view text) {
  return text.size() == kDigestCharacters && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// What stands in a list within an entity.
std::string brief_text(const boost::json::value& value) {
  auto text = plain_text(value);
  if (!value.is_string()) return text;
  if (is_digest(text)) return text.substr(0, kShownOfDigest) + "…";
  return from_rfc3339(text) ? to_the_second(std::move(text)) : text;
}

void print_list(const boost::json::array& list) {
  std::vector<std::string> columns;
  for (const auto& item : list) {
    for (const auto& [name, value] : item.get_object()) {
      if (std::ranges::find(columns, std::string_view(name)) == columns.end()) columns.emplace_back(name);
    }
  }
  TextTable table(columns, 2);
  for (const auto& item : list) {
    std::vector<std::string> cells;
    for (const auto& column : columns) {
      const auto* value = item.get_object().if_contains(column);
      cells.push_back(value == nullptr ? std::string() : brief_text(*value));
    }
    table.add(std::move(cells));
  }
  table.print();
}

std::string cell_of(const boost::json::object& item, const std::string& column, const schemas::Field* field) {
  const auto* value = item.if_contains(column);
  if (value == nullptr) return {};
  auto text = plain_text(*value);
  return field != nullptr && field->is_time() ? to_the_second(std::move(text)) : text;
}

std::vector<std::string> without_empty_columns(std::vector<std::string> columns, const boost::json::array& items) {
  std::erase_if(columns, [&](const auto& column) {
    return std::ranges::all_of(items, [&](const auto& item) {
      const auto* value = item.get_object().if_contains(column);
      return value == nullptr || plain_text(*value).empty();
    });
  });
  return columns;
}

}  // namespace

std::string plain_text(const boost::json::value& value) {
  if (value.is_null()) return {};
  if (const auto* text = value.if_string()) return std::string(*text);
  if (value.is_double()) return json_text(value);
  const auto* list = value.if_array();
  if (list == nullptr || std::ranges::any_of(*list, [](const auto& item) { return item.is_structured(); })) {
    return json_text(value);
  }
  std::string out;
  for (const auto& item : *list) out += (out.empty() ? "" : ",") + plain_text(item);
  return out;
}

void print_entity(const boost::json::value& entity) {
  if (!entity.is_object()) return;
  const bool colour = wants_colour(STDOUT_FILENO);
  std::size_t widest = 0;
  for (const auto& [name, value] : entity.get_object()) widest = std::max(widest, name.size());
  for (const auto& [name, value] : entity.get_object()) {
    const std::string label(name);
    if (is_list_of_objects(value)) {
      fmt::print("{}\n", paint(label, Ink::bold, colour));
      print_list(value.get_array());
    } else {
      fmt::print("{}{}  {}\n", paint(label, Ink::bold, colour), std::string(widest - label.size(), ' '),
                 harmless(plain_text(value)));
    }
  }
}

void print_rows(const schemas::Aggregate& aggregate, const std::vector<std::string>& columns,
                const boost::json::array& items) {
  if (items.empty()) {
    fmt::print(stderr, "There are no such {}.\n", aggregate.plural);
    return;
  }
  const auto shown = without_empty_columns(columns, items);
  TextTable table(shown);
  for (const auto& item : items) {
    std::vector<std::string> cells;
    for (const auto& column : shown) cells.push_back(cell_of(item.get_object(), column, aggregate.state->find(column)));
    table.add(std::move(cells));
  }
  table.print();
}

void print_entities(const schemas::Aggregate& aggregate, const boost::json::array& items) {
  std::vector<std::string> columns{"id"};
  for (const auto& field : aggregate.state->fields) {
    const bool bookkeeping = field.name == "created_at" || field.name == "updated_at";
    if (field.index && !field.hidden && !bookkeeping && field.format != "uuid") columns.emplace_back(field.name);
  }
  print_rows(aggregate, columns, items);
}

}  // namespace flowstone::cli
