// Answers get and list from one snapshot of a table.
//
// How a list is answered, the first that applies:
//   by id, with equality filters      the entries of all of them at once, in the order of ids
//   sorted, or with ranges alone      if few rows meet the equality filters or one range: those, sorted in memory;
//                                     else the sort field's index in order (or the rows), each row checked
// "Few" grows with the square root of page size times rows, where both ways cost the same.
#pragma once

#include <string>

#include "projections/build.hpp"
#include "projections/catalog.hpp"
#include "projections/cursor.hpp"
#include "projections/id_stream.hpp"
#include "projections/row_filter.hpp"
#include "projections/views.hpp"

namespace flowstone::projections {

class TableQuery {
 public:
  // `checkpoint` is the build's in this snapshot.
  TableQuery(const Snapshot& snapshot, BuildId build, const Checkpoint& checkpoint, const schemas::Aggregate& aggregate,
             const ListQuery& query);

  Result<Page, QueryError> run();

 private:
  using Found = Result<std::vector<Candidate>, std::string>;

  // The bounds of an index scan.
  struct Range {
    Bytes lower, upper;
  };

  Found find();
  [[nodiscard]] bool never_matches() const;
  [[nodiscard]] std::vector<const FieldFilter*> filters_with(FieldFilter::Test test) const;
  [[nodiscard]] std::size_t few() const;
  [[nodiscard]] std::unique_ptr<IdStream> equal_ids(bool descending) const;
  Found by_ids();
  // Nothing if there are more than a few.
  Result<std::optional<std::vector<Candidate>>, std::string> gather();
  Result<std::optional<std::vector<Bytes>>, std::string> few_equal_ids() const;
  Result<std::optional<std::vector<Bytes>>, std::string> few_ids_in(const FieldFilter& filter) const;
  Found sort_few(const std::vector<Bytes>& encoded_ids) const;
  Found in_sort_order() const;
  Found in_row_order() const;
  Found by_scanning_all() const;

  [[nodiscard]] Range range_of(const FieldFilter& filter) const;
  [[nodiscard]] std::vector<Range> sort_ranges() const;
  Result<std::optional<Bytes>, std::string> row_at(BytesView encoded_id) const;
  // Appends the row to `found` if it meets all filters; false when the page is full.
  Result<bool, std::string> take_if_wanted(std::vector<Candidate>& found, BytesView encoded_id, BytesView value) const;
  Result<bool, std::string> scan_range(const Range& range, std::vector<Candidate>& found) const;

  const Snapshot& snapshot_;
  const BuildId build_;
  const Checkpoint& checkpoint_;
  const schemas::Aggregate& aggregate_;
  const ListQuery& query_;
  const Bytes rows_prefix_;
  std::optional<Place> start_;
};

}  // namespace flowstone::projections
