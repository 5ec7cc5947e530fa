#include "workflows/source.hpp"

#include <charconv>
#include <string>

#include <fmt/core.h>

#include "workflows/source_reader.hpp"

namespace flowstone::workflows {
namespace {

// The token with ~1 and ~0 read; `pointer` goes on behind it.
std::string take_token(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const auto end = std::min(pointer.find('/'), pointer.size());
  std::string token;
  for (std::size_t at = 0; at < end; ++at) {
    if (pointer[at] == '~' && at + 1 < end) {
      token += pointer[++at] == '1' ? '/' : '~';
    } else {
      token += pointer[at];
    }
  }
  pointer.remove_prefix(end);
  return token;
}

std::optional<std::size_t> index_of(const Value& value, const std::string& token) {
  if (value.is_object()) {
    const auto* found = value.find(token);
    if (found == nullptr) return std::nullopt;
    const auto& members = value.members();
    const auto at = std::ranges::find(members, found, [](const jsonata::Member& member) { return &member.value; });
    return static_cast<std::size_t>(at - members.begin());
  }
  if (!value.is_array()) return std::nullopt;
  std::size_t index = 0;
  const char* end = token.data() + token.size();
  const auto read = std::from_chars(token.data(), end, index);
  if (read.ec != std::errc() || read.ptr != end || index >= value.items().size()) return std::nullopt;
  return index;
}

// Bytes of the pointers of all that is in the value, as far as the limit.
std::size_t pointer_bytes(const Value& value, std::size_t own) {
  std::size_t sum = own;
  const auto add = [&sum, own](const Value& inner, std::size_t token) {
    if (sum <= kMaxPointerBytes) sum += pointer_bytes(inner, own + 1 + token);
  };
  if (value.is_object()) {
    for (const auto& [key, inner] : value.members()) add(inner, key.size());
  } else if (value.is_array()) {
    for (const auto& inner : value.items()) add(inner, 5);
  }
  return sum;
}

Problems one_problem(std::string_view code, std::string sentence) {
  return {{.severity = Severity::error,
           .code = std::string(code),
           .path = "",
           .place = {},
           .sentence = std::move(sentence)}};
}

}  // namespace

const Value* find_value(const Value& value, std::string_view pointer) {
  const Value* at = &value;
  while (!pointer.empty()) {
    const auto index = index_of(*at, take_token(pointer));
    if (!index) return nullptr;
    at = at->is_object() ? &at->members()[*index].value : &at->items()[*index];
  }
  return at;
}

std::string_view name_of(Format format) {
  switch (format) {
    case Format::json:
      return "json";
    case Format::yaml:
      return "yaml";
  }
  return "json";
}

Place Source::place_of(std::string_view pointer) const {
  const Value* at = &value;
  const Places* here = &places;
  while (!pointer.empty()) {
    const auto index = index_of(*at, take_token(pointer));
    if (!index || *index >= here->children.size()) break;
    at = at->is_object() ? &at->members()[*index].value : &at->items()[*index];
    here = &here->children[*index];
  }
  return here->place;
}

const Value* Source::find(std::string_view pointer) const { return find_value(value, pointer); }

Result<Source, Problems> read_source(std::string_view text, Format format) {
  if (text.size() > kMaxSourceBytes)
    return failure(one_problem("too_long", fmt::format("a definition has at most {} bytes", kMaxSourceBytes)));
  FLOWSTONE_TRY(auto source, format == Format::yaml ? read_yaml_source(text) : read_json_source(text));
  if (pointer_bytes(source.value, 0) > kMaxPointerBytes)
    return failure(one_problem("too_long", "the names of members are too long for so many values in them"));
  return source;
}

}  // namespace flowstone::workflows
