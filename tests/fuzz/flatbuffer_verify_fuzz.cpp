// Any bytes as a FlatBuffer of any table, chosen by the first byte: whatever verifies can be read in every way.
// Small ones: a buffer whose offsets share one text can stand for much JSON.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "schemas/json.hpp"
#include "schemas/row.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;           // NOLINT: the whole program is this function
  using namespace flowstone::schemas;  // NOLINT
  if (size == 0 || size > 4096) return 0;
  const auto& tables = contracts().tables();
  const Table& table = *tables[data[0] % tables.size()];
  // A copy of its own, so that a sanitizer sees every byte read beside it.
  const Bytes bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (!verify(table, bytes)) return 0;
  std::string json;
  encode_json(table, bytes, json, {.hidden = true, .nulls = true});
  check(json.front() == '{' && json.back() == '}', "a table is an object");
  for (const Field& field : table.fields) {
    check(!index_keys(field, bytes).empty(), "every field has an entry in an index");
    (void)integer_of(field, bytes);
    (void)text_of(field, bytes);
  }
  check(changes_between(table, bytes, bytes).empty(), "a value does not differ from itself");
  return 0;
}
