// Bad disks, power cuts and damaged files.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "base/locked.hpp"
#include "tests/eventstore/faulty_file_system.hpp"
#include "tests/eventstore/store_fixture.hpp"

namespace flowstone::eventstore {
namespace {

std::uint64_t seed_of_run() {
  const char* const given = std::getenv("FLOWSTONE_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "FLOWSTONE_SEED=" << seed << std::endl;
  return seed;
}

class Faults : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(open()); }

  Result<void, StoreError> open() {
    StoreOptions options;
    options.directory = directory_.path();
    options.env = env_.get();
    FLOWSTONE_TRY(store_, Store::open(std::move(options)));
    return {};
  }

  // Files of the log with this ending, the largest first.
  [[nodiscard]] std::vector<std::filesystem::path> log_files(std::string_view ending) const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() / "log")) {
      if (entry.path().extension() == ending) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end(), [](const auto& left, const auto& right) {
      return std::filesystem::file_size(left) > std::filesystem::file_size(right);
    });
    return files;
  }

  void stop_without_closing() {
    faulty_->cut_power();
    store_.reset();
    faulty_->heal();
  }

  void expect_stopped_and_recoverable(FaultyFileSystem::Fault fault) {
    for (int event = 0; event < 10; ++event) ASSERT_TRUE(store_->append(append_of("task-1", 1)));
    faulty_->fail(fault, 0);
    const auto unknown = store_->append(append_of("task-1", 1));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, AppendErrorCode::outcome_unknown);
    faulty_->heal();
    const auto refused = store_->append(append_of("task-1", 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, AppendErrorCode::storage_failed);
    EXPECT_FALSE(store_->state().accepting);
    EXPECT_NE(store_->state().failure.find("injected"), std::string::npos) << store_->state().failure;
    EXPECT_EQ(store_->state().durable.value, 10U);
    EXPECT_EQ(positions_of(store_->read({}, {})).size(), 10U);
    store_.reset();
    const auto opened = open();
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_GE(store_->state().durable.value, 10U);
    EXPECT_LE(store_->state().durable.value, 11U);
    EXPECT_TRUE(store_->append(append_of("task-1", 1)));
    EXPECT_TRUE(store_->verify({}));
  }

  ScratchDirectory directory_{"flowstone-fault"};
  std::shared_ptr<FaultyFileSystem> faulty_ = std::make_shared<FaultyFileSystem>("/log/");
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(faulty_);
  std::unique_ptr<Store> store_;
};

TEST_F(Faults, AFailedWriteStopsAppendsAndARestartRecovers) {
  expect_stopped_and_recoverable(FaultyFileSystem::Fault::write);
}
TEST_F(Faults, AFailedSyncStopsAppendsAndARestartRecovers) {
  expect_stopped_and_recoverable(FaultyFileSystem::Fault::sync);
}
TEST_F(Faults, AFullDiskStopsAppendsAndARestartRecovers) {
  expect_stopped_and_recoverable(FaultyFileSystem::Fault::no_space);
}

TEST_F(Faults, APowerCutLosesNothingAcknowledged) {
  std::mt19937_64 random(seed_of_run());
  std::map<std::uint64_t, std::string> acknowledged;  // position -> stream
  for (int round = 0; round < 8; ++round) {
    Locked<std::map<std::uint64_t, std::string>> fresh;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 6; ++writer) {
      writers.emplace_back([&, writer] {
        const std::string stream = "task-" + std::to_string(writer);
        while (true) {
          const auto appended = store_->append(append_of(stream, 1));
          if (!appended) return;
          fresh.with([&](auto& positions) { positions[appended->first.value] = stream; });
        }
      });
    }
    const std::uint64_t enough = 5 + random() % 60;
    while (fresh.with([](const auto& positions) { return positions.size(); }) < enough) std::this_thread::yield();
    faulty_->cut_power();
    for (std::thread& writer : writers) writer.join();
    store_.reset();
    faulty_->settle(random);
    faulty_->heal();
    const auto opened = open();
    ASSERT_TRUE(opened) << opened.error().detail << " in round " << round;
    fresh.with([&](auto& positions) { acknowledged.merge(positions); });

    std::map<std::uint64_t, std::string> there;
    for (const SeenEvent& event : all_of(store_->read({}, {}))) there[event.position.value] = event.stream;
    for (const auto& [position, stream] : acknowledged) ASSERT_EQ(there[position], stream) << "position " << position;
    ASSERT_EQ(there.rbegin()->first, there.size());
    ASSERT_TRUE(store_->verify({}));
  }
}

TEST_F(Faults, ATruncatedWriteAheadLogIsNamed) {
  for (int event = 0; event < 20; ++event) ASSERT_TRUE(store_->append(append_of("task-1", 1)));
  stop_without_closing();
  const auto file = log_files(".log").front();
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, StoreError::Code::corrupt);
  EXPECT_GT(opened.error().position.value, 1U);
  EXPECT_LE(opened.error().position.value, 20U);
  EXPECT_NE(opened.error().detail.find("acknowledged"), std::string::npos) << opened.error().detail;
}

TEST_F(Faults, AnyFlippedBitInTheWriteAheadLogIsFound) {
  for (int event = 0; event < 20; ++event) ASSERT_TRUE(store_->append(append_of("task-1", 1)));
  stop_without_closing();
  const auto file = log_files(".log").front();
  const auto pristine = directory_.path() / "pristine";
  std::filesystem::copy(directory_.path() / "log", pristine, std::filesystem::copy_options::recursive);
  std::mt19937_64 random(seed_of_run());
  const std::uint64_t size = std::filesystem::file_size(file);
  for (int round = 0; round < 12; ++round) {
    flip_bit(file, random() % size, static_cast<unsigned>(random() % 8));
    const auto opened = open();
    ASSERT_FALSE(opened) << "round " << round;
    EXPECT_EQ(opened.error().code, StoreError::Code::corrupt) << opened.error().detail;
    EXPECT_GE(opened.error().position.value, 1U);
    EXPECT_LE(opened.error().position.value, 20U);
    std::filesystem::remove_all(directory_.path() / "log");
    std::filesystem::copy(pristine, directory_.path() / "log", std::filesystem::copy_options::recursive);
  }
  ASSERT_TRUE(open());
  EXPECT_EQ(positions_of(store_->read({}, {})).size(), 20U);
}

// Fills a table file of the log, so that damage can be done to it.
class DamagedTables : public Faults {
 protected:
  void SetUp() override {
    Faults::SetUp();
    std::mt19937_64 random(1);
    for (int number = 0; number < 200; ++number) {
      Append append = append_of("task-" + std::to_string(number % 9), 4);
      for (NewEvent& event : append.writes[0].events) {
        event.payload.resize(700);
        for (char& byte : event.payload) byte = static_cast<char>(random());  // LZ4 finds nothing to save
      }
      ASSERT_TRUE(store_->append(std::move(append)));
    }
    store_.reset();
    file_ = log_files(".sst").front();
  }
  std::filesystem::path file_;
};

TEST_F(DamagedTables, AFlippedBitIsNamedAndNeverServed) {
  const std::uint64_t size = std::filesystem::file_size(file_);
  flip_bit(file_.string(), size / 3, 5);
  const auto opened = open();
  ASSERT_TRUE(opened) << opened.error().detail;
  const auto verified = store_->verify({});
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, StoreError::Code::corrupt);
  const std::uint64_t damaged = verified.error().position.value;
  EXPECT_GT(damaged, 1U);
  EXPECT_LE(damaged, 800U);
  auto reader = store_->read({}, {});
  ASSERT_TRUE(reader);
  std::uint64_t seen = 0;
  auto next = (*reader)->next();
  for (; next && *next != nullptr; next = (*reader)->next()) seen = (*next)->position.value;
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, StoreError::Code::corrupt);
  EXPECT_EQ(next.error().position.value, seen + 1);
  EXPECT_EQ(damaged, seen + 1);
  EXPECT_TRUE(store_->append(append_of("task-1", 1)));
}

TEST_F(DamagedTables, ATruncatedOrMissingFileIsNamed) {
  std::filesystem::resize_file(file_, std::filesystem::file_size(file_) / 2);
  const auto truncated = open();
  ASSERT_FALSE(truncated);
  EXPECT_EQ(truncated.error().code, StoreError::Code::corrupt) << truncated.error().detail;
  EXPECT_NE(truncated.error().detail.find(file_.filename().string()), std::string::npos) << truncated.error().detail;
  std::filesystem::remove(file_);
  const auto missing = open();
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().detail.find(file_.stem().string()), std::string::npos) << missing.error().detail;
}

TEST_F(DamagedTables, ALostOrDamagedIndexIsMadeAnew) {
  const auto index = directory_.path() / "index";
  for (const auto& entry : std::filesystem::directory_iterator(index)) {
    if (entry.path().filename().string().starts_with("MANIFEST")) std::filesystem::resize_file(entry.path(), 10);
  }
  ASSERT_TRUE(open());
  EXPECT_EQ(store_->stream_head("w1", "task-0")->value, 92U);
  store_.reset();
  std::filesystem::remove_all(index);
  ASSERT_TRUE(open());
  EXPECT_EQ(store_->stream_head("w1", "task-0")->value, 92U);
  EXPECT_EQ(store_->tree_head_at({800})->root, store_->tree_head().root);
}

}  // namespace
}  // namespace flowstone::eventstore
