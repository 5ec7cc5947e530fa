#include "projections/catalog.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

#include "base/check.hpp"
#include "projections/audit_fold.hpp"
#include "projections/audit_query.hpp"
#include "projections/codec.hpp"
#include "projections/entity_fold.hpp"
#include "projections/fingerprint.hpp"
#include "projections/past_list.hpp"
#include "projections/position_waiters.hpp"
#include "projections/projection.hpp"
#include "projections/search.hpp"
#include "projections/search_fold.hpp"
#include "projections/table_query.hpp"
#include "projections/views.hpp"

namespace flowstone::projections {
namespace {

constexpr std::string_view kAudit = "audit";
constexpr std::string_view kSearch = "search";

using MadeFold = Result<std::unique_ptr<Fold>, std::string>;

QueryError broken(std::string detail) { return {QueryError::Code::io, std::move(detail)}; }

ControlError unknown(std::string_view projection) {
  return {ControlError::Code::no_such_projection, "There is no projection named " + std::string(projection) + "."};
}

class ViewsCatalog final : public Catalog {
 public:
  // `search` is there if there is a library.
  ViewsCatalog(CatalogOptions options, std::unique_ptr<Views> views, std::unique_ptr<SearchIndex> search,
               eventstore::Store& store, const Clock& clock)
      : options_(std::move(options)),
        store_(store),
        clock_(clock),
        views_(std::move(views)),
        search_(std::move(search)),
        trail_(store, options_.aggregates) {}

  Result<void, std::string> start();

  Result<std::optional<Row>, QueryError> get(const schemas::Aggregate& aggregate, std::string_view workspace,
                                             std::string_view id) override;
  Result<Page, QueryError> list(const schemas::Aggregate& aggregate, const ListQuery& query) override;
  Result<Page, QueryError> list_as_of(const schemas::Aggregate& aggregate, const ListQuery& query,
                                      Position as_of) override;
  std::vector<std::string> workspaces_with(const schemas::Aggregate& aggregate) override;
  Result<AuditPage, QueryError> audit(const AuditQuery& query) override;
  Result<SearchPage, QueryError> search(const SearchQuery& query) override;
  [[nodiscard]] Position position(std::string_view projection) const override;
  void when_reached(std::string_view projection, Position position, std::chrono::milliseconds deadline,
                    std::move_only_function<void(bool)> reached) override;
  [[nodiscard]] std::vector<Status> statuses() const override;
  [[nodiscard]] std::optional<Status> status(std::string_view projection) const override;
  Result<void, ControlError> rebuild(std::string_view projection, bool auto_switch) override;
  Result<void, ControlError> cancel(std::string_view projection) override;
  Result<void, ControlError> switch_over(std::string_view projection) override;
  Result<void, ControlError> roll_back(std::string_view projection) override;
  std::vector<std::shared_ptr<Follower>> claim_followers(std::chrono::milliseconds patience,
                                                         std::stop_token stop) override;

 private:
  [[nodiscard]] Projection* find(std::string_view name) const;
  [[nodiscard]] Definition table_of(const domain::AggregateType& aggregate) const;
  [[nodiscard]] Definition audit_definition() const;
  [[nodiscard]] Definition search_definition() const;
  [[nodiscard]] std::vector<RowStore*> row_stores() const;
  Result<void, std::string> read_next_build();
  Result<void, std::string> drop_all_builds();
  BuildId next_build();
  Result<void, std::string> drop_unknown_builds();
  void followers_changed();
  // Calls `answer(snapshot, build, checkpoint)` on a snapshot that holds the serving build whole.
  template <class Answer>
  auto with_serving(const Projection& projection, Answer answer) const
      -> decltype(answer(std::declval<const Snapshot&>(), BuildId{}, std::declval<const Checkpoint&>()));

  const CatalogOptions options_;
  eventstore::Store& store_;
  const Clock& clock_;
  const std::unique_ptr<Views> views_;
  const std::unique_ptr<SearchIndex> search_;
  AuditTrail trail_;
  PositionWaiters waiters_;
  std::vector<std::unique_ptr<Projection>> projections_;

  std::mutex mutex_;
  std::condition_variable_any unclaimed_;
  std::uint64_t follower_changes_ = 0;
  BuildId next_build_ = 1;
};

// --- opening ---

Result<void, std::string> ViewsCatalog::start() {
  FLOWSTONE_TRY_VOID(read_next_build());
  const Shared shared{
      *views_, store_, clock_, waiters_, [this] { return next_build(); }, [this] { followers_changed(); }};
  for (const domain::AggregateType* aggregate : options_.aggregates) {
    projections_.push_back(std::make_unique<Projection>(table_of(*aggregate), shared));
  }
  projections_.push_back(std::make_unique<Projection>(audit_definition(), shared));
  if (search_) projections_.push_back(std::make_unique<Projection>(search_definition(), shared));
  for (const auto& projection : projections_) FLOWSTONE_TRY_VOID(projection->open());
  return drop_unknown_builds();
}

Definition ViewsCatalog::table_of(const domain::AggregateType& aggregate) const {
  const schemas::Aggregate& contract = aggregate.contract();
  eventstore::Filter filter;
  filter.categories.emplace_back(contract.name);
  return {.name = std::string(contract.plural),
          .fingerprint = table_fingerprint(aggregate, options_.code_version),
          .filter = std::move(filter),
          .rows = *views_,
          .make_fold = [&views = *views_, &aggregate](BuildId build, bool bulk) -> MadeFold {
            if (bulk) {
              FLOWSTONE_TRY_VOID(
                  views.delete_range(section_key(build, Section::indexes), section_key(build, Section::postings)));
            }
            return std::make_unique<EntityFold>(views, build, aggregate, bulk);
          },
          .bulk_events = options_.bulk_events};
}

Definition ViewsCatalog::audit_definition() const {
  eventstore::Filter filter;
  for (const domain::AggregateType* aggregate : options_.aggregates)
    filter.categories.emplace_back(aggregate->contract().name);
  return {.name = std::string(kAudit),
          .fingerprint = audit_fingerprint(options_.aggregates, options_.code_version),
          .filter = std::move(filter),
          .rows = *views_,
          .make_fold = [&views = *views_](BuildId build, bool) -> MadeFold {
            return std::make_unique<AuditFold>(views, build);
          },
          .bulk_events = UINT64_MAX};
}

Definition ViewsCatalog::search_definition() const {
  return {.name = std::string(kSearch),
          .fingerprint = search_fingerprint(options_.code_version),
          .filter = search_filter(),
          .rows = *search_,
          .make_fold = [this](BuildId build, bool) -> MadeFold {
            return SearchFold::make(search_->file_of(build), *options_.library);
          },
          .bulk_events = UINT64_MAX};
}

Result<void, std::string> ViewsCatalog::read_next_build() {
  FLOWSTONE_TRY(const std::optional<Bytes> kept, views_->get(next_build_key()));
  if (!kept) return drop_all_builds();
  next_build_ = static_cast<BuildId>(read_big_endian(*kept));
  return {};
}

std::vector<RowStore*> ViewsCatalog::row_stores() const {
  std::vector<RowStore*> stores = {views_.get()};
  if (search_) stores.push_back(search_.get());
  return stores;
}

// Numbers begin anew: what other stores have under them belongs to builds that nobody remembers.
Result<void, std::string> ViewsCatalog::drop_all_builds() {
  for (RowStore* const rows : row_stores()) {
    for (const BuildId build : rows->builds()) FLOWSTONE_TRY_VOID(rows->drop(build));
  }
  return {};
}

BuildId ViewsCatalog::next_build() {
  const std::lock_guard lock(mutex_);
  const BuildId build = next_build_++;
  rocksdb::WriteBatch batch;
  Bytes value;
  append_big_endian(value, next_build_, 4);
  batch.Put(next_build_key(), value);
  // Lost with everything after it if it fails: whoever uses the number writes after this.
  static_cast<void>(views_->write(batch));
  return build;
}

Result<void, std::string> ViewsCatalog::drop_unknown_builds() {
  std::set<BuildId> known;
  for (const auto& projection : projections_)
    for (const BuildId build : projection->kept_builds()) known.insert(build);
  for (RowStore* const rows : row_stores()) {
    for (const BuildId build : rows->builds()) {
      if (!known.contains(build)) FLOWSTONE_TRY_VOID(rows->drop(build));
    }
  }
  return views_->flush();
}

// --- asking ---

Projection* ViewsCatalog::find(std::string_view name) const {
  const auto found = std::ranges::find(
      projections_, name, [](const auto& projection) -> std::string_view { return projection->definition().name; });
  return found == projections_.end() ? nullptr : found->get();
}

template <class Answer>
auto ViewsCatalog::with_serving(const Projection& projection, Answer answer) const
    -> decltype(answer(std::declval<const Snapshot&>(), BuildId{}, std::declval<const Checkpoint&>())) {
  while (true) {
    // Taken before the snapshot: nothing that this position reflects is missing from it.
    const Position published = projection.position();
    const BuildId build = projection.serving();
    const Snapshot snapshot = views_->snapshot();
    const auto bytes = snapshot.get(section_key(build, Section::checkpoint));
    if (!bytes) return failure(broken(bytes.error()));
    // A build without a checkpoint is new and empty, or was dropped just now.
    if (!*bytes && projection.serving() != build) continue;
    Checkpoint checkpoint = *bytes ? decode_checkpoint(**bytes).value_or(Checkpoint{}) : Checkpoint{};
    checkpoint.position = std::max(checkpoint.position, published);
    return answer(snapshot, build, checkpoint);
  }
}

Result<std::optional<Row>, QueryError> ViewsCatalog::get(const schemas::Aggregate& aggregate,
                                                         std::string_view workspace, std::string_view id) {
  const Projection* const table = find(aggregate.plural);
  check(table != nullptr, "every aggregate has a table");
  while (true) {
    const BuildId build = table->serving();
    auto bytes = views_->get(row_key(build, workspace, id));
    if (!bytes) return failure(broken(bytes.error()));
    if (*bytes) return Row{std::string(id), **std::move(bytes)};
    if (table->serving() == build) return std::nullopt;
  }
}

Result<Page, QueryError> ViewsCatalog::list(const schemas::Aggregate& aggregate, const ListQuery& query) {
  const Projection* const table = find(aggregate.plural);
  check(table != nullptr, "every aggregate has a table");
  return with_serving(*table, [&](const Snapshot& snapshot, BuildId build, const Checkpoint& checkpoint) {
    return TableQuery(snapshot, build, checkpoint, aggregate, query).run();
  });
}

Result<Page, QueryError> ViewsCatalog::list_as_of(const schemas::Aggregate& aggregate, const ListQuery& query,
                                                  Position as_of) {
  const auto found =
      std::ranges::find(options_.aggregates, &aggregate, [](const auto* type) { return &type->contract(); });
  check(found != options_.aggregates.end(), "every aggregate has a table");
  return past_list(store_, **found, query, as_of);
}

std::vector<std::string> ViewsCatalog::workspaces_with(const schemas::Aggregate& aggregate) {
  std::vector<std::string> found;
  const BuildId build = find(aggregate.plural)->serving();
  const Snapshot now = views_->snapshot();
  const auto rows = now.scan(section_key(build, Section::rows), section_key(build, Section::indexes));
  rows->SeekToFirst();
  while (rows->Valid()) {
    found.push_back(decode_workspace(encoded_workspace_of_row(rows->key().ToStringView())));
    rows->Seek(after_prefix(rows_prefix(build, found.back())));
  }
  return found;
}

Result<AuditPage, QueryError> ViewsCatalog::audit(const AuditQuery& query) {
  return with_serving(*find(kAudit), [&](const Snapshot& snapshot, BuildId build, const Checkpoint& checkpoint) {
    return trail_.page(query, snapshot, build, checkpoint.position);
  });
}

Result<SearchPage, QueryError> ViewsCatalog::search(const SearchQuery& query) {
  const Projection* const projection = find(kSearch);
  check(projection != nullptr, "a catalog with a library can be searched");
  while (true) {
    // Taken before: nothing that this position reflects is missing from the answer.
    const Position published = projection->position();
    const BuildId build = projection->serving();
    FLOWSTONE_TRY(std::optional<SearchPage> page, search_->search(build, query));
    // A build without rows is new and empty, or was dropped just now.
    if (!page && projection->serving() != build) continue;
    if (!page) page.emplace();
    page->position = std::max(page->position, published);
    return *std::move(page);
  }
}

Position ViewsCatalog::position(std::string_view projection) const {
  const Projection* const found = find(projection);
  return found == nullptr ? Position{} : found->position();
}

void ViewsCatalog::when_reached(std::string_view projection, Position position, std::chrono::milliseconds deadline,
                                std::move_only_function<void(bool)> reached) {
  waiters_.wait(projection, position, deadline, std::move(reached));
}

// --- operating ---

std::vector<Status> ViewsCatalog::statuses() const {
  std::vector<Status> all;
  for (const auto& projection : projections_) all.push_back(projection->status());
  return all;
}

std::optional<Status> ViewsCatalog::status(std::string_view projection) const {
  const Projection* const found = find(projection);
  if (found == nullptr) return std::nullopt;
  return found->status();
}

Result<void, ControlError> ViewsCatalog::rebuild(std::string_view projection, bool auto_switch) {
  Projection* const found = find(projection);
  return found == nullptr ? failure(unknown(projection)) : found->rebuild(auto_switch);
}

Result<void, ControlError> ViewsCatalog::cancel(std::string_view projection) {
  Projection* const found = find(projection);
  return found == nullptr ? failure(unknown(projection)) : found->cancel();
}

Result<void, ControlError> ViewsCatalog::switch_over(std::string_view projection) {
  Projection* const found = find(projection);
  return found == nullptr ? failure(unknown(projection)) : found->switch_over();
}

Result<void, ControlError> ViewsCatalog::roll_back(std::string_view projection) {
  Projection* const found = find(projection);
  return found == nullptr ? failure(unknown(projection)) : found->roll_back();
}

// --- running ---

void ViewsCatalog::followers_changed() {
  const std::lock_guard lock(mutex_);
  ++follower_changes_;
  unclaimed_.notify_all();
}

std::vector<std::shared_ptr<Follower>> ViewsCatalog::claim_followers(std::chrono::milliseconds patience,
                                                                     std::stop_token stop) {
  std::unique_lock lock(mutex_);
  for (bool waited = false;; waited = true) {
    const std::uint64_t seen = follower_changes_;
    lock.unlock();
    std::vector<std::shared_ptr<Follower>> claimed;
    for (const auto& projection : projections_)
      std::ranges::move(projection->claim_followers(), std::back_inserter(claimed));
    lock.lock();
    if (!claimed.empty() || waited || stop.stop_requested()) return claimed;
    unclaimed_.wait_for(lock, stop, patience, [&] { return follower_changes_ != seen; });
  }
}

}  // namespace

Result<std::unique_ptr<Catalog>, std::string> Catalog::open(CatalogOptions options, eventstore::Store& store,
                                                            const Clock& clock) {
  FLOWSTONE_TRY(std::unique_ptr<Views> views, Views::open(options));
  std::unique_ptr<SearchIndex> search;
  if (options.library != nullptr) {
    FLOWSTONE_TRY(search, SearchIndex::open(options.search_directory));
  }
  auto catalog = std::make_unique<ViewsCatalog>(std::move(options), std::move(views), std::move(search), store, clock);
  FLOWSTONE_TRY_VOID(catalog->start());
  return catalog;
}

}  // namespace flowstone::projections
