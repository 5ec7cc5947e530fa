#include "outside/way_out.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <fmt/format.h>

#include "outside/address.hpp"

namespace flowstone::outside {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Code = FetchError::Code;
using Time = std::chrono::steady_clock::time_point;

// Looks names up where nobody waits for longer than he wants to: the system's resolver cannot be told to hurry.
class Names {
 public:
  Names() : runner_([this] { io_.run(); }) {}
  ~Names() {
    guard_.reset();
    io_.stop();
  }
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  Result<Addresses, FetchError> find(const std::string& host, Time until, const std::stop_token& stop) {
    struct Search {
      explicit Search(asio::io_context& io) : resolver(io) {}
      tcp::resolver resolver;
      std::mutex mutex;
      std::condition_variable_any arrived;
      std::optional<error_code> error;
      Addresses addresses;
    };
    auto search = std::make_shared<Search>(io_);
    search->resolver.async_resolve(host, "", [search](error_code error, const tcp::resolver::results_type& found) {
      const std::lock_guard lock(search->mutex);
      search->error = error;
      for (const auto& entry : found) search->addresses.push_back(entry.endpoint().address());
      search->arrived.notify_all();
    });
    std::unique_lock lock(search->mutex);
    const bool in_time = search->arrived.wait_until(lock, stop, until, [&] { return search->error.has_value(); });
    if (stop.stop_requested()) return failure(stopped());
    if (!in_time) return failure(FetchError{Code::too_slow, fmt::format("{} was not found in time.", host)});
    if (*search->error)
      return failure(FetchError{Code::unreachable, fmt::format("{}: {}.", host, search->error->message())});
    return std::move(search->addresses);
  }

 private:
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  std::jthread runner_;
};

}  // namespace

struct WayOut::State {
  explicit State(WayOutOptions given) : options(std::move(given)) {
    error_code error;
    tls.set_default_verify_paths(error);
    if (!options.authorities.empty()) tls.load_verify_file(options.authorities, error);
    for (std::size_t n = 0; n < std::max<std::size_t>(options.lookups, 1); ++n)
      names.push_back(std::make_unique<Names>());
  }

  // Those that may be spoken to. None: the host is refused.
  Result<Addresses, FetchError> judged_addresses(const WebAddress& url, Time until, const std::stop_token& stop) {
    FLOWSTONE_TRY(auto addresses, addresses_of(url.host, until, stop));
    if (is_allowed(url) || addresses.empty()) return addresses;
    std::string_view why;
    std::erase_if(addresses, [&](const asio::ip::address& address) {
      const auto what = why_not_public(address);
      if (what) why = *what;
      return what.has_value();
    });
    if (!addresses.empty()) return addresses;
    return failure(FetchError{Code::not_public,
                              fmt::format("{} is not on the public internet: its address is {}.", url.host, why)});
  }

  Result<Addresses, FetchError> addresses_of(const std::string& host, Time until, const std::stop_token& stop) {
    error_code no_address;
    const auto address = asio::ip::make_address(host, no_address);
    if (!no_address) return Addresses{address};
    if (options.look_up) return options.look_up(host);
    return names[next_names++ % names.size()]->find(host, until, stop);
  }

  [[nodiscard]] bool is_allowed(const WebAddress& url) const {
    const auto with_port = fmt::format("{}:{}", url.host, url.port);
    return std::ranges::any_of(options.allowed_hosts,
                               [&](const std::string& host) { return host == url.host || host == with_port; });
  }

  const WayOutOptions options;
  asio::ssl::context tls{asio::ssl::context::tls_client};  // only read once it is made
  std::vector<std::unique_ptr<Names>> names;
  std::atomic<std::size_t> next_names{0};
};

WayOut::WayOut(WayOutOptions options) : state_(std::make_unique<State>(std::move(options))) {}
WayOut::~WayOut() = default;

Result<Answer, FetchError> WayOut::ask(const WebAddress& url, const Request& request, const ExchangeLimits& limits,
                                       const std::stop_token& stop) {
  FLOWSTONE_TRY(const auto addresses, state_->judged_addresses(url, limits.until, stop));
  Result<Answer, FetchError> last = failure(FetchError{Code::unreachable, url.host + " has no address."});
  for (const auto& address : addresses) {
    last = exchange(url, request, address, limits, state_->tls, stop);
    if (last || last.error().code != Code::unreachable) break;
  }
  return last;
}

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<WebAddress, FetchError> redirected(const WebAddress& url, std::string_view location) {
  auto next = url.follow(location);
  if (location.empty() || !next) {
    return failure(
        FetchError{Code::bad_answer, fmt::format("{} redirects to what is no http or https URL.", url.text())});
  }
  if (url.secure && !next->secure)
    return failure(
        FetchError{Code::unsafe, fmt::format("{} redirects to {}, which is not https.", url.text(), next->text())});
  return *std::move(next);
}

FetchError stopped() { return {Code::stopped, "The server is stopping."}; }

}  // namespace flowstone::outside
