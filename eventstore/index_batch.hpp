// The index entries of some blocks, gathered so that an event costs few keys.
#pragma once

#include <array>
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

// For one use: filled, then written.
class IndexBatch {
 public:
  Result<void, StoreError> add(const CommittedBlock& block);
  void write(rocksdb::WriteBatch& batch);

 private:
  struct Chunk {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    Bytes value;
  };
  void add_event(const RecordedEvent& event);
  Chunk& list(char kind, std::string_view workspace, std::string_view name);
  static void add_to(Chunk& chunk, std::uint64_t position, Revision revision);
  void add_command(const AppendEntry& append);

  BlockReader reader_;
  Bytes key_;
  std::unordered_map<std::string, Chunk> lists_;
  // Events of one kind often follow one another: the lists of the last one's workspace, type and category.
  std::string workspace_;
  std::string type_;
  std::string category_;
  std::array<Chunk*, 4> same_kind_{};
  std::vector<std::pair<Bytes, Bytes>> commands_;
  std::vector<Bytes> times_;
};

Bytes encode_answer(const AppendEntry& append);
std::optional<Store::StoredAnswer> decode_answer(BytesView value);

}  // namespace flowstone::eventstore
