// The grammar of the keys in DIR/views. docs/formats/views.md has the table.
//
//   key        := build section rest                       build: 4 bytes, big-endian; 0 is the catalog itself
//   checkpoint := build 0x01
//   row        := build 0x02 workspace id
//   index      := build 0x03 slot workspace value 0x00 id  slot: 2 bytes; value: schemas::index_keys
//   posting    := build 0x04 kind workspace text 0x00 first-position   (audit)
//   workspace  := 0x01 16 bytes | 0x02 length text         a UUID takes 16 bytes
//   id         := 0x01 16 bytes | 0x02 text                reaches to the key's end
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/position.hpp"

namespace flowstone::projections {

using BuildId = std::uint32_t;

enum class Section : char { checkpoint = 1, rows = 2, indexes = 3, postings = 4, end = 5 };

// The first key of a section; with the next section it spans everything in it.
Bytes section_key(BuildId build, Section section);
// The first key of a build.
Bytes build_key(BuildId build);
BuildId build_of(BytesView key);

void append_workspace(Bytes& key, std::string_view workspace);
void append_id(Bytes& key, std::string_view id);
// The id that `append_id` wrote.
std::string decode_id(BytesView encoded);

// All rows of a workspace start with it.
Bytes rows_prefix(BuildId build, std::string_view workspace);
Bytes row_key(BuildId build, std::string_view workspace, std::string_view id);
// What follows the workspace in a row's key: the encoded id.
BytesView encoded_id_of_row(BytesView key);
// What stands between the section and the id: the encoded workspace.
BytesView encoded_workspace_of_row(BytesView key);

// The workspace that `append_workspace` wrote.
std::string decode_workspace(BytesView encoded);

// What names a row in the digest of its table, whatever the build: workspace and id, encoded.
Bytes digest_key(BytesView encoded_workspace, BytesView encoded_id);

// All entries of a field in a workspace start with it.
Bytes index_prefix(BuildId build, std::uint16_t slot, std::string_view workspace);

// The smallest key greater than every key that starts with `prefix`.
Bytes after_prefix(BytesView prefix);

}  // namespace flowstone::projections
