#include "domain/binding.hpp"

namespace flowstone::domain::binding {

const void* root_of(BytesView flatbuffer) { return flatbuffers::GetRoot<flatbuffers::Table>(flatbuffer.data()); }

std::vector<std::string> given_as_empty(const schemas::Table& patch, BytesView flatbuffer) {
  const auto* table = static_cast<const flatbuffers::Table*>(root_of(flatbuffer));
  std::vector<std::string> names;
  for (const auto& field : patch.fields) {
    if (field.cleared || field.target || !(field.is_list || field.kind == schemas::Kind::text)) continue;
    // Texts and vectors both begin with their length.
    const auto* length = table->GetPointer<const flatbuffers::uoffset_t*>(field.slot);
    if (length && flatbuffers::ReadScalar<flatbuffers::uoffset_t>(length) == 0) names.emplace_back(field.name);
  }
  return names;
}

flatbuffers::FlatBufferBuilder& fresh_builder() {
  thread_local flatbuffers::FlatBufferBuilder builder;
  builder.Clear();
  return builder;
}

Bytes finish(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<void> root) {
  builder.Finish(root);
  return Bytes(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
}

}  // namespace flowstone::domain::binding
