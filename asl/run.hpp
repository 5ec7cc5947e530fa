// The state of a run, folded from its events. Folding copies what the events say and evaluates nothing.
//
//   asl::Run run(definition);
//   for (const auto& event : events) run.apply(event);
//   while (const auto next = asl::next(run, now)) run.apply(*next);   // machine.hpp
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "asl/definition.hpp"
#include "asl/evaluate.hpp"
#include "asl/event.hpp"
#include "base/result.hpp"

namespace flowstone::asl {

enum class Status : std::uint8_t { none, running, succeeded, failed, timed_out, aborted };
// "RUNNING"
std::string_view name_of(Status status);

enum class Phase : std::uint8_t {
  ready,      // `next` is to be entered with `input`
  entered,    // the state's work is to begin
  waiting,    // until `until`, in a Wait
  waited,     // the time has come
  working,    // a task is out
  worked,     // `result` is there
  branching,  // branches run
  failed,     // `error` is to be handled
  retrying,   // until `until`
  ended,      // the last state is left; `input` is the branch's output
  broken,     // `error` was handled by nobody
};

// A task that waits until a worker takes it: its heartbeats are due from then on, those of any other task from when it
// was scheduled.
inline constexpr std::string_view kActivityResource = "flowstone:activity";

// What a task was started with, until it ends.
struct OpenTask {
  std::string resource;
  Value input, options;  // its arguments; token, timeout_seconds, heartbeat_seconds
  std::uint64_t attempt = 0;
  Timestamp scheduled_at;
  bool reads_items = false;  // of a Map: what its ItemReader names
  bool started = false;      // somebody has said that they work on it
  std::optional<Timestamp> timeout, heartbeat;
  double heartbeat_seconds = 0;
};

// A Map or Parallel whose branches run.
struct Branching {
  Value items;              // of a Map; of a Parallel the input of each branch
  std::uint64_t count = 0;  // of branches altogether
  std::uint64_t started = 0, running = 0, failed = 0;
  std::uint64_t limit = 0;  // running at a time; 0 for any number
  std::optional<double> tolerated_count, tolerated_percentage;
  bool batched = false;  // the items are the branches' inputs as they are
  bool is_map_run = false, has_begun = false;
  bool fails = false;                      // more failed than may
  Failure first;                           // of the branches' failures
  std::map<std::uint64_t, Value> outputs;  // by index
};

// What goes on one after the other: the machine itself, a branch of a Parallel, an item of a Map.
struct Branch {
  std::string path, parent;  // the machine itself has neither
  std::uint64_t index = 0;
  const Machine* machine = nullptr;
  bool is_run_of_its_own = false;  // an item of a distributed Map
  Phase phase = Phase::ready;
  const State* state = nullptr;
  std::string next;
  Value input;
  Variables variables;  // those of the outer branches, as they were, and its own
  Value item;           // $$.Map.Item
  Timestamp entered_at;
  std::uint64_t entered = 0;            // the number of the event
  std::vector<std::uint64_t> attempts;  // used of each retrier
  std::uint64_t retries = 0;            // of the state
  Timestamp until;
  OpenTask task;
  Value result;
  Branching branching;
  Failure error;
  bool has_error_name = true, has_cause = true;
  std::uint64_t touched = 0;  // the number of its last event
};

// Lifetime: the definition is shared.
// Cost: a copy copies the branches that run; values are shared.
class Run {
 public:
  explicit Run(std::shared_ptr<const Definition> definition) : definition_(std::move(definition)) {}

  // Refuses, and changes nothing, where the event cannot follow: the sentence says why.
  Result<void, std::string> apply(const Event& event);

  [[nodiscard]] Status status() const { return status_; }
  [[nodiscard]] const Value& output() const { return output_; }
  [[nodiscard]] const Failure& error() const { return error_; }
  [[nodiscard]] bool has_error_name() const { return has_error_name_; }
  [[nodiscard]] bool has_cause() const { return has_cause_; }
  // How many events were applied: the number of the last one.
  [[nodiscard]] std::uint64_t events() const { return events_; }
  // Tasks that are out. What is no longer among them has ended or is cancelled.
  [[nodiscard]] std::vector<const Branch*> tasks() const;
  // When the next timer, timeout or heartbeat is due; nothing where nothing waits for time.
  [[nodiscard]] std::optional<Timestamp> due() const;

  [[nodiscard]] const Definition& definition() const { return *definition_; }
  [[nodiscard]] const Value& input() const { return input_; }
  [[nodiscard]] const Value& options() const { return options_; }
  [[nodiscard]] Timestamp started_at() const { return started_at_; }
  [[nodiscard]] std::optional<Timestamp> timeout() const { return timeout_; }
  [[nodiscard]] const std::map<std::string, Branch>& branches() const { return branches_; }
  [[nodiscard]] const Branch* find(const std::string& path) const;
  // Branches that can go on without time or the world; the one that rested longest first.
  [[nodiscard]] const std::set<std::pair<std::uint64_t, std::string>>& ready() const { return ready_; }
  [[nodiscard]] const std::set<std::pair<Timestamp, std::string>>& timers() const { return timers_; }

 private:
  Result<void, std::string> take(const Event& event);
  Result<void, std::string> take_start(const Event& event);
  void take_of_state(const Event& event, Branch& branch) const;
  void enter_state(const Event& event, Branch& branch) const;
  static void leave_state(const Event& event, Branch& branch);
  static void fail_state(const Event& event, Branch& branch);
  static void schedule_task(const Event& event, Branch& branch);
  static void take_of_task(const Event& event, Branch& branch);
  static void begin_branches(const Event& event, Branch& branch);
  Result<void, std::string> take_of_branch(const Event& event);
  void start_branch(const Event& event, Branch& parent);
  static void end_branch(const Event& event, const Branch& branch, Branch& parent);
  void remove(const std::string& path);
  void end_run(Status status, const Event& event);
  Branch* at(const std::string& path);
  // Takes the branch out of, and puts it into, what can go on and what waits for time.
  void rest(const Branch& branch);
  void wake(const Branch& branch);

  std::shared_ptr<const Definition> definition_;
  Status status_ = Status::none;
  Value input_, output_, options_;
  Failure error_;
  bool has_error_name_ = false, has_cause_ = false;
  Timestamp started_at_;
  std::optional<Timestamp> timeout_;
  std::uint64_t events_ = 0;
  std::map<std::string, Branch> branches_;
  std::set<std::pair<std::uint64_t, std::string>> ready_;
  std::set<std::pair<Timestamp, std::string>> timers_;
};

// The path of a branch of the state: "Map[2]/Inner[0]".
std::string branch_path(const std::string& parent, const std::string& state, std::uint64_t index);

// A point in time some seconds later, at most the end of the year 9999.
Timestamp later(Timestamp at, double seconds);

}  // namespace flowstone::asl
