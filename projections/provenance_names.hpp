// How provenance names what is no entity: a path that begins with the stream of the entity that it belongs to.
//
//   bundle-<id>/versions/1                                   a version
//   bundle-<id>/versions/1/documents/contract.md             a document in it
//   bundle-<id>/versions/1/documents/contract.md#char=12,45  a span of its canonical text (RFC 5147)
//   bundle-<id>/diff?from=1&to=2&kind=document               two versions side by side
//   run-<id>/artifacts/report.xml                            what a run left behind
//   file/<sha256>                                            bytes
//   event/42                                                 an event of the log, by its position
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "documents/text.hpp"
#include "schemas/canvas_generated.h"
#include "schemas/contract.hpp"

namespace flowstone::projections {

struct ProvenanceName {
  enum class Kind : std::uint8_t { nothing, entity, version, document } kind = Kind::nothing;
  const schemas::Aggregate* aggregate = nullptr;  // of the entity
  std::string id{};                               // of the entity; of the bundle that a version belongs to
  std::uint32_t version = 0;
  std::string path{};  // of the document
};

// What can be asked for by name; anything else is nothing.
ProvenanceName provenance_name(std::string_view stream);

std::string version_name(std::string_view bundle_id, std::uint32_t number);
std::string document_name(std::string_view bundle_id, std::uint32_t number, std::string_view path);
std::string span_name(std::string_view document, documents::Span span);
std::string diff_name(const schemas::PinnedDiff& diff);

}  // namespace flowstone::projections
