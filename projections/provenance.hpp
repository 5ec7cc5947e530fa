// Where something comes from and what rests on it: the closure over everything that the contracts call a reference, and
// over what lies between a quote and the bytes that somebody uploaded.
//
// An entity comes from what the fields of its state with `reference` name, and so on; what rests on it is found by the
// fields that have an index besides. Other nodes are no entities, and stand for themselves:
//
//   canvas -> insight -> evidence -> span -> document -> version -> run
//      \                                       \           \-> bundle
//       \-> diff -> its two versions            \-> file -> event (the upload, with its actor)
//   artifact -> run
//
// Cost: for a source, one look at its row; for what rests on something, one list for each indexed reference to its
// aggregate. As of the past, each aggregate that may rest on something is folded once up to there.
// Limits: ProvenanceLimits; what lies beyond is left out, and `cut` says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.hpp"
#include "base/time.hpp"
#include "projections/catalog.hpp"
#include "projections/library.hpp"

namespace flowstone::projections {

struct ProvenanceNode {
  // "evidence-<id>"; see projections/provenance_names.hpp for what is no entity.
  std::string stream;
  std::string aggregate;       // "evidence", "bundle_version", "document", "span", "file", "event", "diff", "artifact"
  std::string title;           // title, name or code; of evidence and spans their words
  std::uint64_t revision = 0;  // 0: no entity, or not there (yet)
  std::optional<Timestamp> created_at;
  std::string created_by;      // actor; empty if not known
  std::uint32_t distance = 0;  // steps from the entity that was asked for
  bool is_source = false;      // the entity comes from it
  bool is_dependent = false;   // it rests on the entity
  std::uint64_t position = 0;  // of an event
  std::optional<documents::Span> span{};
  std::string sha256;  // of a file, or an artifact
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

struct ProvenanceQuestion {
  std::string workspace;
  std::string stream;  // of an entity, a version, or a document in one
  bool up = true;      // what it comes from
  bool down = true;    // what rests on it
  std::optional<Position> as_of{};
  ProvenanceLimits limits{};
};

// What is asked. Without a library nothing is known of documents' bytes; with a question about the past the store must
// be there.
struct ProvenanceSources {
  Catalog& catalog;
  eventstore::Store& store;
  Library* library = nullptr;
};

// Nothing if there is no such thing in the workspace. Blocking.
Result<std::optional<Provenance>, QueryError> provenance_of(const ProvenanceSources& sources,
                                                            const ProvenanceQuestion& question);

}  // namespace flowstone::projections
