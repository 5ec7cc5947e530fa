#include "projections/library.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "schemas/packed.hpp"

namespace flowstone::projections {
namespace {

std::optional<Digest> digest_of(std::string_view hex) {
  const auto bytes = from_hex(hex);
  Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

std::string key_of(std::string_view workspace, std::string_view digest) {
  return fmt::format("{}\n{}", workspace, digest);
}

}  // namespace

std::string digest_text(const Digest& digest) { return to_hex(view(digest)); }

Result<Bytes, LibraryError> Library::bytes(std::string_view workspace, std::string_view digest) const {
  const auto wanted = digest_of(digest);
  if (!wanted) return failure(LibraryError{fmt::format("`{}` is no digest", digest)});
  auto found = blobs_.get(workspace, *wanted);
  if (!found) return failure(LibraryError{found.error().detail});
  if (!*found) return failure(LibraryError{fmt::format("the blob {} is missing", digest)});
  return **std::move(found);
}

bool Library::contains(std::string_view workspace, std::string_view digest) const {
  const auto wanted = digest_of(digest);
  if (!wanted) return false;
  const auto there = blobs_.contains(workspace, *wanted);
  return there && *there;
}

Result<Library::Manifest, LibraryError> Library::manifest(std::string_view workspace, std::string_view digest) {
  auto key = key_of(workspace, digest);
  if (auto kept = find(key)) return std::static_pointer_cast<const schemas::BundleManifestT>(kept);
  FLOWSTONE_TRY(const Bytes blob, bytes(workspace, digest));
  auto manifest = std::make_shared<schemas::BundleManifestT>();
  flatbuffers::GetRoot<schemas::BundleManifest>(blob.data())->UnPackTo(manifest.get());
  keep(std::move(key), manifest, blob.size());
  return manifest;
}

Result<std::shared_ptr<const documents::Text>, LibraryError> Library::text(std::string_view workspace,
                                                                           const schemas::BundleDocumentT& document) {
  auto key = key_of(workspace, document.text_sha256);
  if (auto kept = find(key)) return std::static_pointer_cast<const documents::Text>(kept);
  FLOWSTONE_TRY(Bytes blob, bytes(workspace, document.text_sha256));
  const std::size_t size = blob.size();
  auto text = documents::Text::from_utf8(std::move(blob));
  if (!text) return failure(LibraryError{fmt::format("the text {} is not UTF-8", document.text_sha256)});
  auto shared = std::make_shared<const documents::Text>(*std::move(text));
  keep(std::move(key), shared, size);
  return shared;
}

Result<documents::Parsed, LibraryError> Library::parsed(std::string_view workspace,
                                                        const schemas::BundleDocumentT& document) {
  FLOWSTONE_TRY(const auto shared, text(workspace, document));
  FLOWSTONE_TRY(const Bytes structure, bytes(workspace, document.structure));
  auto parsed = documents::from_bytes(structure, *shared);
  if (!parsed) return failure(LibraryError{fmt::format("the structure {} does not fit its text", document.structure)});
  return *std::move(parsed);
}

Result<std::unique_ptr<schemas::ExtractionListT>, LibraryError> Library::extractions(
    std::string_view workspace, const schemas::BundleDocumentT& document) {
  FLOWSTONE_TRY(const Bytes blob, bytes(workspace, document.extractions));
  auto list = std::make_unique<schemas::ExtractionListT>();
  flatbuffers::GetRoot<schemas::ExtractionList>(blob.data())->UnPackTo(list.get());
  return list;
}

std::shared_ptr<const void> Library::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = shelf_.by_key.find(key);
  if (found == shelf_.by_key.end()) return nullptr;
  shelf_.kept.splice(shelf_.kept.begin(), shelf_.kept, found->second);
  return found->second->value;
}

void Library::keep(std::string key, std::shared_ptr<const void> value, std::size_t bytes) {
  if (bytes > kKeptBytes / 2) return;
  const std::lock_guard lock(mutex_);
  if (shelf_.by_key.contains(key)) return;
  shelf_.kept.push_front({std::move(key), std::move(value), bytes});
  shelf_.by_key[shelf_.kept.front().key] = shelf_.kept.begin();
  shelf_.bytes += bytes;
  while (shelf_.bytes > kKeptBytes) {
    shelf_.bytes -= shelf_.kept.back().bytes;
    shelf_.by_key.erase(shelf_.kept.back().key);
    shelf_.kept.pop_back();
  }
}

const schemas::BundleDocumentT* document_at(const schemas::BundleManifestT& manifest, std::string_view path) {
  const auto by_path = [](const auto& document) -> std::string_view { return document->path; };
  const auto found = std::ranges::lower_bound(manifest.documents, path, {}, by_path);
  return found != manifest.documents.end() && (*found)->path == path ? found->get() : nullptr;
}

const schemas::BundleDocumentT* document_of(const schemas::BundleManifestT& manifest, std::string_view document_id) {
  const auto found = std::ranges::find_if(
      manifest.documents, [document_id](const auto& document) { return document->document_id == document_id; });
  return found == manifest.documents.end() ? nullptr : found->get();
}

const schemas::BundleVersionT* version_of(const schemas::BundleT& bundle, std::uint32_t number) {
  return number >= 1 && number <= bundle.versions.size() ? bundle.versions[number - 1].get() : nullptr;
}

}  // namespace flowstone::projections
