// `flowstone:activity`: a program somewhere else does the task, when it asks for one (docs/tasks.md).
//
// What waits here is what the runs have out: after a restart it is here again, under the same tokens. A task that a
// worker had begun by then and must be heard of (HeartbeatSeconds) is not offered again: its worker says so, or it
// times out and is tried again.
//
// Threads: any. Lifetime: the runs that are served outlive every call but `perform`.
// Limits: kMostOffers wait for workers, one more is refused (`Task.Busy`); kMostPolls wait for tasks in a workspace, one
// more is refused (busy).
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "commands/activities.hpp"
#include "commands/workflow_runs.hpp"
#include "workers/tasks/task.hpp"

namespace flowstone::workers {

class ActivityTask final : public TaskHandler, public commands::Activities {
 public:
  static constexpr std::size_t kMostOffers = 100'000;
  static constexpr std::size_t kMostPolls = 1'000;

  // Whose tasks these are: nobody is handed one before this is known.
  void serve(commands::WorkflowRuns& runs) { runs_ = &runs; }

  AtOnce at_once(const TaskCall& call) override;
  void perform(TaskCall call, TaskHandler::Done done) override;
  void cancel(const std::string& key) override;

  std::uint64_t poll(commands::ActivityPoll poll, Answer answer) override;
  void leave(std::uint64_t poll) override;
  void give_back(commands::ActivityOffer offer) override;
  void report(const std::string& workspace, const std::string& token, commands::ActivityWord word,
              Activities::Done done) override;

  struct Figures {
    std::size_t offers = 0, polls = 0;  // that wait
  };
  [[nodiscard]] Figures figures() const;

 private:
  using Offer = commands::ActivityOffer;
  using DeskKey = std::pair<std::string, std::string>;  // workspace and activity
  struct Poller;
  using PollerPointer = std::shared_ptr<Poller>;
  struct Desk {
    std::list<Offer> offers;
    std::list<PollerPointer> pollers;
  };
  // Somebody who asked, and what is on its way to them.
  struct Handover {
    PollerPointer poller;
    Offer offer;
  };

  void offer(Offer offer, bool first);
  void wait(const PollerPointer& poller, bool first);
  std::optional<Handover> match(const DeskKey& key);
  static PollerPointer take_first(std::list<PollerPointer>& pollers);
  void hand_out(Handover handover);
  void settle(Handover handover, const commands::CommandResult& began);
  void answer(const PollerPointer& poller, Polled polled);
  void forget(const std::string& token);
  void clear_away(const DeskKey& key);

  std::atomic<commands::WorkflowRuns*> runs_ = nullptr;
  mutable std::mutex mutex_;
  std::map<DeskKey, Desk> desks_;
  std::map<std::string, std::pair<DeskKey, std::list<Offer>::iterator>> waiting_;  // by token
  std::map<std::uint64_t, PollerPointer> pollers_;                                 // that were not answered
  std::map<std::string, std::size_t> polls_of_;                                    // by workspace: how many of them
  std::uint64_t last_poll_ = 0;
};

}  // namespace flowstone::workers
