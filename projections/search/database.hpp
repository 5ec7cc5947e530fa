// SQLite as this room uses it: one connection, statements that bind by place, errors as sentences.
//
// Threads: a connection and its statements belong to one thread at a time.
// Lifetime: the connection outlives its statements.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace flowstone::projections {

class Statement {
 public:
  // Values are copied. The first place is 1.
  Statement& bind(int place, std::int64_t value);
  Statement& bind(int place, std::string_view text);
  Statement& bind_bytes(int place, BytesView bytes);
  // For a function that asks for a pointer of this kind; what it points at outlives the steps.
  Statement& bind_pointer(int place, void* pointer, const char* kind);

  // True while there is a row.
  Result<bool, std::string> step();
  // Steps over all rows there may be, and makes the statement ready for the next time.
  Result<void, std::string> run();
  void reset();

  // Of the row that `step` has come to; the first column is 0. Texts live until the next step.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] BytesView bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Access : std::uint8_t { write, read };
  // To write, the file is made if need be. To read, it must be there.
  static Result<Database, std::string> open(const std::filesystem::path& file, Access access);

  Result<void, std::string> run(const std::string& sql);
  Result<Statement, std::string> prepare(std::string_view sql);
  [[nodiscard]] std::int64_t last_row() const { return sqlite3_last_insert_rowid(database_.get()); }
  [[nodiscard]] sqlite3* handle() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  explicit Database(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace flowstone::projections
