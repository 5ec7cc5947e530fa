#include "projections/reanchoring.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "base/digest.hpp"

namespace flowstone::projections {
namespace {

using documents::Span;
using schemas::Verdict;

bool is_located(const schemas::AnchorT& anchor) { return anchor.start.has_value() && anchor.end.has_value(); }

// Where the quote got its words from: its source, or the place that a person chose last.
const schemas::AnchorT& base_of(const schemas::EvidenceT& evidence) {
  for (const auto& anchor : evidence.anchors | std::views::reverse) {
    if (!anchor->placed_by.empty() && is_located(*anchor)) return *anchor;
  }
  return *evidence.anchors.front();
}

std::unique_ptr<schemas::AnchorT> begin(const AnchorTarget& target, std::string_view document) {
  auto anchor = std::make_unique<schemas::AnchorT>();
  anchor->version = target.version;
  anchor->document = document;
  return anchor;
}

std::unique_ptr<schemas::AnchorT> lost_document(const AnchorTarget& target, const schemas::AnchorT& newest) {
  auto anchor = begin(target, newest.document);
  anchor->verdict = Verdict::lost;
  anchor->materiality = schemas::Materiality::material;
  anchor->reason = fmt::format("Version {} has no document {}.", target.version, newest.document);
  return anchor;
}

constexpr std::uint32_t kContext = 32;  // code points before and behind a candidate

std::unique_ptr<schemas::AnchorCandidateT> candidate_at(Span span, const documents::Text& text) {
  auto place = std::make_unique<schemas::AnchorCandidateT>();
  place->start = span.start;
  place->end = span.end;
  place->exact = text.slice(span);
  place->prefix = text.slice({span.start - std::min(span.start, kContext), span.start});
  place->suffix = text.slice({span.end, span.end + kContext});
  return place;
}

void copy_details(const documents::Anchor& found, const documents::Text& text, schemas::AnchorT& into) {
  for (const auto& change : found.changes) {
    auto words = std::make_unique<schemas::WordChangeT>();
    words->old_text = change.before;
    words->new_text = change.after;
    into.changes.push_back(std::move(words));
  }
  for (const Span span : found.candidates) into.candidates.push_back(candidate_at(span, text));
}

std::unique_ptr<schemas::AnchorT> told(const documents::Anchor& found, const documents::Text& text,
                                       const AnchorTarget& target, const schemas::BundleDocumentT& document) {
  auto anchor = begin(target, document.path);
  anchor->verdict = static_cast<Verdict>(found.verdict);
  anchor->materiality = static_cast<schemas::Materiality>(found.materiality);
  anchor->reason = found.reason;
  if (found.span) {
    anchor->start = found.span->start;
    anchor->end = found.span->end;
    anchor->exact = found.exact;
    anchor->digest = words_digest(found.exact);
  }
  copy_details(found, text, *anchor);
  return anchor;
}

// The newest place said something else than the base, and it still does, at another place.
std::unique_ptr<schemas::AnchorT> carried_on(const schemas::AnchorT& newest, const documents::Anchor& found,
                                             const AnchorTarget& target, const schemas::BundleDocumentT& document) {
  auto anchor = std::make_unique<schemas::AnchorT>(newest);
  anchor->version = target.version;
  anchor->document = document.path;
  anchor->start = found.span->start;
  anchor->end = found.span->end;
  anchor->exact = found.exact;
  anchor->placed_by.clear();
  anchor->position = flatbuffers::nullopt;
  anchor->reason = fmt::format("As in version {}: {}", newest.version, newest.reason);
  return anchor;
}

}  // namespace

std::string words_digest(std::string_view words) {
  std::string collapsed;
  bool space = false;
  for (const char letter : words) {
    if (letter == ' ' || letter == '\n' || letter == '\t' || letter == '\r') {
      space = !collapsed.empty();
      continue;
    }
    if (space) collapsed.push_back(' ');
    space = false;
    collapsed.push_back(letter);
  }
  return digest_text(sha256(collapsed));
}

Result<Reanchoring::Place, LibraryError> Reanchoring::place(const schemas::BundleT& bundle,
                                                            const schemas::AnchorT& anchor) {
  const auto* version = version_of(bundle, anchor.version);
  if (version == nullptr || version->manifest.empty())
    return failure(LibraryError{fmt::format("bundle {} has no published version {}", bundle.id, anchor.version)});
  Place place{.anchor = &anchor, .manifest = {}, .document = nullptr};
  FLOWSTONE_TRY(place.manifest, library_.manifest(workspace_, version->manifest));
  place.document = document_at(*place.manifest, anchor.document);
  return place;
}

Result<std::shared_ptr<const documents::Text>, LibraryError> Reanchoring::text(
    const AnchorTarget& target, const schemas::BundleDocumentT& document) {
  const auto given = target.texts.find(document.text_sha256);
  if (given != target.texts.end()) return given->second;
  return library_.text(workspace_, document);
}

Result<Reanchoring::Followed, LibraryError> Reanchoring::follow(const Place& from, const AnchorTarget& target,
                                                                const schemas::BundleDocumentT& document) {
  Pair& pair = pairs_[{from.document->text_sha256, document.text_sha256}];
  if (!pair.anchoring) {
    FLOWSTONE_TRY(pair.before, library_.text(workspace_, *from.document));
    FLOWSTONE_TRY(pair.after, text(target, document));
    pair.anchoring = std::make_unique<documents::Anchoring>(*pair.before, *pair.after);
  }
  return Followed{pair.anchoring->anchor(Span{*from.anchor->start, *from.anchor->end}), *pair.after};
}

Result<Reanchoring::Anchor, LibraryError> Reanchoring::search(const Place& base, const Place& newest,
                                                              const AnchorTarget& target,
                                                              const schemas::BundleDocumentT& document) {
  FLOWSTONE_TRY(auto direct, follow(base, target, document));
  documents::Anchor& found = direct.anchor;
  const bool same_bytes = base.document->sha256 == document.sha256 && base.document->parser != document.parser;
  if (same_bytes && found.verdict != documents::Verdict::lost) {
    found.verdict = documents::Verdict::reparsed;
    found.materiality = documents::Materiality::none;
  }
  if (documents::is_fresh(found.verdict)) {
    auto anchor = told(found, direct.text, target, document);
    anchor->digest = base.anchor->digest;
    return anchor;
  }
  if (newest.anchor != base.anchor && newest.document != nullptr && is_located(*newest.anchor)) {
    FLOWSTONE_TRY(const auto next, follow(newest, target, document));
    if (documents::is_fresh(next.anchor.verdict)) return carried_on(*newest.anchor, next.anchor, target, document);
    const bool only_here = found.verdict == documents::Verdict::lost && next.anchor.span.has_value();
    if (only_here) return told(next.anchor, next.text, target, document);
  }
  return told(found, direct.text, target, document);
}

Result<Reanchoring::Anchor, LibraryError> Reanchoring::anchor(const schemas::BundleT& bundle,
                                                              const schemas::EvidenceT& evidence,
                                                              const AnchorTarget& target) {
  FLOWSTONE_TRY(const Place base, place(bundle, base_of(evidence)));
  FLOWSTONE_TRY(const Place newest, place(bundle, *evidence.anchors.back()));
  if (base.document == nullptr)
    return failure(
        LibraryError{fmt::format("the document {} of evidence {} is gone", base.anchor->document, evidence.id)});
  const auto& identity = newest.document != nullptr ? *newest.document : *base.document;
  const auto* document = document_of(*target.manifest, identity.document_id);
  if (document == nullptr) {
    if (newest.document == nullptr) return Anchor{};
    return lost_document(target, *newest.anchor);
  }
  const bool unchanged = newest.document != nullptr && newest.document->text_sha256 == document->text_sha256 &&
                         newest.document->path == document->path;
  if (unchanged) return Anchor{};
  return search(base, newest, target, *document);
}

}  // namespace flowstone::projections
