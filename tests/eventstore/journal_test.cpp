// The contract of a journal, held by each.
#include "eventstore/journal.hpp"

#include <latch>

#include "eventstore/block.hpp"
#include "tests/eventstore/store_fixture.hpp"

namespace flowstone::eventstore {
namespace {

class Journals : public testing::TestWithParam<JournalKind> {
 protected:
  void SetUp() override {
    if (GetParam() == JournalKind::memory) {
      journal_ = make_memory_journal();
    } else {
      auto opened = open_embedded_journal(directory_.path() / "log", nullptr);
      ASSERT_TRUE(opened) << opened.error().detail;
      journal_ = *std::move(opened);
    }
  }

  // Block 3 has no events: it begins where block 4 does.
  void fill() {
    const std::vector<JournalBlock> first = {{.first = {1}, .number = 1, .bytes = "one"},
                                             {.first = {3}, .number = 2, .bytes = "two"}};
    const std::vector<JournalBlock> second = {{.first = {10}, .number = 3, .bytes = "three"},
                                              {.first = {10}, .number = 4, .bytes = "four"}};
    ASSERT_TRUE(journal_->append(first));
    ASSERT_TRUE(journal_->append(second));
  }
  [[nodiscard]] std::unique_ptr<Journal::Cursor> cursor() const {
    auto made = journal_->cursor(Journal::Access::scan);
    EXPECT_TRUE(made);
    return *std::move(made);
  }

  ScratchDirectory directory_{"flowstone-journal"};
  std::shared_ptr<Journal> journal_;
};
FLOWSTONE_ON_BOTH_JOURNALS(Journals);

TEST_P(Journals, SeekTheLastBlockThatBeginsAtOrBeforeAPosition) {
  fill();
  const auto at = cursor();
  const auto found = [&](std::uint64_t position) {
    const auto sought = at->seek({position});
    return sought && *sought ? std::string(at->bytes()) : "none";
  };
  EXPECT_EQ(found(0), "none");
  EXPECT_EQ(found(1), "one");
  EXPECT_EQ(found(2), "one");
  EXPECT_EQ(found(9), "two");
  EXPECT_EQ(found(10), "four");
  EXPECT_EQ(found(UINT64_MAX), "four");
}

TEST_P(Journals, WalkBothWaysInTheOrderOfTheNumbers) {
  fill();
  const auto at = cursor();
  std::string seen;
  ASSERT_TRUE(*at->seek({1}));
  do seen += std::string(at->bytes()) + " ";
  while (*at->next());
  ASSERT_TRUE(*at->seek({UINT64_MAX}));
  do seen += std::string(at->bytes()) + " ";
  while (*at->previous());
  EXPECT_FALSE(*at->previous());
  EXPECT_FALSE(*at->next());
  EXPECT_EQ(seen, "one two three four four three two one ");
}

TEST_P(Journals, AnEmptyOneHasNoBlock) { EXPECT_FALSE(*cursor()->seek({UINT64_MAX})); }

TEST_P(Journals, ACursorSeesWhatWasThereWhenItWasMade) {
  ASSERT_TRUE(journal_->append(std::vector<JournalBlock>{{.first = {1}, .number = 1, .bytes = "one"}}));
  const auto before = cursor();
  ASSERT_TRUE(journal_->append(std::vector<JournalBlock>{{.first = {2}, .number = 2, .bytes = "two"}}));
  ASSERT_TRUE(*before->seek({UINT64_MAX}));
  EXPECT_EQ(before->bytes(), "one");
  EXPECT_FALSE(*before->next());
  ASSERT_TRUE(*cursor()->seek({UINT64_MAX}));
}

TEST_P(Journals, BlocksTakeNoFurtherAppendOnceTheyAreLarge) {
  StoreOptions options;
  const ScratchDirectory directory("flowstone-blocks");
  options.directory = directory.path();
  options.journal = journal_;
  {
    const auto store = Store::open(options);
    ASSERT_TRUE(store) << store.error().detail;
    std::latch all_wait(1);
    const auto holding = (*store)->on_commit([&](Position) { all_wait.wait(); });
    ASSERT_TRUE((*store)->append(append_of("task-1", 1)));
    for (int number = 0; number < 3'000; ++number) (*store)->append(append_of("task-1", 1), [](AppendResult) {});
    all_wait.count_down();
  }
  const auto at = cursor();
  ASSERT_TRUE(*at->seek({1}));
  std::uint64_t events = 0;
  std::size_t full = 0;
  do {
    BlockReader block;
    ASSERT_TRUE(block.open(at->bytes()));
    events += block.events();
    const std::size_t last = block.record(block.last()).size() + 4;  // the append that filled it, with its entry
    EXPECT_LT(at->bytes().size() - last, BlockLayout::kTarget);
    if (at->bytes().size() >= BlockLayout::kTarget) ++full;
  } while (*at->next());
  EXPECT_EQ(events, 3'001U);
  EXPECT_GT(full, 0U);
}

}  // namespace
}  // namespace flowstone::eventstore
