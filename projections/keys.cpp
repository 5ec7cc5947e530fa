#include "projections/keys.hpp"

#include "base/check.hpp"
#include "base/identifier.hpp"
#include "projections/codec.hpp"

namespace flowstone::projections {
namespace {

constexpr char kUuid = 1;
constexpr char kText = 2;
constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kHeaderBytes = 5;  // build and section

int nibble(char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; }

void append_uuid(Bytes& out, std::string_view uuid) {
  for (std::size_t at = 0; at < uuid.size(); at += 2) {
    if (uuid[at] == '-') ++at;
    out.push_back(static_cast<char>(nibble(uuid[at]) << 4 | nibble(uuid[at + 1])));
  }
}

std::size_t encoded_workspace_size(BytesView encoded) {
  return encoded.front() == kUuid ? 1 + kUuidBytes : 2 + static_cast<unsigned char>(encoded[1]);
}

}  // namespace

Bytes build_key(BuildId build) {
  Bytes key;
  append_big_endian(key, build, 4);
  return key;
}

Bytes section_key(BuildId build, Section section) {
  Bytes key = build_key(build);
  key.push_back(static_cast<char>(section));
  return key;
}

BuildId build_of(BytesView key) { return static_cast<BuildId>(read_big_endian(key.substr(0, 4))); }

void append_workspace(Bytes& key, std::string_view workspace) {
  if (is_uuid(workspace)) {
    key.push_back(kUuid);
    append_uuid(key, workspace);
    return;
  }
  check(workspace.size() <= 255, "a workspace's name has at most 255 bytes");
  key.push_back(kText);
  key.push_back(static_cast<char>(workspace.size()));
  key.append(workspace);
}

void append_id(Bytes& key, std::string_view id) {
  if (is_uuid(id)) {
    key.push_back(kUuid);
    append_uuid(key, id);
    return;
  }
  key.push_back(kText);
  key.append(id);
}

std::string decode_id(BytesView encoded) {
  if (encoded.empty()) return {};
  if (encoded.front() == kText) return std::string(encoded.substr(1));
  std::string text = to_hex(encoded.substr(1));
  for (const std::size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
  return text;
}

std::string decode_workspace(BytesView encoded) {
  if (encoded.front() == kText) return std::string(encoded.substr(2));
  return decode_id(encoded);
}

Bytes rows_prefix(BuildId build, std::string_view workspace) {
  Bytes key = section_key(build, Section::rows);
  append_workspace(key, workspace);
  return key;
}

Bytes row_key(BuildId build, std::string_view workspace, std::string_view id) {
  Bytes key = rows_prefix(build, workspace);
  append_id(key, id);
  return key;
}

BytesView encoded_workspace_of_row(BytesView key) {
  const BytesView rest = key.substr(kHeaderBytes);
  return rest.substr(0, encoded_workspace_size(rest));
}

BytesView encoded_id_of_row(BytesView key) {
  const BytesView rest = key.substr(kHeaderBytes);
  return rest.substr(encoded_workspace_size(rest));
}

Bytes digest_key(BytesView encoded_workspace, BytesView encoded_id) {
  return Bytes(encoded_workspace).append(encoded_id);
}

Bytes index_prefix(BuildId build, std::uint16_t slot, std::string_view workspace) {
  Bytes key = section_key(build, Section::indexes);
  append_big_endian(key, slot, 2);
  append_workspace(key, workspace);
  return key;
}

Bytes after_prefix(BytesView prefix) {
  Bytes next(prefix);
  while (!next.empty() && static_cast<unsigned char>(next.back()) == 0xff) next.pop_back();
  check(!next.empty(), "a prefix of 0xff alone has no end");
  next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1);
  return next;
}

}  // namespace flowstone::projections
