#include <map>
#include <utility>

#include "base/locked.hpp"
#include "eventstore/journal.hpp"

namespace flowstone::eventstore {
namespace {

using Key = std::pair<std::uint64_t, std::uint64_t>;  // first, number
using Blocks = std::map<Key, std::shared_ptr<const Bytes>>;

class MemoryCursor final : public Journal::Cursor {
 public:
  explicit MemoryCursor(Blocks blocks) : blocks_(std::move(blocks)), at_(blocks_.end()) {}

  Result<bool, StoreError> seek(Position position) override {
    at_ = blocks_.upper_bound({position.value, UINT64_MAX});
    return step_back();
  }
  Result<bool, StoreError> next() override { return at_ != blocks_.end() && ++at_ != blocks_.end(); }
  Result<bool, StoreError> previous() override { return at_ != blocks_.end() && step_back(); }
  [[nodiscard]] BytesView bytes() const override { return *at_->second; }

 private:
  bool step_back() {
    if (at_ == blocks_.begin()) {
      at_ = blocks_.end();
      return false;
    }
    --at_;
    return true;
  }

  Blocks blocks_;
  Blocks::const_iterator at_;
};

class MemoryJournal final : public Journal {
 public:
  Result<void, JournalFailure> append(std::span<const JournalBlock> blocks) override {
    blocks_.with([&](Blocks& kept) {
      for (const JournalBlock& block : blocks) {
        kept.emplace(Key{block.first.value, block.number}, std::make_shared<const Bytes>(block.bytes));
      }
    });
    return {};
  }

  Result<std::unique_ptr<Cursor>, StoreError> cursor(Access) override {
    return std::make_unique<MemoryCursor>(blocks_.with([](const Blocks& kept) { return kept; }));
  }

 private:
  Locked<Blocks> blocks_;
};

}  // namespace

std::shared_ptr<Journal> make_memory_journal() { return std::make_shared<MemoryJournal>(); }

}  // namespace flowstone::eventstore
