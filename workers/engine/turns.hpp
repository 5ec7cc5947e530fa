// Whose turn it is: workspaces one after the other, and in each the one that came first.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace flowstone::workers {

// Order: of two workspaces that have something waiting, neither gets two turns before the other has had one.
// Threads: one at a time.
template <class Item>
class Turns {
 public:
  void add(const std::string& workspace, Item item) {
    auto& waiting = waiting_[workspace];
    if (waiting.empty()) order_.push_back(workspace);
    waiting.push_back(std::move(item));
    ++size_;
  }

  std::optional<Item> next() {
    if (order_.empty()) return std::nullopt;
    const auto of = waiting_.find(order_.front());
    order_.pop_front();
    Item item = std::move(of->second.front());
    of->second.pop_front();
    if (of->second.empty()) {
      waiting_.erase(of);
    } else {
      order_.push_back(of->first);
    }
    --size_;
    return item;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  std::map<std::string, std::deque<Item>> waiting_;
  std::deque<std::string> order_;  // of those that have something
  std::size_t size_ = 0;
};

}  // namespace flowstone::workers
