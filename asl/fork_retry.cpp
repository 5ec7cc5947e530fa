#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "asl/fork.hpp"

namespace flowstone::asl {
namespace {

using Place = std::size_t;  // of an event

// One stay in a state.
struct Visit {
  std::size_t strand = 0;
  std::string state;
  Place entered = 0;
  Place attempt = 0;                 // its last attempt begins after this event
  Place branching = 0;               // of that attempt: where its branches began
  std::vector<std::size_t> strands;  // its branches, of all attempts
  bool failed = false, retrying = false, caught = false;
};

// What goes on one after the other: the machine itself, or a branch from its start to its end.
struct Strand {
  std::optional<std::size_t> above;  // the visit that it is a branch of
  std::vector<Place> events;
  std::vector<std::size_t> visits;
  std::optional<Place> end;  // of a branch
  EventType ended_by = EventType::branch_succeeded;

  [[nodiscard]] bool has_succeeded() const { return end && ended_by == EventType::branch_succeeded; }
};

// What happened in a run, as a tree.
class Story {
 public:
  explicit Story(const Events& events) {
    for (Place place = 0; place < events.size(); ++place) take(events[place], place);
  }

  std::vector<Visit> visits;
  std::vector<Strand> strands;  // the first is the machine itself
  std::optional<Place> end;

  // The branches of the visit's last attempt.
  [[nodiscard]] std::vector<std::size_t> branches_of(const Visit& visit) const {
    std::vector<std::size_t> last;
    for (const auto strand : visit.strands)
      if (strands[strand].events.front() > visit.attempt) last.push_back(strand);
    return last;
  }

 private:
  void take(const Event& event, Place place) {
    using enum EventType;
    if (event.type == execution_started) {
      begin_strand(event.path, place, std::nullopt);
    } else if (event.type <= execution_aborted) {
      end = place;
    } else if (event.type == branch_started) {
      const auto cut = event.path.rfind('/');
      const auto parent = current_.find(cut == std::string::npos ? std::string() : event.path.substr(0, cut));
      if (parent == current_.end() || strands[parent->second].visits.empty()) return;
      const auto above = strands[parent->second].visits.back();
      visits[above].strands.push_back(strands.size());
      begin_strand(event.path, place, above);
    } else if (const auto known = current_.find(event.path); known != current_.end()) {
      strands[known->second].events.push_back(place);
      take_of(event, place, known->second);
    }
  }

  void begin_strand(const std::string& path, Place place, std::optional<std::size_t> above) {
    current_[path] = strands.size();
    Strand strand;
    strand.above = above;
    strand.events.push_back(place);
    strands.push_back(std::move(strand));
  }

  void take_of(const Event& event, Place place, std::size_t in) {
    using enum EventType;
    auto& strand = strands[in];
    if (event.type > branch_started) {
      strand.end = place;
      strand.ended_by = event.type;
      return;
    }
    if (event.type == state_entered) {
      strand.visits.push_back(visits.size());
      Visit visit;
      visit.strand = in;
      visit.state = event.state;
      visit.entered = visit.attempt = visit.branching = place;
      visits.push_back(std::move(visit));
    } else if (!strand.visits.empty()) {
      take_of_visit(event.type, place, visits[strand.visits.back()]);
    }
  }

  static void take_of_visit(EventType type, Place place, Visit& visit) {
    using enum EventType;
    if (type == state_failed || type == task_failed || type == task_timed_out) visit.failed = true;
    if (type == error_caught) visit.caught = true;
    if (type == parallel_started || type == map_started) visit.branching = place;
    if (type == retry_scheduled) {
      visit.failed = false;
      visit.retrying = true;
    }
    if (type == timer_fired && std::exchange(visit.retrying, false)) visit.attempt = place;
  }

  std::map<std::string, std::size_t> current_;  // the strand of each path
};

const State* state_named(const Machine& machine, std::string_view name) {
  if (const auto* found = machine.find(name)) return found;
  for (const auto& state : machine.states) {
    for (const auto& branch : state.branches)
      if (const auto* found = state_named(branch, name)) return found;
  }
  return nullptr;
}

// The visits that are to be made again.
class Failures {
 public:
  Failures(const Definition& definition, const Story& story) : definition_(definition), story_(story) {}

  // Of a strand that did not come to its end.
  void find_last(std::size_t in) {
    const auto& strand = story_.strands[in];
    if (strand.visits.empty()) return;
    const auto last = strand.visits.back();
    const auto& visit = story_.visits[last];
    if (find_below(visit) || !visit.failed) return;
    const auto* state = state_named(definition_.machine, visit.state);
    if (state == nullptr || state->type != StateType::fail) return found_.push_back(last);
    const auto caught = std::find_if(strand.visits.rbegin(), strand.visits.rend(),
                                     [this](std::size_t each) { return story_.visits[each].caught; });
    if (caught != strand.visits.rend()) return again(*caught);
    if (strand.above) return found_.push_back(strand.visits.front());
    by_definition_ = true;
  }

  // Of one that did.
  void find_first(std::size_t in) {
    for (const auto each : story_.strands[in].visits) {
      const auto& visit = story_.visits[each];
      if (visit.caught) return again(each);
      if (find_below(visit, true)) return;
    }
  }

  [[nodiscard]] const std::vector<std::size_t>& found() const { return found_; }
  [[nodiscard]] bool by_definition() const { return by_definition_; }

 private:
  // Whether something failed in the visit's branches.
  bool find_below(const Visit& visit, bool also_in_those_that_succeeded = false) {
    const auto before = found_.size();
    for (const auto branch : story_.branches_of(visit)) {
      if (!story_.strands[branch].has_succeeded()) {
        find_last(branch);
      } else if (also_in_those_that_succeeded) {
        find_first(branch);
      }
    }
    return found_.size() > before;
  }

  void again(std::size_t visit) {
    if (!find_below(story_.visits[visit])) found_.push_back(visit);
  }

  const Definition& definition_;
  const Story& story_;
  std::vector<std::size_t> found_;
  bool by_definition_ = false;
};

// The events without those that are to be made again and those that followed from them.
class Selection {
 public:
  Selection(const Events& events, const Story& story) : events_(events), story_(story), stays_(events.size(), true) {}

  void leave_out(Place place) { stays_[place] = false; }

  void do_again(const Visit& visit) {
    leave_out_from(visit.strand, visit.entered);
    auto above = story_.strands[visit.strand].above;
    while (above && opened_.insert(*above).second) {
      const auto& parent = story_.visits[*above];
      leave_out_earlier_attempts(parent);
      for (const auto branch : story_.branches_of(parent)) revive(branch);
      leave_out_after_branches(parent);
      above = story_.strands[parent.strand].above;
    }
  }

  [[nodiscard]] std::vector<Place> places() const {
    std::vector<Place> left;
    for (Place place = 0; place < stays_.size(); ++place)
      if (stays_[place]) left.push_back(place);
    return left;
  }

 private:
  void leave_out_from(std::size_t in, Place first) {
    const auto& strand = story_.strands[in];
    for (const auto place : strand.events)
      if (place >= first) leave_out(place);
    for (const auto each : strand.visits) {
      if (story_.visits[each].entered < first) continue;
      for (const auto branch : story_.visits[each].strands) leave_out_from(branch, 0);
    }
  }

  void leave_out_earlier_attempts(const Visit& visit) {
    if (visit.attempt == visit.entered) return;
    for (const auto place : story_.strands[visit.strand].events)
      if (place > visit.entered && place <= visit.attempt) leave_out(place);
    for (const auto branch : visit.strands)
      if (story_.strands[branch].events.front() <= visit.attempt) leave_out_from(branch, 0);
  }

  // What became of the visit whose branches go on.
  void leave_out_after_branches(const Visit& visit) {
    const auto& strand = story_.strands[visit.strand];
    for (const auto place : strand.events)
      if (place > visit.branching && events_[place].type != EventType::map_run_started) leave_out(place);
    for (const auto each : strand.visits) {
      if (story_.visits[each].entered <= visit.entered) continue;
      for (const auto branch : story_.visits[each].strands) leave_out_from(branch, 0);
    }
  }

  // A branch that was aborted goes on, with all that was aborted in it.
  void revive(std::size_t in) {
    const auto& strand = story_.strands[in];
    if (strand.end && strand.ended_by != EventType::branch_aborted) return;
    if (strand.end) leave_out(*strand.end);
    if (strand.visits.empty()) return;
    for (const auto branch : story_.branches_of(story_.visits[strand.visits.back()])) revive(branch);
  }

  const Events& events_;
  const Story& story_;
  std::vector<bool> stays_;
  std::set<std::size_t> opened_;  // visits whose branches go on
};

}  // namespace

Result<std::vector<std::size_t>, NoRetry> kept_for_retry(const Definition& definition, const Events& events) {
  const Story story(events);
  if (!story.end || story.strands.empty()) return failure(NoRetry::still_running);
  Failures failures(definition, story);
  const auto how = events[*story.end].type;
  if (how == EventType::execution_failed) failures.find_last(0);
  if (how == EventType::execution_succeeded) failures.find_first(0);
  const bool was_stopped = how == EventType::execution_aborted || how == EventType::execution_timed_out;
  if (failures.found().empty() && !was_stopped)
    return failure(failures.by_definition() ? NoRetry::failed_by_definition : NoRetry::nothing_failed);
  Selection selection(events, story);
  selection.leave_out(*story.end);
  for (const auto visit : failures.found()) selection.do_again(story.visits[visit]);
  return selection.places();
}

}  // namespace flowstone::asl
