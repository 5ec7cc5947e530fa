#include "projections/search/build_file.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "projections/codec.hpp"
#include "projections/search/ranking.hpp"

namespace flowstone::projections {
namespace {

using Done = Result<void, std::string>;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS checkpoint(one INTEGER PRIMARY KEY CHECK(one = 1), state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS workspaces(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS versions(id INTEGER PRIMARY KEY, workspace INTEGER NOT NULL, bundle TEXT NOT NULL,
  number INTEGER NOT NULL, latest INTEGER NOT NULL, UNIQUE(workspace, bundle, number));
CREATE TABLE IF NOT EXISTS texts(id INTEGER PRIMARY KEY, workspace INTEGER NOT NULL, digest BLOB NOT NULL,
  chunks INTEGER NOT NULL, present INTEGER NOT NULL, lengths BLOB, UNIQUE(workspace, digest));
CREATE TABLE IF NOT EXISTS documents(id INTEGER PRIMARY KEY, version INTEGER NOT NULL, path TEXT NOT NULL,
  text INTEGER NOT NULL, UNIQUE(version, path));
CREATE INDEX IF NOT EXISTS documents_of_text ON documents(text, version);
CREATE TABLE IF NOT EXISTS chunks(id INTEGER PRIMARY KEY, start INTEGER NOT NULL, end INTEGER NOT NULL);
)";

// Letters without their marks are the same letters; what people look for by its beginning is found by an index of its
// own.
std::string full_text_table(bool present, std::int64_t workspace) {
  return fmt::format(
      "CREATE VIRTUAL TABLE {} USING fts5(section, text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 "
      "3');",
      passage_table(present, workspace));
}

// A number as SQLite writes it: seven bits a byte, the highest first, every byte but the last one with its top bit.
std::uint32_t take_number(BytesView& bytes) {
  std::uint32_t number = 0;
  for (bool more = true; more && !bytes.empty(); bytes.remove_prefix(1)) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    number = number << 7U | (byte & 0x7FU);
    more = (byte & 0x80U) != 0;
  }
  return number;
}

void digest_row(const SearchVersion& version, std::string_view path, BytesView text, std::int64_t chunks, Bytes& key,
                Bytes& row) {
  Encoder named;
  named.text(version.workspace).text(version.bundle).number(version.number).text(path);
  Encoder holds;
  holds.text(text).number(static_cast<std::uint64_t>(chunks));
  key = named.take();
  row = holds.take();
}

}  // namespace

std::string passage_table(bool present, std::int64_t workspace) {
  return fmt::format("{}_{}", present ? "present" : "past", workspace);
}

Result<SearchWriter, std::string> SearchWriter::open(const std::filesystem::path& file) {
  FLOWSTONE_TRY(Database database, Database::open(file, Database::Access::write));
  FLOWSTONE_TRY_VOID(database.run(kTables));
  return SearchWriter(std::move(database));
}

// --- transactions ---

Done SearchWriter::begin() { return database_.run("BEGIN IMMEDIATE"); }

Done SearchWriter::commit(const Checkpoint& checkpoint) {
  FLOWSTONE_TRY(Statement* const put, statement("INSERT OR REPLACE INTO checkpoint VALUES(1, ?1)"));
  put->bind_bytes(1, encode(checkpoint));
  FLOWSTONE_TRY_VOID(put->run());
  return database_.run("COMMIT");
}

// What cannot be rolled back has been: SQLite does so by itself on the errors that leave no choice.
void SearchWriter::roll_back() { static_cast<void>(database_.run("ROLLBACK")); }

Done SearchWriter::whole(const std::function<Done()>& change) {
  FLOWSTONE_TRY_VOID(database_.run("SAVEPOINT change"));
  auto changed = change();
  if (!changed) FLOWSTONE_TRY_VOID(database_.run("ROLLBACK TO change"));
  FLOWSTONE_TRY_VOID(database_.run("RELEASE change"));
  return changed;
}

// --- what is there ---

Result<Statement*, std::string> SearchWriter::statement(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    FLOWSTONE_TRY(Statement prepared, database_.prepare(sql));
    found = statements_.emplace(std::string(sql), std::move(prepared)).first;
  }
  return &found->second;
}

Result<std::optional<std::int64_t>, std::string> SearchWriter::number(Statement& asked) {
  FLOWSTONE_TRY(const bool there, asked.step());
  std::optional<std::int64_t> answer;
  if (there) answer = asked.integer(0);
  asked.reset();
  return answer;
}

Result<std::int64_t, std::string> SearchWriter::workspace_of(std::string_view name) {
  FLOWSTONE_TRY(Statement* const find, statement("SELECT id FROM workspaces WHERE name = ?1"));
  FLOWSTONE_TRY(const auto found, number(find->bind(1, name)));
  if (found) return *found;
  FLOWSTONE_TRY(Statement* const add, statement("INSERT INTO workspaces(name) VALUES(?1)"));
  FLOWSTONE_TRY_VOID(add->bind(1, name).run());
  const std::int64_t id = database_.last_row();
  for (const bool present : {true, false}) FLOWSTONE_TRY_VOID(database_.run(full_text_table(present, id)));
  return id;
}

Result<std::optional<std::int64_t>, std::string> SearchWriter::find_version(std::int64_t workspace,
                                                                            const SearchVersion& version) {
  FLOWSTONE_TRY(Statement* const find,
                statement("SELECT id FROM versions WHERE workspace = ?1 AND bundle = ?2 AND number = ?3"));
  return number(find->bind(1, workspace).bind(2, version.bundle).bind(3, std::int64_t{version.number}));
}

Result<std::optional<std::int64_t>, std::string> SearchWriter::latest_of(std::int64_t workspace,
                                                                         std::string_view bundle) {
  FLOWSTONE_TRY(Statement* const find,
                statement("SELECT id FROM versions WHERE workspace = ?1 AND bundle = ?2 ORDER BY number DESC LIMIT 1"));
  return number(find->bind(1, workspace).bind(2, bundle));
}

Result<std::vector<std::int64_t>, std::string> SearchWriter::texts_of(std::optional<std::int64_t> version) {
  std::vector<std::int64_t> texts;
  if (!version) return texts;
  FLOWSTONE_TRY(Statement* const find, statement("SELECT DISTINCT text FROM documents WHERE version = ?1"));
  find->bind(1, *version);
  while (true) {
    FLOWSTONE_TRY(const bool more, find->step());
    if (!more) break;
    texts.push_back(find->integer(0));
  }
  find->reset();
  return texts;
}

// --- publishing ---

Done SearchWriter::publish(const SearchVersion& version, std::span<const SearchDocument> documents,
                           const ReadChunks& read, Checkpoint& checkpoint) {
  FLOWSTONE_TRY(const std::int64_t workspace, workspace_of(version.workspace));
  FLOWSTONE_TRY(const auto known, find_version(workspace, version));
  if (known) return {};
  FLOWSTONE_TRY(const auto before, latest_of(workspace, version.bundle));
  FLOWSTONE_TRY(auto affected, texts_of(before));
  FLOWSTONE_TRY(Statement* const add,
                statement("INSERT INTO versions(workspace, bundle, number, latest) VALUES(?1, ?2, ?3, 0)"));
  FLOWSTONE_TRY_VOID(add->bind(1, workspace).bind(2, version.bundle).bind(3, std::int64_t{version.number}).run());
  const std::int64_t row = database_.last_row();
  FLOWSTONE_TRY(const auto latest, latest_of(workspace, version.bundle));
  for (std::size_t index = 0; index < documents.size(); ++index) {
    FLOWSTONE_TRY(const std::int64_t text, text_of(workspace, latest == row, index, documents[index], read));
    FLOWSTONE_TRY_VOID(add_document(version, row, text, documents[index], checkpoint));
    affected.push_back(text);
  }
  return choose_latest(workspace, version.bundle, std::move(affected));
}

Done SearchWriter::add_document(const SearchVersion& version, std::int64_t row, std::int64_t text,
                                const SearchDocument& document, Checkpoint& checkpoint) {
  FLOWSTONE_TRY(Statement* const put, statement("INSERT INTO documents(version, path, text) VALUES(?1, ?2, ?3)"));
  FLOWSTONE_TRY_VOID(put->bind(1, row).bind(2, document.path).bind(3, text).run());
  FLOWSTONE_TRY(Statement* const chunks, statement("SELECT chunks FROM texts WHERE id = ?1"));
  FLOWSTONE_TRY(const auto count, number(chunks->bind(1, text)));
  Bytes key;
  Bytes value;
  digest_row(version, document.path, view(document.text), count.value_or(0), key, value);
  checkpoint.digest.add(key, value);
  ++checkpoint.rows;
  return {};
}

Result<std::int64_t, std::string> SearchWriter::text_of(std::int64_t workspace, bool present, std::size_t index,
                                                        const SearchDocument& document, const ReadChunks& read) {
  FLOWSTONE_TRY(Statement* const find, statement("SELECT id FROM texts WHERE workspace = ?1 AND digest = ?2"));
  FLOWSTONE_TRY(const auto found, number(find->bind(1, workspace).bind_bytes(2, view(document.text))));
  if (found) return *found;
  FLOWSTONE_TRY(const std::vector<SearchChunk> chunks, read(index));
  if (chunks.size() > static_cast<std::size_t>(last_chunk(0)))
    return failure(
        fmt::format("{} has {} passages; at most {} can be searched", document.path, chunks.size(), last_chunk(0)));
  FLOWSTONE_TRY(Statement* const add,
                statement("INSERT INTO texts(workspace, digest, chunks, present) VALUES(?1, ?2, ?3, ?4)"));
  add->bind(1, workspace).bind_bytes(2, view(document.text)).bind(3, static_cast<std::int64_t>(chunks.size()));
  add->bind(4, std::int64_t{present});
  FLOWSTONE_TRY_VOID(add->run());
  const std::int64_t text = database_.last_row();
  FLOWSTONE_TRY_VOID(add_chunks(workspace, present, text, chunks));
  return text;
}

Done SearchWriter::add_chunks(std::int64_t workspace, bool present, std::int64_t text,
                              const std::vector<SearchChunk>& chunks) {
  FLOWSTONE_TRY(Statement* const span, statement("INSERT INTO chunks(id, start, end) VALUES(?1, ?2, ?3)"));
  const std::string table = passage_table(present, workspace);
  FLOWSTONE_TRY(Statement* const words,
                statement(fmt::format("INSERT INTO {}(rowid, section, text) VALUES(?1, ?2, ?3)", table)));
  std::int64_t id = first_chunk(text);
  for (const SearchChunk& chunk : chunks) {
    FLOWSTONE_TRY_VOID(
        span->bind(1, id).bind(2, std::int64_t{chunk.span.start}).bind(3, std::int64_t{chunk.span.end}).run());
    FLOWSTONE_TRY_VOID(words->bind(1, id).bind(2, chunk.section).bind(3, chunk.text).run());
    ++id;
  }
  return add_lengths(table, text);
}

Done SearchWriter::add_lengths(const std::string& table, std::int64_t text) {
  FLOWSTONE_TRY(Statement* const sizes,
                statement(fmt::format("SELECT sz FROM {}_docsize WHERE id BETWEEN ?1 AND ?2 ORDER BY id", table)));
  sizes->bind(1, first_chunk(text)).bind(2, last_chunk(text));
  std::vector<std::uint32_t> lengths;
  while (true) {
    FLOWSTONE_TRY(const bool more, sizes->step());
    if (!more) break;
    BytesView columns = sizes->bytes(0);
    std::uint32_t tokens = 0;
    while (!columns.empty()) tokens += take_number(columns);
    lengths.push_back(tokens);
  }
  sizes->reset();
  FLOWSTONE_TRY(Statement* const put, statement("UPDATE texts SET lengths = ?2 WHERE id = ?1"));
  return put->bind(1, text).bind_bytes(2, encode_lengths(lengths)).run();
}

// --- which version is searched ---

Done SearchWriter::choose_latest(std::int64_t workspace, std::string_view bundle, std::vector<std::int64_t> texts) {
  FLOWSTONE_TRY(const auto latest, latest_of(workspace, bundle));
  FLOWSTONE_TRY(Statement* const mark,
                statement("UPDATE versions SET latest = (id = ?3) WHERE workspace = ?1 AND bundle = ?2"));
  FLOWSTONE_TRY_VOID(mark->bind(1, workspace).bind(2, bundle).bind(3, latest.value_or(0)).run());
  FLOWSTONE_TRY(const auto now, texts_of(latest));
  texts.insert(texts.end(), now.begin(), now.end());
  std::ranges::sort(texts);
  const auto twice = std::ranges::unique(texts);
  texts.erase(twice.begin(), twice.end());
  for (const std::int64_t text : texts) FLOWSTONE_TRY_VOID(place(workspace, text));
  return {};
}

Done SearchWriter::place(std::int64_t workspace, std::int64_t text) {
  FLOWSTONE_TRY(Statement* const look, statement("SELECT present FROM texts WHERE id = ?1"));
  FLOWSTONE_TRY(const auto present, number(look->bind(1, text)));
  FLOWSTONE_TRY(Statement* const ask, statement("SELECT max(v.latest) FROM documents d JOIN versions v ON v.id = "
                                                "d.version WHERE d.text = ?1 HAVING count(*) > 0"));
  FLOWSTONE_TRY(const auto wanted, number(ask->bind(1, text)));
  if (!wanted) return forget_text(workspace, text, present == 1);
  if (*wanted == present) return {};
  return move_chunks(workspace, text, *wanted == 1);
}

Done SearchWriter::move_chunks(std::int64_t workspace, std::int64_t text, bool to_present) {
  const std::string to = passage_table(to_present, workspace);
  const std::string from = passage_table(!to_present, workspace);
  FLOWSTONE_TRY(Statement* const copy,
                statement(fmt::format("INSERT INTO {}(rowid, section, text) SELECT rowid, section, text FROM {} "
                                      "WHERE rowid BETWEEN ?1 AND ?2",
                                      to, from)));
  FLOWSTONE_TRY_VOID(copy->bind(1, first_chunk(text)).bind(2, last_chunk(text)).run());
  FLOWSTONE_TRY(Statement* const remove, statement(fmt::format("DELETE FROM {} WHERE rowid BETWEEN ?1 AND ?2", from)));
  FLOWSTONE_TRY_VOID(remove->bind(1, first_chunk(text)).bind(2, last_chunk(text)).run());
  FLOWSTONE_TRY(Statement* const mark, statement("UPDATE texts SET present = ?2 WHERE id = ?1"));
  return mark->bind(1, text).bind(2, std::int64_t{to_present}).run();
}

// --- withdrawing ---

Done SearchWriter::withdraw(const SearchVersion& version, Checkpoint& checkpoint) {
  FLOWSTONE_TRY(const std::int64_t workspace, workspace_of(version.workspace));
  FLOWSTONE_TRY(const auto row, find_version(workspace, version));
  if (!row) return {};
  FLOWSTONE_TRY(auto affected, texts_of(row));
  FLOWSTONE_TRY_VOID(count_out(version, *row, checkpoint));
  for (const std::string_view sql :
       {"DELETE FROM documents WHERE version = ?1", "DELETE FROM versions WHERE id = ?1"}) {
    FLOWSTONE_TRY(Statement* const remove, statement(sql));
    FLOWSTONE_TRY_VOID(remove->bind(1, *row).run());
  }
  return choose_latest(workspace, version.bundle, std::move(affected));
}

Done SearchWriter::count_out(const SearchVersion& version, std::int64_t row, Checkpoint& checkpoint) {
  FLOWSTONE_TRY(Statement* const each, statement("SELECT d.path, t.digest, t.chunks FROM documents d JOIN texts t ON "
                                                 "t.id = d.text WHERE d.version = ?1"));
  each->bind(1, row);
  while (true) {
    FLOWSTONE_TRY(const bool more, each->step());
    if (!more) break;
    Bytes key;
    Bytes value;
    digest_row(version, each->text(0), each->bytes(1), each->integer(2), key, value);
    checkpoint.digest.subtract(key, value);
    --checkpoint.rows;
  }
  each->reset();
  return {};
}

Done SearchWriter::forget_text(std::int64_t workspace, std::int64_t text, bool is_present) {
  const std::string words =
      fmt::format("DELETE FROM {} WHERE rowid BETWEEN ?1 AND ?2", passage_table(is_present, workspace));
  for (const std::string_view sql :
       {std::string_view(words), std::string_view("DELETE FROM chunks WHERE id BETWEEN ?1 AND ?2")}) {
    FLOWSTONE_TRY(Statement* const remove, statement(sql));
    FLOWSTONE_TRY_VOID(remove->bind(1, first_chunk(text)).bind(2, last_chunk(text)).run());
  }
  FLOWSTONE_TRY(Statement* const remove, statement("DELETE FROM texts WHERE id = ?1"));
  return remove->bind(1, text).run();
}

// --- reading ---

Result<std::optional<Checkpoint>, std::string> read_checkpoint(Database& database) {
  FLOWSTONE_TRY(Statement kept, database.prepare("SELECT state FROM checkpoint"));
  FLOWSTONE_TRY(const bool there, kept.step());
  if (!there) return std::nullopt;
  const auto checkpoint = decode_checkpoint(kept.bytes(0));
  if (!checkpoint)
    return failure(std::string("search: the checkpoint is damaged; remove the folder and it is built anew"));
  return *checkpoint;
}

}  // namespace flowstone::projections
