// Given these events, when this command comes, then this happens.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decider.hpp"
#include "schemas/contract.hpp"

namespace flowstone::domain {

using Types = std::vector<std::string>;

inline constexpr Timestamp kNow{1'900'000'000'000'000};
inline constexpr std::string_view kId = "01920000-0000-7000-8000-000000000001";

// What a command led to.
template <class D>
struct Ending {
  Types recorded;       // types of the recorded events
  std::string refused;  // code of the rejection; empty if there was none
  std::string field;    // that the rejection names
  Rejection::Kind kind = Rejection::Kind::conflict;
  std::string detail;
  std::vector<typename D::Event> events;
  typename D::State state;  // afterwards
};

// A history of one entity, told by events and commands.
template <class D>
class Story {
 public:
  template <class... Tables>
  Story& given(Tables... tables) {
    (fold(event_of(std::move(tables))), ...);
    return *this;
  }

  Story& at(Timestamp now) {
    now_ = now;
    return *this;
  }

  // Carries the command out; what it records becomes part of the history.
  template <class Table>
  Ending<D> when(Table table) {
    typename D::Command command;
    command.Set(std::move(table));
    const Context context{.now = now_, .actor = "key:tester", .id = kId};
    auto decision = D::decide(revision_ == 0 ? nullptr : &state_, command, context);
    Ending<D> ending;
    if (decision) {
      for (const auto& event : *decision) {
        fold(event);
        ending.recorded.emplace_back(type_of(event));
      }
      ending.events = *std::move(decision);
    } else {
      ending.refused = decision.error().code;
      ending.field = decision.error().field;
      ending.kind = decision.error().kind;
      ending.detail = decision.error().detail;
    }
    ending.state = state_;
    return ending;
  }

  [[nodiscard]] const typename D::State& state() const { return state_; }
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  template <class Table>
  static typename D::Event event_of(Table table) {
    typename D::Event event;
    event.Set(std::move(table));
    return event;
  }

  static std::string_view type_of(const typename D::Event& event) {
    for (const auto& member : schemas::contracts().find_aggregate(D::kName)->events) {
      if (member.discriminator == static_cast<std::uint8_t>(event.type)) return member.name;
    }
    return "no event of this aggregate";
  }

  void fold(const typename D::Event& event) {
    D::evolve(state_, event, {.time = now_, .actor = "key:tester", .revision = {++revision_}, .id = kId});
    state_.revision = revision_;
  }

  Timestamp now_ = kNow;
  std::uint64_t revision_ = 0;
  typename D::State state_;
};

}  // namespace flowstone::domain
