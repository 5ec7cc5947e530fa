#include "projections/views_fold.hpp"

namespace flowstone::projections {

Result<void, std::string> ViewsFold::commit(Checkpoint& checkpoint) {
  rocksdb::WriteBatch batch;
  FLOWSTONE_TRY_VOID(write(batch, checkpoint));
  batch.Put(section_key(build_, Section::checkpoint), encode(checkpoint));
  return views_.write(batch);
}

Result<void, std::string> ViewsFold::finish_bulk(Checkpoint& checkpoint) {
  FLOWSTONE_TRY_VOID(complete(checkpoint));
  rocksdb::WriteBatch batch;
  batch.Put(section_key(build_, Section::checkpoint), encode(checkpoint));
  return views_.write(batch);
}

}  // namespace flowstone::projections
