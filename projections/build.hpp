// What is kept about a build besides its rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/position.hpp"
#include "base/time.hpp"
#include "projections/catalog.hpp"
#include "projections/keys.hpp"
#include "projections/row_digest.hpp"

namespace flowstone::projections {

// How far a build is, written in the same batch as the rows that it brought.
struct Checkpoint {
  Position position;
  std::uint64_t rows = 0;
  RowDigest digest;
  // While a new build is far behind, only rows are written; indexes, row count and digest are made in one go at the
  // end.
  bool bulk = false;
};

Bytes encode(const Checkpoint& checkpoint);
std::optional<Checkpoint> decode_checkpoint(BytesView bytes);

// What an operator did with a build; written when that changes.
struct BuildRecord {
  BuildId id = 0;            // unique among all builds of the catalog for ever: the prefix of its keys
  std::uint32_t number = 0;  // of its projection, from 1
  BuildStatus::Role role = BuildStatus::Role::serving;
  bool auto_switch = false;
  std::string fingerprint;
  std::optional<Timestamp> started_at, finished_at;
  std::string error;
  Position error_position;
  std::optional<bool> digests_equal;  // with the build that served when this one had caught up
};

struct ProjectionRecord {
  std::uint32_t last_number = 0;
  std::vector<BuildRecord> builds;
};

Bytes encode(const ProjectionRecord& record);
std::optional<ProjectionRecord> decode_projection(BytesView bytes);

// Where the record of a projection is kept.
Bytes projection_key(std::string_view name);
// The number that the next build gets, for all projections.
Bytes next_build_key();

}  // namespace flowstone::projections
