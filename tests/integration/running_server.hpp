// A whole Flowstone in this process: store, views, write side and the HTTP front on a free port.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/blocking_pool.hpp"
#include "api/server.hpp"
#include "commands/executor.hpp"
#include "commands/webhook.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "tests/integration/http_client.hpp"
#include "workers/document_worker.hpp"
#include "workers/projection_runner.hpp"
#include "workers/run_engine.hpp"
#include "workers/tasks/library.hpp"
#include "workers/trigger_worker.hpp"

namespace flowstone::tests {

inline constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000000a";
inline constexpr std::string_view kOtherWorkspace = "01920000-0000-7000-8000-00000000000b";

// Options with deadlines that tests can wait for.
api::ServerOptions quick_options();

class RunningServer {
 public:
  // `store` says all but the directory, which is fresh and goes with the server.
  explicit RunningServer(api::ServerOptions options = quick_options(), eventstore::StoreOptions store = {},
                         documents::ParseLimits reading = {});
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // The text of a fresh key; `json` is what CreateApiKey takes besides the name.
  std::string make_key(std::string_view roles, std::string_view workspace = kWorkspace, std::string_view more = {});
  // A client with a key that may do everything.
  std::unique_ptr<Client> client();
  std::string admin_key() const { return admin_key_; }
  // Records `count` events in a fresh run; its id.
  std::string make_run(std::size_t count);
  void record(std::string_view run, std::uint64_t first_sequence, std::size_t count);
  void stop_server() { server_->stop(); }
  // Ends everything and starts it again on the same directory, on another port. Unless `followed`, nobody folds events
  // into the projections.
  void restart(bool followed = true);
  // From the next restart on, what the server may get from the web.
  void set_fetching(outside::FetcherOptions options) { fetcher_options_ = std::move(options); }

  eventstore::Store& store() { return *store_; }
  commands::Executor& executor() { return *executor_; }
  projections::Catalog& catalog() { return *catalog_; }
  workers::TriggerWorker& triggers() { return *triggers_; }

 private:
  commands::Outcome run(std::string_view workspace, std::string_view command, std::string_view id,
                        std::string_view json);

  void start(bool followed);
  void stop();

  const api::ServerOptions options_;
  outside::FetcherOptions fetcher_options_;
  eventstore::StoreOptions store_options_;
  const documents::ParseLimits reading_;
  SystemClock clock_;
  UuidV7Source ids_{clock_};
  std::unique_ptr<eventstore::Store> store_;
  std::unique_ptr<eventstore::Blobs> blobs_;
  std::unique_ptr<projections::Library> library_;
  std::unique_ptr<projections::Catalog> catalog_;
  std::unique_ptr<workers::ProjectionRunner> runner_;
  std::unique_ptr<api::BlockingPool> pool_;
  std::unique_ptr<commands::Executor> executor_;
  std::unique_ptr<workers::Assessor> assessor_;
  std::unique_ptr<workers::DocumentWorker> documents_;
  std::unique_ptr<workers::TaskLibrary> tasks_;
  std::unique_ptr<workers::RunEngine> engine_;
  std::unique_ptr<workers::TriggerWorker> triggers_;
  const commands::WebhookKeys webhooks_{random_bytes(commands::WebhookKeys::kKeyBytes)};
  std::unique_ptr<outside::Fetcher> fetcher_;
  std::unique_ptr<api::Server> server_;
  std::uint16_t port_ = 0;
  std::string admin_key_;
};

}  // namespace flowstone::tests
