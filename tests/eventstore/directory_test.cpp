#include "eventstore/directory.hpp"

#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/eventstore/store_fixture.hpp"

namespace flowstone::eventstore {
namespace {

StoreOptions options_for(const ScratchDirectory& directory) {
  StoreOptions options;
  options.directory = directory.path();
  return options;
}

TEST(Directory, ASecondOwnerIsRefusedWithThePidOfTheFirst) {
  const ScratchDirectory directory("flowstone-directory");
  const auto first = Store::open(options_for(directory));
  ASSERT_TRUE(first);
  const auto second = Store::open(options_for(directory));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, StoreError::Code::locked);
  EXPECT_NE(second.error().detail.find(std::to_string(getpid())), std::string::npos) << second.error().detail;
}

TEST(Directory, IsFreeAgainWhenItsOwnerCloses) {
  const ScratchDirectory directory("flowstone-directory");
  {
    ASSERT_TRUE(Store::open(options_for(directory)));
  }
  EXPECT_TRUE(Store::open(options_for(directory)));
}

TEST(Directory, ANewerFormatIsRefused) {
  const ScratchDirectory directory("flowstone-directory");
  {
    ASSERT_TRUE(Store::open(options_for(directory)));
  }
  std::ofstream(directory.path() / "FORMAT") << "flowstone-store 2\n";
  const auto opened = Store::open(options_for(directory));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, StoreError::Code::newer_format);
  EXPECT_EQ(open_read_only(directory.path()).error().code, StoreError::Code::newer_format);
}

TEST(Directory, AStrangeFormatIsRefused) {
  const ScratchDirectory directory("flowstone-directory");
  std::ofstream(directory.path() / "FORMAT") << "something else";
  const auto opened = Store::open(options_for(directory));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, StoreError::Code::corrupt);
}

TEST(ReadOnly, SeesALiveStoreAsOfWhenItWasOpened) {
  const ScratchDirectory directory("flowstone-directory");
  auto live = Store::open(options_for(directory));
  ASSERT_TRUE(live);
  for (int number = 0; number < 300; ++number)
    ASSERT_TRUE((*live)->append(append_of("task-" + std::to_string(number % 3), 1)));
  const auto head = (*live)->tree_head();
  const auto opened = open_read_only(directory.path());
  ASSERT_TRUE(opened) << opened.error().detail;
  Store& reading = **opened;
  ASSERT_TRUE((*live)->append(append_of("task-1", 1)));

  EXPECT_EQ(reading.tree_head().size.value, 300U);
  EXPECT_EQ(reading.tree_head().root, head.root);
  EXPECT_EQ(reading.tree_head_at({300})->root, head.root);
  EXPECT_EQ(positions_of(reading.read({}, {})).size(), 300U);
  Filter filter;
  filter.workspace = "w1";
  filter.stream = "task-2";
  EXPECT_EQ(positions_of(reading.read(filter, {})).size(), 100U);
  EXPECT_EQ(reading.stream_head("w1", "task-2")->value, 100U);
  EXPECT_TRUE(reading.verify({}));
  const auto refused = reading.append(append_of("task-1", 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, AppendErrorCode::storage_failed);
  EXPECT_FALSE(reading.state().accepting);
}

TEST(ReadOnly, AStoreThatIsNotThereIsAnError) {
  const ScratchDirectory directory("flowstone-directory");
  EXPECT_FALSE(open_read_only(directory.path()));
}

}  // namespace
}  // namespace flowstone::eventstore
