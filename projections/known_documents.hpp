// What was read from files before: the same bytes are not read again by the same parser and the same extractors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "projections/library.hpp"

namespace flowstone::projections {

// Lifetime: the library outlives it. Threads: one at a time.
class KnownDocuments {
 public:
  // So many of the versions before are looked at.
  static constexpr std::size_t kVersions = 8;

  // `earlier`: the versions before, the newest first.
  KnownDocuments(Library& library, std::string workspace, std::vector<Library::Manifest> earlier);

  // The file as a document, all but its identity, where everything that was read from these bytes is known, is there,
  // and would be read the same way today. `sha256`: of the bytes, in hexadecimal.
  std::optional<schemas::BundleDocumentT> find(std::string_view path, std::string_view claimed_media_type,
                                               std::string_view sha256, BytesView bytes);

 private:
  bool is_there(const schemas::BundleDocumentT& document) const;
  // The parser's own warnings, which do not depend on the path; nothing if they cannot be read.
  std::optional<std::vector<std::string>> warnings_of(const schemas::BundleDocumentT& document);

  Library& library_;
  const std::string workspace_;
  const std::vector<Library::Manifest> earlier_;
  std::unordered_multimap<std::string_view, const schemas::BundleDocumentT*> by_bytes_;
};

}  // namespace flowstone::projections
