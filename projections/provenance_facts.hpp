// What single states tell of where things come from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "projections/provenance.hpp"
#include "schemas/bundle_generated.h"
#include "schemas/canvas_generated.h"
#include "schemas/contract.hpp"
#include "schemas/evidence_generated.h"

namespace flowstone::projections {

template <class State>
const State& state_in(const Bytes& row) {
  return *flatbuffers::GetRoot<State>(row.data());
}

inline std::string_view text_of(const flatbuffers::String* text) { return text == nullptr ? "" : text->string_view(); }

// At most 200 bytes, cut between characters.
std::string shortened(std::string_view text);
// The node's title, revision, time and actor.
void fill(ProvenanceNode& node, const schemas::Aggregate& aggregate, const Bytes& row);
// Of evidence, what it quotes; null of anything else.
const schemas::EvidenceSource* quoted_source(const schemas::Aggregate& aggregate, const Bytes& row);
// Null where the bundle is not there or has no such version.
const schemas::BundleVersion* version_in(const Bytes* bundle, std::uint32_t number);
// What ties the evidence to the version (to the document of that path in it, unless empty): `source` or `anchors`.
std::string_view tie_to_version(const schemas::Evidence& evidence, std::uint32_t number, std::string_view path);
// True if a diff is pinned that the version is a side of.
bool has_diff_of(const schemas::Canvas& canvas, std::string_view bundle_id, std::uint32_t version);

}  // namespace flowstone::projections
