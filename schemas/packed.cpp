#include "schemas/packed.hpp"

namespace flowstone::schemas {

flatbuffers::FlatBufferBuilder& fresh_builder() {
  thread_local flatbuffers::FlatBufferBuilder builder;
  builder.Clear();
  return builder;
}

Bytes finish(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<void> root) {
  builder.Finish(root);
  return Bytes(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
}

std::vector<std::string> given_as_empty(const Table& table, BytesView flatbuffer) {
  const auto* fields = static_cast<const flatbuffers::Table*>(root_of(flatbuffer));
  std::vector<std::string> names;
  for (const auto& field : table.fields) {
    if (!field.is_list && field.kind != Kind::text) continue;
    // Texts and vectors both begin with their length.
    const auto* length = fields->GetPointer<const flatbuffers::uoffset_t*>(field.slot);
    if (length && flatbuffers::ReadScalar<flatbuffers::uoffset_t>(length) == 0) names.emplace_back(field.name);
  }
  return names;
}

}  // namespace flowstone::schemas
