#include "outside/fetcher.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <fmt/format.h>

#include "outside/address.hpp"
#include "outside/exchange.hpp"
#include "outside/web_address.hpp"

namespace flowstone::outside {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Code = FetchError::Code;
using Time = std::chrono::steady_clock::time_point;

FetchError stopped() { return {Code::stopped, "The server is stopping."}; }

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

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

struct Fetcher::State {
  struct Job {
    std::string url;
    std::move_only_function<void(FetchResult)> done;
  };

  explicit State(FetcherOptions given) : options(std::move(given)) {
    error_code error;
    tls.set_default_verify_paths(error);
    if (!options.authorities.empty()) tls.load_verify_file(options.authorities, error);
    for (std::size_t n = 0; n < options.threads; ++n)
      threads.emplace_back([this](const std::stop_token& stop) { serve(stop); });
  }

  void serve(const std::stop_token& stop) {
    while (true) {
      std::unique_lock lock(mutex);
      arrived.wait(lock, stop, [this] { return !queue.empty(); });
      if (queue.empty()) return;
      Job job = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      job.done(stop.stop_requested() ? FetchResult(failure(stopped())) : get(job.url, stop));
    }
  }

  FetchResult get(const std::string& text, const std::stop_token& stop) {
    const Time until = std::chrono::steady_clock::now() + options.time;
    auto parsed = WebAddress::parse(text);
    if (!parsed) return failure(FetchError{Code::bad_url, fmt::format("The URL {}.", parsed.error())});
    WebAddress url = *std::move(parsed);
    for (std::size_t hop = 0; hop <= options.redirects; ++hop) {
      FLOWSTONE_TRY(auto answer, visit(url, until, stop));
      if (answer.status == 200)
        return Fetched{.url = url.text(), .media_type = std::move(answer.media_type), .body = std::move(answer.body)};
      if (!is_redirect(answer.status))
        return failure(
            FetchError{Code::not_found, fmt::format("{} answers with status {}.", url.text(), answer.status)});
      FLOWSTONE_TRY(url, followed(url, answer.location));
    }
    return failure(
        FetchError{Code::too_many_redirects, fmt::format("{} redirects more than {} times.", text, options.redirects)});
  }

  static Result<WebAddress, FetchError> followed(const WebAddress& url, const std::string& location) {
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

  Result<Answer, FetchError> visit(const WebAddress& url, Time until, const std::stop_token& stop) {
    FLOWSTONE_TRY(const auto addresses, judged_addresses(url, until, stop));
    const ExchangeLimits limits{.until = until, .bytes = options.bytes, .header_bytes = options.header_bytes};
    Result<Answer, FetchError> last = failure(FetchError{Code::unreachable, url.host + " has no address."});
    for (const auto& address : addresses) {
      last = exchange(url, address, limits, tls, stop);
      if (last || last.error().code != Code::unreachable) break;
    }
    return last;
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
    return names.find(host, until, stop);
  }

  [[nodiscard]] bool is_allowed(const WebAddress& url) const {
    const auto with_port = fmt::format("{}:{}", url.host, url.port);
    return std::ranges::any_of(options.allowed_hosts,
                               [&](const std::string& host) { return host == url.host || host == with_port; });
  }

  const FetcherOptions options;
  asio::ssl::context tls{asio::ssl::context::tls_client};  // only read once the threads run
  Names names;
  std::mutex mutex;
  std::condition_variable_any arrived;
  std::deque<Job> queue;
  std::vector<std::jthread> threads;  // last: joined first
};

Fetcher::Fetcher(FetcherOptions options) : state_(std::make_unique<State>(std::move(options))) {}

Fetcher::~Fetcher() {
  for (auto& thread : state_->threads) thread.request_stop();
  state_->threads.clear();
  for (auto& job : state_->queue) job.done(failure(stopped()));
}

void Fetcher::fetch(std::string url, std::move_only_function<void(FetchResult)> done) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->queue.size() < state_->options.queue) {
      state_->queue.push_back({std::move(url), std::move(done)});
      state_->arrived.notify_one();
      return;
    }
  }
  done(failure(FetchError{Code::busy, "Too many pages are being fetched at the moment."}));
}

FetchResult Fetcher::fetch(std::string url) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<FetchResult> result;
  fetch(std::move(url), [&](FetchResult fetched) {
    const std::lock_guard lock(mutex);
    result = std::move(fetched);
    arrived.notify_one();
  });
  std::unique_lock lock(mutex);
  arrived.wait(lock, [&] { return result.has_value(); });
  return *std::move(result);
}

}  // namespace flowstone::outside
