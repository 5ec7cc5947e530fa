// Decides the next event of one branch of a run; machine.cpp chooses the branch.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "asl/flow.hpp"
#include "asl/machine.hpp"

namespace flowstone::asl {

class Decider {
 public:
  Decider(const Run& run, const Branch& branch, Timestamp now, const RunLimits& limits);
  Decider(const Decider&) = delete;
  Decider& operator=(const Decider&) = delete;

  // Nothing where the branch waits for its branches.
  std::optional<Event> decide();
  // Of a branch whose time has come.
  Event fire();

 private:
  Event enter_state();
  Event begin();  // decider.cpp: the state's work
  Event leave_with(const Value& result);
  Event choose();
  Event fail_by_state();
  Event schedule_task();
  Event wait();  // decider_wait.cpp
  Result<Timestamp, Failure> end_of_wait(const Value& input);
  Result<Timestamp, Failure> end_after(const Value& seconds, const std::string& path);
  Result<Timestamp, Failure> end_at(const Value& time, const std::string& path);

  // decider_map.cpp
  Event start_parallel();
  Event start_map(const Value* read);
  Event read_items(const Template& reader);
  Result<Value, Failure> items(const Value* read);
  Result<Value, Failure> items_by_path(const Value& effective);
  Result<Value, Failure> batches(const Value& items, const Template& batcher);
  Event start_map_run();
  std::optional<Event> go_on_branching();
  Event start_next_branch();
  Event abort_branch();
  Event fail_by_branches();
  Result<Value, Failure> branch_input(std::uint64_t index, const Value& item);
  Event collect();

  // decider_failure.cpp
  Event handle_failure();
  Event retry(std::size_t index);
  Event caught(std::size_t index);
  Event end_broken();
  Event fail(const Failure& failure, bool final = false);

  // A count or a number of seconds: the literal, what an expression gives, or what the path finds. `positive`: from 1.
  Result<std::optional<double>, Failure> number_of(Field field, Field path, bool whole = true);

  [[nodiscard]] Value context(const Value& item) const;
  [[nodiscard]] std::string state_name() const;
  [[nodiscard]] std::string task_token() const;
  [[nodiscard]] Scope scope(const Value& result = {}, const Value& error = {}) const;
  [[nodiscard]] Scope scope_with(const Value& input, const Value& item) const;
  [[nodiscard]] Event event(EventType type) const;
  [[nodiscard]] const State& state() const { return *branch_.state; }
  [[nodiscard]] bool by_paths() const { return state().language == QueryLanguage::json_path; }

  const Run& run_;
  const Branch& branch_;
  Timestamp now_;
  const RunLimits& limits_;
  mutable std::uint64_t lots_;
  std::function<double()> random_;
};

}  // namespace flowstone::asl
