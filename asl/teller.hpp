// Tells a run's events in another service's words, and links them as it does (history.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "asl/definition.hpp"
#include "asl/event.hpp"

namespace flowstone::asl {

class Teller {
 public:
  explicit Teller(const Definition& definition) { know(definition.machine); }

  // `number`: of the event in its run, from 1.
  void tell(const Event& event, std::uint64_t number);
  Value take() { return Value::array(std::move(told_)); }

 private:
  using Member = jsonata::Member;

  // What was told last of a branch; what follows is linked to it.
  struct Thread {
    std::string parent;
    std::uint64_t last = 0;
    std::uint64_t before_entry = 0;    // what was told before the state's entry
    std::uint64_t map_run = 0;         // where a distributed Map runs
    const State* failing = nullptr;    // a Map or Parallel of which it is still to be told that it failed
    const State* branching = nullptr;  // its branches were begun
    std::uint64_t freed = 0;           // what was told last of the branch that made room for the next
  };

  void know(const Machine& machine);
  void begin_branch(const Event& event);
  void tell_execution(const Event& event);
  void tell_end(const Event& event);
  void tell_of_state(const Event& event, std::uint64_t number);
  void tell_exit(const Event& event, Thread& thread, const State& state);
  void tell_failure(const Event& event, Thread& thread, const State& state);
  void tell_branches(const Event& event, Thread& thread, const State& state);
  void tell_branch(const Event& event, const State& state);
  void tell_failed_work(const Event& event, Thread& thread);

  // teller_task.cpp
  void tell_task(const Event& event, Thread& thread, const State& state);
  void tell_service_task(const Event& event, Thread& thread, const std::string& resource);
  void tell_named_task(const Event& event, Thread& thread, const std::string& resource, const std::string& word);

  std::uint64_t add(const Event& event, const std::string& type, std::uint64_t previous,
                    const std::string& details = {}, std::vector<Member> members = {});
  // Causes name states' entries by number: the text with the numbers of this history.
  [[nodiscard]] std::string renumbered(std::string text) const;
  [[nodiscard]] Value text(const Value& value) const;
  void add_payload(std::vector<Member>& members, const std::string& name, const Value& value) const;
  void add_words(std::vector<Member>& members, const Event& event) const;

  std::map<std::string, const State*> states_;
  std::map<std::string, Thread> threads_;
  std::map<std::string, std::string> resources_;  // of the task that is out in a branch
  std::set<std::string> hidden_;                  // branches that are runs of their own, and theirs
  std::string failed_path_;                       // the branch that failed last
  std::map<std::uint64_t, std::uint64_t> entries_;
  std::vector<Value> told_;
};

}  // namespace flowstone::asl
