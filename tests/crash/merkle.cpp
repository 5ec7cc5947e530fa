#include "tests/crash/merkle.hpp"

#include <bit>
#include <sstream>

#include <fmt/format.h>

#include "base/bytes.hpp"

namespace flowstone::crash {
namespace {

using boost::json::object;

std::string text_of(const object& from, std::string_view name) {
  const auto* const found = from.if_contains(name);
  return found != nullptr ? std::string(found->as_string()) : std::string();
}

void append_number(const object& from, std::string_view name, int bytes, std::string& out) {
  auto number = static_cast<std::uint64_t>(from.at(name).to_number<std::int64_t>());
  for (; bytes > 0; --bytes, number >>= 8) out += static_cast<char>(number & 0xff);
}

void append_name(const std::string& name, std::string& out) {
  out += static_cast<char>(name.size());
  out += name;
}

std::string payload_of(const object& exported) { return from_base64(text_of(exported, "payload")).value_or(""); }

std::string header_of(const object& exported) {
  constexpr std::string_view kSource = "/workspaces/";
  std::string header = "\x01";
  append_number(exported, "position", 8, header);
  append_number(exported, "revision", 8, header);
  append_number(exported, "timemicros", 8, header);
  append_number(exported, "schemaversion", 2, header);
  append_number(object{{"size", payload_of(exported).size()}}, "size", 4, header);
  header += from_hex(text_of(exported, "payloaddigest")).value_or("");
  append_name(text_of(exported, "source").substr(kSource.size()), header);
  for (const char* const name :
       {"subject", "type", "actor", "commandid", "causationid", "correlationid", "requestid", "traceparent"})
    append_name(text_of(exported, name), header);
  return header;
}

Digest tree_hash(const Digest* leaves, std::size_t count) {
  if (count == 0) return sha256("");
  if (count == 1) return *leaves;
  const std::size_t left = std::bit_floor(count - 1);
  const Digest first = tree_hash(leaves, left);
  const Digest second = tree_hash(leaves + left, count - left);
  return sha256({BytesView("\x01", 1), view(first), view(second)});
}

}  // namespace

Digest tree_hash(const std::vector<Digest>& leaves) { return tree_hash(leaves.data(), leaves.size()); }

Digest leaf_of(const object& exported) { return sha256({BytesView("\0", 1), header_of(exported)}); }

Recomputed recompute(const std::string& exported) {
  Recomputed result;
  std::vector<Digest> leaves;
  std::istringstream lines(exported);
  for (std::string line; std::getline(lines, line);) {
    boost::json::error_code malformed;
    const boost::json::value event = boost::json::parse(line, malformed);
    if (!event.is_object() || !event.get_object().contains("position")) continue;  // the seal
    const object& fields = event.get_object();
    leaves.push_back(leaf_of(fields));
    const Digest digest = sha256({from_base64(text_of(fields, "salt")).value_or(""), payload_of(fields)});
    if (to_hex(view(digest)) != text_of(fields, "payloaddigest"))
      result.findings.push_back(fmt::format("position {}: the payload is not what its digest says", leaves.size()));
  }
  result.size = leaves.size();
  result.root = to_hex(view(tree_hash(leaves)));
  return result;
}

}  // namespace flowstone::crash
