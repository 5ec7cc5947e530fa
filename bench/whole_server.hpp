// A whole Flowstone in the bench's process, for programs that measure it over its sockets.
#pragma once

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

namespace flowstone::bench {

class WholeServer {
 public:
  static constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000000a";

  explicit WholeServer(const std::filesystem::path& directory) {
    eventstore::StoreOptions store_options;
    store_options.directory = directory;
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
    const std::string id = ids_.fresh();
    const auto minted = api::mint_key(kWorkspace, id);
    key_ = minted.text;
    run("create_api_key", id, R"({"name":"bench","roles":["admin"],"secret_digest":")" + minted.secret_digest + "\"}");
    api::ServerOptions options;
    options.port = 0;
    options.access_log = false;
    server_ = std::make_unique<api::Server>(
        std::move(options), api::Services{*store_, *executor_, *catalog_, clock_, ids_, *pool_, *library_, fetcher_});
    const auto endpoint = server_->start();
    check(endpoint.has_value(), "the server starts");
    port_ = endpoint->port;
  }
  ~WholeServer() {
    server_.reset();
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

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& key() const { return key_; }
  eventstore::Store& store() { return *store_; }
  projections::Catalog& catalog() { return *catalog_; }

 private:
  SystemClock clock_;
  UuidV7Source ids_{clock_};
  std::unique_ptr<eventstore::Store> store_;
  std::unique_ptr<eventstore::Blobs> blobs_;
  std::unique_ptr<projections::Library> library_;
  std::unique_ptr<projections::Catalog> catalog_;
  std::unique_ptr<workers::ProjectionRunner> runner_;
  std::unique_ptr<api::BlockingPool> pool_;
  std::unique_ptr<commands::Executor> executor_;
  outside::Fetcher fetcher_;
  std::unique_ptr<api::Server> server_;
  std::uint16_t port_ = 0;
  std::string key_;
};

}  // namespace flowstone::bench
