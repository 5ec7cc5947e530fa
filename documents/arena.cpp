#include "documents/arena.hpp"

#include <algorithm>
#include <cstring>

namespace flowstone::documents {
namespace {

constexpr std::size_t kPage = std::size_t{256} << 10;
constexpr std::size_t kAlign = alignof(std::max_align_t);
// Before each block stands its size.
constexpr std::size_t kHead = kAlign;

std::size_t rounded(std::size_t size) { return (size + kAlign - 1) / kAlign * kAlign; }

}  // namespace

Arena::Stop Arena::run(void (*work)(void*), void* state) {
  const int stopped = setjmp(way_out_);  // NOLINT: the only way out of a C library that does not know failure
  if (stopped == 0) {
    running_ = true;
    work(state);
  }
  running_ = false;
  return static_cast<Stop>(stopped);
}

void Arena::leave_if_spent(std::size_t more) {
  constexpr unsigned kCallsBetweenLooks = 256;
  if (!running_) return;
  if (more > most_ || taken_ > most_ - more) std::longjmp(way_out_, static_cast<int>(Stop::out_of_memory));  // NOLINT
  if (++calls_ % kCallsBetweenLooks == 0 && std::chrono::steady_clock::now() > deadline_) {
    std::longjmp(way_out_, static_cast<int>(Stop::out_of_time));  // NOLINT
  }
}

void* Arena::allocate(std::size_t size) {
  const std::size_t whole = rounded(size) + kHead;
  leave_if_spent(whole);
  if (left_ < whole) {
    const std::size_t page = std::max(kPage, whole);
    pages_.push_back(std::make_unique_for_overwrite<std::byte[]>(page));
    next_ = pages_.back().get();
    left_ = page;
  }
  std::byte* const block = next_ + kHead;
  std::memcpy(next_, &size, sizeof size);
  next_ += whole;
  left_ -= whole;
  taken_ += whole;
  return std::memset(block, 0, size);
}

void* Arena::resize(void* block, std::size_t size) {
  if (block == nullptr) return allocate(size);
  auto* const bytes = static_cast<std::byte*>(block);
  std::size_t before = 0;
  std::memcpy(&before, bytes - kHead, sizeof before);
  if (size <= before) return block;
  void* const larger = allocate(size);
  return std::memcpy(larger, block, before);
}

}  // namespace flowstone::documents
