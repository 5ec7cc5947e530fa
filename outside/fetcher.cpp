#include "outside/fetcher.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "outside/way_out.hpp"

namespace flowstone::outside {
namespace {

using Code = FetchError::Code;

}  // namespace

struct Fetcher::State {
  struct Job {
    std::string url;
    std::move_only_function<void(FetchResult)> done;
  };

  explicit State(FetcherOptions given)
      : options(std::move(given)),
        way_out(
            {.allowed_hosts = options.allowed_hosts, .authorities = options.authorities, .look_up = options.look_up}) {
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
    const ExchangeLimits limits{.until = std::chrono::steady_clock::now() + options.time,
                                .bytes = options.bytes,
                                .header_bytes = options.header_bytes};
    auto parsed = WebAddress::parse(text);
    if (!parsed) return failure(FetchError{Code::bad_url, fmt::format("The URL {}.", parsed.error())});
    WebAddress url = *std::move(parsed);
    for (std::size_t hop = 0; hop <= options.redirects; ++hop) {
      FLOWSTONE_TRY(auto answer, way_out.ask(url, {}, limits, stop));
      if (answer.status == 200)
        return Fetched{.url = url.text(),
                       .media_type = std::string(answer.header("Content-Type")),
                       .body = std::move(answer.body)};
      if (!is_redirect(answer.status))
        return failure(
            FetchError{Code::not_found, fmt::format("{} answers with status {}.", url.text(), answer.status)});
      FLOWSTONE_TRY(url, redirected(url, answer.header("Location")));
    }
    return failure(
        FetchError{Code::too_many_redirects, fmt::format("{} redirects more than {} times.", text, options.redirects)});
  }

  const FetcherOptions options;
  WayOut way_out;
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
