// Full-text search over what bundles' versions hold: a projection whose rows are SQLite databases, one a build, in a
// folder of their own.
//
// Order: best first, by bm25 within the workspace; equal ones by age.
// Threads: every member may be called from any thread; readers never wait for the fold.
// Cost: a query looks at every passage that holds its words. Limits: kMostHits a page, kMostTerms words.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "documents/text.hpp"
#include "projections/catalog.hpp"
#include "projections/row_store.hpp"
#include "projections/search/database.hpp"

namespace flowstone::projections {

class SearchIndex final : public RowStore {
 public:
  // The folder is made if need be.
  static Result<std::unique_ptr<SearchIndex>, std::string> open(std::filesystem::path directory);

  [[nodiscard]] Result<std::optional<Checkpoint>, std::string> checkpoint(BuildId build) const override;
  [[nodiscard]] std::vector<BuildId> builds() const override;
  Result<void, std::string> drop(BuildId build) override;

  // Nothing if the build is not there (any more).
  Result<std::optional<SearchPage>, QueryError> search(BuildId build, const SearchQuery& query);

  [[nodiscard]] std::filesystem::path file_of(BuildId build) const;

 private:
  explicit SearchIndex(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Connections wait here for their next question.
  using Readers = std::vector<std::unique_ptr<Database>>;
  Result<std::unique_ptr<Database>, std::string> take_reader(BuildId build) const;
  void give_back(BuildId build, std::unique_ptr<Database> reader) const;

  const std::filesystem::path directory_;
  mutable std::mutex mutex_;
  mutable std::map<BuildId, Readers> idle_;
};

}  // namespace flowstone::projections
