// A whole Flowstone in the bench's process, for programs that measure it over its sockets.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "api/authenticator.hpp"
#include "api/blocking_pool.hpp"
#include "api/server.hpp"
#include "base/check.hpp"
#include "bench/report.hpp"
#include "commands/executor.hpp"
#include "eventstore/blobs.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "projections/library.hpp"
#include "schemas/json.hpp"
#include "workers/projection_runner.hpp"
#include "workers/run_engine.hpp"
#include "workers/tasks/library.hpp"

namespace flowstone::bench {

// The system's, put forward by the bench.
class MovedClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return system_.now() + std::chrono::microseconds(ahead_.load()); }
  void put_forward(std::chrono::microseconds by) { ahead_ += by.count(); }

 private:
  SystemClock system_;
  std::atomic<std::int64_t> ahead_{0};
};

class WholeServer {
 public:
  enum class Parts : std::uint8_t { without_workflows, with_workflows };

  static constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000000a";

  explicit WholeServer(const std::filesystem::path& directory, Parts parts = Parts::without_workflows) {
    eventstore::StoreOptions store_options;
    store_options.directory = directory;
    store_options.clock = &clock_;
    store_ = std::move(eventstore::Store::open(std::move(store_options))).value();
    blobs_ = std::move(eventstore::open_blobs(directory / "blobs")).value();
    library_ = std::make_unique<projections::Library>(*blobs_);
    projections::CatalogOptions catalog_options;
    catalog_options.directory = directory / "views";
    catalog_ = std::move(projections::Catalog::open(std::move(catalog_options), *store_, clock_)).value();
    runner_ = std::make_unique<workers::ProjectionRunner>(*catalog_);
    pool_ = std::make_unique<api::BlockingPool>(4);
    executor_ = std::make_unique<commands::Executor>(
        *store_, clock_, ids_, [this](std::move_only_function<void()> work) { pool_->run(std::move(work)); });
    if (parts == Parts::with_workflows) start_engine();
    const std::string id = ids_.fresh();
    const auto minted = api::mint_key(kWorkspace, id);
    key_ = minted.text;
    run("create_api_key", id, R"({"name":"bench","roles":["admin"],"secret_digest":")" + minted.secret_digest + "\"}");
    api::ServerOptions options;
    options.port = 0;
    options.access_log = false;
    server_ = std::make_unique<api::Server>(
        std::move(options), api::Services{*store_, *executor_, *catalog_, clock_, ids_, *pool_, *library_, fetcher_,
                                          engine_.get(), nullptr, tasks_ ? &tasks_->activities() : nullptr});
    const auto endpoint = server_->start();
    check(endpoint.has_value(), "the server starts");
    port_ = endpoint->port;
  }
  ~WholeServer() {
    server_.reset();
    engine_.reset();
    tasks_.reset();
    executor_.reset();
    pool_.reset();
    runner_.reset();
  }
  WholeServer(const WholeServer&) = delete;
  WholeServer& operator=(const WholeServer&) = delete;

  // Carries the command out; the entity's id.
  std::string run(std::string_view name, std::string_view id, std::string_view json) {
    const auto reference = schemas::contracts().find_command(name);
    auto body = schemas::decode_json(*reference->command->table, json, {.target = id, .accept_hidden = true});
    check(body.has_value(), "the bench's command is valid");
    commands::Command command;
    command.workspace = kWorkspace;
    command.aggregate = domain::find_aggregate_type(reference->aggregate->name);
    command.command = reference->command;
    command.id = id;
    command.body = *std::move(body);
    command.actor = "system";
    const auto outcome = executor_->execute(std::move(command));
    check(outcome.has_value(), "the bench's command is carried out");
    return outcome->id;
  }

  // The id of a published workflow of this machine; a thousand of its runs may go on at a time.
  std::string publish_workflow(std::string_view name, std::string_view machine) {
    const auto id = run("create_workflow", "",
                        R"({"name":")" + std::string(name) +
                            R"(","definition":{"concurrency":{"mode":"parallel","max":1000},"body":)" +
                            std::string(machine) + "}}");
    run("publish_workflow", id, "{}");
    return id;
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& key() const { return key_; }
  eventstore::Store& store() { return *store_; }
  projections::Catalog& catalog() { return *catalog_; }
  MovedClock& clock() { return clock_; }
  // Only with workflows.
  workers::RunEngine& engine() { return *engine_; }

 private:
  void start_engine() {
    tasks_ = std::make_unique<workers::TaskLibrary>(
        workers::TaskServices{.store = *store_, .executor = *executor_, .clock = clock_});
    engine_ = std::make_unique<workers::RunEngine>(
        workers::EngineServices{.store = *store_,
                                .catalog = *catalog_,
                                .executor = *executor_,
                                .clock = clock_,
                                .handler = [this](std::string_view resource) { return tasks_->find(resource); }});
    tasks_->activities().serve(*engine_);
  }

  MovedClock clock_;
  UuidV7Source ids_{clock_};
  std::unique_ptr<eventstore::Store> store_;
  std::unique_ptr<eventstore::Blobs> blobs_;
  std::unique_ptr<projections::Library> library_;
  std::unique_ptr<projections::Catalog> catalog_;
  std::unique_ptr<workers::ProjectionRunner> runner_;
  std::unique_ptr<api::BlockingPool> pool_;
  std::unique_ptr<commands::Executor> executor_;
  std::unique_ptr<workers::TaskLibrary> tasks_;
  std::unique_ptr<workers::RunEngine> engine_;
  outside::Fetcher fetcher_;
  std::unique_ptr<api::Server> server_;
  std::uint16_t port_ = 0;
  std::string key_;
};

}  // namespace flowstone::bench
