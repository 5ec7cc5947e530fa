#include "commands/turns.hpp"

#include <utility>

#include "base/check.hpp"

namespace flowstone::commands {

Turns::Entry Turns::enter(std::string_view key, Start start) {
  return shard_of(key).with([&](Waiting& waiting) {
    const auto [entity, is_first] = waiting.try_emplace(std::string(key));
    if (is_first) return Entry::now;
    if (entity->second.size() >= waiting_at_most_) return Entry::full;
    entity->second.push_back(std::move(start));
    return Entry::later;
  });
}

void Turns::leave(std::string_view key) {
  Start next = shard_of(key).with([&](Waiting& waiting) -> Start {
    const auto entity = waiting.find(std::string(key));
    check(entity != waiting.end(), "a turn ends only once");
    if (entity->second.empty()) {
      waiting.erase(entity);
      return nullptr;
    }
    Start first = std::move(entity->second.front());
    entity->second.pop_front();
    return first;
  });
  if (next) next();
}

}  // namespace flowstone::commands
