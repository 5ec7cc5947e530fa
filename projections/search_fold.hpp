// From the events of bundles to the passages that can be searched.
//
// Cost: a version costs the texts in it that its workspace has in no other version; one document at a time is in memory.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "projections/fold.hpp"
#include "projections/library.hpp"
#include "projections/search/build_file.hpp"

namespace flowstone::projections {

// The events that it folds.
eventstore::Filter search_filter();

class SearchFold final : public Fold {
 public:
  // Goes on with the build in `file`, or begins it. The library outlives the fold.
  static Result<std::unique_ptr<Fold>, std::string> make(const std::filesystem::path& file, Library& library);
  ~SearchFold() override;
  SearchFold(const SearchFold&) = delete;
  SearchFold& operator=(const SearchFold&) = delete;

  Result<void, std::string> take(const eventstore::RecordedEvent& event) override;
  [[nodiscard]] std::size_t pending_bytes() const override { return pending_bytes_; }
  Result<void, std::string> commit(Checkpoint& checkpoint) override;
  // There is no bulk phase: passages are indexed as they come.
  Result<void, std::string> finish_bulk(Checkpoint&) override { return {}; }

 private:
  SearchFold(SearchWriter writer, Library& library) : writer_(std::move(writer)), library_(library) {}

  Result<void, std::string> begin();
  Result<void, std::string> publish(const eventstore::RecordedEvent& event);
  Result<void, std::string> withdraw(const eventstore::RecordedEvent& event);
  Result<std::vector<SearchChunk>, std::string> chunks_of(std::string_view workspace,
                                                          const schemas::BundleDocumentT& document);

  SearchWriter writer_;
  Library& library_;
  bool begun_ = false;
  Checkpoint changes_;  // rows and digest since the last commit, as differences modulo 2^64 and 2^256
  std::size_t pending_bytes_ = 0;
};

}  // namespace flowstone::projections
