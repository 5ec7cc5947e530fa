// Builds the FlatBuffer of any table from values that wait, parked, until all of its fields are known.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include <flatbuffers/flatbuffer_builder.h>

#include "schemas/contract.hpp"

namespace flowstone::schemas {

// A value waiting for its table to be built. Which member counts is said by the field's kind. Trivial on purpose: a
// table has room for 64 of them, and only those of present fields are ever written.
struct ParkedValue {
  const char* characters;
  std::size_t size;
  std::int64_t
      integer;          // integers, enumerations, booleans; the offset of a nested table; the bits of a floating number
  std::uint32_t first;  // of a list: its items in ParkedLists
  std::uint32_t count;

  [[nodiscard]] std::string_view text() const { return {characters, size}; }
  void set_text(std::string_view text) {
    characters = text.data();
    size = text.size();
  }
};
static_assert(std::is_trivially_default_constructible_v<ParkedValue>);

// The items of all lists that are parked at the moment, as two stacks: a nested table puts its lists above those of
// the table around it and takes them away when it has been built.
struct ParkedLists {
  std::vector<std::string_view> texts;
  std::vector<std::int64_t> integers;
};

struct ParkedTable {
  static constexpr std::size_t kMaxFields = 64;

  const Table& table;
  std::uint64_t seen = 0;                      // one bit a field, in the contract's order: given in the document
  std::uint64_t present = 0;                   // has a value
  std::array<ParkedValue, kMaxFields> values;  // only those of present fields are set

  explicit ParkedTable(const Table& contract) : table(contract) {}

  [[nodiscard]] std::size_t index_of(const Field& field) const {
    return static_cast<std::size_t>(&field - table.fields.data());
  }
  ParkedValue& put(const Field& field) {
    present |= 1ULL << index_of(field);
    return values[index_of(field)];
  }
  [[nodiscard]] bool has(const Field& field) const { return (present >> index_of(field) & 1) != 0; }
};

// Order: texts and lists are written in the contract's order whatever the order in which they were parked.
flatbuffers::uoffset_t build_table(flatbuffers::FlatBufferBuilder& builder, const ParkedTable& parked,
                                   const ParkedLists& lists);

}  // namespace flowstone::schemas
