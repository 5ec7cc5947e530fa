// The audit trail: where in the log the events of each actor, correlation and workspace are. The events themselves stay
// there.
//
// Cost: a few bytes an event; one key a batch for each actor, correlation and workspace in it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "projections/fold.hpp"
#include "projections/postings.hpp"

namespace flowstone::projections {

class AuditFold final : public Fold {
 public:
  explicit AuditFold(BuildId build) : build_(build) {}

  Result<void, std::string> take(const eventstore::RecordedEvent& event) override;
  [[nodiscard]] std::size_t pending_bytes() const override { return pending_bytes_; }
  Result<void, std::string> write(rocksdb::WriteBatch& batch, Checkpoint& checkpoint) override;
  Result<void, std::string> finish_bulk(Checkpoint&) override { return {}; }

 private:
  void post(PostingKind kind, const eventstore::RecordedEvent& event, std::string_view text);

  const BuildId build_;
  std::map<Bytes, std::vector<std::uint64_t>, std::less<>> blocks_;  // by prefix
  RowDigest digest_;                                                 // of the events taken since the last write
  std::uint64_t events_ = 0;
  std::size_t pending_bytes_ = 0;
};

}  // namespace flowstone::projections
