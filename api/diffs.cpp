// Two versions of a bundle side by side: documents, what was read from them, and what rests on them.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "api/handlers.hpp"
#include "api/query_values.hpp"
#include "api/uploads.hpp"
#include "documents/diff.hpp"
#include "documents/diff_render.hpp"
#include "documents/extraction_diff.hpp"

namespace flowstone::api {
namespace {

using schemas::BundleDocumentT;

enum class Format : std::uint8_t { json, html, unified };

struct Question {
  std::uint32_t from = 0, to = 0;  // `to` 0: the latest
  std::string kind = "document";
  Format format = Format::json;
  std::string document;  // empty: all
};

struct Versions {
  StoredVersion before, after;
};

// A document in one or both versions.
struct Pair {
  const BundleDocumentT* before = nullptr;
  const BundleDocumentT* after = nullptr;
  [[nodiscard]] const std::string& path() const { return after != nullptr ? after->path : before->path; }
};

std::optional<Question> take_question(Exchange& exchange) {
  Question question;
  const auto from = take_number(exchange, "from", 0, 1, UINT32_MAX);
  if (!from) return std::nullopt;
  if (*from == 0) {
    exchange.refuse(invalid_parameter("from", "must be given: a version of the bundle"));
    return std::nullopt;
  }
  const auto to = take_number(exchange, "to", 0, 1, UINT32_MAX);
  if (!to) return std::nullopt;
  question.from = static_cast<std::uint32_t>(*from);
  question.to = static_cast<std::uint32_t>(*to);
  question.kind = exchange.query.take("kind").value_or("document");
  const auto format = exchange.query.take("format").value_or("json");
  question.document = exchange.query.take("document").value_or("");
  if (question.kind != "document" && question.kind != "extraction" && question.kind != "impact") {
    exchange.refuse(invalid_parameter("kind", "must be one of document extraction impact"));
    return std::nullopt;
  }
  if (format != "json" && (question.kind != "document" || (format != "html" && format != "unified"))) {
    exchange.refuse(invalid_parameter("format", "must be json, or for documents html or unified"));
    return std::nullopt;
  }
  question.format = format == "json" ? Format::json : format == "html" ? Format::html : Format::unified;
  if (!exchange.all_parameters_known()) return std::nullopt;
  return question;
}

Found<Versions> find_versions(const Exchange& exchange, Question& question) {
  const auto id = exchange.parameter("id");
  Versions versions;
  FLOWSTONE_TRY(versions.before, find_version(exchange, id, question.from));
  if (question.to == 0) question.to = versions.before.bundle->latest_version.value_or(question.from);
  FLOWSTONE_TRY(versions.after, find_version(exchange, id, question.to));
  return versions;
}

// In the order of their paths; those that are gone behind.
Found<std::vector<Pair>> pair_documents(const Versions& versions, const std::string& wanted) {
  std::map<std::string_view, const BundleDocumentT*> left;
  for (const auto& document : versions.before.manifest->documents) left[document->document_id] = document.get();
  std::vector<Pair> pairs;
  for (const auto& document : versions.after.manifest->documents) {
    const auto known = left.find(document->document_id);
    pairs.push_back({known == left.end() ? nullptr : known->second, document.get()});
    if (known != left.end()) left.erase(known);
  }
  for (const auto& document : versions.before.manifest->documents) {
    if (left.contains(document->document_id)) pairs.push_back({document.get(), nullptr});
  }
  if (wanted.empty()) return pairs;
  std::erase_if(pairs, [&wanted](const Pair& pair) {
    return pair.path() != wanted && (pair.before == nullptr || pair.before->path != wanted);
  });
  if (pairs.empty()) return failure(Problem{ProblemKind::not_found, fmt::format("Neither version has `{}`.", wanted)});
  return pairs;
}

struct Texts {
  std::shared_ptr<const documents::Text> before, after;
};

// An absent document has the empty text.
Found<Texts> texts_of(const Exchange& exchange, const Pair& pair) {
  static const auto kNone = std::make_shared<const documents::Text>();
  Texts texts{kNone, kNone};
  projections::Library& library = exchange.services().library;
  for (const auto& [document, text] : {std::pair{pair.before, &texts.before}, std::pair{pair.after, &texts.after}}) {
    if (document == nullptr) continue;
    auto found = library.text(exchange.principal->workspace, *document);
    if (!found) return failure(problem_of(found.error()));
    *text = *std::move(found);
  }
  return texts;
}

std::string_view status_of(const Pair& pair, const documents::DocumentDiff& diff) {
  if (pair.before == nullptr) return "added";
  if (pair.after == nullptr) return "removed";
  if (pair.before->text_sha256 == pair.after->text_sha256) {
    if (pair.before->path != pair.after->path) return "renamed";
    return "unchanged";
  }
  if (pair.before->sha256 == pair.after->sha256) return "reparsed";
  const auto& counts = diff.statistics;
  return counts.words_inserted + counts.words_deleted + counts.words_moved == 0 ? "formatting" : "changed";
}

bool is_on(documents::ChangeKind kind, documents::ChangeKind not_this, documents::Span span) {
  return kind != not_this && (!span.empty() || kind == documents::ChangeKind::equal);
}

std::unique_ptr<schemas::DiffOperationT> operation_of(const documents::Operation& operation, const Texts& texts) {
  using Kind = documents::ChangeKind;
  auto told = std::make_unique<schemas::DiffOperationT>();
  told->kind = documents::name_of(operation.kind);
  if (is_on(operation.kind, Kind::insertion, operation.old_span)) {
    told->old_start = operation.old_span.start;
    told->old_end = operation.old_span.end;
    told->old_text = texts.before->slice(operation.old_span);
  }
  if (is_on(operation.kind, Kind::deletion, operation.new_span)) {
    told->new_start = operation.new_span.start;
    told->new_end = operation.new_span.end;
    told->new_text = texts.after->slice(operation.new_span);
  }
  if (operation.move != 0) told->move_id = operation.move;
  for (const auto& edit : operation.edits) {
    auto words = std::make_unique<schemas::DiffWordsT>();
    words->kind = documents::name_of(edit.kind);
    words->old_text = texts.before->slice(edit.old_span);
    words->new_text = texts.after->slice(edit.new_span);
    told->words.push_back(std::move(words));
  }
  return told;
}

std::unique_ptr<schemas::DocumentDiffT> describe(const Pair& pair, const Texts& texts) {
  const auto diff = documents::diff(*texts.before, *texts.after);
  auto told = std::make_unique<schemas::DocumentDiffT>();
  told->path = pair.path();
  if (pair.before != nullptr && pair.after != nullptr && pair.before->path != pair.after->path)
    told->renamed_from = pair.before->path;
  told->status = status_of(pair, diff);
  told->words_inserted = diff.statistics.words_inserted;
  told->words_deleted = diff.statistics.words_deleted;
  told->words_moved = diff.statistics.words_moved;
  if (told->status == "unchanged") return told;
  for (const auto& operation : diff.operations) told->operations.push_back(operation_of(operation, texts));
  return told;
}

Found<void> compare_documents(const Exchange& exchange, const std::vector<Pair>& pairs, schemas::BundleDiffT& answer) {
  for (const Pair& pair : pairs) {
    FLOWSTONE_TRY(const auto texts, texts_of(exchange, pair));
    answer.documents.push_back(describe(pair, texts));
  }
  return {};
}

std::string name_of(std::string_view side, const BundleDocumentT* document) {
  return document == nullptr ? std::string("/dev/null") : std::string(side) + document->path;
}

Found<std::string> render(const Exchange& exchange, const std::vector<Pair>& pairs, Format format) {
  std::string body;
  for (const Pair& pair : pairs) {
    const bool same =
        pair.before != nullptr && pair.after != nullptr && pair.before->text_sha256 == pair.after->text_sha256;
    if (same) continue;
    FLOWSTONE_TRY(const auto texts, texts_of(exchange, pair));
    const auto diff = documents::diff(*texts.before, *texts.after);
    body += format == Format::html ? documents::html(diff, *texts.before, *texts.after)
                                   : documents::unified(diff, *texts.before, *texts.after, name_of("a/", pair.before),
                                                        name_of("b/", pair.after));
  }
  return body;
}

std::vector<documents::Extraction> extractions_of(const schemas::ExtractionListT& list) {
  std::vector<documents::Extraction> all;
  for (const auto& kept : list.all) {
    all.push_back({.extractor = kept->extractor,
                   .key = kept->key,
                   .type = documents::value_type_named(kept->type).value_or(documents::ValueType::text),
                   .value = kept->value,
                   .normalised = kept->normalised,
                   .spans = {{kept->start, kept->end}}});
  }
  return all;
}

Found<std::vector<documents::Extraction>> extractions_in(const Exchange& exchange, const BundleDocumentT* document,
                                                         const Extractors& extractors) {
  if (document == nullptr) return std::vector<documents::Extraction>{};
  FLOWSTONE_TRY(const auto list, read_extractions(exchange, *document, extractors));
  return extractions_of(*list);
}

std::unique_ptr<schemas::ExtractionChangeT> change_of(const documents::ExtractionDelta& delta,
                                                      const std::string& path) {
  auto told = std::make_unique<schemas::ExtractionChangeT>();
  const documents::Extraction& either = delta.after != nullptr ? *delta.after : *delta.before;
  told->path = path;
  told->change = documents::name_of(delta.change);
  told->extractor = either.extractor;
  told->key = either.key;
  if (delta.before != nullptr) {
    told->old_value = delta.before->value;
    told->old_start = delta.before->spans.front().start;
    told->old_end = delta.before->spans.back().end;
  }
  if (delta.after != nullptr) {
    told->new_value = delta.after->value;
    told->new_start = delta.after->spans.front().start;
    told->new_end = delta.after->spans.back().end;
  }
  return told;
}

Found<void> compare_extractions(const Exchange& exchange, const std::vector<Pair>& pairs,
                                schemas::BundleDiffT& answer) {
  FLOWSTONE_TRY(const auto extractors, find_extractors(exchange, answer.bundle_id));
  for (const Pair& pair : pairs) {
    // The same rules read the same values from the same text.
    if (pair.before != nullptr && pair.after != nullptr && pair.before->extractions == pair.after->extractions &&
        pair.before->text_sha256 == pair.after->text_sha256 && pair.before->structure == pair.after->structure)
      continue;
    FLOWSTONE_TRY(const auto before, extractions_in(exchange, pair.before, extractors));
    FLOWSTONE_TRY(const auto after, extractions_in(exchange, pair.after, extractors));
    FLOWSTONE_TRY(const auto texts, texts_of(exchange, pair));
    for (const auto& delta : documents::diff_extractions(before, *texts.before, after, *texts.after)) {
      if (delta.change != documents::ExtractionChange::unchanged)
        answer.extractions.push_back(change_of(delta, pair.path()));
    }
  }
  return {};
}

// The answer's body.
Found<std::string> compare(const Exchange& exchange, Question question) {
  FLOWSTONE_TRY(const auto versions, find_versions(exchange, question));
  schemas::BundleDiffT answer;
  answer.bundle_id = exchange.parameter("id");
  answer.from = question.from;
  answer.to = question.to;
  answer.kind = question.kind;
  if (question.kind == "impact") {
    FLOWSTONE_TRY(answer.impact, impact_on(exchange, *versions.after.bundle, question.from, question.to));
  } else {
    FLOWSTONE_TRY(const auto pairs, pair_documents(versions, question.document));
    if (question.format != Format::json) return render(exchange, pairs, question.format);
    if (question.kind == "document") {
      FLOWSTONE_TRY_VOID(compare_documents(exchange, pairs, answer));
    } else {
      FLOWSTONE_TRY_VOID(compare_extractions(exchange, pairs, answer));
    }
  }
  std::string body;
  append_table(*exchange.call().response, answer, body);
  return body;
}

}  // namespace

Task<void> diff_versions(Exchange* exchange) {
  if (!check_scope(*exchange, "bundle", Access::read)) co_return;
  const auto question = take_question(*exchange);
  if (!question) co_return;
  if (question->kind != "document") {
    const bool impact = question->kind == "impact";
    const bool reached = co_await await_tables(exchange, impact ? std::span<const std::string_view>(kKnowledgeTables)
                                                                : std::span<const std::string_view>(kExtractorTables));
    if (!reached) co_return;
  }
  auto body = co_await exchange->blocking([exchange, &question] { return compare(*exchange, *question); });
  if (!accepted(*exchange, body)) co_return;
  if (question->format == Format::html) exchange->reply.content_type = "text/html; charset=utf-8";
  if (question->format == Format::unified) exchange->reply.content_type = "text/plain; charset=utf-8";
  exchange->reply.body = *std::move(body);
}

}  // namespace flowstone::api
