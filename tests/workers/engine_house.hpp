// Store, tables, write side and an engine that can be lost and started again, with a clock that tests set.
#pragma once

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/check.hpp"
#include "base/identifier.hpp"
#include "commands/run_request.hpp"
#include "domain/run/machine.hpp"
#include "eventstore/blobs.hpp"
#include "jsonata/json_text.hpp"
#include "projections/library.hpp"
#include "projections/run_events.hpp"
#include "schemas/contract.hpp"
#include "schemas/json.hpp"
#include "schemas/packed.hpp"
#include "workers/engine/history.hpp"
#include "workers/projection_runner.hpp"
#include "workers/requests.hpp"
#include "workers/run_engine.hpp"

namespace flowstone::workers {

class SetClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return Timestamp{micros_.load()}; }
  void advance_to(Timestamp at) {
    auto present = micros_.load();
    while (present < at.micros && !micros_.compare_exchange_weak(present, at.micros)) continue;
  }

 private:
  std::atomic<std::int64_t> micros_{1'700'000'000'000'000};
};

class EngineHouse {
 public:
  static constexpr std::chrono::seconds kPatience{60};
  static constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000000a";

  EngineHouse() {
    static std::atomic<int> number{0};
    directory_ = std::filesystem::temp_directory_path() / fmt::format("flowstone-engine-{}-{}", getpid(), number++);
    std::filesystem::create_directories(directory_);
    eventstore::StoreOptions options;
    options.directory = directory_;
    options.clock = &clock;
    store = std::move(eventstore::Store::open(options)).value();
    blobs_ = std::move(eventstore::open_blobs(directory_ / "blobs")).value();
    library_ = std::make_unique<projections::Library>(*blobs_);
    projections::CatalogOptions catalog_options;
    catalog_options.directory = directory_ / "views";
    catalog_options.library = library_.get();
    catalog_options.search_directory = directory_ / "search";
    catalog = std::move(projections::Catalog::open(std::move(catalog_options), *store, clock)).value();
    runner_ = std::make_unique<ProjectionRunner>(*catalog);
    executor =
        std::make_unique<commands::Executor>(*store, clock, ids, [](std::move_only_function<void()> work) { work(); });
  }
  ~EngineHouse() {
    engine.reset();
    executor.reset();
    runner_.reset();
    catalog.reset();
    library_.reset();
    blobs_.reset();
    store.reset();
    std::filesystem::remove_all(directory_);
  }
  EngineHouse(const EngineHouse&) = delete;
  EngineHouse& operator=(const EngineHouse&) = delete;

  void start_engine(EngineOptions options = {}) {
    options.longest_sleep = std::chrono::milliseconds(5);
    engine = std::make_unique<RunEngine>(
        EngineServices{.store = *store,
                       .catalog = *catalog,
                       .executor = *executor,
                       .clock = clock,
                       .handler = [this](std::string_view resource) { return handler ? handler(resource) : nullptr; }},
        options);
  }
  // What it held in memory is gone.
  void lose_engine() { engine.reset(); }

  commands::CommandResult carry_out(std::string_view name, std::string_view id, const std::string& json) {
    const auto found = schemas::contracts().find_command(name);
    auto body = schemas::decode_json(*found->command->table, json, {.target = id, .accept_hidden = true});
    check(body.has_value(), body ? "" : body.error().problems.front().detail);
    return executor->execute(
        request(std::string(kWorkspace), "test", found->aggregate->name, name, std::string(id), *std::move(body)));
  }

  // A published workflow; nothing if its definition has errors.
  std::unique_ptr<schemas::WorkflowT> publish(const std::string& definition) {
    const auto id = ids.fresh();
    const auto created =
        carry_out("create_workflow", id, fmt::format(R"({{"name":"{}","definition":{}}})", id, definition));
    if (!created || !carry_out("publish_workflow", id, "{}")) return nullptr;
    return *read_state<schemas::WorkflowT>(*executor, kWorkspace, "workflow", id);
  }

  // What `start` said.
  commands::CommandResult begin(const schemas::WorkflowT& workflow, const std::string& input,
                                const std::string& run_id) {
    auto asked = commands::run_request_for(workflow, {});
    check(asked.has_value(), "a version of the workflow is published");
    asked->input = input;
    // The one who answers may still hold it when the answer is here.
    const auto said = std::make_shared<std::promise<commands::CommandResult>>();
    engine->start(commands::command_of(std::string(kWorkspace), run_id, "test", *asked),
                  [said](commands::CommandResult result) { said->set_value(std::move(result)); });
    return said->get_future().get();
  }

  std::unique_ptr<schemas::RunT> run(const std::string& id) {
    return *read_state<schemas::RunT>(*executor, kWorkspace, "run", id);
  }

  // For the message of a test that fails.
  std::string description(const std::string& id) {
    const auto state = run(id);
    std::string text =
        fmt::format(" status {} sequence {} open {} due {} now {}", schemas::EnumNameRunStatus(state->status),
                    state->last_sequence, state->open_tasks, state->due_at.value_or(0), clock.now().micros);
    for (const auto& event : machine_events(id)) text += "\n  " + *jsonata::write_json(asl::to_value(event));
    return text;
  }

  // Lets time pass until the run has ended; false if it does not.
  bool run_to_end(const std::string& id) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      const auto state = run(id);
      if (state->finished_at) return true;
      if (state->due_at) clock.advance_to(Timestamp{*state->due_at});
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  // Waits until the condition holds; false if it does not.
  template <class Condition>
  static bool until(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  // How many times the engine appended to what its machine decided.
  std::size_t appends(const std::string& id) {
    std::set<std::uint64_t> appends;
    const auto take = [&](const schemas::RunEventUnion& event, const eventstore::RecordedEvent& recorded) {
      if (domain::is_of_machine(event)) appends.insert(recorded.append_first.value);
      return true;
    };
    check(projections::each_run_event(*store, kWorkspace, id, take).has_value(), "the run can be read");
    return appends.size();
  }

  // What the machine of the run decided.
  asl::Events machine_events(const std::string& id) {
    asl::Events events;
    asl::Value input;
    const auto take = [&](const schemas::RunEventUnion& event, const eventstore::RecordedEvent&) {
      if (const auto* requested = event.AsRunRequested()) input = input_of(*requested);
      if (!domain::is_of_machine(event)) return true;
      auto decided = domain::machine_event_of(event, input);
      check(decided.has_value(), "the run's events are the machine's");
      events.push_back(*std::move(decided));
      return true;
    };
    check(projections::each_run_event(*store, kWorkspace, id, take).has_value(), "the run can be read");
    return events;
  }

  SetClock clock;
  UuidV7Source ids{clock};
  std::unique_ptr<eventstore::Store> store;
  std::unique_ptr<projections::Catalog> catalog;
  std::unique_ptr<commands::Executor> executor;
  std::function<TaskHandler*(std::string_view)> handler;
  std::unique_ptr<RunEngine> engine;

 private:
  std::filesystem::path directory_;
  std::unique_ptr<eventstore::Blobs> blobs_;
  std::unique_ptr<projections::Library> library_;
  std::unique_ptr<ProjectionRunner> runner_;
};

}  // namespace flowstone::workers
