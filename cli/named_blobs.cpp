#include "cli/named_blobs.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "base/bytes.hpp"
#include "cli/log_directory.hpp"
#include "schemas/bundle_generated.h"

namespace flowstone::cli {
namespace {

using Digests = std::vector<Digest>;

// A table in bytes that may hold anything.
template <class Table>
const Table* table_in(BytesView bytes) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return verifier.VerifyBuffer<Table>(nullptr) ? flatbuffers::GetRoot<Table>(bytes.data()) : nullptr;
}

bool add(const flatbuffers::String* hex, Digests& digests) {
  if (hex == nullptr || hex->size() == 0) return true;  // not all that could be named is
  const auto bytes = from_hex({hex->c_str(), hex->size()});
  Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return false;
  std::ranges::copy(*bytes, reinterpret_cast<char*>(digest.data()));  // NOLINT: bytes seen as chars
  digests.push_back(digest);
  return true;
}

bool add_files(const schemas::UploadManifest& manifest, Digests& digests) {
  if (manifest.files() == nullptr) return true;
  return std::ranges::all_of(*manifest.files(), [&](const auto* file) { return add(file->sha256(), digests); });
}

bool add_files(const schemas::BundleManifest& manifest, Digests& digests) {
  if (manifest.documents() == nullptr) return true;
  return std::ranges::all_of(*manifest.documents(), [&](const auto* document) {
    return add(document->sha256(), digests) && add(document->text_sha256(), digests) &&
           add(document->structure(), digests) && add(document->extractions(), digests);
  });
}

// The list with this digest, and what is in it.
template <class Manifest>
Result<Digests, std::string> with_files(const flatbuffers::String* list, const eventstore::RecordedEvent& event,
                                        const eventstore::BlobReader& blobs) {
  Digests digests;
  if (!add(list, digests))
    return failure(fmt::format("the event at position {} names what is no digest", event.position.value));
  if (digests.empty()) return digests;
  const auto bytes = blobs.get(event.workspace, digests.front());
  if (!bytes) return failure(sentence_of(bytes.error()));
  if (!*bytes) return digests;
  const auto* const manifest = table_in<Manifest>(**bytes);
  if (manifest == nullptr || !add_files(*manifest, digests))
    return failure(fmt::format("the list of files {} that position {} names is none", to_hex(view(digests.front())),
                               event.position.value));
  return digests;
}

}  // namespace

Result<std::vector<Digest>, std::string> blobs_named_by(const eventstore::RecordedEvent& event,
                                                        const eventstore::BlobReader& blobs) {
  const bool added = event.type == "bundle.version_added";
  if (!added && event.type != "bundle.version_published") return Digests();
  if (added) {
    const auto* const payload = table_in<schemas::BundleVersionAdded>(event.payload);
    if (payload != nullptr) return with_files<schemas::UploadManifest>(payload->upload(), event, blobs);
  } else {
    const auto* const payload = table_in<schemas::BundleVersionPublished>(event.payload);
    if (payload != nullptr) return with_files<schemas::BundleManifest>(payload->manifest(), event, blobs);
  }
  return failure(fmt::format("the payload at position {} is not one of {}", event.position.value, event.type));
}

}  // namespace flowstone::cli
