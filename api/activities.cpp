#include "api/activities.hpp"

#include <algorithm>

#include "api/command_answers.hpp"
#include "api/connection.hpp"
#include "api/feed.hpp"
#include "api/request_body.hpp"
#include "api/stored_documents.hpp"
#include "base/locked.hpp"
#include "commands/activities.hpp"
#include "jsonata/json_text.hpp"
#include "schemas/activity_generated.h"

namespace flowstone::api {
namespace {

using Activities = commands::Activities;
using Kind = asl::TaskReport::Kind;

constexpr std::chrono::seconds kLookInterval{1};  // whether the client is still there
constexpr std::size_t kMostJson = std::size_t{1} << 20;

bool may_work(Exchange& exchange) {
  if (!check_scope(exchange, "run", Access::write) || !exchange.all_parameters_known()) return false;
  if (exchange.services().activities != nullptr) return true;
  exchange.refuse({ProblemKind::busy, "This server carries no workflows out."});
  return false;
}

// What a poll waits for, brought from any thread. It may outlive the request.
class Waiting {
 public:
  Waiting(Loop& loop, Signal& signal) : waker_(std::make_shared<Waker>(loop, signal)) {}

  void bring(Activities::Polled polled) {
    polled_.with([&](auto& place) { place.emplace(std::move(polled)); });
    waker_->wake();
  }
  std::optional<Activities::Polled> take() {
    return polled_.with([](auto& place) { return std::exchange(place, std::nullopt); });
  }
  // On the loop's thread.
  void detach() { waker_->detach(); }

 private:
  Locked<std::optional<Activities::Polled>> polled_;
  const std::shared_ptr<Waker> waker_;
};

// Until there is a task, the time is over, the client has gone or the server stops.
Task<Activities::Polled> wait_for_task(Exchange* exchange, commands::ActivityPoll poll, std::chrono::seconds patience) {
  auto& connection = *exchange->connection;
  auto& activities = *exchange->services().activities;
  const auto until = std::chrono::steady_clock::now() + patience;
  const auto waiting = std::make_shared<Waiting>(exchange->loop, connection.wake);
  const auto number =
      activities.poll(std::move(poll), [waiting](Activities::Polled polled) { waiting->bring(std::move(polled)); });
  auto polled = waiting->take();
  bool left = false;
  while (!polled) {
    const auto now = std::chrono::steady_clock::now();
    if (!left && (now >= until || connection.is_stopping() || connection.has_peer_left())) {
      left = true;
      activities.leave(number);
    } else {
      connection.tick_at = left ? now + kLookInterval : std::min<SteadyTime>(now + kLookInterval, until);
      co_await connection.wake.wait();
    }
    polled = waiting->take();
  }
  waiting->detach();
  connection.tick_at.reset();
  co_return *std::move(polled);
}

std::unique_ptr<schemas::ActivityTaskT> task_of(const commands::ActivityOffer& offer) {
  auto task = std::make_unique<schemas::ActivityTaskT>();
  task->token = offer.token;
  task->activity = offer.activity;
  task->run_id = offer.run_id;
  task->path = offer.path;
  task->state = offer.state;
  task->attempt = offer.attempt;
  task->key = offer.key;
  task->input = jsonata::write_json(offer.input, kMostJson).value_or("null");
  task->scheduled_at = offer.scheduled_at.micros;
  if (offer.deadline) task->deadline = offer.deadline->micros;
  if (offer.heartbeat_seconds > 0) task->heartbeat_seconds = offer.heartbeat_seconds;
  return task;
}

Task<void> say(Exchange* exchange, commands::ActivityWord word) {
  Arrival<commands::CommandResult> arrival(exchange->loop);
  exchange->services().activities->report(
      exchange->principal->workspace, std::string(exchange->parameter("token")), std::move(word),
      [&arrival](commands::CommandResult result) { arrival.bring(std::move(result)); });
  const auto result = co_await arrival.wait();
  if (!result) {
    exchange->refuse(problem_of(result.error()));
    co_return;
  }
  answer_with(*exchange, *schemas::contracts().find_aggregate("run"), *result);
}

}  // namespace

Task<void> poll_activity(Exchange* exchange) {
  schemas::PollActivityT asked;
  if (!may_work(*exchange) || !read_body(*exchange, asked)) co_return;
  auto polled = co_await wait_for_task(
      exchange, {.workspace = exchange->principal->workspace, .activity = asked.activity, .worker = asked.worker},
      std::chrono::seconds(asked.wait_seconds));
  if (!polled) {
    exchange->refuse(problem_of(polled.error()));
    co_return;
  }
  schemas::PolledActivityT found;
  if (*polled) {
    found.task = task_of(**polled);
    if (exchange->connection->has_peer_left()) exchange->services().activities->give_back(**std::move(polled));
  }
  append_table(*exchange->call().response, found, exchange->reply.body);
}

Task<void> heartbeat_activity(Exchange* exchange) {
  schemas::HeartbeatActivityT said;
  if (!may_work(*exchange) || !read_body(*exchange, said)) co_return;
  co_await say(exchange, {.kind = Kind::heartbeat});
}

Task<void> complete_activity(Exchange* exchange) {
  schemas::CompleteActivityT said;
  if (!may_work(*exchange) || !read_body(*exchange, said)) co_return;
  auto output = jsonata::read_json(said.output.empty() ? "null" : said.output);
  if (!output) {
    exchange->refuse(broken_rule("output", output.error().message));
    co_return;
  }
  co_await say(exchange, {.kind = Kind::succeeded, .output = *std::move(output)});
}

Task<void> fail_activity(Exchange* exchange) {
  schemas::FailActivityT said;
  if (!may_work(*exchange) || !read_body(*exchange, said)) co_return;
  commands::ActivityWord word{.kind = Kind::failed};
  word.error = said.error.empty() ? "Activity.Failed" : said.error;
  if (!said.cause.empty()) word.cause = said.cause;
  co_await say(exchange, std::move(word));
}

}  // namespace flowstone::api
