#include "workers/tasks/arguments.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "documents/text.hpp"
#include "jsonata/number_text.hpp"
#include "jsonata/unicode.hpp"
#include "workflows/resources.hpp"

namespace flowstone::workers {
namespace {

std::optional<std::string> scalar_text(const Value& value) {
  if (value.is_string()) return value.text();
  if (value.is_number() && std::isfinite(value.as_number())) return jsonata::number_text(value.as_number());
  if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
  return std::nullopt;
}

}  // namespace

TaskOutcome failed(std::string error, std::string cause) {
  return {.error = std::move(error), .cause = std::move(cause)};
}

bool is_plain_text(std::string_view bytes) {
  return !bytes.contains('\0') && documents::Text::from_utf8(std::string(bytes)).has_value();
}

std::string_view beginning_of(std::string_view utf8, std::size_t characters) {
  return utf8.substr(0, jsonata::byte_of_code_point(utf8, characters));
}

Arguments::Arguments(const TaskCall& call) : input_(call.input) {
  if (!input_.is_object()) {
    mistake_ = failed("Task.Invalid", "The arguments must be an object.");
    return;
  }
  const auto* resource = workflows::find_task_resource(call.resource);
  if (resource == nullptr || !resource->lists_arguments) return;
  const auto is_in = [](std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  };
  for (const auto& [key, value] : input_.members()) {
    if (is_in(resource->mandatory, key) || is_in(resource->optional, key)) continue;
    const auto* const other = resource->optional.empty() ? "" : ", ";
    mistake_ = failed("Task.Invalid",
                      fmt::format("`{}` is no argument of {}, which has {}{}{}.", key, resource->name,
                                  fmt::join(resource->mandatory, ", "), other, fmt::join(resource->optional, ", ")));
    return;
  }
}

const Value* Arguments::find(std::string_view name) const {
  const auto* value = input_.is_object() ? input_.find(name) : nullptr;
  return value == nullptr || value->is_null() || value->is_undefined() ? nullptr : value;
}

std::string Arguments::text(std::string_view name) {
  auto given = text(name, "");
  if (given.empty()) refuse(name, "a text that is not empty");
  return given;
}

std::string Arguments::text(std::string_view name, std::string otherwise) {
  const auto* value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_string()) return value->text();
  refuse(name, "a text");
  return {};
}

double Arguments::number(std::string_view name, double least, double most) {
  if (find(name) == nullptr) refuse(name, fmt::format("a number from {} to {}", least, most));
  return number(name, least, most, least);
}

double Arguments::number(std::string_view name, double least, double most, double otherwise) {
  const auto* value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_number() && value->as_number() >= least && value->as_number() <= most) return value->as_number();
  refuse(name, fmt::format("a number from {} to {}", least, most));
  return otherwise;
}

std::vector<std::string> Arguments::texts(std::string_view name) {
  std::vector<std::string> all;
  const auto* value = find(name);
  if (value == nullptr) return all;
  if (value->is_array()) {
    for (const auto& item : value->items()) {
      if (auto text = scalar_text(item)) all.push_back(*std::move(text));
    }
  }
  if (!value->is_array() || all.size() != value->items().size()) refuse(name, "a list of texts, numbers or booleans");
  return all;
}

std::vector<std::pair<std::string, std::string>> Arguments::pairs(std::string_view name) {
  std::vector<std::pair<std::string, std::string>> all;
  const auto* value = find(name);
  if (value == nullptr) return all;
  if (value->is_object()) {
    for (const auto& [key, each] : value->members()) {
      if (auto text = scalar_text(each)) all.emplace_back(key, *std::move(text));
    }
  }
  if (!value->is_object() || all.size() != value->members().size())
    refuse(name, "an object of texts, numbers or booleans");
  return all;
}

void Arguments::refuse(std::string_view name, std::string_view must_be) {
  if (!mistake_) mistake_ = failed("Task.Invalid", fmt::format("`{}` must be {}.", name, must_be));
}

}  // namespace flowstone::workers
