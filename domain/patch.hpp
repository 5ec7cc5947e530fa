// Patches: a command that gives some fields of a state, and the event that records those of them that differ.
//
// In both, a text, list or optional scalar without a value is "not given"; the names of values to remove stand in the
// field `cleared`. A decider lists its patchable fields once, as a function template over any number of tables:
//
//   template <class Visit, class... Tables>
//   void each_described_field(Visit&& visit, Tables&... tables) {
//     visit("title", tables.title...);
//     visit("labels", tables.labels...);
//   }
//
// and applies one of the visitors below to it.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/decider.hpp"

namespace flowstone::domain {

template <class Field>
concept Removable =
    requires(const Field& field) { field.empty(); } || requires(const Field& field) { field.has_value(); };

template <Removable Field>
bool has_value(const Field& field) {
  if constexpr (requires { field.has_value(); }) {
    return field.has_value();
  } else {
    return !field.empty();
  }
}

inline bool names(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

// Visits (command, state, event): the event gets what the command gives and the state does not have.
class RecordChanges {
 public:
  RecordChanges(const std::vector<std::string>& removals, std::vector<std::string>& recorded_removals)
      : removals_(removals), recorded_removals_(recorded_removals) {}

  template <class Given, class Current, class Recorded>
  void operator()(std::string_view name, const Given& given, const Current& current, Recorded& recorded) {
    if (has_value(given)) {
      if (current == given) return;
      recorded = given;
      changed_ = true;
    } else if constexpr (Removable<Current>) {
      if (!has_value(current) || !names(removals_, name)) return;
      recorded_removals_.emplace_back(name);
      changed_ = true;
    }
  }

  [[nodiscard]] bool changed() const { return changed_; }

 private:
  const std::vector<std::string>& removals_;
  std::vector<std::string>& recorded_removals_;
  bool changed_ = false;
};

// Visits (event, state): the state takes over what the event recorded.
class ApplyChanges {
 public:
  explicit ApplyChanges(const std::vector<std::string>& removals) : removals_(removals) {}

  template <class Recorded, class Current>
  void operator()(std::string_view name, const Recorded& recorded, Current& current) const {
    if (has_value(recorded)) {
      if constexpr (requires { current = recorded; }) {
        current = recorded;
      } else {
        current = *recorded;
      }
    } else if constexpr (Removable<Current>) {
      if (!removals_.empty() && names(removals_, name)) current = Current{};
    }
  }

 private:
  const std::vector<std::string>& removals_;
};

// Visits (from, to) where both have the same fields: a create and its event, that event and the state.
struct CopyFields {
  template <class From, class To>
  void operator()(std::string_view, const From& from, To& to) const {
    to = from;
  }
};

// A rejection if a field that always has a value was to be removed.
inline std::optional<Rejection> refuse_removals(const std::vector<std::string>& removals,
                                                std::initializer_list<std::string_view> kept) {
  for (const std::string_view name : kept) {
    if (!names(removals, name)) continue;
    return Rejection{.kind = Rejection::Kind::invalid,
                     .code = "invalid_field",
                     .detail = "cannot be removed; leave it out to keep it, or give a value",
                     .field = std::string(name)};
  }
  return std::nullopt;
}

}  // namespace flowstone::domain
