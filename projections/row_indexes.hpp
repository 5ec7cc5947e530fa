// Which entries a row has in the indexes that its contract asks for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "projections/keys.hpp"
#include "schemas/contract.hpp"

namespace flowstone::projections {

// Sorted and free of doubles.
std::vector<Bytes> sorted_index_keys(const schemas::Field& field, BytesView row);

class RowIndexes {
 public:
  explicit RowIndexes(const schemas::Table& state);

  [[nodiscard]] const std::vector<const schemas::Field*>& fields() const { return fields_; }

  struct Entry {
    std::uint16_t slot = 0;
    Bytes value;
    auto operator<=>(const Entry&) const = default;
  };
  // In the order of slot and value.
  [[nodiscard]] std::vector<Entry> entries(BytesView row) const;

 private:
  std::vector<const schemas::Field*> fields_;  // by slot
};

// The key of an entry; `encoded_id` as `append_id` makes it.
Bytes index_key(BuildId build, const RowIndexes::Entry& entry, std::string_view workspace, BytesView encoded_id);
// What is stored with it: the length of the encoded id.
Bytes index_value(BytesView encoded_id);

}  // namespace flowstone::projections
