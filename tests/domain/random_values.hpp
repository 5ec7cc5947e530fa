// Values by chance, from so few that they meet each other often.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "base/time.hpp"
#include "flatbuffers/flatbuffers.h"

namespace flowstone::domain {

template <class Value>
Value any_of(std::vector<Value> values) {
  return *rc::gen::elementOf(values);
}

inline bool by_chance() { return *rc::gen::arbitrary<bool>(); }

inline std::string any_word() { return any_of<std::string>({"", "a", "b", "long words with spaces, and \xC3\xA4"}); }
inline std::string any_name() { return any_of<std::string>({"a", "b", "c"}); }

inline std::vector<std::string> any_words() {
  return any_of<std::vector<std::string>>({{}, {"x"}, {"x", "y"}, {"y", "x"}});
}

template <class Value>
flatbuffers::Optional<Value> maybe(std::vector<Value> values) {
  return by_chance() ? flatbuffers::Optional<Value>(any_of(std::move(values))) : flatbuffers::nullopt;
}

inline std::vector<std::string> some_of(const std::vector<std::string>& names) {
  std::vector<std::string> some;
  for (const auto& name : names) {
    if (*rc::gen::inRange(0, 5) == 0) some.push_back(name);
  }
  return some;
}

inline std::int64_t near(Timestamp now) { return now.micros + *rc::gen::inRange<std::int64_t>(-3, 4) * 1'000'000; }

}  // namespace flowstone::domain
