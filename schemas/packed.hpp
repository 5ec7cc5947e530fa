// Generated tables in and out of bytes, without reflection: what the deciders' bindings and other writers of events
// need.
//
// Cost: values of one thread are built in one reused buffer; packing allocates the result alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <flatbuffers/flatbuffers.h>

#include "base/bytes.hpp"
#include "schemas/contract.hpp"

namespace flowstone::schemas {

// The table that a finished FlatBuffer holds. The bytes must have been verified, or made here.
inline const void* root_of(BytesView flatbuffer) { return flatbuffers::GetRoot<flatbuffers::Table>(flatbuffer.data()); }

// True if the buffer's root is a well-formed member of a union; `verify_member` is flatc's verifier of that union.
template <class VerifyMember, class Discriminator>
bool verify_member_of(VerifyMember verify_member, Discriminator discriminator, BytesView flatbuffer) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(flatbuffer.data()), flatbuffer.size());
  return verifier.VerifyOffset(0) != 0 && verify_member(verifier, root_of(flatbuffer), discriminator);
}

// The member of a union (object API) that a verified FlatBuffer holds.
template <class Union>
Union unpack_member(decltype(Union::type) discriminator, BytesView flatbuffer) {
  Union result;
  result.value = Union::UnPack(root_of(flatbuffer), discriminator, nullptr);
  result.type = discriminator;
  return result;
}

// A builder without content; its memory is this thread's and used again by the next call.
flatbuffers::FlatBufferBuilder& fresh_builder();
Bytes finish(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<void> root);

// A table (object API) as a FlatBuffer: `pack(ClaimTakenT{...})`. The same values give the same bytes.
template <class Table>
Bytes pack(const Table& table) {
  auto& builder = fresh_builder();
  const auto root = Table::TableType::Pack(builder, &table);
  return finish(builder, root.Union());
}

template <class Union>
Bytes pack_member(const Union& member) {
  auto& builder = fresh_builder();
  const auto root = member.Pack(builder);
  return finish(builder, root);
}

// The names of the texts and lists that are present but empty, in the contract's order.
std::vector<std::string> given_as_empty(const Table& table, BytesView flatbuffer);

}  // namespace flowstone::schemas
