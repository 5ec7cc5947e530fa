#include "projections/search/database.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"

namespace flowstone::projections {
namespace {

constexpr int kBusyMs = 5'000;  // another connection may be checkpointing

std::string trouble(sqlite3* database) { return fmt::format("search: {}", sqlite3_errmsg(database)); }

// A reader's file has the journal mode that its writer gave it.
constexpr const char* kWriting =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;";
constexpr const char* kReading =
    "PRAGMA query_only=1; PRAGMA cache_size=-8192; PRAGMA mmap_size=1073741824; PRAGMA temp_store=MEMORY;";

}  // namespace

// --- statements ---

Statement& Statement::bind(int place, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), place, value) == SQLITE_OK, "a number can be bound");
  return *this;
}

Statement& Statement::bind(int place, std::string_view text) {
  const int bound = sqlite3_bind_text64(statement_.get(), place, text.data() == nullptr ? "" : text.data(), text.size(),
                                        SQLITE_TRANSIENT, SQLITE_UTF8);  // NOLINT: SQLite's own cast
  check(bound == SQLITE_OK, "a text can be bound");
  return *this;
}

Statement& Statement::bind_bytes(int place, BytesView bytes) {
  const int bound =
      sqlite3_bind_blob64(statement_.get(), place, bytes.data(), bytes.size(), SQLITE_TRANSIENT);  // NOLINT: as above
  check(bound == SQLITE_OK, "bytes can be bound");
  return *this;
}

Statement& Statement::bind_pointer(int place, void* pointer, const char* kind) {
  check(sqlite3_bind_pointer(statement_.get(), place, pointer, kind, nullptr) == SQLITE_OK, "a pointer can be bound");
  return *this;
}

Result<bool, std::string> Statement::step() {
  const int came = sqlite3_step(statement_.get());
  if (came == SQLITE_ROW) return true;
  if (came == SQLITE_DONE) return false;
  std::string why = trouble(sqlite3_db_handle(statement_.get()));
  reset();
  return failure(std::move(why));
}

Result<void, std::string> Statement::run() {
  for (bool more = true; more;) {
    FLOWSTONE_TRY(more, step());
  }
  reset();
  return {};
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* const text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),  // NOLINT: SQLite's texts are unsigned
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

BytesView Statement::bytes(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

// --- the connection ---

Result<Database, std::string> Database::open(const std::filesystem::path& file, Access access) {
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (access == Access::write ? SQLITE_OPEN_CREATE : 0);
  const int status = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
  Database database(opened);
  if (status != SQLITE_OK) return failure(fmt::format("search: {}: {}", file.string(), sqlite3_errstr(status)));
  sqlite3_busy_timeout(opened, kBusyMs);
  sqlite3_extended_result_codes(opened, 1);
  FLOWSTONE_TRY_VOID(database.run(access == Access::write ? kWriting : kReading));
  return database;
}

Result<void, std::string> Database::run(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure(trouble(database_.get()));
}

Result<Statement, std::string> Database::prepare(std::string_view sql) {
  sqlite3_stmt* prepared = nullptr;
  const int status = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &prepared, nullptr);
  if (status != SQLITE_OK) return failure(trouble(database_.get()));
  return Statement(prepared);
}

}  // namespace flowstone::projections
