// The index as docs/formats/index.md says it is, read with nothing but RocksDB.
#include "eventstore/index.hpp"

#include <fstream>
#include <sstream>

#include <rocksdb/db.h>

#include "tests/eventstore/store_fixture.hpp"

namespace flowstone::eventstore {
namespace {

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return {1'795'608'000'000'000}; }
};

// The worked examples of a page: indented lines without their comments and spaces.
std::string hex_in(const std::string& page) {
  std::ifstream file(std::filesystem::path(FLOWSTONE_SOURCE_DIR) / "docs/formats" / page);
  std::string all;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("    ")) continue;
    line.resize(std::min(line.find('#'), line.size()));
    std::erase(line, ' ');
    all += line;
  }
  return all;
}

std::string dump_in_hex(const std::filesystem::path& directory) {
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(rocksdb::Options(), directory.string(), &opened);
  EXPECT_TRUE(status.ok()) << status.ToString();
  const std::unique_ptr<rocksdb::DB> database(opened);
  const std::unique_ptr<rocksdb::Iterator> iterator(database->NewIterator(rocksdb::ReadOptions()));
  std::string all;
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    all += to_hex(iterator->key().ToStringView()) + to_hex(iterator->value().ToStringView());
  }
  return all;
}

TEST(Index, IsTheWorkedExampleOfItsDocument) {
  const ScratchDirectory directory("flowstone-index");
  const StoppedClock clock;
  StoreOptions options;
  options.directory = directory.path();
  options.clock = &clock;
  {
    const auto store = Store::open(options);
    ASSERT_TRUE(store) << store.error().detail;
    Append append = append_of("task-1", 2);
    for (NewEvent& event : append.writes[0].events) event.type = "task.created";
    append.command_id = "c1";
    append.fingerprint = sha256("request");
    ASSERT_TRUE((*store)->append(append));
    append.writes[0].events.clear();
    append.command_id = "c2";
    append.fingerprint = sha256("other");
    ASSERT_TRUE((*store)->append(append));
  }
  const std::string dump = dump_in_hex(directory.path() / "index");
  ASSERT_FALSE(dump.empty());
  EXPECT_NE(hex_in("index.md").find(dump), std::string::npos) << dump;
}

}  // namespace
}  // namespace flowstone::eventstore
