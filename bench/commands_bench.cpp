// Commands in process, each durable before it is answered: decide, append, fold, row.
#include <atomic>
#include <chrono>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/identifier.hpp"
#include "bench/disk.hpp"
#include "bench/report.hpp"
#include "commands/executor.hpp"
#include "domain/aggregate.hpp"
#include "eventstore/store.hpp"
#include "schemas/json.hpp"

namespace flowstone::bench {
namespace {

using commands::Command;
using commands::CommandResult;
using commands::Executor;

constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000aaaa";

Command command(std::string_view name, std::string id, std::string_view json) {
  const auto found = schemas::contracts().find_command(name);
  check(found.has_value(), "a command of the contracts");
  Command result;
  result.workspace = kWorkspace;
  result.aggregate = domain::find_aggregate_type(found->aggregate->name);
  result.command = found->command;
  auto body = schemas::decode_json(*found->command->table, json, {.target = id});
  check(body.has_value(), "the body follows its contract");
  result.body = *std::move(body);
  result.id = std::move(id);
  result.actor = "key:bench";
  result.request_id = "bench";
  return result;
}

// Keeps `outstanding` commands under way until `count` are answered; the answers of all.
std::vector<CommandResult> carry_out(Executor& executor, std::size_t count, int outstanding, const auto& make) {
  std::vector<CommandResult> results(count);
  std::counting_semaphore<> free(outstanding);
  for (std::size_t at = 0; at < count; ++at) {
    free.acquire();
    executor.execute(make(at), [&results, &free, at](CommandResult result) {
      results[at] = std::move(result);
      free.release();
    });
  }
  for (int at = 0; at < outstanding; ++at) free.acquire();
  return results;
}

struct Measured {
  std::vector<CommandResult> results;
  double per_second = 0;
};

Measured measure(Executor& executor, std::size_t count, int outstanding, const auto& make) {
  const auto start = std::chrono::steady_clock::now();
  Measured measured;
  measured.results = carry_out(executor, count, outstanding, make);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  measured.per_second = static_cast<double>(count) / took.count();
  return measured;
}

void run(const Options& options, std::size_t count, int outstanding) {
  const SystemClock clock;
  UuidV7Source ids(clock);
  eventstore::StoreOptions store_options;
  store_options.directory = options.directory / fmt::format("commands-{}", outstanding);
  auto store = eventstore::Store::open(std::move(store_options));
  check(store.has_value(), "the store opens");
  {
    Executor executor(**store, clock, ids, [](std::move_only_function<void()> work) { work(); },
                      {.cached_entities = 2 * count});
    const Command create =
        command("create_task", "", R"({"title":"Write the report","labels":["a","b"],"priority":4})");
    const double limit = syncs_per_second(options.directory, std::chrono::milliseconds(options.tiny ? 20 : 1'000));
    const auto beside = [&](double per_second) {
      return fmt::format("{:.1f} F; F = {} syncs/s", per_second / limit, readable(limit));
    };

    const auto created = measure(executor, count, outstanding, [&](std::size_t) { return create; });
    for (const auto& result : created.results)
      check(result && result->revision == Revision{1}, "every task is created");
    report({.measure = fmt::format("commands: create_task, {} under way", outstanding),
            .value = created.per_second,
            .unit = "commands/s",
            .at_least = {},
            .at_most = {},
            .beside = beside(created.per_second)});

    const auto completed = measure(executor, count, outstanding, [&](std::size_t at) {
      return command("complete_task", created.results[at]->id, "{}");
    });
    for (const auto& result : completed.results)
      check(result && result->revision == Revision{2}, "every task is completed");
    report({.measure = fmt::format("commands: complete_task, {} under way", outstanding),
            .value = completed.per_second,
            .unit = "commands/s",
            .at_least = {},
            .at_most = {},
            .beside = beside(completed.per_second)});
    check((*store)->state().durable == Position{2 * count}, "every event is in the log");
  }
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;  // NOLINT: the program is this room's
  const Options options = options_of(count, arguments);
  run(options, options.tiny ? 100 : 40'000, 64);
  run(options, options.tiny ? 200 : 200'000, 1'024);
  remove_directory(options);
}
