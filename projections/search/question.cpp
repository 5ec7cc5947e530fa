#include "projections/search/question.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "projections/codec.hpp"
#include "projections/cursor.hpp"
#include "projections/search/build_file.hpp"
#include "projections/search/match.hpp"
#include "projections/search/snippet.hpp"

namespace flowstone::projections {

Result<SearchPage, QueryError> SearchQuestion::page() {
  auto expression = match_expression(database_, query_.words);
  if (!expression) return failure(QueryError{QueryError::Code::io, std::move(expression.error())});
  if (expression->empty()) return failure(QueryError{QueryError::Code::no_words, {}});
  expression_ = *std::move(expression);
  FLOWSTONE_TRY_VOID(read_cursor());
  auto answered = answer();
  if (!answered) return failure(QueryError{QueryError::Code::io, std::move(answered.error())});
  if (unknown_version_) return failure(QueryError{QueryError::Code::no_such_version, {}});
  return *std::move(answered);
}

// --- where the page before ended ---

Bytes SearchQuestion::cursor_scope() const {
  Encoder scope;
  scope.text("search").text(query_.workspace).text(query_.words).text(query_.bundle);
  scope.number(query_.version.value_or(0));
  return scope.take();
}

Result<void, QueryError> SearchQuestion::read_cursor() {
  if (query_.cursor.empty()) return {};
  const auto place = decode_cursor(cursor_scope(), query_.cursor);
  if (!place) return failure(QueryError{QueryError::Code::foreign_cursor, {}});
  Decoder in(place->value);
  Place after;
  after.found.score = std::bit_cast<double>(in.number());
  after.found.chunk = static_cast<std::int64_t>(in.number());
  after.document = static_cast<std::int64_t>(in.number());
  if (!in.complete()) return failure(QueryError{QueryError::Code::foreign_cursor, {}});
  after_ = after;
  return {};
}

std::string SearchQuestion::cursor_behind(const Place& place) const {
  Encoder value;
  value.number(std::bit_cast<std::uint64_t>(place.found.score)).number(static_cast<std::uint64_t>(place.found.chunk));
  value.number(static_cast<std::uint64_t>(place.document));
  return encode_cursor(cursor_scope(), {.value = value.take(), .id = {}});
}

// --- what is looked in ---

SearchQuestion::Asked<bool> SearchQuestion::find_scope() {
  FLOWSTONE_TRY(Statement workspace, database_.prepare("SELECT id FROM workspaces WHERE name = ?1"));
  FLOWSTONE_TRY(const bool known, workspace.bind(1, query_.workspace).step());
  if (known) workspace_ = workspace.integer(0);
  if (query_.bundle.empty()) return known;
  FLOWSTONE_TRY(Statement version,
                database_.prepare("SELECT id, latest FROM versions WHERE workspace = ?1 AND bundle = ?2 "
                                  "AND CASE WHEN ?3 = 0 THEN latest ELSE number = ?3 END"));
  version.bind(1, workspace_).bind(2, query_.bundle).bind(3, std::int64_t{query_.version.value_or(0)});
  FLOWSTONE_TRY(const bool there, version.step());
  unknown_version_ = !there;
  if (!there) return false;
  version_ = version.integer(0);
  in_past_ = version.integer(1) == 0;
  FLOWSTONE_TRY(Statement texts, database_.prepare("SELECT text FROM documents WHERE version = ?1"));
  texts.bind(1, *version_);
  texts_.emplace();
  while (true) {
    FLOWSTONE_TRY(const bool more, texts.step());
    if (!more) break;
    texts_->insert(texts.integer(0));
  }
  return true;
}

// --- the best passages ---

SearchQuestion::Asked<std::vector<FoundPassage>> SearchQuestion::best(std::size_t count) {
  const RankingScope scope{
      .texts = texts_ ? &*texts_ : nullptr, .after = after_ ? &after_->found : nullptr, .count = count};
  std::vector<FoundPassage> best;
  FLOWSTONE_TRY_VOID(rank(database_, workspace_, true, expression_, scope, best));
  if (in_past_) FLOWSTONE_TRY_VOID(rank(database_, workspace_, false, expression_, scope, best));
  std::ranges::sort(best, {}, &FoundPassage::order);
  return best;
}

// --- the answer ---

SearchQuestion::Asked<SearchPage> SearchQuestion::answer() {
  SearchPage page;
  FLOWSTONE_TRY(const auto checkpoint, read_checkpoint(database_));
  page.position = checkpoint.value_or(Checkpoint{}).position;
  FLOWSTONE_TRY(const bool somewhere, find_scope());
  if (!somewhere) return page;
  // One more than asked for tells whether there is another page; the one that the page before ended with may come
  // again.
  FLOWSTONE_TRY(const auto found, best(query_.limit + 2));
  for (const FoundPassage& passage : found) {
    FLOWSTONE_TRY(const bool room, add_hits(passage, page));
    if (!room) break;
  }
  return page;
}

SearchQuestion::Asked<bool> SearchQuestion::add_hits(const FoundPassage& found, SearchPage& page) {
  const bool again = after_ && found.order() == after_->found.order();
  FLOWSTONE_TRY(Statement each,
                database_.prepare("SELECT d.id, v.bundle, v.number, d.path FROM documents d JOIN versions v ON v.id = "
                                  "d.version WHERE d.text = ?1 AND d.id > ?2 AND CASE WHEN ?3 = 0 THEN v.latest ELSE "
                                  "v.id = ?3 END ORDER BY d.id"));
  each.bind(1, text_of_chunk(found.chunk)).bind(2, again ? after_->document : 0).bind(3, version_.value_or(0));
  SearchHit hit;
  while (true) {
    FLOWSTONE_TRY(const bool more, each.step());
    if (!more) return true;
    if (page.hits.size() == query_.limit) {
      page.next_cursor = cursor_behind(last_);
      return false;
    }
    if (hit.text.empty()) FLOWSTONE_TRY_VOID(describe(found, hit));
    hit.bundle = std::string(each.text(1));
    hit.version = static_cast<std::uint32_t>(each.integer(2));
    hit.path = std::string(each.text(3));
    last_ = {.found = found, .document = each.integer(0)};
    page.hits.push_back(hit);
  }
}

SearchQuestion::Asked<void> SearchQuestion::describe(const FoundPassage& found, SearchHit& hit) {
  FLOWSTONE_TRY(Statement look,
                database_.prepare(fmt::format("SELECT w.section, w.text, c.start FROM {} w JOIN chunks c ON c.id = "
                                              "w.rowid WHERE w.rowid = ?1",
                                              passage_table(found.present, workspace_))));
  FLOWSTONE_TRY(const bool there, look.bind(1, found.chunk).step());
  if (!there) return failure(std::string("search: a passage has no place in its document"));
  FLOWSTONE_TRY(const auto places, places_of(database_, look.text(1), found.words));
  Snippet snippet = snippet_of(look.text(1), static_cast<std::uint32_t>(look.integer(2)), places);
  hit.score = -found.score;
  hit.section = std::string(look.text(0));
  hit.text = std::move(snippet.text);
  hit.span = snippet.span;
  hit.highlights = std::move(snippet.highlights);
  return {};
}

}  // namespace flowstone::projections
