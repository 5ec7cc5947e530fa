// What the bundles' versions hold: manifests, documents' texts and structures, by the digests that events name.
//
// Threads: every member may be called from any thread.
// Lifetime: the blobs outlive the library; what it hands out is shared and immutable.
// Cost: what was read lately is kept, up to `kKeptBytes` of texts.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/locked.hpp"
#include "base/result.hpp"
#include "documents/extract.hpp"
#include "documents/parsed.hpp"
#include "documents/text.hpp"
#include "eventstore/blobs.hpp"
#include "schemas/bundle_generated.h"
#include "schemas/document_generated.h"

namespace flowstone::projections {

struct LibraryError {
  std::string detail;  // for the log: what is missing or damaged
};

// The hexadecimal form in which events name a digest.
std::string digest_text(const Digest& digest);

class Library {
 public:
  static constexpr std::size_t kKeptBytes = std::size_t{64} << 20;

  explicit Library(eventstore::Blobs& blobs) : blobs_(blobs) {}

  using Manifest = std::shared_ptr<const schemas::BundleManifestT>;
  Result<Manifest, LibraryError> manifest(std::string_view workspace, std::string_view digest);
  Result<std::shared_ptr<const documents::Text>, LibraryError> text(std::string_view workspace,
                                                                    const schemas::BundleDocumentT& document);
  // Text and structure. Not kept: it is asked for one document at a time.
  Result<documents::Parsed, LibraryError> parsed(std::string_view workspace, const schemas::BundleDocumentT& document);
  Result<std::unique_ptr<schemas::ExtractionListT>, LibraryError> extractions(std::string_view workspace,
                                                                              const schemas::BundleDocumentT& document);
  // A blob that must be there, by its hexadecimal digest.
  Result<Bytes, LibraryError> bytes(std::string_view workspace, std::string_view digest) const;
  // False also where that cannot be found out.
  [[nodiscard]] bool contains(std::string_view workspace, std::string_view digest) const;

  [[nodiscard]] eventstore::Blobs& blobs() const { return blobs_; }

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<const void> value;
    std::size_t bytes = 0;
  };
  // The least recently used go first.
  struct Shelf {
    std::list<Kept> kept;
    std::unordered_map<std::string, std::list<Kept>::iterator> by_key;
    std::size_t bytes = 0;
  };
  std::shared_ptr<const void> find(const std::string& key);
  void keep(std::string key, std::shared_ptr<const void> value, std::size_t bytes);

  eventstore::Blobs& blobs_;
  std::mutex mutex_;
  Shelf shelf_;
};

// The document of that path; nothing if the version has none.
const schemas::BundleDocumentT* document_at(const schemas::BundleManifestT& manifest, std::string_view path);
// The document that has this identity; nothing if the version has it not.
const schemas::BundleDocumentT* document_of(const schemas::BundleManifestT& manifest, std::string_view document_id);
// A version by its number; nothing if the bundle has none.
const schemas::BundleVersionT* version_of(const schemas::BundleT& bundle, std::uint32_t number);

}  // namespace flowstone::projections
