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
namespace {

// How much a word weighs in the titles above a passage, and in the passage.
constexpr const char* kWeights = "0.6, 1.0";

std::string table_of(bool present, std::int64_t workspace) {
  return fmt::format("{}_{}", present ? "present" : "past", workspace);
}

}  // namespace

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

SearchQuestion::Asked<void> SearchQuestion::look_in(bool present, std::size_t count, std::vector<Found>& best) {
  const std::string table = table_of(present, workspace_);
  FLOWSTONE_TRY(Statement each, database_.prepare(fmt::format(
                                    "SELECT rowid, bm25({0}, {1}) FROM {0} WHERE {0} MATCH ?1", table, kWeights)));
  each.bind(1, expression_);
  const auto better = [](const Found& left, const Found& right) { return left.order() < right.order(); };
  while (true) {
    FLOWSTONE_TRY(const bool more, each.step());
    if (!more) return {};
    const Found found{.score = each.real(1), .chunk = each.integer(0), .present = present};
    if (texts_ && !texts_->contains(text_of_chunk(found.chunk))) continue;
    if (after_ && found.order() < after_->found.order()) continue;
    if (best.size() == count && !better(found, best.front())) continue;
    best.push_back(found);
    std::ranges::push_heap(best, better);
    if (best.size() <= count) continue;
    std::ranges::pop_heap(best, better);
    best.pop_back();
  }
}

SearchQuestion::Asked<std::vector<SearchQuestion::Found>> SearchQuestion::best(std::size_t count) {
  std::vector<Found> best;
  FLOWSTONE_TRY_VOID(look_in(true, count, best));
  if (in_past_) FLOWSTONE_TRY_VOID(look_in(false, count, best));
  std::ranges::sort(best, {}, &Found::order);
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
  for (const Found& passage : found) {
    FLOWSTONE_TRY(const bool room, add_hits(passage, page));
    if (!room) break;
  }
  return page;
}

SearchQuestion::Asked<bool> SearchQuestion::add_hits(const Found& found, SearchPage& page) {
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

SearchQuestion::Asked<void> SearchQuestion::describe(const Found& found, SearchHit& hit) {
  const std::string table = table_of(found.present, workspace_);
  FLOWSTONE_TRY(Statement look,
                database_.prepare(fmt::format("SELECT w.section, w.text, matched({0}, 1), c.start FROM {0} "
                                              "w JOIN chunks c ON c.id = w.rowid WHERE {0} MATCH ?1 AND "
                                              "w.rowid = ?2",
                                              table)));
  FLOWSTONE_TRY(const bool there, look.bind(1, expression_).bind(2, found.chunk).step());
  if (!there) return failure(std::string("search: a passage has no place in its document"));
  Snippet snippet = snippet_of(look.text(1), static_cast<std::uint32_t>(look.integer(3)), read_matched(look.bytes(2)));
  hit.score = -found.score;
  hit.section = std::string(look.text(0));
  hit.text = std::move(snippet.text);
  hit.span = snippet.span;
  hit.highlights = std::move(snippet.highlights);
  return {};
}

}  // namespace flowstone::projections
