#include "commands/backtest.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "commands/event_value.hpp"
#include "commands/triggered_run.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::commands {
namespace {

using jsonata::Value;

class Trial {
 public:
  Trial(const workflows::StartRule& rule, const BacktestQuery& query) : rule_(rule), query_(query) {
    told_.since = query.since;
  }

  void look_at(const eventstore::RecordedEvent& event) {
    ++told_.looked_at;
    const auto value = value_of(event);
    const jsonata::Context context{.now = event.time, .random = chance_of(event.position.value)};
    if (rule_.condition) {
      const auto verdict = rule_.condition->judge(value, context);
      if (!verdict.holds) {
        ++misses_[verdict.part];
        return;
      }
    }
    Occasion occasion;
    occasion.position = event.position;
    occasion.event_type = event.type;
    occasion.stream = event.stream;
    occasion.at = event.time;
    fill(std::move(occasion), value, context);
  }

  void look_at(Timestamp due) {
    ++told_.looked_at;
    Occasion occasion;
    occasion.at = due;
    fill(std::move(occasion), value_of_time(rule_.id, due),
         {.now = due, .random = chance_of(static_cast<std::uint64_t>(due.micros))});
  }

  void stop_at(Timestamp since) {
    told_.since = since;
    told_.complete = false;
  }

  Backtest finish() {
    told_.misses.assign(misses_.begin(), misses_.end());
    std::ranges::sort(told_.misses, [](const auto& left, const auto& right) {
      return left.second != right.second ? left.second > right.second : left.first < right.first;
    });
    return std::move(told_);
  }

 private:
  void fill(Occasion occasion, const Value& value, const jsonata::Context& context) {
    auto input = input_of(rule_, nullptr, value, value, context);
    ++(input ? told_.acted : told_.failed);
    if (input)
      occasion.input = *std::move(input);
    else
      occasion.error = std::move(input.error().detail);
    if (told_.occasions.size() < query_.occasions) told_.occasions.push_back(std::move(occasion));
  }

  const workflows::StartRule& rule_;
  const BacktestQuery& query_;
  Backtest told_;
  std::map<std::string, std::uint64_t> misses_;
};

Result<Backtest, eventstore::StoreError> of_events(eventstore::Store& store, const workflows::StartRule& rule,
                                                   const BacktestQuery& query) {
  Trial trial(rule, query);
  eventstore::Filter filter;
  filter.workspace = query.workspace;
  for (const auto& type : rule.types) filter.categories.push_back(type.substr(0, type.find('.')));
  if (std::ranges::find(filter.categories, "*") != filter.categories.end()) filter.categories.clear();
  const auto head = store.state().durable;
  if (head == Position{}) return trial.finish();
  auto reader = store.read(filter, {.from = head, .to = {}, .direction = eventstore::Direction::backward});
  if (!reader) return failure(std::move(reader.error()));
  std::size_t looked = 0;
  while (true) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error());
    if (*event == nullptr || (*event)->time < query.since) break;
    if ((*event)->time > query.until || !rule.wants((*event)->type)) continue;
    if (looked++ == query.looked) {
      trial.stop_at((*event)->time);
      break;
    }
    trial.look_at(**event);
  }
  return trial.finish();
}

Backtest of_times(const workflows::StartRule& rule, const BacktestQuery& query) {
  Trial trial(rule, query);
  const auto schedule = rule.schedule(query.since);
  std::deque<Timestamp> due;
  for (auto at = schedule.next(query.since); at && *at <= query.until; at = schedule.next(*at)) {
    due.push_back(*at);
    if (due.size() <= query.looked) continue;
    trial.stop_at(due.front());
    due.pop_front();
  }
  for (auto at = due.rbegin(); at != due.rend(); ++at) trial.look_at(*at);
  return trial.finish();
}

}  // namespace

Result<Backtest, eventstore::StoreError> backtest(eventstore::Store& store, const workflows::StartRule& rule,
                                                  const BacktestQuery& query) {
  switch (rule.kind) {
    case workflows::StartKind::event:
      return of_events(store, rule, query);
    case workflows::StartKind::schedule:
      return of_times(rule, query);
    case workflows::StartKind::webhook:
      break;
  }
  return Trial(rule, query).finish();
}

}  // namespace flowstone::commands
