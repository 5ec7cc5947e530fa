// The last head that was acknowledged, in `directory/HEAD`: how a log that lost its end is told from one that never had
// it.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.hpp"
#include "eventstore/store.hpp"

namespace flowstone::eventstore {

// Durability: none. It is written after the log's sync and never synced itself, so after a power cut it may be old, but it is
// never ahead of the log. Torn or absent, it says nothing.
// Threads: one at a time.
class HighWater {
 public:
  struct Mark {
    std::uint64_t block = 0;
    TreeHead head;
  };
  static Result<HighWater, StoreError> open(const std::filesystem::path& directory);
  ~HighWater();
  HighWater(HighWater&& other) noexcept;
  HighWater& operator=(HighWater&&) = delete;

  // What it said when it was opened.
  [[nodiscard]] const std::optional<Mark>& opened_at() const { return opened_at_; }
  // Cost: one write of 56 bytes into the page cache.
  void set(const Mark& mark);

 private:
  explicit HighWater(int file);

  int file_;
  std::optional<Mark> opened_at_;
};

}  // namespace flowstone::eventstore
