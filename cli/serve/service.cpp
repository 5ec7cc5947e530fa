#include "cli/serve/service.hpp"

#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>
#include <pthread.h>

#include <fmt/core.h>

#include "api/server.hpp"
#include "cli/log_directory.hpp"
#include "cli/program.hpp"
#include "cli/serve/disk_probe.hpp"
#include "cli/serve/founding.hpp"
#include "cli/serve/logging.hpp"
#include "cli/serve/secret_file.hpp"
#include "cli/serve/welcome.hpp"
#include "commands/webhook.hpp"
#include "flowstone/build.hpp"
#include "workers/document_worker.hpp"
#include "workers/lost_run_watcher.hpp"
#include "workers/projection_runner.hpp"
#include "workers/run_engine.hpp"
#include "workers/tasks/library.hpp"
#include "workers/trigger_worker.hpp"

namespace flowstone::cli {
namespace {

constexpr std::size_t kMebibyte = 1 << 20;

// "HOST:PORT" or "[ADDRESS]:PORT".
Result<void, std::string> read_listen(const std::string& listen, api::ServerOptions& into) {
  const auto colon = listen.rfind(':');
  unsigned port = 0;
  const char* end = listen.data() + listen.size();
  const auto parsed = colon == std::string::npos ? std::from_chars_result{listen.data(), std::errc::invalid_argument}
                                                 : std::from_chars(listen.data() + colon + 1, end, port);
  if (parsed.ec != std::errc{} || parsed.ptr != end || port > 65535 || colon == 0) {
    return failure(fmt::format("'{}' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8080", listen));
  }
  into.host = listen.substr(0, colon);
  if (into.host.starts_with('[') && into.host.ends_with(']')) into.host = into.host.substr(1, into.host.size() - 2);
  into.port = static_cast<std::uint16_t>(port);
  return {};
}

Result<api::ServerOptions, std::string> server_options(const Settings& settings) {
  api::ServerOptions options;
  FLOWSTONE_TRY_VOID(read_listen(settings.listen, options));
  options.threads = settings.threads;
  options.tls_certificate = settings.tls_certificate;
  options.tls_key = settings.tls_key;
  options.allowed_origins = settings.allowed_origins;
  options.connections = settings.connections;
  options.deadlines.stop = std::chrono::seconds(settings.stop_seconds);
  options.feed_bytes = settings.feed_mib * kMebibyte;
  options.access_log = settings.access_log;
  options.public_metrics = settings.public_metrics;
  options.version = build::version();
  options.commit = build::commit();
  return options;
}

// Members stand in the order in which they start; they stop in reverse.
class Service {
 public:
  explicit Service(const Settings& settings) : settings_(settings), directory_(settings.data), ids_(clock_) {}

  // The error is a sentence.
  Result<api::Endpoint, std::string> start() {
    FLOWSTONE_TRY(auto options, server_options(settings_));
    FLOWSTONE_TRY_VOID(open_log());
    FLOWSTONE_TRY_VOID(open_blobs());
    FLOWSTONE_TRY_VOID(open_views());
    blocking_.emplace(settings_.blocking_threads);
    executor_.emplace(
        *store_, clock_, ids_, [this](auto work) { blocking_->run(std::move(work)); }, executor_options());
    assessor_.emplace(*store_, *catalog_, *executor_);
    FLOWSTONE_TRY_VOID(found());
    runner_.emplace(*catalog_);
    documents_.emplace(workers::IngestServices{.store = *store_,
                                               .catalog = *catalog_,
                                               .executor = *executor_,
                                               .library = *library_,
                                               .assessor = *assessor_,
                                               .clock = clock_});
    watcher_.emplace(*catalog_, *executor_, clock_, std::chrono::seconds(settings_.lost_run_seconds));
    FLOWSTONE_TRY_VOID(open_tasks());
    engine_.emplace(
        workers::EngineServices{.store = *store_,
                                .catalog = *catalog_,
                                .executor = *executor_,
                                .clock = clock_,
                                .handler = [this](std::string_view resource) { return tasks_->find(resource); }});
    tasks_->activities().serve(*engine_);
    triggers_.emplace(
        workers::TriggerServices{.store = *store_, .executor = *executor_, .runs = *engine_, .clock = clock_});
    FLOWSTONE_TRY(auto webhook_key, read_or_make_key(directory_ / "webhooks.key", commands::WebhookKeys::kKeyBytes));
    webhooks_.emplace(std::move(webhook_key));
    fetcher_.emplace(outside::FetcherOptions{.allowed_hosts = settings_.fetch_hosts});
    server_.emplace(std::move(options), api::Services{.store = *store_,
                                                      .executor = *executor_,
                                                      .catalog = *catalog_,
                                                      .clock = clock_,
                                                      .ids = ids_,
                                                      .blocking = *blocking_,
                                                      .library = *library_,
                                                      .fetcher = *fetcher_,
                                                      .runs = &*engine_,
                                                      .webhooks = &*webhooks_,
                                                      .activities = &tasks_->activities()});
    return server_->start();
  }

  // Requests under way are finished first; what they need goes last.
  void stop() {
    if (server_) server_->stop();
    server_.reset();
    fetcher_.reset();
    triggers_.reset();
    engine_.reset();
    tasks_.reset();
    watcher_.reset();
    documents_.reset();
    runner_.reset();
    assessor_.reset();
    executor_.reset();
    blocking_.reset();
    catalog_.reset();
    library_.reset();
    blobs_.reset();
    store_.reset();
  }

 private:
  Result<void, std::string> open_log() {
    std::error_code failed;
    std::filesystem::create_directories(directory_, failed);
    if (failed) return failure(fmt::format("{}: {}", directory_.string(), failed.message()));
    eventstore::StoreOptions options;
    options.directory = directory_;
    options.clock = &clock_;
    options.queue_bytes = settings_.queue_mib * kMebibyte;
    options.recent_bytes = settings_.recent_mib * kMebibyte;
    auto store = eventstore::Store::open(std::move(options));
    if (!store) return failure(sentence_of(store.error()));
    store_ = *std::move(store);
    const auto probe = probe_disk(directory_);
    log_info(fmt::format("log open at position {}; the disk makes {:.0f} durable writes a second",
                         store_->state().durable.value, probe.syncs_per_second));
    if (!probe.warning.empty()) log_warning(probe.warning);
    return {};
  }

  Result<void, std::string> open_blobs() {
    auto blobs = eventstore::open_blobs(directory_ / "blobs");
    if (!blobs) return failure(fmt::format("the files beside the log cannot be opened: {}", blobs.error().detail));
    blobs_ = *std::move(blobs);
    library_.emplace(*blobs_);
    return {};
  }

  Result<void, std::string> open_views() {
    projections::CatalogOptions options;
    options.directory = directory_ / "views";
    options.library = &*library_;
    options.search_directory = directory_ / "search";
    options.write_buffer_bytes = settings_.view_buffer_mib * kMebibyte;
    options.block_cache_bytes = settings_.view_cache_mib * kMebibyte;
    auto catalog = projections::Catalog::open(std::move(options), *store_, clock_);
    if (!catalog) return failure(fmt::format("the views cannot be opened: {}", catalog.error()));
    catalog_ = *std::move(catalog);
    return {};
  }

  Result<void, std::string> open_tasks() {
    workers::TaskOptions options;
    options.way_out.allowed_hosts = settings_.task_http_hosts;
    options.http.at_once = settings_.http_tasks;
    FLOWSTONE_TRY(options.programs, workers::read_programs(settings_.task_programs));
    tasks_.emplace(workers::TaskServices{.store = *store_, .executor = *executor_, .clock = clock_},
                   std::move(options));
    return {};
  }

  commands::ExecutorOptions executor_options() {
    commands::ExecutorOptions options;
    options.cached_entities = settings_.cached_entities;
    options.snapshot = [this](const schemas::Aggregate& aggregate, std::string_view workspace,
                              std::string_view id) -> std::optional<Bytes> {
      auto row = catalog_->get(aggregate, workspace, id);
      if (!row || !*row) return {};
      return std::move((*row)->bytes);
    };
    return options;
  }

  Result<void, std::string> found() {
    Founder founder(*executor_, ids_);
    const bool empty = store_->state().durable == Position{};
    if (empty) {
      // A key of a log that is gone opens nothing.
      for (const auto* name : {"admin.key", "demo.key"}) std::filesystem::remove(directory_ / name);
    }
    if (settings_.demo) return found_demo(founder, clock_, directory_);
    if (empty) return found_default(founder, ids_, directory_);
    return {};
  }

  const Settings& settings_;
  const std::filesystem::path directory_;
  SystemClock clock_;
  UuidV7Source ids_;
  std::unique_ptr<eventstore::Store> store_;
  std::unique_ptr<eventstore::Blobs> blobs_;
  std::optional<projections::Library> library_;
  std::unique_ptr<projections::Catalog> catalog_;
  std::optional<api::BlockingPool> blocking_;
  std::optional<commands::Executor> executor_;
  std::optional<workers::Assessor> assessor_;
  std::optional<workers::ProjectionRunner> runner_;
  std::optional<workers::DocumentWorker> documents_;
  std::optional<workers::LostRunWatcher> watcher_;
  std::optional<workers::TaskLibrary> tasks_;
  std::optional<workers::RunEngine> engine_;
  std::optional<workers::TriggerWorker> triggers_;
  std::optional<commands::WebhookKeys> webhooks_;
  std::optional<outside::Fetcher> fetcher_;
  std::optional<api::Server> server_;
};

std::string url_of(const api::Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", endpoint.secure ? "https" : "http", v6 ? "[" : "", endpoint.host, v6 ? "]" : "",
                     endpoint.port);
}

}  // namespace

int serve(const Settings& settings) {
  sigset_t signals;
  sigset_t before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, &before);
  ::signal(SIGPIPE, SIG_IGN);
  start_logging(settings.log_format);

  Service service(settings);
  const auto endpoint = service.start();
  if (!endpoint) {
    log_error(endpoint.error());
    service.stop();
    return kFailed;
  }
  const auto url = url_of(*endpoint);
  fmt::print("ready {}\n", url);
  std::fflush(stdout);
  fmt::print("{}", welcome(url, settings.data));
  std::fflush(stdout);

  int received = 0;
  ::sigwait(&signals, &received);
  log_info(fmt::format("{}: stopping; a second signal ends at once", received == SIGINT ? "SIGINT" : "SIGTERM"));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  service.stop();
  log_info("stopped");
  return kDone;
}

}  // namespace flowstone::cli
