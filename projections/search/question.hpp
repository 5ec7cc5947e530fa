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

namespace flowstone::projections {

class SearchQuestion {
 public:
  // The database is in a transaction, and knows `matched`.
  SearchQuestion(Database& database, const SearchQuery& query) : database_(database), query_(query) {}

  Result<SearchPage, QueryError> page();

 private:
  // A passage that holds the words; ordered as they are answered.
  struct Found {
    double score = 0;  // the less, the better
    std::int64_t chunk = 0;
    bool present = true;
    [[nodiscard]] auto order() const { return std::pair(score, chunk); }
  };
  // Where a page ends.
  struct Place {
    Found found;
    std::int64_t document = 0;
  };
  template <class Value>
  using Asked = Result<Value, std::string>;

  Asked<SearchPage> answer();
  Result<void, QueryError> read_cursor();
  // False if there is nothing to look in.
  Asked<bool> find_scope();
  Asked<std::vector<Found>> best(std::size_t count);
  Asked<void> look_in(bool present, std::size_t count, std::vector<Found>& best);
  // The documents that hold the passage, as hits. False when the page is full.
  Asked<bool> add_hits(const Found& found, SearchPage& page);
  Asked<void> describe(const Found& found, SearchHit& hit);
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
