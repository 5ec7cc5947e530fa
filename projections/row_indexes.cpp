#include "projections/row_indexes.hpp"

#include <algorithm>
#include <utility>

#include "projections/codec.hpp"
#include "schemas/row.hpp"

namespace flowstone::projections {

std::vector<Bytes> sorted_index_keys(const schemas::Field& field, BytesView row) {
  std::vector<Bytes> keys = schemas::index_keys(field, row);
  if (keys.size() > 1) {
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
  }
  return keys;
}

RowIndexes::RowIndexes(const schemas::Table& state) {
  for (const schemas::Field& field : state.fields) {
    if (field.index) fields_.push_back(&field);
  }
  std::ranges::sort(fields_, {}, [](const schemas::Field* field) { return field->slot; });
}

std::vector<RowIndexes::Entry> RowIndexes::entries(BytesView row) const {
  std::vector<Entry> entries;
  entries.reserve(fields_.size() + 4);
  for (const schemas::Field* field : fields_) {
    for (Bytes& value : sorted_index_keys(*field, row)) entries.push_back({field->slot, std::move(value)});
  }
  return entries;
}

Bytes index_key(BuildId build, const RowIndexes::Entry& entry, std::string_view workspace, BytesView encoded_id) {
  Bytes key = index_prefix(build, entry.slot, workspace);
  key.append(entry.value).push_back('\0');
  key.append(encoded_id);
  return key;
}

Bytes index_value(BytesView encoded_id) {
  Bytes value;
  append_big_endian(value, encoded_id.size(), 2);
  return value;
}

}  // namespace flowstone::projections
