// The states that provenance is walked over: of now, or as of a position.
//
// Cost: of now, a look at a row and a page at a time. As of a position, each aggregate that something may rest on is
// folded once, whole; single states of the others are folded one by one.
// Threads: one at a time. Lifetime: catalog and store outlive it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "projections/catalog.hpp"

namespace flowstone::projections {

class ProvenanceStates {
 public:
  ProvenanceStates(Catalog& catalog, eventstore::Store& store, std::string workspace, std::optional<Position> as_of)
      : catalog_(catalog), store_(store), workspace_(std::move(workspace)), as_of_(as_of) {}

  // The entity's row, if it exists. What was asked for once is remembered; the pointer lives as long as the states.
  Result<const Bytes*, QueryError> row(const schemas::Aggregate& aggregate, std::string_view id);
  // The rows whose indexed field has this value, until `use` returns false.
  using Use = std::function<Result<bool, QueryError>(const Row& row)>;
  Result<void, QueryError> each(const schemas::Aggregate& aggregate, const schemas::Field& field,
                                std::string_view value, const Use& use);

  [[nodiscard]] std::optional<Position> as_of() const { return as_of_; }

 private:
  struct Past {
    std::vector<Row> rows;
    std::map<std::pair<const schemas::Field*, std::string>, std::vector<std::size_t>> by_stream;  // of `rows`
  };
  Result<std::optional<Bytes>, QueryError> find(const schemas::Aggregate& aggregate, std::string_view id);
  Result<std::optional<Bytes>, QueryError> fold(const schemas::Aggregate& aggregate, std::string_view id);
  Result<const Past*, QueryError> past(const schemas::Aggregate& aggregate);
  Result<void, QueryError> each_past(const schemas::Aggregate& aggregate, const schemas::Field& field,
                                     std::string_view value, const Use& use);

  Catalog& catalog_;
  eventstore::Store& store_;
  const std::string workspace_;
  const std::optional<Position> as_of_;
  std::unordered_map<std::string, std::optional<Bytes>> rows_;  // by stream
  std::map<const schemas::Aggregate*, Past> pasts_;
};

}  // namespace flowstone::projections
