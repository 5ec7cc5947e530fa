#include "cli/portable_members.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/bytes.hpp"
#include "base/identifier.hpp"
#include "cli/run_events.hpp"
#include "schemas/json.hpp"

namespace flowstone::cli {
namespace {

constexpr std::string_view kSourcePrefix = "/workspaces/";

}  // namespace

std::string PortableMembers::text(std::string_view name, bool needed) {
  const auto* value = object_.if_contains(name);
  if (value == nullptr && !needed) return {};
  if (value == nullptr || !value->is_string()) return wrong(name, "must be a text"), std::string();
  return std::string(value->get_string());
}

std::uint64_t PortableMembers::number(std::string_view name, std::uint64_t most) {
  const auto value = number_of(object_, name);
  if (!value || *value < 0) return wrong(name, "must be a number"), 0;
  if (static_cast<std::uint64_t>(*value) > most) return wrong(name, "is too large"), 0;
  return static_cast<std::uint64_t>(*value);
}

std::string PortableMembers::base64(std::string_view name) {
  const auto bytes = from_base64(text(name, true));
  if (!bytes) return wrong(name, "must be base64"), std::string();
  return *bytes;
}

Digest PortableMembers::digest(std::string_view name) {
  Digest out{};
  const auto bytes = from_hex(text(name, true));
  if (!bytes || bytes->size() != out.size()) return wrong(name, "must be 64 hexadecimal digits"), out;
  std::ranges::copy(*bytes, reinterpret_cast<char*>(out.data()));  // NOLINT: bytes seen as chars
  return out;
}

std::string PortableMembers::workspace() {
  const auto source = text("source", true);
  if (!source.starts_with(kSourcePrefix)) wrong("source", "must be /workspaces/<id>");
  auto id = source.substr(std::min(kSourcePrefix.size(), source.size()));
  if (!is_uuid(id)) wrong("source", "must end with the id of a workspace");
  return id;
}

void PortableMembers::wrong(std::string_view name, std::string_view what) {
  if (problem_.empty()) problem_ = fmt::format("{} {}", name, what);
}

void append_member(std::string_view name, std::string_view text, std::string& out) {
  out += fmt::format(",\"{}\":", name);
  schemas::append_json_string(text, out);
}

}  // namespace flowstone::cli
