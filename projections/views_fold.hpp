// A fold whose rows are in DIR/views: rows and checkpoint are one batch.
#pragma once

#include <rocksdb/write_batch.h>

#include "projections/fold.hpp"
#include "projections/views.hpp"

namespace flowstone::projections {

class ViewsFold : public Fold {
 public:
  ViewsFold(Views& views, BuildId build) : views_(views), build_(build) {}

  Result<void, std::string> commit(Checkpoint& checkpoint) final;
  Result<void, std::string> finish_bulk(Checkpoint& checkpoint) final;

 protected:
  // Puts everything that changed since the last call into the batch, and keeps count in `checkpoint`.
  virtual Result<void, std::string> write(rocksdb::WriteBatch& batch, Checkpoint& checkpoint) = 0;
  // Makes what `write` left out in the bulk phase, and counts rows and digest into `checkpoint`.
  virtual Result<void, std::string> complete(Checkpoint& checkpoint) = 0;

  [[nodiscard]] Views& views() const { return views_; }
  [[nodiscard]] BuildId build() const { return build_; }

 private:
  Views& views_;
  const BuildId build_;
};

}  // namespace flowstone::projections
