#include "projections/search/ranking.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "projections/codec.hpp"
#include "projections/search/build_file.hpp"

namespace flowstone::projections {
namespace {

constexpr const char* kPointer = "flowstone.ranking";
// How much a word weighs in the titles above a passage, and in the passage.
constexpr std::array kColumnWeights{0.6, 1.0};
constexpr int kTextColumn = 1;
// bm25's own: how soon more of the same word counts less, and how much of a passage's length counts.
constexpr double kSaturation = 1.2;
constexpr double kLengthShare = 0.75;
constexpr double kLeastWeight = 1e-6;      // of a word that nearly every passage has
constexpr std::size_t kMostWords = 1'000;  // kept of a passage, to be shown
constexpr int kLengthBytes = 4;

bool better(const FoundPassage& left, const FoundPassage& right) { return left.order() < right.order(); }

// One pass over what one table has of the expression.
class Ranking {
 public:
  // The statement gives the lengths of a text; without it all passages are taken to be equally long. `texts` are the
  // first and the last one there may be.
  Ranking(std::optional<Statement> lengths, std::pair<std::int64_t, std::int64_t> texts, const RankingScope& scope,
          bool present, std::vector<FoundPassage>& best)
      : lengths_(std::move(lengths)), texts_(texts), scope_(scope), present_(present), best_(best) {}

  // FTS5 has come to a passage. SQLite's status.
  int see(const Fts5ExtensionApi& api, Fts5Context* fts);

 private:
  struct Counted {
    std::int64_t most = 0;
    std::int64_t passages = 0;
    std::int64_t last_row = 0;
  };

  int prepare(const Fts5ExtensionApi& api, Fts5Context* fts);
  // How much the phrase weighs: the more, the fewer passages have it.
  int weigh(const Fts5ExtensionApi& api, Fts5Context* fts, int phrase, std::int64_t passages, double& weight);
  int estimate(const Counted& counted, std::int64_t passages, double& with);
  int count_words(const Fts5ExtensionApi& api, Fts5Context* fts);
  [[nodiscard]] double score_of(double tokens) const;
  int read_length(std::int64_t chunk, double& tokens);
  // Into `lengths_of_text_`.
  int read_lengths(std::int64_t text);
  int note_words(const Fts5ExtensionApi& api, Fts5Context* fts, std::vector<TokenRange>& words) const;
  void keep(FoundPassage found);

  std::optional<Statement> lengths_;
  const std::pair<std::int64_t, std::int64_t> texts_;
  const RankingScope& scope_;
  const bool present_;
  std::vector<FoundPassage>& best_;
  std::vector<double> weights_;       // of the phrases
  std::vector<double> occurrences_;   // of the phrases in the present passage
  double average_ = 1;                // tokens of a passage
  std::optional<std::int64_t> text_;  // the lengths are those of this one's passages
  Bytes lengths_of_text_;
};

int Ranking::see(const Fts5ExtensionApi& api, Fts5Context* fts) {
  if (weights_.empty()) {
    if (const int status = prepare(api, fts); status != SQLITE_OK) return status;
  }
  FoundPassage found{.chunk = api.xRowid(fts), .present = present_};
  if (scope_.texts != nullptr && !scope_.texts->contains(text_of_chunk(found.chunk))) return SQLITE_OK;
  if (const int status = count_words(api, fts); status != SQLITE_OK) return status;
  const bool full = best_.size() == scope_.count;
  // The shorter, the better: what would not be among the best without any length is not with one.
  if (full && score_of(0) > best_.front().score) return SQLITE_OK;
  double tokens = 0;
  if (const int status = read_length(found.chunk, tokens); status != SQLITE_OK) return status;
  found.score = score_of(tokens);
  if (scope_.after != nullptr && found.order() < scope_.after->order()) return SQLITE_OK;
  if (full && !better(found, best_.front())) return SQLITE_OK;
  if (const int status = note_words(api, fts, found.words); status != SQLITE_OK) return status;
  keep(std::move(found));
  return SQLITE_OK;
}

int Ranking::prepare(const Fts5ExtensionApi& api, Fts5Context* fts) {
  sqlite3_int64 passages = 0;
  sqlite3_int64 tokens = 0;
  int status = api.xRowCount(fts, &passages);
  if (status == SQLITE_OK) status = api.xColumnTotalSize(fts, -1, &tokens);
  if (passages > 0 && tokens > 0) average_ = static_cast<double>(tokens) / static_cast<double>(passages);
  const int phrases = api.xPhraseCount(fts);
  std::vector<double> weights(static_cast<std::size_t>(phrases), 1.0);
  for (int phrase = 0; phrase < phrases && phrases > 1 && status == SQLITE_OK; ++phrase)
    status = weigh(api, fts, phrase, passages, weights[static_cast<std::size_t>(phrase)]);
  occurrences_.resize(weights.size());
  weights_ = std::move(weights);
  return status;
}

int Ranking::weigh(const Fts5ExtensionApi& api, Fts5Context* fts, int phrase, std::int64_t passages, double& weight) {
  Counted counted{.most = scope_.most_counted};
  const auto count = [](const Fts5ExtensionApi* functions, Fts5Context* at, void* context) {
    auto& so_far = *static_cast<Counted*>(context);
    ++so_far.passages;
    if (so_far.passages < so_far.most) return SQLITE_OK;
    so_far.last_row = functions->xRowid(at);
    return SQLITE_DONE;
  };
  const int status = api.xQueryPhrase(fts, phrase, &counted, count);
  if (status != SQLITE_OK) return status;
  double with = static_cast<double>(counted.passages);
  if (counted.passages == counted.most) {
    if (const int read = estimate(counted, passages, with); read != SQLITE_OK) return read;
  }
  weight = std::max(kLeastWeight, std::log((static_cast<double>(passages) - with + 0.5) / (with + 0.5)));
  return SQLITE_OK;
}

// Where the counting was broken off, the rest has as many as what was seen. Texts have consecutive numbers, and so have
// the passages of one.
int Ranking::estimate(const Counted& counted, std::int64_t passages, double& with) {
  const std::int64_t text = text_of_chunk(counted.last_row);
  if (const int status = read_lengths(text); status != SQLITE_OK) return status;
  const auto of_text = static_cast<double>(std::max<std::size_t>(1, count_of_lengths(lengths_of_text_)));
  const auto in_text = static_cast<double>(counted.last_row - first_chunk(text) + 1);
  const double seen = static_cast<double>(text - texts_.first) + std::min(1.0, in_text / of_text);
  const double all = static_cast<double>(texts_.second - texts_.first + 1);
  const auto most = static_cast<double>(std::max(passages, counted.passages));
  with = std::clamp(with * all / seen, with, most);
  return SQLITE_OK;
}

int Ranking::count_words(const Fts5ExtensionApi& api, Fts5Context* fts) {
  for (std::size_t phrase = 0; phrase < weights_.size(); ++phrase) {
    double sum = 0;
    Fts5PhraseIter place{};
    int column = 0;
    int token = 0;
    const int status = api.xPhraseFirst(fts, static_cast<int>(phrase), &place, &column, &token);
    if (status != SQLITE_OK) return status;
    for (; column >= 0; api.xPhraseNext(fts, &place, &column, &token))
      sum += kColumnWeights[static_cast<std::size_t>(column)];
    occurrences_[phrase] = sum;
  }
  return SQLITE_OK;
}

double Ranking::score_of(double tokens) const {
  const double length = kSaturation * (1 - kLengthShare + kLengthShare * tokens / average_);
  double score = 0;
  for (std::size_t phrase = 0; phrase < weights_.size(); ++phrase)
    score += weights_[phrase] * occurrences_[phrase] * (kSaturation + 1) / (occurrences_[phrase] + length);
  return -score;
}

int Ranking::read_length(std::int64_t chunk, double& tokens) {
  tokens = average_;
  if (!lengths_) return SQLITE_OK;
  const std::int64_t text = text_of_chunk(chunk);
  if (const int status = read_lengths(text); status != SQLITE_OK) return status;
  tokens = length_at(lengths_of_text_, static_cast<std::size_t>(chunk - first_chunk(text)));
  return SQLITE_OK;
}

int Ranking::read_lengths(std::int64_t text) {
  if (text_ == text || !lengths_) return SQLITE_OK;
  const auto there = lengths_->bind(1, text).step();
  if (!there) return SQLITE_ERROR;
  lengths_of_text_ = *there ? Bytes(lengths_->bytes(0)) : Bytes();
  lengths_->reset();
  text_ = text;
  return SQLITE_OK;
}

int Ranking::note_words(const Fts5ExtensionApi& api, Fts5Context* fts, std::vector<TokenRange>& words) const {
  for (int phrase = 0; phrase < api.xPhraseCount(fts); ++phrase) {
    Fts5PhraseIter place{};
    int column = 0;
    int token = 0;
    const int status = api.xPhraseFirst(fts, phrase, &place, &column, &token);
    if (status != SQLITE_OK) return status;
    const auto count = static_cast<std::uint32_t>(api.xPhraseSize(fts, phrase));
    for (; column >= 0 && words.size() < kMostWords; api.xPhraseNext(fts, &place, &column, &token)) {
      if (column == kTextColumn) words.push_back({static_cast<std::uint32_t>(token), count});
    }
  }
  return SQLITE_OK;
}

void Ranking::keep(FoundPassage found) {
  best_.push_back(std::move(found));
  std::ranges::push_heap(best_, better);
  if (best_.size() <= scope_.count) return;
  std::ranges::pop_heap(best_, better);
  best_.pop_back();
}

// The auxiliary function `ranked(table, ranking)`. It answers nothing, so that no passage is a row.
void ranked(const Fts5ExtensionApi* api, Fts5Context* fts, sqlite3_context* answer, int count, sqlite3_value** values) {
  auto* const ranking = count == 1 ? static_cast<Ranking*>(sqlite3_value_pointer(values[0], kPointer)) : nullptr;
  if (ranking == nullptr) return sqlite3_result_error(answer, "ranked takes a ranking", -1);
  if (const int status = ranking->see(*api, fts); status != SQLITE_OK) sqlite3_result_error_code(answer, status);
}

Result<std::pair<std::int64_t, std::int64_t>, std::string> texts_of(Database& database) {
  FLOWSTONE_TRY(Statement asked, database.prepare("SELECT (SELECT min(id) FROM texts), (SELECT max(id) FROM texts)"));
  FLOWSTONE_TRY(const bool there, asked.step());
  if (!there) return std::pair<std::int64_t, std::int64_t>{0, 0};
  return std::pair{asked.integer(0), asked.integer(1)};
}

}  // namespace

Result<void, std::string> add_ranked_function(Database& database) {
  FLOWSTONE_TRY(fts5_api* const api, full_text_interface(database));
  if (api->xCreateFunction(api, "ranked", nullptr, ranked, nullptr) == SQLITE_OK) return {};
  return failure(std::string("search: FTS5 does not take the function"));
}

Result<void, std::string> rank(Database& database, std::int64_t workspace, bool present, const std::string& expression,
                               const RankingScope& scope, std::vector<FoundPassage>& best) {
  FLOWSTONE_TRY(const auto texts, texts_of(database));
  // A build that serves while a newer program makes its successor has none.
  auto prepared = database.prepare("SELECT lengths FROM texts WHERE id = ?1");
  std::optional<Statement> lengths;
  if (prepared) lengths = *std::move(prepared);
  Ranking ranking(std::move(lengths), texts, scope, present, best);
  FLOWSTONE_TRY(Statement each, database.prepare(fmt::format("SELECT 1 FROM {0} WHERE {0} MATCH ?1 AND ranked({0}, ?2)",
                                                             passage_table(present, workspace))));
  return each.bind(1, expression).bind_pointer(2, &ranking, kPointer).run();
}

Bytes encode_lengths(const std::vector<std::uint32_t>& tokens) {
  Bytes out;
  out.reserve(tokens.size() * kLengthBytes);
  for (const std::uint32_t count : tokens) append_big_endian(out, count, kLengthBytes);
  return out;
}

std::size_t count_of_lengths(BytesView lengths) { return lengths.size() / kLengthBytes; }

std::uint32_t length_at(BytesView lengths, std::size_t passage) {
  if (passage >= count_of_lengths(lengths)) return 0;
  return static_cast<std::uint32_t>(read_big_endian(lengths.substr(passage * kLengthBytes, kLengthBytes)));
}

}  // namespace flowstone::projections
