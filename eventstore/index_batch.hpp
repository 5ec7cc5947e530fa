// The index entries of some blocks, gathered so that an event costs few keys.
#pragma once

#include <unordered_map>

#include <rocksdb/write_batch.h>

#include "eventstore/block.hpp"
#include "eventstore/store.hpp"

namespace flowstone::eventstore {

// Kinds of keys in the index; each key begins with one.
struct IndexKey {
  static constexpr char kStream = 'S';
  static constexpr char kType = 'T';
  static constexpr char kCategory = 'K';
  static constexpr char kCommand = 'C';
  static constexpr char kTime = '@';
  static constexpr char kTile = 'M';
  static constexpr char kCheckpoint = '!';

  static bool is_list(BytesView key) {
    return key.size() > 9 && (key[0] == kStream || key[0] == kType || key[0] == kCategory);
  }
};

class IndexBatch {
 public:
  Result<void, StoreError> add(const CommittedBlock& block);
  // Moves everything gathered into `batch`.
  void write(rocksdb::WriteBatch& batch);

 private:
  struct Chunk {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    Bytes value;
  };
  void add_event(const RecordedEvent& event);
  void add_to_list(char kind, std::string_view workspace, std::string_view name, const RecordedEvent& event);
  void add_command(const AppendEntry& append);

  BlockReader reader_;
  Bytes key_;
  std::unordered_map<std::string, Chunk> lists_;
  std::vector<std::pair<Bytes, Bytes>> commands_;
  std::vector<Bytes> times_;
};

Bytes encode_answer(const AppendEntry& append);
std::optional<Store::StoredAnswer> decode_answer(BytesView value);

}  // namespace flowstone::eventstore
