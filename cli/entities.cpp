#include "cli/entities.hpp"

#include <algorithm>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "cli/terminal.hpp"

namespace flowstone::cli {

std::string plain_text(const boost::json::value& value) {
  if (value.is_null()) return {};
  if (const auto* text = value.if_string()) return std::string(*text);
  const auto* list = value.if_array();
  if (list == nullptr || std::ranges::any_of(*list, [](const auto& item) { return item.is_structured(); })) {
    return boost::json::serialize(value);
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
    fmt::print("{}{}  {}\n", paint(label, Ink::bold, colour), std::string(widest - label.size(), ' '),
               harmless(plain_text(value)));
  }
}

void print_entities(const schemas::Aggregate& aggregate, const boost::json::array& items) {
  std::vector<std::string> columns{"id"};
  for (const auto& field : aggregate.state->fields) {
    const bool bookkeeping = field.name == "created_at" || field.name == "updated_at";
    if (field.index && !field.hidden && !bookkeeping && field.format != "uuid") columns.emplace_back(field.name);
  }
  TextTable table(columns);
  for (const auto& item : items) {
    if (!item.is_object()) continue;
    std::vector<std::string> cells;
    for (const auto& column : columns) {
      const auto* value = item.get_object().if_contains(column);
      cells.push_back(value == nullptr ? std::string() : plain_text(*value));
    }
    table.add(std::move(cells));
  }
  table.print();
}

}  // namespace flowstone::cli
