// The rows of one build of the search projection: a SQLite database of its own, with its checkpoint.
//
//   workspaces  each has full-text tables of its own, so that nobody's words weigh in anybody else's ranking
//   versions    published and not withdrawn; of each bundle the highest number is the latest
//   texts       each text once a workspace, however many versions and paths have it, with its passages' lengths in
//   words documents   which paths of which versions have which text chunks      the passages of a text: rowid = text <<
//   20 | number, here and in the full-text tables present_<n> passages of texts that are in a latest version: what is
//   searched unless a version is named past_<n>    passages of the other ones
//
// Durability: what is written between `begin` and `commit` is there whole with its checkpoint, or not at all.
// Threads: one writer at a time, one thread at a time; readers have connections of their own.
// Cost: a version costs what changed: texts that the workspace has already are not taken apart again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "documents/text.hpp"
#include "projections/build.hpp"
#include "projections/search/database.hpp"

namespace flowstone::projections {

struct SearchDocument {
  std::string path;
  Digest text{};  // SHA-256 of the canonical text
};

// A passage of a canonical text.
struct SearchChunk {
  documents::Span span;
  std::string section;  // titles above it
  std::string text;     // the span's
};

// The first and the last place of a text's passages.
constexpr int kChunkBits = 20;
constexpr std::int64_t first_chunk(std::int64_t text) { return text << kChunkBits; }
constexpr std::int64_t last_chunk(std::int64_t text) { return first_chunk(text + 1) - 1; }
constexpr std::int64_t text_of_chunk(std::int64_t chunk) { return chunk >> kChunkBits; }

std::string passage_table(bool present, std::int64_t workspace);

struct SearchVersion {
  std::string workspace, bundle;
  std::uint32_t number = 0;
};

class SearchWriter {
 public:
  // Makes the file if need be.
  static Result<SearchWriter, std::string> open(const std::filesystem::path& file);

  Result<void, std::string> begin();
  Result<void, std::string> commit(const Checkpoint& checkpoint);
  // What was written since `begin` is forgotten.
  void roll_back();
  // Carries `change` out whole or not at all, and leaves what was written before it.
  Result<void, std::string> whole(const std::function<Result<void, std::string>()>& change);

  // Reads the passages of a document that the workspace has no text of yet.
  using ReadChunks = std::function<Result<std::vector<SearchChunk>, std::string>(std::size_t document)>;
  // Rows and digest are counted into `checkpoint`. Publishing or withdrawing twice changes nothing.
  Result<void, std::string> publish(const SearchVersion& version, std::span<const SearchDocument> documents,
                                    const ReadChunks& read, Checkpoint& checkpoint);
  Result<void, std::string> withdraw(const SearchVersion& version, Checkpoint& checkpoint);

 private:
  explicit SearchWriter(Database database) : database_(std::move(database)) {}

  Result<Statement*, std::string> statement(std::string_view sql);
  // The first column of the first row, if there is one.
  Result<std::optional<std::int64_t>, std::string> number(Statement& asked);
  Result<std::int64_t, std::string> workspace_of(std::string_view name);
  Result<std::optional<std::int64_t>, std::string> find_version(std::int64_t workspace, const SearchVersion& version);
  Result<std::vector<std::int64_t>, std::string> texts_of(std::optional<std::int64_t> version);
  Result<std::optional<std::int64_t>, std::string> latest_of(std::int64_t workspace, std::string_view bundle);
  // Finds the text, or adds it to the present or the past ones.
  Result<std::int64_t, std::string> text_of(std::int64_t workspace, bool present, std::size_t index,
                                            const SearchDocument& document, const ReadChunks& read);
  Result<void, std::string> add_chunks(std::int64_t workspace, bool present, std::int64_t text,
                                       const std::vector<SearchChunk>& chunks);
  // Reads how many words the passages have, which FTS5 knows once it has them, into the text's row.
  Result<void, std::string> add_lengths(const std::string& table, std::int64_t text);
  Result<void, std::string> add_document(const SearchVersion& version, std::int64_t row, std::int64_t text,
                                         const SearchDocument& document, Checkpoint& checkpoint);
  // Marks the version that readers of the bundle get now, and puts the passages of these texts where they belong.
  Result<void, std::string> choose_latest(std::int64_t workspace, std::string_view bundle,
                                          std::vector<std::int64_t> texts);
  Result<void, std::string> place(std::int64_t workspace, std::int64_t text);
  Result<void, std::string> move_chunks(std::int64_t workspace, std::int64_t text, bool to_present);
  Result<void, std::string> forget_text(std::int64_t workspace, std::int64_t text, bool is_present);
  Result<void, std::string> count_out(const SearchVersion& version, std::int64_t row, Checkpoint& checkpoint);

  Database database_;
  std::map<std::string, Statement, std::less<>> statements_;
};

// The checkpoint in a build's file; nothing if it holds none.
Result<std::optional<Checkpoint>, std::string> read_checkpoint(Database& database);

}  // namespace flowstone::projections
