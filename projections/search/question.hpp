// One question to one build of the search projection, on one snapshot of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "projections/catalog.hpp"
#include "projections/search/database.hpp"
#include "projections/search/ranking.hpp"

namespace flowstone::projections {

class SearchQuestion {
 public:
  // The database is in a transaction, and knows `ranked`.
  SearchQuestion(Database& database, const SearchQuery& query) : database_(database), query_(query) {}

  Result<SearchPage, QueryError> page();

 private:
  // Where a page ends.
  struct Place {
    FoundPassage found;
    std::int64_t document = 0;
  };
  template <class Value>
  using Asked = Result<Value, std::string>;

  Asked<SearchPage> answer();
  Result<void, QueryError> read_cursor();
  // False if there is nothing to look in.
  Asked<bool> find_scope();
  Asked<std::vector<FoundPassage>> best(std::size_t count);
  // The documents that hold the passage, as hits. False when the page is full.
  Asked<bool> add_hits(const FoundPassage& found, SearchPage& page);
  Asked<void> describe(const FoundPassage& found, SearchHit& hit);
  [[nodiscard]] Bytes cursor_scope() const;
  [[nodiscard]] std::string cursor_behind(const Place& place) const;

  Database& database_;
  const SearchQuery& query_;
  std::string expression_;
  std::int64_t workspace_ = 0;
  std::optional<std::int64_t> version_;                    // the only one looked in
  std::optional<std::unordered_set<std::int64_t>> texts_;  // the only ones looked in
  bool in_past_ = false;
  std::optional<Place> after_;  // the page before ended there
  Place last_;                  // of this page so far
  bool unknown_version_ = false;
};

}  // namespace flowstone::projections
