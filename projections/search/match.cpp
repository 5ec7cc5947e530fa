#include "projections/search/match.hpp"

#include <algorithm>
#include <set>

namespace flowstone::projections {
namespace {

constexpr const char* kTokenizer = "unicode61";
constexpr std::string_view kSpace = " \t\r\n\f\v";

// Takes texts apart as the index does.
class Tokenizer {
 public:
  static Result<Tokenizer, std::string> make(Database& database) {
    FLOWSTONE_TRY(fts5_api* const api, full_text_interface(database));
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

  using Each = int (*)(void* context, int flags, const char* token, int size, int begin, int end);
  [[nodiscard]] int take_apart(std::string_view text, int reason, void* context, Each each) const {
    return functions_.xTokenize(made_, context, reason, text.data(), static_cast<int>(text.size()), each);
  }
  [[nodiscard]] bool has_word(std::string_view text) const {
    bool found = false;
    static_cast<void>(take_apart(text, FTS5_TOKENIZE_QUERY, &found, [](void* context, int, const char*, int, int, int) {
      *static_cast<bool*>(context) = true;
      return SQLITE_DONE;
    }));
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
  std::set<std::uint32_t> wanted;  // tokens of the words
  std::set<std::uint32_t> begins;  // the first ones of each match
  std::uint32_t at = 0;
  bool joined = false;  // the token before was wanted too, and belongs to the same match
  std::vector<ByteRange> ranges{};
};

int see_token(void* context, int, const char*, int, int begin, int end) {
  auto& tokens = *static_cast<Tokens*>(context);
  const std::uint32_t at = tokens.at++;
  if (!tokens.wanted.contains(at)) {
    tokens.joined = false;
    return SQLITE_OK;
  }
  const ByteRange range{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  if (tokens.joined && !tokens.begins.contains(at)) {
    tokens.ranges.back().end = range.end;
  } else {
    tokens.ranges.push_back(range);
  }
  tokens.joined = true;
  return SQLITE_OK;
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

Result<fts5_api*, std::string> full_text_interface(Database& database) {
  fts5_api* found = nullptr;
  FLOWSTONE_TRY(Statement asked, database.prepare("SELECT fts5(?1)"));
  FLOWSTONE_TRY_VOID(asked.bind_pointer(1, static_cast<void*>(&found), "fts5_api_ptr").run());
  if (found == nullptr) return failure(std::string("search: this SQLite was built without FTS5"));
  return found;
}

Result<std::vector<ByteRange>, std::string> places_of(Database& database, std::string_view text,
                                                      std::span<const TokenRange> words) {
  FLOWSTONE_TRY(const Tokenizer tokenizer, Tokenizer::make(database));
  Tokens tokens;
  for (const TokenRange& word : words) {
    tokens.begins.insert(word.first);
    for (std::uint32_t next = 0; next < word.count; ++next) tokens.wanted.insert(word.first + next);
  }
  if (tokenizer.take_apart(text, FTS5_TOKENIZE_DOCUMENT, &tokens, see_token) != SQLITE_OK)
    return failure(std::string("search: a passage cannot be taken apart"));
  return std::move(tokens.ranges);
}

}  // namespace flowstone::projections
