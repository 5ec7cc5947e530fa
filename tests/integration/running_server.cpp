#include "tests/integration/running_server.hpp"

#include <atomic>
#include <unistd.h>

#include <fmt/format.h>

#include "api/authenticator.hpp"
#include "base/check.hpp"
#include "schemas/json.hpp"

namespace flowstone::tests {
namespace {

std::filesystem::path fresh_directory() {
  static std::atomic<int> number{0};
  auto directory = std::filesystem::temp_directory_path() / fmt::format("flowstone-api-{}-{}", getpid(), number++);
  std::filesystem::create_directories(directory);
  return directory;
}

}  // namespace

api::ServerOptions quick_options() {
  api::ServerOptions options;
  options.port = 0;
  options.threads = 2;
  options.access_log = false;
  options.deadlines.head = std::chrono::milliseconds(400);
  options.deadlines.body = std::chrono::milliseconds(800);
  options.deadlines.write = std::chrono::milliseconds(500);
  options.deadlines.close = std::chrono::milliseconds(500);
  options.deadlines.heartbeat = std::chrono::milliseconds(200);
  options.deadlines.silence = std::chrono::milliseconds(400);
  options.deadlines.min_position = std::chrono::milliseconds(2000);
  options.deadlines.stop = std::chrono::milliseconds(3000);
  options.deadlines.sweep = std::chrono::milliseconds(20);
  return options;
}

RunningServer::RunningServer(api::ServerOptions options, eventstore::StoreOptions store, documents::ParseLimits reading)
    : options_(std::move(options)), store_options_(std::move(store)), reading_(reading) {
  store_options_.directory = fresh_directory();
  start(true);
}

RunningServer::~RunningServer() {
  stop();
  std::filesystem::remove_all(store_options_.directory);
}

void RunningServer::restart(bool followed) {
  stop();
  start(followed);
}

void RunningServer::start(bool followed) {
  store_ = std::move(eventstore::Store::open(store_options_)).value();
  blobs_ = std::move(eventstore::open_blobs(store_options_.directory / "blobs", store_options_.env)).value();
  library_ = std::make_unique<projections::Library>(*blobs_);
  projections::CatalogOptions catalog_options;
  catalog_options.directory = store_options_.directory / "views";
  catalog_options.library = library_.get();
  catalog_options.search_directory = store_options_.directory / "search";
  catalog_ = std::move(projections::Catalog::open(std::move(catalog_options), *store_, clock_)).value();
  if (followed) runner_ = std::make_unique<workers::ProjectionRunner>(*catalog_);
  pool_ = std::make_unique<api::BlockingPool>(4);
  executor_ = std::make_unique<commands::Executor>(
      *store_, clock_, ids_, [this](std::move_only_function<void()> work) { pool_->run(std::move(work)); });
  assessor_ = std::make_unique<workers::Assessor>(*store_, *catalog_, *executor_);
  if (followed) {
    documents_ = std::make_unique<workers::DocumentWorker>(
        workers::IngestServices{*store_, *catalog_, *executor_, *library_, *assessor_, clock_}, reading_);
  }
  if (admin_key_.empty()) admin_key_ = make_key(R"(["admin","auditor","operator"])");
  fetcher_ = std::make_unique<outside::Fetcher>(fetcher_options_);
  if (followed) {
    tasks_ = std::make_unique<workers::TaskLibrary>(
        workers::TaskServices{.store = *store_, .executor = *executor_, .clock = clock_});
    engine_ = std::make_unique<workers::RunEngine>(
        workers::EngineServices{.store = *store_,
                                .catalog = *catalog_,
                                .executor = *executor_,
                                .clock = clock_,
                                .handler = [this](std::string_view resource) { return tasks_->find(resource); }});
    tasks_->activities().serve(*engine_);
    triggers_ = std::make_unique<workers::TriggerWorker>(
        workers::TriggerServices{.store = *store_, .executor = *executor_, .runs = *engine_, .clock = clock_});
  }
  server_ = std::make_unique<api::Server>(
      options_, api::Services{*store_, *executor_, *catalog_, clock_, ids_, *pool_, *library_, *fetcher_, engine_.get(),
                              &webhooks_, tasks_ ? &tasks_->activities() : nullptr});
  auto endpoint = server_->start();
  check(endpoint.has_value(), endpoint ? "" : endpoint.error());
  port_ = endpoint->port;
}

void RunningServer::stop() {
  server_.reset();
  triggers_.reset();
  engine_.reset();
  tasks_.reset();
  fetcher_.reset();
  documents_.reset();
  assessor_.reset();
  executor_.reset();
  pool_.reset();
  runner_.reset();
  catalog_.reset();
  library_.reset();
  blobs_.reset();
  store_.reset();
}

commands::Outcome RunningServer::run(std::string_view workspace, std::string_view name, std::string_view id,
                                     std::string_view json) {
  const auto reference = schemas::contracts().find_command(name);
  check(reference.has_value(), "no such command");
  auto body = schemas::decode_json(*reference->command->table, json, {.target = id, .accept_hidden = true});
  check(body.has_value(), body ? "" : body.error().problems.front().detail);
  commands::Command command;
  command.workspace = workspace;
  command.aggregate = domain::find_aggregate_type(reference->aggregate->name);
  command.command = reference->command;
  command.id = id;
  command.body = *std::move(body);
  command.actor = "system";
  auto outcome = executor_->execute(std::move(command));
  check(outcome.has_value(), outcome ? "" : outcome.error().detail + outcome.error().rejection.detail);
  return *std::move(outcome);
}

std::string RunningServer::make_key(std::string_view roles, std::string_view workspace, std::string_view more) {
  const std::string id = ids_.fresh();
  const auto minted = api::mint_key(workspace, id);
  run(workspace, "create_api_key", id,
      fmt::format(R"({{"name":"test","roles":{},"secret_digest":"{}"{}}})", roles, minted.secret_digest, more));
  return minted.text;
}

std::unique_ptr<Client> RunningServer::client() {
  auto client = std::make_unique<Client>(port_);
  client->key = admin_key_;
  return client;
}

void RunningServer::record(std::string_view run_id, std::uint64_t first_sequence, std::size_t count) {
  constexpr std::size_t kBatch = 500;
  while (count > 0) {
    const std::size_t now = std::min(count, kBatch);
    std::string json = R"({"events":[)";
    for (std::size_t at = 0; at < now; ++at) {
      const std::uint64_t sequence = first_sequence + at;
      if (at > 0) json += ',';
      json += sequence == 1   ? R"({"sequence":1,"kind":"started"})"
              : sequence == 2 ? R"({"sequence":2,"kind":"step_started","step":"main"})"
                              : fmt::format(R"({{"sequence":{},"kind":"step_output","step":"main","text":"line {}"}})",
                                            sequence, sequence);
    }
    run(kWorkspace, "record_run_events", run_id, json + "]}");
    first_sequence += now;
    count -= now;
  }
}

std::string RunningServer::make_run(std::size_t count) {
  const std::string id = run(kWorkspace, "create_run", "", R"({"name":"make test","kind":"exec"})").id;
  if (count > 1) record(id, 1, count - 1);
  return id;
}

}  // namespace flowstone::tests
