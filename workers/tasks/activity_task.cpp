#include "workers/tasks/activity_task.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/identifier.hpp"
#include "workers/requests.hpp"
#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {
namespace {

using commands::ActivityOffer;
using commands::CommandError;
using commands::CommandResult;
using Kind = asl::TaskReport::Kind;

constexpr std::size_t kMostName = 200;  // characters, as in the contract

CommandError refusal(CommandError::Code code, std::string detail) {
  return {.code = code, .rejection = {}, .current = {}, .detail = std::move(detail)};
}

// The key of a task is "RUN/ENTERED"; of an attempt at it the token is "RUN.ENTERED.ATTEMPT".
std::string token_of(std::string_view key, std::uint64_t attempt) {
  auto token = fmt::format("{}.{}", key, attempt);
  if (const auto slash = token.find('/'); slash != std::string::npos) token[slash] = '.';
  return token;
}

struct Named {
  std::string run_id;
  std::uint64_t entered = 0, attempt = 0;
};

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<Named> read_token(std::string_view token) {
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || !is_uuid(token.substr(0, first))) return std::nullopt;
  const auto entered = number_in(token.substr(first + 1, second - first - 1));
  const auto attempt = number_in(token.substr(second + 1));
  if (!entered || !attempt) return std::nullopt;
  return Named{.run_id = std::string(token.substr(0, first)), .entered = *entered, .attempt = *attempt};
}

commands::TaskWord word_of(const std::string& workspace, const Named& named, commands::ActivityWord said) {
  commands::TaskWord word{.workspace = workspace, .run_id = named.run_id, .report = {}};
  word.report.kind = said.kind;
  word.report.entered = named.entered;
  word.report.attempt = named.attempt;
  word.report.worker = std::move(said.worker);
  word.report.output = std::move(said.output);
  word.report.error = std::move(said.error);
  word.report.cause = std::move(said.cause);
  return word;
}

Result<ActivityOffer, TaskOutcome> offer_of(const TaskCall& call) {
  Arguments arguments(call);
  const auto activity = arguments.text("Activity");
  if (beginning_of(activity, kMostName) != activity)
    arguments.refuse("Activity", fmt::format("at most {} characters", kMostName));
  if (arguments.mistake()) return failure(*arguments.mistake());
  const auto* input = arguments.find("Input");
  return ActivityOffer{.token = token_of(call.key, call.attempt),
                       .workspace = call.workspace,
                       .activity = activity,
                       .run_id = call.run_id,
                       .path = call.path,
                       .state = call.state,
                       .attempt = call.attempt,
                       .key = call.key,
                       .input = input == nullptr ? Value::null() : *input,
                       .scheduled_at = call.scheduled_at,
                       .deadline = call.deadline,
                       .heartbeat_seconds = call.heartbeat_seconds};
}

// The task is not there any more: somebody else ended it, or nobody waits for it.
bool is_gone(const CommandResult& result) { return !result && result.error().code == CommandError::Code::rejected; }

}  // namespace

// Guarded by the mutex; `answer` is called without it.
struct ActivityTask::Poller {
  std::uint64_t number = 0;
  commands::ActivityPoll poll;
  Answer answer;
  bool leaving = false;
  std::optional<std::list<PollerPointer>::iterator> place = {};  // where it waits

  [[nodiscard]] DeskKey desk() const { return {poll.workspace, poll.activity}; }
};

// If a worker waits for such a task already, the append that asks for it says who has it.
TaskHandler::AtOnce ActivityTask::at_once(const TaskCall& call) {
  auto offer = offer_of(call);
  if (!offer) return std::move(offer).error();
  Handover handover;
  {
    const std::lock_guard lock(mutex_);
    const auto desk = desks_.find({offer->workspace, offer->activity});
    if (desk == desks_.end() || desk->second.pollers.empty() || !desk->second.offers.empty()) return {};
    handover = {.poller = take_first(desk->second.pollers), .offer = *std::move(offer)};
    clear_away(desk->first);
  }
  auto worker = handover.poller->poll.worker;
  return Taker{std::move(worker), [this, handover = std::move(handover)](CommandResult began) mutable {
                 settle(std::move(handover), began);
               }};
}

void ActivityTask::perform(TaskCall call, TaskHandler::Done done) {
  auto asked = offer_of(call);
  if (!asked) return done(std::move(asked).error());
  // Whoever has it must be heard of: if they are not, the run will know.
  if (call.started && call.heartbeat_seconds > 0) return;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMostOffers)
      return done(failed("Task.Busy", "Too many tasks wait for workers at the moment."));
  }
  offer(*std::move(asked), false);
}

void ActivityTask::cancel(const std::string& key) {
  const auto begin = token_of(key, 0);
  const auto prefix = begin.substr(0, begin.rfind('.') + 1);
  const std::lock_guard lock(mutex_);
  for (auto at = waiting_.lower_bound(prefix); at != waiting_.end() && at->first.starts_with(prefix);) {
    const auto [desk, place] = at->second;
    desks_.at(desk).offers.erase(place);
    at = waiting_.erase(at);
    clear_away(desk);
  }
}

void ActivityTask::forget(const std::string& token) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(token);
  if (found == waiting_.end()) return;
  const auto [desk, place] = found->second;
  desks_.at(desk).offers.erase(place);
  waiting_.erase(found);
  clear_away(desk);
}

ActivityTask::Figures ActivityTask::figures() const {
  const std::lock_guard lock(mutex_);
  return {.offers = waiting_.size(), .polls = pollers_.size()};
}

// --- offers and polls meet ---

void ActivityTask::offer(Offer offer, bool first) {
  std::optional<Handover> handover;
  {
    const std::lock_guard lock(mutex_);
    const DeskKey key{offer.workspace, offer.activity};
    if (waiting_.contains(offer.token)) return;
    auto& offers = desks_[key].offers;
    auto token = offer.token;
    const auto place = offers.insert(first ? offers.begin() : offers.end(), std::move(offer));
    waiting_.emplace(std::move(token), std::pair{key, place});
    handover = match(key);
  }
  if (handover) hand_out(*std::move(handover));
}

void ActivityTask::wait(const PollerPointer& poller, bool first) {
  std::optional<Handover> handover;
  bool left = false;
  {
    const std::lock_guard lock(mutex_);
    left = poller->leaving;
    if (!left) {
      auto& pollers = desks_[poller->desk()].pollers;
      poller->place = pollers.insert(first ? pollers.begin() : pollers.end(), poller);
      handover = match(poller->desk());
    }
  }
  if (left) return answer(poller, std::nullopt);
  if (handover) hand_out(*std::move(handover));
}

std::optional<ActivityTask::Handover> ActivityTask::match(const DeskKey& key) {
  const auto found = desks_.find(key);
  if (found == desks_.end() || found->second.offers.empty() || found->second.pollers.empty()) return std::nullopt;
  auto& desk = found->second;
  Handover handover{.poller = take_first(desk.pollers), .offer = std::move(desk.offers.front())};
  desk.offers.pop_front();
  waiting_.erase(handover.offer.token);
  clear_away(key);
  return handover;
}

ActivityTask::PollerPointer ActivityTask::take_first(std::list<PollerPointer>& pollers) {
  auto first = std::move(pollers.front());
  pollers.pop_front();
  first->place.reset();
  return first;
}

void ActivityTask::clear_away(const DeskKey& key) {
  const auto found = desks_.find(key);
  if (found != desks_.end() && found->second.offers.empty() && found->second.pollers.empty()) desks_.erase(found);
}

void ActivityTask::hand_out(Handover handover) {
  auto word = word_of(handover.offer.workspace, *read_token(handover.offer.token),
                      {.kind = Kind::started, .worker = handover.poller->poll.worker});
  runs_.load()->report(std::move(word), [this, handover = std::move(handover)](CommandResult began) mutable {
    settle(std::move(handover), began);
  });
}

void ActivityTask::settle(Handover handover, const CommandResult& began) {
  if (began) return answer(handover.poller, std::move(handover.offer));
  if (is_gone(began)) return wait(handover.poller, true);
  answer(handover.poller, failure(began.error()));
  // Who stops begins its tasks anew at the next start.
  if (began.error().code != CommandError::Code::stopped) offer(std::move(handover.offer), true);
}

void ActivityTask::answer(const PollerPointer& poller, Polled polled) {
  {
    const std::lock_guard lock(mutex_);
    if (pollers_.erase(poller->number) == 0) return;
    const auto of = polls_of_.find(poller->poll.workspace);
    if (--of->second == 0) polls_of_.erase(of);
  }
  poller->answer(std::move(polled));
}

std::uint64_t ActivityTask::poll(commands::ActivityPoll poll, Answer answer) {
  const auto refuse = [&](std::string why) {
    answer(failure(refusal(CommandError::Code::busy, std::move(why))));
    return std::uint64_t{0};
  };
  if (runs_.load() == nullptr) return refuse("workflows are not carried out yet");
  auto poller = std::make_shared<Poller>();
  {
    std::unique_lock lock(mutex_);
    auto& polls = polls_of_[poll.workspace];
    if (polls >= kMostPolls) {
      lock.unlock();
      return refuse("as many workers of this workspace as may be wait already");
    }
    ++polls;
    poller->number = ++last_poll_;
    poller->poll = std::move(poll);
    poller->answer = std::move(answer);
    pollers_.emplace(poller->number, poller);
  }
  wait(poller, false);
  return poller->number;
}

void ActivityTask::leave(std::uint64_t poll) {
  PollerPointer left;
  {
    const std::lock_guard lock(mutex_);
    const auto found = pollers_.find(poll);
    if (found == pollers_.end()) return;
    found->second->leaving = true;
    if (!found->second->place) return;  // something is on its way
    left = found->second;
    desks_.at(left->desk()).pollers.erase(*std::exchange(left->place, std::nullopt));
    clear_away(left->desk());
  }
  answer(left, std::nullopt);
}

void ActivityTask::give_back(commands::ActivityOffer offered) { offer(std::move(offered), true); }

void ActivityTask::report(const std::string& workspace, const std::string& token, commands::ActivityWord word,
                          Activities::Done done) {
  const auto named = read_token(token);
  auto* const runs = runs_.load();
  if (runs == nullptr) return done(failure(refusal(CommandError::Code::busy, "workflows are not carried out yet")));
  if (!named) {
    return done(rejected({.kind = Rejection::Kind::not_found,
                          .code = "task_not_found",
                          .detail = "This is no token of a task.",
                          .field = {}}));
  }
  const bool ends = word.kind != Kind::heartbeat;
  runs->report(word_of(workspace, *named, std::move(word)),
               [this, ends, token, done = std::move(done)](CommandResult told) mutable {
                 if (ends && told) forget(token);
                 done(std::move(told));
               });
}

}  // namespace flowstone::workers
