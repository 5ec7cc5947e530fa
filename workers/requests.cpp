#include "workers/requests.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "domain/aggregate.hpp"
#include "workers/run_recorder.hpp"

namespace flowstone::workers {
namespace {

constexpr std::size_t kCommandsAnAppend = 100;

using Results = std::vector<commands::CommandResult>;

Results execute_together(commands::Executor& executor, std::vector<commands::Command> commands) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<Results> results;
  executor.execute_atomically(std::move(commands), [&](Results all) {
    const std::lock_guard lock(mutex);
    results = std::move(all);
    arrived.notify_one();
  });
  std::unique_lock lock(mutex);
  arrived.wait(lock, [&] { return results.has_value(); });
  return *std::move(results);
}

}  // namespace

commands::CommandResult rejected(Rejection why) {
  return failure(commands::CommandError{
      .code = commands::CommandError::Code::rejected, .rejection = std::move(why), .current = {}, .detail = {}});
}

commands::Command request(std::string workspace, std::string actor, std::string_view aggregate,
                          std::string_view command, std::string id, Bytes body) {
  commands::Command made;
  made.workspace = std::move(workspace);
  made.actor = std::move(actor);
  made.aggregate = domain::find_aggregate_type(aggregate);
  made.command = made.aggregate->contract().find_command(command);
  made.id = std::move(id);
  made.body = std::move(body);
  return made;
}

commands::CommandResult read_run(commands::Executor& executor, std::string_view workspace, const std::string& id) {
  auto state = executor.read(workspace, *domain::find_aggregate_type("run"), id);
  if (!state) {
    return failure(commands::CommandError{.code = commands::CommandError::Code::storage_failed,
                                          .rejection = {},
                                          .current = {},
                                          .detail = std::move(state.error().detail)});
  }
  if (*state) return **std::move(state);
  return rejected({.kind = Rejection::Kind::not_found,
                   .code = "run_not_found",
                   .detail = "There is no run " + id + ".",
                   .field = {}});
}

Result<void, std::string> execute_all(commands::Executor& executor, std::vector<commands::Command> commands) {
  for (std::size_t from = 0; from < commands.size(); from += kCommandsAnAppend) {
    const auto first = commands.begin() + static_cast<std::ptrdiff_t>(from);
    const auto last =
        commands.begin() + static_cast<std::ptrdiff_t>(std::min(commands.size(), from + kCommandsAnAppend));
    const Results results = execute_together(executor, {std::make_move_iterator(first), std::make_move_iterator(last)});
    const auto refused = std::ranges::find_if(results, [](const auto& result) {
      return !result && result.error().code != commands::CommandError::Code::stopped;
    });
    if (refused != results.end()) return failure(sentence_of(refused->error()));
    const auto stopped = std::ranges::find_if(results, [](const auto& result) { return !result; });
    if (stopped != results.end()) return failure("the server is stopping");
  }
  return {};
}

}  // namespace flowstone::workers
