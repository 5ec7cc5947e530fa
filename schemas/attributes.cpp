#include "schemas/attributes.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace flowstone::schemas {
namespace {

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<std::string_view> split_by_comma(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    parts.push_back(trimmed(text.substr(0, comma)));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return parts;
}

const reflection::KeyValue* Attributes::find(std::string_view name) const {
  if (list_ == nullptr) return nullptr;
  for (const reflection::KeyValue* attribute : *list_) {
    if (attribute->key()->string_view() == name) return attribute;
  }
  return nullptr;
}

void Attributes::only(std::span<const std::string_view> known) const {
  if (list_ == nullptr) return;
  for (const reflection::KeyValue* attribute : *list_) {
    const std::string_view name = attribute->key()->string_view();
    if (std::ranges::find(known, name) == known.end()) mistake(fmt::format("`{}` has no meaning here", name));
  }
}

std::string_view Attributes::text(std::string_view name) const {
  const reflection::KeyValue* attribute = find(name);
  return attribute == nullptr || attribute->value() == nullptr ? std::string_view() : attribute->value()->string_view();
}

std::optional<std::uint32_t> Attributes::count(std::string_view name) const {
  if (!has(name)) return std::nullopt;
  const auto value = parse<std::uint32_t>(text(name));
  if (!value) mistake(fmt::format("`{}` must be a whole number, not `{}`", name, text(name)));
  return value;
}

std::optional<double> Attributes::number(std::string_view name) const {
  if (!has(name)) return std::nullopt;
  const auto value = parse<double>(text(name));
  if (!value) mistake(fmt::format("`{}` must be a number, not `{}`", name, text(name)));
  return value;
}

void Attributes::mistake(std::string_view sentence) const {
  mistakes_.push_back(fmt::format("{}: {}", place_, sentence));
}

}  // namespace flowstone::schemas
