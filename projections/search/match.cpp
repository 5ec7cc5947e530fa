#include "projections/search/match.hpp"

#include <algorithm>
#include <cstring>
#include <set>

namespace flowstone::projections {
namespace {

constexpr const char* kTokenizer = "unicode61";
constexpr std::string_view kSpace = " \t\r\n\f\v";

// --- FTS5's own interface ---

Result<fts5_api*, std::string> interface_of(Database& database) {
  fts5_api* found = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database.handle(), "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, static_cast<void*>(&found), "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  if (found == nullptr) return failure(std::string("search: this SQLite was built without FTS5"));
  return found;
}

// Says whether a text holds a word.
class Tokenizer {
 public:
  static Result<Tokenizer, std::string> make(Database& database) {
    FLOWSTONE_TRY(fts5_api* const api, interface_of(database));
    Tokenizer tokenizer;
    void* context = nullptr;
    if (api->xFindTokenizer(api, kTokenizer, &context, &tokenizer.functions_) != SQLITE_OK ||
        tokenizer.functions_.xCreate(context, nullptr, 0, &tokenizer.made_) != SQLITE_OK) {
      return failure(std::string("search: FTS5 has no tokenizer"));
    }
    return tokenizer;
  }
  Tokenizer(Tokenizer&& other) noexcept : functions_(other.functions_), made_(std::exchange(other.made_, nullptr)) {}
  Tokenizer& operator=(Tokenizer&&) = delete;
  ~Tokenizer() {
    if (made_ != nullptr) functions_.xDelete(made_);
  }

  [[nodiscard]] bool has_word(std::string_view text) const {
    bool found = false;
    functions_.xTokenize(made_, &found, FTS5_TOKENIZE_QUERY, text.data(), static_cast<int>(text.size()),
                         [](void* context, int, const char*, int, int, int) {
                           *static_cast<bool*>(context) = true;
                           return SQLITE_DONE;
                         });
    return found;
  }

 private:
  Tokenizer() = default;
  fts5_tokenizer functions_{};
  Fts5Tokenizer* made_ = nullptr;
};

// --- queries ---

struct Term {
  std::string_view text;
  bool is_prefix = false;
};

// The next term, taken off the query. A quotation mark that nothing closes holds to the end.
Term take_term(std::string_view& query) {
  Term term;
  if (query.starts_with('"')) {
    query.remove_prefix(1);
    const std::size_t end = std::min(query.find('"'), query.size());
    term.text = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
  } else {
    const std::size_t end = std::min(query.find_first_of(" \t\r\n\f\v\""), query.size());
    term.text = query.substr(0, end);
    query.remove_prefix(end);
    while (term.text.ends_with('*')) {
      term.text.remove_suffix(1);
      term.is_prefix = true;
    }
  }
  while (query.starts_with('*')) {
    query.remove_prefix(1);
    term.is_prefix = true;
  }
  return term;
}

void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) out.append(c == '"' ? 2 : 1, c == '\0' ? ' ' : c);
  out += '"';
}

// --- where the words are ---

struct Tokens {
  const std::set<int>* wanted = nullptr;
  int at = 0;
  bool joined = false;  // the token before was wanted too, and belongs to the same match
  const std::set<int>* begins = nullptr;
  std::vector<ByteRange> ranges;
};

int see_token(void* context, int, const char*, int, int begin, int end) {
  auto& tokens = *static_cast<Tokens*>(context);
  const int at = tokens.at++;
  if (!tokens.wanted->contains(at)) {
    tokens.joined = false;
    return SQLITE_OK;
  }
  const ByteRange range{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  if (tokens.joined && !tokens.begins->contains(at)) {
    tokens.ranges.back().end = range.end;
  } else {
    tokens.ranges.push_back(range);
  }
  tokens.joined = true;
  return SQLITE_OK;
}

// The auxiliary function `matched(table, column)`.
void matched(const Fts5ExtensionApi* api, Fts5Context* fts, sqlite3_context* answer, int count,
             sqlite3_value** values) {
  if (count != 1) return sqlite3_result_error(answer, "matched takes a column", -1);
  const int column = sqlite3_value_int(values[0]);
  int instances = 0;
  int status = api->xInstCount(fts, &instances);
  std::set<int> wanted;
  std::set<int> begins;
  for (int at = 0; at < instances && status == SQLITE_OK; ++at) {
    int phrase = 0;
    int in_column = 0;
    int token = 0;
    status = api->xInst(fts, at, &phrase, &in_column, &token);
    if (in_column != column) continue;
    begins.insert(token);
    for (int next = 0; next < api->xPhraseSize(fts, phrase); ++next) wanted.insert(token + next);
  }
  Tokens tokens{.wanted = &wanted, .begins = &begins, .ranges = {}};
  const char* text = nullptr;
  int size = 0;
  if (status == SQLITE_OK) status = api->xColumnText(fts, column, &text, &size);
  if (status == SQLITE_OK) status = api->xTokenize(fts, text, size, &tokens, see_token);
  if (status != SQLITE_OK) return sqlite3_result_error_code(answer, status);
  sqlite3_result_blob64(answer, tokens.ranges.data(), tokens.ranges.size() * sizeof(ByteRange),
                        SQLITE_TRANSIENT);  // NOLINT: SQLite's own cast
}

}  // namespace

Result<std::string, std::string> match_expression(Database& database, std::string_view query) {
  FLOWSTONE_TRY(const Tokenizer tokenizer, Tokenizer::make(database));
  std::string expression;
  for (std::size_t terms = 0; terms < kMostTerms;) {
    query.remove_prefix(std::min(query.find_first_not_of(kSpace), query.size()));
    if (query.empty()) break;
    const Term term = take_term(query);
    if (!tokenizer.has_word(term.text)) continue;
    if (!expression.empty()) expression += ' ';
    append_quoted(term.text, expression);
    if (term.is_prefix) expression += " *";
    ++terms;
  }
  return expression;
}

Result<void, std::string> add_matched_function(Database& database) {
  FLOWSTONE_TRY(fts5_api* const api, interface_of(database));
  if (api->xCreateFunction(api, "matched", nullptr, matched, nullptr) == SQLITE_OK) return {};
  return failure(std::string("search: FTS5 does not take the function"));
}

std::vector<ByteRange> read_matched(BytesView answer) {
  std::vector<ByteRange> ranges(answer.size() / sizeof(ByteRange));
  if (!ranges.empty()) std::memcpy(ranges.data(), answer.data(), ranges.size() * sizeof(ByteRange));
  return ranges;
}

}  // namespace flowstone::projections
