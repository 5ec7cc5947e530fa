// Where something comes from and what rests on it: the closure over everything that the contracts call a reference.
//
// An entity comes from what the fields of its state with `reference` name, and so on; what rests on it is found by the
// fields that have an index besides. Evidence comes, moreover, from a document in a version of a bundle; these are no
// entities, and stand for themselves:
//
//   canvas -> insight -> evidence -> document -> version -> run
//                                \                   \-> bundle
//
// Cost: for a source, one look at its row; for what rests on something, one list for each indexed reference to its
// aggregate. Limits: ProvenanceLimits; what lies beyond is left out, and `cut` says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "projections/catalog.hpp"

namespace flowstone::projections {

struct ProvenanceNode {
  // "evidence-<id>"; of a version "bundle-<id>/versions/1", of a document
  // "bundle-<id>/versions/1/documents/contract.md".
  std::string stream;
  std::string aggregate;       // "evidence", "bundle_version", "document"
  std::string title;           // title, name or code; of evidence its words
  std::uint64_t revision = 0;  // 0: no entity, or not there (yet)
  std::optional<Timestamp> created_at;
  std::string created_by;      // actor; empty if not known
  std::uint32_t distance = 0;  // steps from the entity that was asked for
  bool is_source = false;      // the entity comes from it
  bool is_dependent = false;   // it rests on the entity
};

// `from` rests on `to`.
struct ProvenanceEdge {
  std::string from, to;
  std::string field;  // of `from` that says so: "evidence_ids"
  bool operator==(const ProvenanceEdge&) const = default;
};

struct Provenance {
  std::string workspace;
  std::vector<ProvenanceNode> nodes;  // the entity, then what it comes from, then what rests on it, the nearest first
  std::vector<ProvenanceEdge> edges;
  bool cut = false;
};

struct ProvenanceLimits {
  std::size_t nodes = 2'000;
  std::size_t edges = 20'000;
  std::uint32_t distance = 32;
};

// Nothing if there is no such entity in the workspace.
Result<std::optional<Provenance>, QueryError> provenance_of(Catalog& catalog, std::string_view workspace,
                                                            std::string_view stream,
                                                            const ProvenanceLimits& limits = {});

}  // namespace flowstone::projections
