// The audit trail: where in the log the events of each actor, correlation and workspace are. The events themselves stay
// there.
//
// Cost: a few bytes an event; one key a batch for each actor, correlation and workspace in it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "projections/postings.hpp"
#include "projections/views_fold.hpp"

namespace flowstone::projections {

class AuditFold final : public ViewsFold {
 public:
  using ViewsFold::ViewsFold;

  Result<void, std::string> take(const eventstore::RecordedEvent& event) override;
  [[nodiscard]] std::size_t pending_bytes() const override { return pending_bytes_; }

 private:
  Result<void, std::string> write(rocksdb::WriteBatch& batch, Checkpoint& checkpoint) override;
  Result<void, std::string> complete(Checkpoint&) override { return {}; }
  void post(PostingKind kind, const eventstore::RecordedEvent& event, std::string_view text);

  std::map<Bytes, std::vector<std::uint64_t>, std::less<>> blocks_;  // by prefix
  RowDigest digest_;                                                 // of the events taken since the last write
  std::uint64_t events_ = 0;
  std::size_t pending_bytes_ = 0;
};

}  // namespace flowstone::projections
