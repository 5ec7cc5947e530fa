#include "workers/document_worker.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <pthread.h>
#include <set>
#include <utility>

#include <spdlog/spdlog.h>

#include "workers/requests.hpp"

namespace flowstone::workers {
namespace {

constexpr std::chrono::milliseconds kPatience{500};
constexpr std::chrono::seconds kLongestDelay{60};
constexpr std::size_t kPage = 200;

// "evidence-0190..." -> "0190..."
std::string id_of(std::string_view stream) { return std::string(stream.substr(stream.find('-') + 1)); }

// Calls `use(workspace, page)` for all rows of an aggregate that match.
template <class Use>
void each_page(projections::Catalog& catalog, const schemas::Aggregate& aggregate,
               const std::vector<projections::FieldFilter>& filters, const Use& use) {
  for (const std::string& workspace : catalog.workspaces_with(aggregate)) {
    projections::ListQuery query;
    query.workspace = workspace;
    query.filters = filters;
    query.limit = kPage;
    do {
      const auto page = catalog.list(aggregate, query);
      if (!page) {
        spdlog::warn("documents: {} cannot be read: {}", aggregate.plural, page.error().detail);
        return;
      }
      use(workspace, *page);
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty());
  }
}

}  // namespace

DocumentWorker::DocumentWorker(IngestServices services, documents::ParseLimits limits)
    : services_(services),
      ingest_(services, limits),
      straggler_(services, limits),
      follower_([this](const std::stop_token& stop) {
        ::pthread_setname_np(::pthread_self(), "documents");
        follow(stop);
      }),
      taker_([this](const std::stop_token& stop) {
        ::pthread_setname_np(::pthread_self(), "ingest");
        take_in(stop);
      }) {}

// --- following the log ---

void DocumentWorker::follow(const std::stop_token& stop) {
  // What comes while the past is taken up is followed after it.
  Position done = services_.store.state().durable;
  take_up(stop);
  while (!stop.stop_requested()) {
    try {
      auto read = read_on(done, stop);
      if (read) {
        done = *read;
        services_.store.wait_beyond(done, kPatience, stop);
        continue;
      }
      spdlog::error("documents: {}", read.error());
    } catch (const std::exception& error) {
      spdlog::error("documents: {}", error.what());
    }
    std::unique_lock lock(mutex_);
    queued_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
  }
}

void DocumentWorker::take_up(const std::stop_token& stop) {
  if (!services_.assessor.wait_for_tables()) spdlog::warn("documents: the tables are still behind the log");
  const schemas::Aggregate& bundle = *schemas::contracts().find_aggregate("bundle");
  const schemas::Field* const busy = bundle.state->find("busy");
  const projections::FieldFilter is_busy{.field = busy,
                                         .test = projections::FieldFilter::Test::equal,
                                         .keys = {schemas::index_key_of(*busy, "true").value()}};
  each_page(services_.catalog, bundle, {is_busy}, [this](const std::string& workspace, const projections::Page& page) {
    for (const auto& row : page.rows) enqueue({.workspace = workspace, .bundle_id = row.id});
  });
  assess_everything(stop);
}

void DocumentWorker::assess_everything(const std::stop_token& stop) {
  const schemas::Aggregate& insight = *schemas::contracts().find_aggregate("insight");
  each_page(services_.catalog, insight, {}, [&](const std::string& workspace, const projections::Page& page) {
    std::set<std::string> ids;
    for (const auto& row : page.rows) ids.insert(row.id);
    if (!stop.stop_requested()) assess(workspace, std::move(ids));
  });
}

Result<Position, std::string> DocumentWorker::read_on(Position from, const std::stop_token& stop) {
  eventstore::Filter filter;
  filter.categories = {"bundle", "evidence", "insight"};
  eventstore::ReadOptions options;
  options.from = Position{from.value + 1};
  options.to = services_.store.state().durable;
  if (options.to <= from) return from;
  auto reader = services_.store.read(filter, options);
  if (!reader) return failure(reader.error().detail);
  while (!stop.stop_requested()) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr) break;
    react(std::string((*event)->workspace), (*event)->type, id_of((*event)->stream));
  }
  return options.to;
}

void DocumentWorker::react(const std::string& workspace, std::string_view type, const std::string& id) {
  if (type == "bundle.version_added" || type == "bundle.version_published") {
    enqueue({.workspace = workspace, .bundle_id = id});
  } else if (type == "bundle.version_withdrawn") {
    // Everything that rests on the bundle may have to be judged anew.
    const schemas::Aggregate& evidence = *schemas::contracts().find_aggregate("evidence");
    const schemas::Field* const bundle = evidence.state->find("bundle_id");
    std::set<std::string> resting;
    static_cast<void>(services_.assessor.wait_for_tables());
    each_page(services_.catalog, evidence,
              {{.field = bundle,
                .test = projections::FieldFilter::Test::equal,
                .keys = {schemas::index_key_of(*bundle, id).value()}}},
              [&](const std::string& of, const projections::Page& page) {
                if (of != workspace) return;
                std::vector<std::string> ids;
                for (const auto& row : page.rows) ids.push_back(row.id);
                if (auto found = services_.assessor.resting_on(workspace, ids)) resting.merge(*found);
              });
    assess(workspace, std::move(resting));
  } else if (type.starts_with("evidence.")) {
    if (type == "evidence.created") {
      if (const auto done = straggler_.bring_up_to_date(workspace, id); !done)
        spdlog::error("documents: evidence {}: {}", id, done.error());
    }
    static_cast<void>(services_.assessor.wait_for_tables());
    auto resting = services_.assessor.resting_on(workspace, {id});
    if (resting) assess(workspace, *std::move(resting));
  } else if (type.starts_with("insight.") && type != "insight.freshness_changed") {
    assess(workspace, {id});
  }
}

void DocumentWorker::assess(const std::string& workspace, std::set<std::string> insights) {
  const auto done = services_.assessor.assess(workspace, std::move(insights));
  if (!done) spdlog::error("documents: freshness: {}", done.error());
}

// --- taking versions in ---

void DocumentWorker::enqueue(Job job) {
  const std::lock_guard lock(mutex_);
  const bool known = std::ranges::any_of(
      jobs_, [&job](const Job& other) { return other.workspace == job.workspace && other.bundle_id == job.bundle_id; });
  if (known) return;
  jobs_.push_back(std::move(job));
  queued_.notify_all();
}

std::optional<DocumentWorker::Job> DocumentWorker::next_job(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto now = std::chrono::steady_clock::now();
    const auto due = std::ranges::find_if(jobs_, [now](const Job& job) { return job.due <= now; });
    if (due != jobs_.end()) {
      Job job = std::move(*due);
      jobs_.erase(due);
      return job;
    }
    const auto soonest = std::ranges::min_element(jobs_, {}, &Job::due);
    const auto until = soonest == jobs_.end() ? now + kLongestDelay : soonest->due;
    queued_.wait_until(lock, stop, until, [this] {
      const auto at = std::chrono::steady_clock::now();
      return std::ranges::any_of(jobs_, [at](const Job& job) { return job.due <= at; });
    });
  }
  return std::nullopt;
}

void DocumentWorker::take_in(const std::stop_token& stop) {
  while (auto job = next_job(stop)) {
    Result<void, std::string> done;
    try {
      done = ingest_.take_in(job->workspace, job->bundle_id, stop);
    } catch (const std::exception& error) {
      done = failure(std::string(error.what()));
    }
    if (done || stop.stop_requested()) continue;
    job->delay = job->delay.count() == 0 ? std::chrono::seconds(1) : std::min(job->delay * 2, kLongestDelay);
    job->due = std::chrono::steady_clock::now() + job->delay;
    spdlog::error("ingest: bundle {}: {}; again in {} s", job->bundle_id, done.error(), job->delay.count());
    enqueue(*std::move(job));
  }
}

}  // namespace flowstone::workers
