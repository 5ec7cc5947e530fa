// The read side: how fast a table is built anew from the log, how fast it follows live, and what a query costs as it
// grows.
//
// Every table is compared with a plain fold of its log before its time is reported. With FLOWSTONE_BENCH_LONG=1 a log
// of ten million events is rebuilt too.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/time.hpp"
#include "bench/main.hpp"
#include "bench/report.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "projections/keys.hpp"
#include "projections/row_digest.hpp"
#include "schemas/json.hpp"
#include "schemas/row.hpp"

namespace flowstone::bench {
namespace {

using projections::Catalog;
using projections::ListQuery;
using std::chrono::milliseconds;

const std::string kWorkspace = "01900000-0000-7000-8000-0000000000aa";
constexpr std::uint64_t kWindow = 1'000;  // tasks that are worked on at the same time
constexpr std::size_t kEventsPerAppend = 500;

const domain::AggregateType& task() { return *domain::find_aggregate_type("task"); }

std::string task_id(std::uint64_t number) { return fmt::format("01900000-0000-7000-8000-{:012x}", number); }

// Of the whole process, all its threads together.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Took {
  double seconds = 0;
  double cpu = 0;
};

Took time_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  work();
  return {.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          .cpu = cpu_seconds() - cpu};
}

eventstore::NewEvent event_of(std::string_view type, const std::string& json) {
  const schemas::Table* const table = schemas::contracts().find_event(type);
  auto payload = schemas::decode_json(*table, json);
  check(payload.has_value(), "the bench's own events are valid");
  return {.type = std::string(type), .schema_version = table->version, .payload = *std::move(payload)};
}

// The values of a task follow from its number. About twenty tasks share an intent, one of a hundred has a label.
std::uint64_t mix(std::uint64_t number) { return number * 2'654'435'761U % 1'000'003; }
std::uint64_t priority_of(std::uint64_t number) { return 1 + mix(number) % 5; }
std::string area_of(std::uint64_t number) { return fmt::format("area-{}", mix(number) % 100); }
std::string intent_of(std::uint64_t number) { return task_id(number / 20); }

// The life of a task: created, then changed `step` times.
eventstore::NewEvent life_of(std::uint64_t number, std::uint64_t step) {
  const std::uint64_t mixed = mix(number);
  switch (step) {
    case 0:
      return event_of(
          "task.created",
          fmt::format(R"({{"title": "Task {:06}", "description": "Figures from finance, two pages at most, by Friday.",
                          "priority": {}, "labels": ["{}", "writing"], "due_at": "2030-{:02}-{:02}T17:00:{:02}Z",
                          "intent_id": "{}"}})",
                      mixed, priority_of(number), area_of(number), 1 + mixed % 12, 1 + mixed % 28, mixed % 60,
                      intent_of(number)));
    case 1:
      return event_of("task.updated",
                      fmt::format(R"({{"priority": {}, "effort_minutes": {}}})", 1 + mixed % 3, 5 + mixed % 90));
    case 2:
      return event_of("task.updated", fmt::format(R"({{"status": "in_progress", "progress": {}}})", mixed % 100));
    case 3:
      return event_of("task.snoozed", R"({"until": "2030-01-01T08:00:00Z"})");
    default:
      return event_of("task.completed", "{}");
  }
}

class Log {
 public:
  Log(const std::filesystem::path& directory, std::uint64_t tasks, std::uint64_t events_each) : tasks_(tasks) {
    eventstore::StoreOptions options;
    options.directory = directory;
    auto opened = eventstore::Store::open(std::move(options));
    check(opened.has_value(), "the bench's log opens");
    store_ = *std::move(opened);
    for (std::uint64_t first = 0; first < tasks; first += kWindow) {
      const std::uint64_t end = std::min(tasks, first + kWindow);
      for (std::uint64_t step = 0; step < events_each; ++step) {
        for (std::uint64_t number = first; number < end; ++number) add(number, life_of(number, step));
      }
    }
    send();
    while (store_->state().durable.value < tasks * events_each)
      store_->wait_beyond(store_->state().durable, milliseconds(100), {});
    while (store_->state().indexed < store_->state().durable)
      store_->wait_beyond(store_->state().durable, milliseconds(10), {});
  }

  [[nodiscard]] eventstore::Store& store() const { return *store_; }
  [[nodiscard]] std::uint64_t tasks() const { return tasks_; }
  [[nodiscard]] std::uint64_t events() const { return store_->state().durable.value; }

  void add(std::uint64_t number, eventstore::NewEvent event) {
    append_.writes.push_back(
        {.stream = "task-" + task_id(number), .expected = eventstore::AnyRevision{}, .events = {}});
    append_.writes.back().events.push_back(std::move(event));
    if (append_.writes.size() == kEventsPerAppend) send();
  }
  void send() {
    if (append_.writes.empty()) return;
    append_.workspace = kWorkspace;
    append_.actor = "key:bench";
    append_.correlation = fmt::format("request-{}", ++appends_);
    check(store_->append(std::exchange(append_, {})).has_value(), "the bench's appends are taken");
  }

 private:
  const std::uint64_t tasks_;
  std::unique_ptr<eventstore::Store> store_;
  eventstore::Append append_;
  std::uint64_t appends_ = 0;
};

class Views {
 public:
  Views(const std::filesystem::path& directory, const Log& log) : log_(log) {
    projections::CatalogOptions options;
    options.directory = directory;
    auto opened = Catalog::open(std::move(options), log.store(), clock_);
    check(opened.has_value(), "the bench's views open");
    catalog_ = *std::move(opened);
    claim();
  }
  void claim() {
    for (auto& follower : catalog_->claim_followers(milliseconds(0), {})) followers_.push_back(std::move(follower));
  }
  void follow(std::string_view projection) {
    while (catalog_->position(projection) < log_.store().state().durable) {
      for (const auto& follower : followers_) {
        if (follower->name() == projection) check(follower->step(milliseconds(1), {}), "nothing stops the projection");
      }
    }
  }
  [[nodiscard]] Catalog& catalog() const { return *catalog_; }

  // The digest and count that folding the whole log in memory gives.
  void check_against_fold() const {
    std::map<std::string, std::unique_ptr<domain::Entity>, std::less<>> entities;
    auto reader = log_.store().read({}, {});
    check(reader.has_value(), "the log can be read");
    while (true) {
      const auto event = (*reader)->next();
      check(event.has_value(), "the log can be read");
      if (*event == nullptr) break;
      const std::string_view id = (*event)->stream.substr(5);
      auto found = entities.find(id);
      if (found == entities.end()) found = entities.emplace(id, task().start()).first;
      const EventMeta meta{.time = (*event)->time, .actor = (*event)->actor, .revision = (*event)->revision, .id = id};
      check(found->second->evolve((*event)->type, (*event)->schema_version, (*event)->payload, meta).has_value(),
            "events fold");
    }
    projections::RowDigest digest;
    for (const auto& [id, entity] : entities) {
      const Bytes key = projections::row_key(1, kWorkspace, id);
      digest.add(
          projections::digest_key(projections::encoded_workspace_of_row(key), projections::encoded_id_of_row(key)),
          entity->pack());
    }
    const auto status = catalog_->status("tasks");
    check(status->builds.front().digest == digest.value(), "the table's digest is that of the fold");
    check(status->builds.front().rows == entities.size(), "the table has a row an entity");
  }

 private:
  const Log& log_;
  SystemClock clock_;
  std::unique_ptr<Catalog> catalog_;
  std::vector<std::shared_ptr<projections::Follower>> followers_;
};

void measure_rebuild(const Log& log, Views& views, std::string_view what, std::optional<double> goal, bool check_all) {
  const Took took = time_of([&] { views.follow("tasks"); });
  check(views.catalog().status("tasks")->builds.front().rows == log.tasks(), "the table has a row a task");
  if (check_all) views.check_against_fold();
  report({.measure = fmt::format("projections: rebuild of tasks, {}", what),
          .value = static_cast<double>(log.events()) / took.seconds,
          .unit = "events/s",
          .at_least = goal,
          .at_most = {},
          .beside = fmt::format("{} tasks, {:.1f} s of CPU in {:.1f} s", readable(static_cast<double>(log.tasks())),
                                took.cpu, took.seconds)});
}

void measure_audit(const Log& log, Views& views) {
  const double seconds = time_of([&] { views.follow("audit"); }).seconds;
  check(views.catalog().status("audit")->builds.front().rows == log.events(), "the trail has a posting an event");
  report({.measure = "projections: build of the audit trail",
          .value = static_cast<double>(log.events()) / seconds,
          .unit = "events/s",
          .at_least = {},
          .at_most = {},
          .beside = {}});
}

// Batches of a size that a busy server sees between two wake-ups.
void measure_live(Log& log, Views& views, std::uint64_t events) {
  double seconds = 0;
  std::uint64_t folded = 0;
  for (; folded < events; folded += 500) {
    for (std::uint64_t at = 0; at < 500; ++at)
      log.add((folded + at) * 7'919 % log.tasks(), life_of(folded + at, 1 + at % 3));
    log.send();
    seconds += time_of([&] { views.follow("tasks"); }).seconds;
  }
  views.check_against_fold();
  report({.measure = "projections: live fold into tasks and their indexes, 500 at a time",
          .value = static_cast<double>(folded) / seconds,
          .unit = "events/s",
          .at_least = {},
          .at_most = {},
          .beside = {}});
}

const schemas::Field* field(std::string_view name) { return task().contract().state->find(name); }

projections::FieldFilter equal(std::string_view name, std::string_view value) {
  return {.field = field(name),
          .test = projections::FieldFilter::Test::equal,
          .keys = {*schemas::index_key_of(*field(name), value)}};
}

struct Question {
  std::string what;
  ListQuery query;
};

std::vector<Question> questions() {
  std::vector<Question> all(5);
  all[0].what = "first 50 by id";
  all[1].what = "50 of an intent, by due date";
  all[1].query.filters = {equal("intent_id", intent_of(7))};
  all[1].query.sort = field("due_at");
  all[2].what = "50 of a status, latest due first";
  all[2].query.filters = {equal("status", "todo")};
  all[2].query.sort = field("due_at");
  all[2].query.descending = true;
  all[3].what = "50 with a label and a priority";
  all[3].query.filters = {equal("labels", area_of(7)), equal("priority", std::to_string(priority_of(7)))};
  all[4].what = "50 last updated";
  all[4].query.sort = field("updated_at");
  all[4].query.descending = true;
  for (Question& question : all) question.query.workspace = kWorkspace;
  return all;
}

void measure_queries(const Log& log, Views& views, int rounds) {
  for (const Question& question : questions()) {
    const auto once = views.catalog().list(task().contract(), question.query);
    check(once.has_value() && !once->rows.empty(), "queries find something");
    for (const projections::Row& row : once->rows) {
      for (const projections::FieldFilter& filter : question.query.filters) {
        const std::vector<Bytes> keys = schemas::index_keys(*filter.field, row.bytes);
        check(std::ranges::find(keys, filter.keys.front()) != keys.end(), "every row meets the filters");
      }
    }
    const double seconds = time_of([&] {
                             for (int round = 0; round < rounds; ++round)
                               check(views.catalog().list(task().contract(), question.query).has_value(), "it answers");
                           }).seconds;
    report({.measure =
                fmt::format("projections: {}, of {} tasks", question.what, readable(static_cast<double>(log.tasks()))),
            .value = seconds * 1e6 / rounds,
            .unit = "us",
            .at_least = {},
            .at_most = {},
            .beside = {}});
  }
  const double seconds = time_of([&] {
                           for (int round = 0; round < rounds; ++round) {
                             const auto row =
                                 views.catalog().get(task().contract(), kWorkspace,
                                                     task_id(static_cast<std::uint64_t>(round) * 7'919 % log.tasks()));
                             check(row.has_value() && row->has_value(), "rows are there");
                           }
                         }).seconds;
  report({.measure = fmt::format("projections: one of {} tasks", readable(static_cast<double>(log.tasks()))),
          .value = seconds * 1e6 / rounds,
          .unit = "us",
          .at_least = {},
          .at_most = {},
          .beside = {}});
}

}  // namespace

void run(const Options& options) {
  const std::uint64_t scale = options.tiny ? 200 : 1;
  const int rounds = options.tiny ? 5 : 1'000;
  {
    Log log(options.directory / "few-log", 10'000 / scale, 1);
    Views views(options.directory / "few-views", log);
    views.follow("tasks");
    views.check_against_fold();
    measure_queries(log, views, rounds);
  }
  {
    Log log(options.directory / "log", 200'000 / scale, 5);
    Views views(options.directory / "views", log);
    measure_rebuild(log, views, "5 events a task, 1,000,000 in the log",
                    options.tiny ? std::optional<double>() : 250'000, true);
    measure_audit(log, views);
    measure_live(log, views, 100'000 / scale);
  }
  {
    Log log(options.directory / "many-log", 1'000'000 / scale, 1);
    Views views(options.directory / "many-views", log);
    measure_rebuild(log, views, "1 event a task, 1,000,000 in the log", {}, true);
    measure_queries(log, views, rounds);
  }
  if (const char* const long_run = std::getenv("FLOWSTONE_BENCH_LONG"); long_run != nullptr && !options.tiny) {
    Log log(options.directory / "long-log", 2'000'000, 5);
    Views views(options.directory / "long-views", log);
    measure_rebuild(log, views, "5 events a task, 10,000,000 in the log", 250'000, false);
  }
}

}  // namespace flowstone::bench
