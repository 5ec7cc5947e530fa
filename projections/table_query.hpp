// Answers get and list from one snapshot of a table.
//
// How a list is answered, the first that applies:
//   by id, with equality filters      the entries of all of them at once, in the order of ids
//   sorted, or with ranges alone      if few rows meet the equality filters or one range: those, sorted in memory;
//                                     else the sort field's index in order (or the rows), each row checked
// Which of the two is found out by trying: a few matches, then some rows in order, then more matches, then all rows in
// order. So a filter that nearly everything meets and one that nearly nothing meets both cost about a page. In between,
// the cost grows with the square root of page size times rows, where both ways are equal.
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
  using FoundOrNot = Result<std::optional<std::vector<Candidate>>, std::string>;

  // The bounds of an index scan.
  struct Range {
    Bytes lower, upper;
  };

  Found find();
  [[nodiscard]] bool never_matches() const;
  [[nodiscard]] std::vector<const FieldFilter*> filters_with(FieldFilter::Test test) const;
  [[nodiscard]] std::size_t worth_gathering() const;
  [[nodiscard]] std::unique_ptr<IdStream> equal_ids(bool descending) const;
  Found by_ids();
  // Nothing if there are more than `most` to gather.
  FoundOrNot gather(std::size_t most);
  Result<std::optional<std::vector<Bytes>>, std::string> few_equal_ids(std::size_t most) const;
  Result<std::optional<std::vector<Bytes>>, std::string> few_ids_in(const FieldFilter& filter, std::size_t most) const;
  // Nothing if looking at `most` rows does not answer it.
  FoundOrNot in_order(std::size_t most);
  Found sort_few(const std::vector<Bytes>& encoded_ids) const;
  Found in_sort_order();
  Found in_row_order();
  Found by_scanning_all() const;

  [[nodiscard]] Range range_of(const FieldFilter& filter) const;
  [[nodiscard]] std::vector<Range> sort_ranges() const;
  Result<std::optional<Bytes>, std::string> row_at(BytesView encoded_id) const;
  // Appends the row to `found` if it meets all filters; false when the page is full.
  Result<bool, std::string> take_if_wanted(std::vector<Candidate>& found, BytesView encoded_id, BytesView value);
  Result<bool, std::string> scan_range(const Range& range, std::vector<Candidate>& found);
  // Counts a row that is looked at; false if that was one too many.
  bool may_look();

  const Snapshot& snapshot_;
  const BuildId build_;
  const Checkpoint& checkpoint_;
  const schemas::Aggregate& aggregate_;
  const ListQuery& query_;
  const Bytes rows_prefix_;
  std::optional<Place> start_;
  std::size_t looks_left_ = SIZE_MAX;
  bool gave_up_ = false;
};

}  // namespace flowstone::projections
