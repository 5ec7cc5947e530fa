#include "api/server.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <fmt/format.h>

#include "api/connection.hpp"
#include "api/core.hpp"

namespace flowstone::api {
namespace {

using Acceptor = net::basic_socket_acceptor<net::ip::tcp, LoopExecutor>;

constexpr int kBacklog = 4096;
constexpr std::string_view kTooMany =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\nConnection: "
    "close\r\n"
    "Content-Length: 119\r\n\r\n"
    "{\"type\":\"/docs#problem-too-many-connections\",\"title\":\"Too many "
    "connections\",\"status\":503,\"code\":\"too_many_connections\"}";
constexpr std::size_t kTooManyBody = 119;
static_assert(kTooMany.size() - kTooMany.find("{") == kTooManyBody);

std::size_t thread_count(std::size_t wanted) {
  if (wanted > 0) return wanted;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2);
}

Result<net::ip::tcp::endpoint, std::string> resolve(const std::string& host, std::uint16_t port) {
  error_code error;
  const auto address = net::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (!error) return net::ip::tcp::endpoint(address, port);
  net::io_context context;
  net::ip::tcp::resolver resolver(context);
  const auto results = resolver.resolve(host, std::to_string(port), net::ip::tcp::resolver::passive, error);
  if (error || results.empty())
    return failure(fmt::format("`{}` is no address of this machine: {}", host, error.message()));
  return results.begin()->endpoint();
}

}  // namespace

struct Server::State {
  State(ServerOptions options, Services services) : core(std::move(options), services) {}

  Core core;
  std::unique_ptr<net::ssl::context> tls;
  std::vector<std::unique_ptr<Loop>> loops;
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<Resident> key_follower;
  std::size_t next_loop = 0;
  bool started = false;

  Result<void, std::string> load_tls();
  Result<net::ip::tcp::endpoint, std::string> listen();
  Task<void> accept();
  void admit(Socket socket, Loop& loop);
};

namespace {

// Looks now and then whether keys changed elsewhere: by an import, or another process.
class KeyFollower final : public Resident, public std::enable_shared_from_this<KeyFollower> {
 public:
  explicit KeyFollower(Core& core) : core_(core) {}

  void sweep(SteadyTime) override {
    if (*busy_ || core_.stopping.load(std::memory_order_relaxed) || !core_.authenticator.is_behind()) return;
    *busy_ = true;
    core_.services.blocking.run([&authenticator = core_.authenticator, busy = busy_] {
      static_cast<void>(authenticator.catch_up());
      *busy = false;
    });
  }
  void ask_to_stop(bool) override {}
  [[nodiscard]] bool is_busy() const { return *busy_; }

 private:
  Core& core_;
  std::shared_ptr<std::atomic<bool>> busy_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

Result<void, std::string> Server::State::load_tls() {
  const ServerOptions& options = core.options;
  if (options.tls_certificate.empty()) return {};
  tls = std::make_unique<net::ssl::context>(net::ssl::context::tls_server);
  error_code error;
  tls->set_options(net::ssl::context::default_workarounds | net::ssl::context::no_sslv2 | net::ssl::context::no_sslv3 |
                       net::ssl::context::no_tlsv1 | net::ssl::context::no_tlsv1_1 | net::ssl::context::single_dh_use,
                   error);
  tls->use_certificate_chain_file(options.tls_certificate, error);
  if (error) return failure(fmt::format("cannot use the certificate {}: {}", options.tls_certificate, error.message()));
  tls->use_private_key_file(options.tls_key, net::ssl::context::pem, error);
  if (error) return failure(fmt::format("cannot use the key {}: {}", options.tls_key, error.message()));
  return {};
}

Result<net::ip::tcp::endpoint, std::string> Server::State::listen() {
  const ServerOptions& options = core.options;
  FLOWSTONE_TRY(const auto wanted, resolve(options.host, options.port));
  acceptor = std::make_unique<Acceptor>(loops.front()->executor());
  error_code error;
  acceptor->open(wanted.protocol(), error);
  if (!error) acceptor->set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(wanted, error);
  if (!error) acceptor->listen(kBacklog, error);
  if (error) return failure(fmt::format("cannot listen on {}:{}: {}", options.host, options.port, error.message()));
  return acceptor->local_endpoint();
}

void Server::State::admit(Socket socket, Loop& loop) {
  core.metrics.accepted.fetch_add(1, std::memory_order_relaxed);
  if (static_cast<std::size_t>(core.metrics.connections.load(std::memory_order_relaxed)) >= core.options.connections) {
    core.metrics.refused_connections.fetch_add(1, std::memory_order_relaxed);
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(net::buffer(kTooMany), ignored);
    return;
  }
  auto shared = std::make_shared<Socket>(std::move(socket));
  loop.post([this, shared, &loop] {
    auto connection = std::make_shared<Connection>(core, loop, std::move(*shared), tls.get());
    if (core.stopping.load()) return;
    net::co_spawn(loop.executor(), serve(connection), [this, connection](std::exception_ptr thrown) {
      if (!thrown) return;
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& exception) {
        core.log.error(exception.what(), "");
      }
      connection->close();
    });
  });
}

Task<void> Server::State::accept() {
  net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>, LoopExecutor> pause(
      loops.front()->executor());
  while (acceptor->is_open()) {
    Loop& loop = *loops[next_loop++ % loops.size()];
    Socket socket(loop.executor());
    error_code error;
    co_await acceptor->async_accept(socket, into(error));
    if (!error) {
      admit(std::move(socket), loop);
    } else if (error != net::error::operation_aborted) {
      // Out of descriptors, most likely: they come back when connections end.
      constexpr std::chrono::milliseconds kPause(50);
      pause.expires_after(kPause);
      error_code ignored;
      co_await pause.async_wait(into(ignored));
    }
  }
}

Server::Server(ServerOptions options, Services services)
    : state_(std::make_unique<State>(std::move(options), services)) {}

Server::~Server() { stop(); }

Result<Endpoint, std::string> Server::start() {
  State& state = *state_;
  FLOWSTONE_TRY_VOID(state.load_tls());
  if (const auto keys = state.core.authenticator.catch_up(); !keys) {
    return failure(fmt::format("the keys cannot be read: {}", keys.error().detail));
  }
  const std::size_t threads = thread_count(state.core.options.threads);
  for (std::size_t at = 0; at < threads; ++at)
    state.loops.push_back(std::make_unique<Loop>(state.core.options.deadlines.sweep));
  FLOWSTONE_TRY(const auto endpoint, state.listen());
  state.key_follower = std::make_unique<KeyFollower>(state.core);
  state.loops.front()->enlist(*state.key_follower);
  state.core.feeds.start();
  state.started = true;
  net::co_spawn(state.loops.front()->executor(), state.accept(), net::detached);
  for (const auto& loop : state.loops) loop->start();
  return Endpoint{endpoint.address().to_string(), endpoint.port(), state.tls != nullptr};
}

void Server::stop() {
  State& state = *state_;
  if (!std::exchange(state.started, false)) return;
  const auto wait_for_connections = [&state](std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (state.core.metrics.connections.load(std::memory_order_acquire) > 0) {
      if (std::chrono::steady_clock::now() >= end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  };
  state.core.stopping.store(true);
  state.loops.front()->post([&state] {
    error_code ignored;
    state.acceptor->close(ignored);
  });
  for (const auto& loop : state.loops) loop->post([&loop] { loop->ask_all_to_stop(false); });
  if (!wait_for_connections(state.core.options.deadlines.stop)) {
    for (const auto& loop : state.loops) loop->post([&loop] { loop->ask_all_to_stop(true); });
    // What is left waits for the log's answer, which always comes.
    wait_for_connections(std::chrono::hours(1));
  }
  state.core.feeds.stop();
  auto& follower = static_cast<KeyFollower&>(*state.key_follower);
  while (follower.is_busy()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  for (const auto& loop : state.loops) loop->finish();
  for (const auto& loop : state.loops) loop->join();
  state.loops.front()->strike(follower);
}

}  // namespace flowstone::api
