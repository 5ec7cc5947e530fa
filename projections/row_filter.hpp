// What a list query means for a single row: the conditions, the sort value and the order. Every way of answering uses
// these.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "projections/catalog.hpp"
#include "projections/cursor.hpp"

namespace flowstone::projections {

// `at_least` and `below` hold for present values alone; of a list, for any of its items.
bool matches(const FieldFilter& filter, BytesView row);
bool matches(const ListQuery& query, BytesView row);

// By which the row stands in the query's order: of a list, its smallest item, or its largest when descending.
Bytes sort_value(const ListQuery& query, BytesView row);

// A row with what its place in the order depends on.
struct Candidate {
  Place place;
  Bytes row;
};
// True if `left` comes before `right` in the query's order. Ids break ties.
bool precedes(const ListQuery& query, const Place& left, const Place& right);

// Everything that binds a cursor to its query.
Bytes query_identity(const schemas::Aggregate& aggregate, const ListQuery& query);
// The place that the query's cursor names: nothing for the first page.
Result<std::optional<Place>, QueryError> start_of(const schemas::Aggregate& aggregate, const ListQuery& query);

// Makes a page of the candidates, which are in order and hold at most one more than the limit.
Page page_of(const schemas::Aggregate& aggregate, const ListQuery& query, std::vector<Candidate> candidates,
             Position position);

// Keeps the first `limit` + 1 of all candidates offered that come after `start`.
class FirstInOrder {
 public:
  FirstInOrder(const ListQuery& query, std::optional<Place> start);
  void offer(std::string id, BytesView row);
  std::vector<Candidate> take();

 private:
  const ListQuery& query_;
  const std::optional<Place> start_;
  std::vector<Candidate> heap_;  // the last in order on top
};

}  // namespace flowstone::projections
