#include "workers/engine/roster.hpp"

#include <algorithm>
#include <utility>

#include "workers/requests.hpp"

namespace flowstone::workers {

using Mode = workflows::Concurrency::Mode;

void refuse(Message& message) {
  auto* word = std::get_if<Word>(&message);
  if (word == nullptr || !word->done) return;
  std::exchange(word->done, {})(task_not_out("The run has ended."));
}

commands::CommandResult task_not_out(std::string why) {
  return rejected({.kind = Rejection::Kind::conflict, .code = "task_not_out", .detail = std::move(why), .field = {}});
}

RunPointer Roster::add(const std::string& workspace, const std::string& id, bool& made) {
  const std::lock_guard lock(mutex_);
  const RunKey key{workspace, id};
  const auto known = runs_.find(key);
  made = known == runs_.end();
  if (!made) return known->second;
  if (runs_.size() >= most_) return nullptr;
  return runs_.emplace(key, std::make_shared<LiveRun>(workspace, id)).first->second;
}

RunPointer Roster::find(const std::string& workspace, const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto known = runs_.find({workspace, id});
  return known == runs_.end() ? nullptr : known->second;
}

void Roster::remove(const LiveRun& run) {
  std::deque<Message> unheard;
  {
    const std::lock_guard lock(mutex_);
    const auto known = runs_.find(key_of(run));
    if (known == runs_.end() || known->second.get() != &run) return;
    const RunPointer kept = known->second;
    set_due(kept, std::nullopt);
    leave_crowd(run);
    kept->removed = true;
    unheard.swap(kept->inbox);
    runs_.erase(known);
  }
  for (auto& message : unheard) refuse(message);
}

void Roster::give_turn(const RunPointer& run) {
  if (run->queued || run->busy) return;
  run->queued = true;
  turns_.add(run->workspace, run);
  ready_.notify_one();
}

void Roster::post(const RunPointer& run, Message message) {
  {
    const std::lock_guard lock(mutex_);
    if (!run->removed) {
      run->inbox.push_back(std::move(message));
      return give_turn(run);
    }
  }
  refuse(message);
}

RunPointer Roster::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!ready_.wait(lock, stop, [this] { return !turns_.empty(); }) || stop.stop_requested()) return nullptr;
  auto run = *turns_.next();
  run->queued = false;
  run->busy = true;
  return run;
}

std::deque<Message> Roster::take_inbox(LiveRun& run) {
  const std::lock_guard lock(mutex_);
  return std::exchange(run.inbox, {});
}

void Roster::ask_log() {
  const std::lock_guard lock(mutex_);
  ++asked_;
}

void Roster::wait_for_answers() {
  std::unique_lock lock(mutex_);
  answered_.wait(lock, [this] { return asked_ == 0; });
}

void Roster::answer(const RunPointer& run, commands::CommandResult answer) {
  const std::lock_guard lock(mutex_);
  if (--asked_ == 0) answered_.notify_all();
  run->appended = std::move(answer);
  run->busy = false;
  give_turn(run);
}

void Roster::end_turn(const RunPointer& run, std::optional<Timestamp> due) {
  const std::lock_guard lock(mutex_);
  run->busy = false;
  set_due(run, due);
  if (!run->inbox.empty()) give_turn(run);
}

void Roster::set_due(const RunPointer& run, std::optional<Timestamp> due) {
  if (run->due == due) return;
  if (run->due) timers_.erase({*run->due, key_of(*run)});
  run->due = due;
  if (!due) return;
  const auto at = timers_.emplace(*due, key_of(*run)).first;
  if (at == timers_.begin()) earlier_.notify_all();
}

void Roster::wake_at(const RunPointer& run, Timestamp due) {
  const std::lock_guard lock(mutex_);
  if (!run->busy && !run->queued) set_due(run, due);
}

std::vector<std::pair<RunKey, Roster::Done>> Roster::wake_due(Timestamp now) {
  const std::lock_guard lock(mutex_);
  for (std::size_t woken = 0; woken < kWokenTogether; ++woken) {
    if (timers_.empty() || timers_.begin()->first > now) break;
    const auto run = runs_.at(timers_.begin()->second);
    set_due(run, std::nullopt);
    run->inbox.emplace_back(Wake{});
    give_turn(run);
  }
  std::vector<std::pair<RunKey, Done>> over;
  for (auto waiting = waiting_for_end_.begin(); waiting != waiting_for_end_.end();) {
    if (waiting->second.until > now) {
      ++waiting;
      continue;
    }
    over.emplace_back(waiting->first, std::move(waiting->second.done));
    waiting = waiting_for_end_.erase(waiting);
  }
  return over;
}

void Roster::wait_for_due(const Clock& clock, std::chrono::milliseconds longest, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  auto patience = std::chrono::duration_cast<std::chrono::microseconds>(longest);
  if (!timers_.empty()) patience = std::min(patience, timers_.begin()->first - clock.now());
  for (const auto& [key, waiting] : waiting_for_end_) patience = std::min(patience, waiting.until - clock.now());
  if (patience.count() <= 0) return;
  const auto first = timers_.empty() ? std::optional<Timestamp>() : timers_.begin()->first;
  const auto waiting = waiting_for_end_.size();
  earlier_.wait_for(lock, stop, patience, [&] {
    return waiting_for_end_.size() > waiting || (!timers_.empty() && (!first || timers_.begin()->first < *first));
  });
}

Roster::Verdict Roster::admit(const RunPointer& run, const std::string& workflow_id,
                              const workflows::Concurrency& concurrency, std::vector<RunPointer>& cancelled) {
  const std::lock_guard lock(mutex_);
  run->workflow_id = workflow_id;
  auto& crowd = crowds_[{run->workspace, workflow_id}];
  if (run->admitted) return Verdict::begins;
  const auto most = concurrency.mode == Mode::parallel ? concurrency.max : 1U;
  if (concurrency.mode == Mode::restart) {
    for (const auto& id : crowd.running) {
      if (const auto other = runs_.find({run->workspace, id}); other != runs_.end()) cancelled.push_back(other->second);
    }
  } else if (crowd.running.size() >= most) {
    if (concurrency.mode != Mode::queued) return Verdict::refused;
    if (std::ranges::find(crowd.waiting, run) != crowd.waiting.end()) return Verdict::waits;
    if (crowd.running.size() + crowd.waiting.size() >= concurrency.max) return Verdict::refused;
    crowd.waiting.push_back(run);
    return Verdict::waits;
  }
  crowd.running.insert(run->id);
  run->admitted = true;
  return Verdict::begins;
}

void Roster::count_in(const RunPointer& run, const std::string& workflow_id) {
  const std::lock_guard lock(mutex_);
  run->workflow_id = workflow_id;
  run->admitted = true;
  crowds_[{run->workspace, workflow_id}].running.insert(run->id);
}

void Roster::leave_crowd(const LiveRun& run) {
  const auto found = crowds_.find({run.workspace, run.workflow_id});
  if (found == crowds_.end()) return;
  auto& crowd = found->second;
  crowd.running.erase(run.id);
  std::erase_if(crowd.waiting, [&](const RunPointer& other) { return other.get() == &run; });
  if (crowd.running.empty() && !crowd.waiting.empty()) {
    const auto follows = std::move(crowd.waiting.front());
    crowd.waiting.pop_front();
    crowd.running.insert(follows->id);
    follows->admitted = true;
    follows->inbox.emplace_back(Wake{});
    give_turn(follows);
  }
  if (crowd.running.empty() && crowd.waiting.empty()) crowds_.erase(found);
}

void Roster::wait_for_end(const RunKey& key, Timestamp until, Done done) {
  const std::lock_guard lock(mutex_);
  waiting_for_end_.emplace(key, Patience{runs_.contains(key) ? until : Timestamp{}, std::move(done)});
  earlier_.notify_all();
}

std::vector<Roster::Done> Roster::take_waiting(const RunKey& key) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = waiting_for_end_.equal_range(key);
  std::vector<Done> taken;
  for (auto each = first; each != last; ++each) taken.push_back(std::move(each->second.done));
  waiting_for_end_.erase(first, last);
  return taken;
}

std::vector<Roster::Done> Roster::take_everybody() {
  const std::lock_guard lock(mutex_);
  std::vector<Done> taken;
  for (auto& [key, waiting] : std::exchange(waiting_for_end_, {})) taken.push_back(std::move(waiting.done));
  for (const auto& [key, run] : runs_) {
    if (run->started) taken.push_back(std::exchange(run->started, {}));
    for (auto& told : std::exchange(run->told, {})) taken.push_back(std::move(told));
    for (auto& task : std::exchange(run->taken, {})) taken.push_back(std::move(task.told));
    for (auto* messages : {&run->inbox, &run->held}) {
      for (auto& message : *messages) {
        if (auto* word = std::get_if<Word>(&message); word != nullptr && word->done)
          taken.push_back(std::exchange(word->done, {}));
      }
    }
    run->removed = true;
  }
  runs_.clear();
  timers_.clear();
  awaiting_.clear();
  return taken;
}

void Roster::await(const std::string& entity, const RunPointer& run, const OutTask& task) {
  const std::lock_guard lock(mutex_);
  awaiting_.insert_or_assign(entity, Awaiting{run, task});
}

void Roster::forget(const std::string& entity) {
  const std::lock_guard lock(mutex_);
  awaiting_.erase(entity);
}

std::optional<Roster::Awaiting> Roster::awaiting(const std::string& entity) const {
  const std::lock_guard lock(mutex_);
  const auto found = awaiting_.find(entity);
  return found == awaiting_.end() ? std::nullopt : std::optional(found->second);
}

Roster::Counts Roster::counts() const {
  const std::lock_guard lock(mutex_);
  return {.runs = runs_.size(), .waiting_for_turn = turns_.size(), .timers = timers_.size()};
}

}  // namespace flowstone::workers
