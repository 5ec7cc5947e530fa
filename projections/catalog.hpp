// The read side: every projection, its rows, where it stands, and the controls to rebuild it while it serves.
//
// Durability: rows and checkpoint are written in one batch; after a crash a build goes on from its last flushed checkpoint.
// Threads: every member may be called from any thread, except `Follower::step`, which belongs to one thread at a time.
// Lifetime: the store outlives the catalog; pages own their rows.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/aggregate.hpp"
#include "eventstore/store.hpp"
#include "projections/search_query.hpp"
#include "schemas/contract.hpp"
#include "schemas/row.hpp"

namespace rocksdb {
class Env;
}

namespace flowstone::projections {

class Library;

// One condition of a list. Values of one filter mean any of them; filters are combined with "and".
struct FieldFilter {
  const schemas::Field* field = nullptr;  // has `index`
  enum class Test : std::uint8_t { equal, at_least, below } test = Test::equal;
  std::vector<Bytes> keys;  // from schemas::index_key_of
};

struct ListQuery {
  std::string workspace;
  std::vector<FieldFilter> filters;
  const schemas::Field* sort = nullptr;  // has `index`; nullptr: by id, which is by creation
  bool descending = false;
  std::size_t limit = 50;
  std::string cursor;  // from the page before; empty: the first page
};

struct Row {
  std::string id;
  Bytes bytes;  // FlatBuffer of the state table
};

struct Page {
  std::vector<Row> rows;
  std::string next_cursor;  // empty: no more rows
  Position position;        // that the rows reflect
};

struct QueryError {
  enum class Code : std::uint8_t {
    foreign_cursor,  // of another query, or damaged
    io,
    too_many,         // more entities than a list in the past may hold
    no_words,         // a search for nothing
    no_such_version,  // of the bundle that is to be searched
  };
  Code code = Code::io;
  std::string detail;
};

struct AuditQuery {
  std::string workspace{};
  std::string entity{}, actor{}, correlation{};  // empty: any
  std::optional<Position> first{}, last{};
  std::optional<Timestamp> since{}, until{};
  std::size_t limit = 50;
  std::string cursor{};
};

struct AuditEntry {
  Position position;
  Revision revision;
  Timestamp time;
  std::string entity, type, actor, command_id, causation, correlation, request_id;
  struct Change {
    std::string field;
    std::optional<std::string> from, to;  // JSON
  };
  std::vector<Change> changes;
};

struct AuditPage {
  std::vector<AuditEntry> entries;  // newest first, an entity's timeline oldest first
  std::string next_cursor;
  Position position;
};

struct BuildStatus {
  std::uint32_t number = 0;
  enum class Role : std::uint8_t { serving, building, ready, previous, failed } role = Role::serving;
  Position position;
  std::uint64_t rows = 0;
  Digest digest{};  // sum modulo 2^256 of SHA-256 over each row with its key: the same rows give the same digest in any
                    // order
  std::string fingerprint;  // of the code and contract that folded it
  std::optional<Timestamp> started_at, finished_at;
  std::string error;
};

struct Status {
  std::string name;
  enum class State : std::uint8_t { live, catching_up, rebuilding, ready_to_switch, stopped } state = State::live;
  Position position;  // of the serving build
  Position head;      // of the log, not of the projection's own belief
  std::chrono::milliseconds lag{};
  double events_per_second = 0;
  std::vector<BuildStatus> builds;
  Position rebuild_target;
  std::optional<double> rebuild_events_per_second;  // none: not known yet
  std::optional<bool> digests_equal;                // of serving and ready build, compared at one position
  std::string error;
  Position error_position;
  std::optional<Timestamp> heartbeat_at;
};

struct ControlError {
  enum class Code : std::uint8_t { no_such_projection, already_rebuilding, no_rebuild, not_ready, no_previous } code;
  std::string detail;
};

// One build of one projection on its way through the log. Runs where its owner calls it.
class Follower {
 public:
  virtual ~Follower() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Folds some events if there are any, else waits up to `patience` for one. False: it has stopped for good (error,
  // cancelled, replaced).
  virtual bool step(std::chrono::milliseconds patience, std::stop_token stop) = 0;
};

struct CatalogOptions {
  std::filesystem::path directory;
  rocksdb::Env* env = nullptr;
  std::size_t write_buffer_bytes = 32 << 20;
  std::size_t block_cache_bytes = 64 << 20;
  std::span<const domain::AggregateType* const> aggregates = domain::aggregate_types();
  std::string code_version;    // mixed into every fingerprint: another one rebuilds every projection
  Library* library = nullptr;  // what the versions of bundles hold; outlives the catalog. None: nothing can be searched
  std::filesystem::path search_directory;  // of the passages that can be searched
  std::uint64_t bulk_events = 20'000;      // a new build that is further behind than this writes its indexes at the end
};

// Entities that `Catalog::list_as_of` may fold.
constexpr std::size_t kPastEntities = 100'000;

class Catalog {
 public:
  static Result<std::unique_ptr<Catalog>, std::string> open(CatalogOptions options, eventstore::Store& store,
                                                            const Clock& clock);
  virtual ~Catalog() = default;

  // --- asking ---
  virtual Result<std::optional<Row>, QueryError> get(const schemas::Aggregate& aggregate, std::string_view workspace,
                                                     std::string_view id) = 0;
  // Cost: with a usable index, proportional to the page; filters beyond it are checked row by row.
  virtual Result<Page, QueryError> list(const schemas::Aggregate& aggregate, const ListQuery& query) = 0;
  // The list as it was at a position, folded from the log into memory.
  // Cost: proportional to the aggregate's events up to there. Limits: kPastEntities, else `too_many`.
  virtual Result<Page, QueryError> list_as_of(const schemas::Aggregate& aggregate, const ListQuery& query,
                                              Position as_of) = 0;
  // The workspaces that have rows in the aggregate's table, for the server's own workers. Cost: one seek a workspace.
  virtual std::vector<std::string> workspaces_with(const schemas::Aggregate& aggregate) = 0;
  virtual Result<AuditPage, QueryError> audit(const AuditQuery& query) = 0;
  // Only of a catalog that was opened with a library.
  virtual Result<SearchPage, QueryError> search(const SearchQuery& query) = 0;
  // The position that the serving build of `projection` ("tasks") reflects.
  [[nodiscard]] virtual Position position(std::string_view projection) const = 0;
  // Calls `reached(true)` once the serving build has reached `position`, `reached(false)` when `deadline` passed
  // before. On any thread; must be quick.
  virtual void when_reached(std::string_view projection, Position position, std::chrono::milliseconds deadline,
                            std::move_only_function<void(bool)> reached) = 0;

  // --- operating ---
  [[nodiscard]] virtual std::vector<Status> statuses() const = 0;
  [[nodiscard]] virtual std::optional<Status> status(std::string_view projection) const = 0;
  virtual Result<void, ControlError> rebuild(std::string_view projection, bool auto_switch) = 0;
  virtual Result<void, ControlError> cancel(std::string_view projection) = 0;
  virtual Result<void, ControlError> switch_over(std::string_view projection) = 0;
  virtual Result<void, ControlError> roll_back(std::string_view projection) = 0;

  // --- running (workers/projection_runner) ---
  // Hands out the followers that nobody runs yet: at first one a serving build, later one for each rebuild and
  // rollback. Blocks up to `patience` while there is none.
  virtual std::vector<std::shared_ptr<Follower>> claim_followers(std::chrono::milliseconds patience,
                                                                 std::stop_token stop) = 0;
};

}  // namespace flowstone::projections
