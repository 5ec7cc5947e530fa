// Where quotes stand in another version of their bundle: the rules of documents/anchor.hpp over what is stored.
//
// A quote is looked for from the words it stands for: those of its source, or those that a person placed it at. Where
// they changed, the newest place is followed too, so that a quote that was found once is not lost to later changes
// around it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "documents/anchor.hpp"
#include "documents/text.hpp"
#include "projections/library.hpp"
#include "schemas/evidence_generated.h"

namespace flowstone::projections {

// A version as far as quotes need it. One that is not stored (a preview) brings its texts, by their digests.
struct AnchorTarget {
  std::uint32_t version = 0;
  Library::Manifest manifest;
  std::map<std::string, std::shared_ptr<const documents::Text>, std::less<>> texts{};
};

// The digest of words, white space aside.
std::string words_digest(std::string_view words);

// Threads: one at a time. Lifetime: the library outlives it.
// Cost: one comparison for each pair of texts, however many quotes; they are kept until it is destroyed.
class Reanchoring {
 public:
  Reanchoring(Library& library, std::string workspace) : library_(library), workspace_(std::move(workspace)) {}

  using Anchor = std::unique_ptr<schemas::AnchorT>;
  // What became of the evidence in `target`, a version later than those of its anchors. Nothing if its document has the
  // text that it had in the version of the newest anchor, under the same path.
  Result<Anchor, LibraryError> anchor(const schemas::BundleT& bundle, const schemas::EvidenceT& evidence,
                                      const AnchorTarget& target);

 private:
  // Words in a document, with its text.
  struct Place {
    const schemas::AnchorT* anchor = nullptr;
    Library::Manifest manifest;
    const schemas::BundleDocumentT* document = nullptr;
  };
  struct Followed {
    documents::Anchor anchor;
    const documents::Text& text;  // that it is in
  };
  struct Pair {
    std::shared_ptr<const documents::Text> before, after;
    std::unique_ptr<documents::Anchoring> anchoring;
  };

  Result<Place, LibraryError> place(const schemas::BundleT& bundle, const schemas::AnchorT& anchor);
  Result<std::shared_ptr<const documents::Text>, LibraryError> text(const AnchorTarget& target,
                                                                    const schemas::BundleDocumentT& document);
  Result<Followed, LibraryError> follow(const Place& from, const AnchorTarget& target,
                                        const schemas::BundleDocumentT& document);
  Result<Anchor, LibraryError> search(const Place& base, const Place& newest, const AnchorTarget& target,
                                      const schemas::BundleDocumentT& document);

  Library& library_;
  std::string workspace_;
  std::map<std::pair<std::string, std::string>, Pair> pairs_;  // by the digests of both texts
};

}  // namespace flowstone::projections
