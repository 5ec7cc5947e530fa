#include <flatbuffers/verifier.h>
#include <simdjson.h>

#include "schemas/json.hpp"
#include "schemas/table_view.hpp"

namespace flowstone::schemas {
namespace {

using flatbuffers::Verifier;

constexpr std::size_t kMinSize = 12;  // the root's offset, the root's offset to its vtable, an empty vtable
constexpr std::size_t kMaxSize = 0x7fffffff;
constexpr flatbuffers::uoffset_t kMaxDepth = 16;  // as for JSON
constexpr flatbuffers::uoffset_t kMaxTables =
    1 << 20;  // shared offsets could make a small buffer describe endless tables

bool verify_text(Verifier& verifier, const flatbuffers::String* text) {
  return verifier.VerifyString(text) && (text == nullptr || simdjson::validate_utf8(text->c_str(), text->size()));
}

bool verify_table(Verifier& verifier, const Table& contract, const flatbuffers::Table& table);

bool verify_texts(Verifier& verifier, const TextList* list) {
  if (!verifier.VerifyVector(list)) return false;
  for (flatbuffers::uoffset_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (!verify_text(verifier, list->Get(i))) return false;
  }
  return true;
}

bool verify_tables(Verifier& verifier, const Table& contract, const TableList* list) {
  if (!verifier.VerifyVector(list)) return false;
  for (flatbuffers::uoffset_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (!verify_table(verifier, contract, *list->Get(i))) return false;
  }
  return true;
}

template <class Number>
bool verify_numbers(Verifier& verifier, const Field& field, const flatbuffers::Table& table) {
  if (!field.is_list) return table.VerifyField<Number>(verifier, field.slot, sizeof(Number));
  return table.VerifyOffset(verifier, field.slot) &&
         verifier.VerifyVector(table.GetPointer<const flatbuffers::Vector<Number>*>(field.slot));
}

bool verify_scalar(Verifier& verifier, const Field& field, const flatbuffers::Table& table) {
  switch (field.width) {
    case 1:
      return verify_numbers<std::uint8_t>(verifier, field, table);
    case 2:
      return verify_numbers<std::uint16_t>(verifier, field, table);
    case 4:
      return verify_numbers<std::uint32_t>(verifier, field, table);
    default:
      return verify_numbers<std::uint64_t>(verifier, field, table);
  }
}

bool verify_field(Verifier& verifier, const Field& field, const flatbuffers::Table& table) {
  if (field.width != 0) return verify_scalar(verifier, field, table);
  if (!table.VerifyOffset(verifier, field.slot)) return false;
  if (field.kind == Kind::text) {
    return field.is_list ? verify_texts(verifier, table.GetPointer<const TextList*>(field.slot))
                         : verify_text(verifier, table.GetPointer<const flatbuffers::String*>(field.slot));
  }
  if (field.is_list) return verify_tables(verifier, *field.table, table.GetPointer<const TableList*>(field.slot));
  const auto* nested = table.GetPointer<const flatbuffers::Table*>(field.slot);
  return nested == nullptr || verify_table(verifier, *field.table, *nested);
}

bool verify_table(Verifier& verifier, const Table& contract, const flatbuffers::Table& table) {
  if (!table.VerifyTableStart(verifier)) return false;
  for (const Field& field : contract.fields) {
    if (!verify_field(verifier, field, table)) return false;
  }
  return verifier.EndTable();
}

}  // namespace

bool verify(const Table& table, BytesView flatbuffer) {
  if (flatbuffer.size() < kMinSize || flatbuffer.size() > kMaxSize) return false;
  // NOLINTNEXTLINE: bytes seen as the unsigned bytes that FlatBuffers reads
  Verifier verifier(reinterpret_cast<const std::uint8_t*>(flatbuffer.data()), flatbuffer.size(), kMaxDepth, kMaxTables);
  if (verifier.VerifyOffset(0) == 0) return false;
  return verify_table(verifier, table, root_of(flatbuffer));
}

}  // namespace flowstone::schemas
