// Commands on evidence: the server looks for the words before anything is recorded.
#include <fmt/format.h>

#include "api/commands.hpp"
#include "api/handlers.hpp"
#include "api/queries.hpp"
#include "api/snapshots.hpp"
#include "api/stored_documents.hpp"
#include "documents/page_box.hpp"
#include "documents/quote.hpp"
#include "projections/reanchoring.hpp"
#include "schemas/evidence_generated.h"

namespace flowstone::api {
namespace {

constexpr std::uint32_t kLongestQuote = 10'000;  // code points, as the contract says of `exact`

// What the request calls the selector.
struct Words {
  std::string field;  // "source.selector"
  schemas::QuoteSelectorT& selector;
};

Problem not_found(const Words& words, const documents::QuoteSearch& search) {
  Problem problem = broken_rule(words.field + ".exact", "does not stand in the document", "quote_not_found");
  problem.detail = search.candidates.empty() ? "The words do not stand in the document, nor any that are like them."
                                             : "The words do not stand in the document; `candidates` are like them.";
  return problem;
}

Problem ambiguous(const Words& words, const documents::QuoteSearch& search) {
  Problem problem = broken_rule(words.field + ".exact", "stands in the document more than once", "quote_ambiguous");
  problem.detail = fmt::format(
      "The words stand in the document {} times; give `start`, `prefix` or `suffix` of the one that is meant.",
      search.occurrences);
  return problem;
}

void add_candidates(const documents::QuoteSearch& search, Problem& problem) {
  for (const auto& found : search.candidates) {
    problem.candidates.push_back({.start = found.span.start,
                                  .end = found.span.end,
                                  .exact = found.exact,
                                  .prefix = found.prefix,
                                  .suffix = found.suffix});
  }
}

Problem cut_character(const Words& words) {
  return broken_rule(words.field, "must begin and end between characters, not inside one", "quote_cuts_character");
}

using FoundPlace = Found<documents::QuotePlace>;

FoundPlace place_of_words(const Words& words, const documents::Parsed& parsed) {
  const schemas::QuoteSelectorT& selector = words.selector;
  const documents::QuoteSelector wanted{
      .exact = selector.exact, .prefix = selector.prefix, .suffix = selector.suffix, .start = selector.start};
  const auto search = documents::find_quote(parsed.text, wanted, parsed.invisible);
  switch (search.outcome) {
    case documents::QuoteOutcome::found:
      break;
    case documents::QuoteOutcome::not_found: {
      Problem problem = not_found(words, search);
      add_candidates(search, problem);
      return failure(problem);
    }
    case documents::QuoteOutcome::many: {
      Problem problem = ambiguous(words, search);
      add_candidates(search, problem);
      return failure(problem);
    }
    case documents::QuoteOutcome::inside_character:
      return failure(cut_character(words));
  }
  return search.place;
}

FoundPlace place_of_offsets(const Words& words, const documents::Parsed& parsed) {
  const documents::Span span{*words.selector.start, *words.selector.end};
  const std::uint32_t size = parsed.text.size();
  if (span.end > size)
    return failure(broken_rule(words.field + ".end", fmt::format("must be at most {}, the length of the text", size)));
  if (span.end <= span.start) return failure(broken_rule(words.field + ".end", "must be greater than `start`"));
  if (span.size() > kLongestQuote)
    return failure(broken_rule(words.field + ".end", fmt::format("must be at most {} after `start`", kLongestQuote)));
  auto place = documents::quote_at(parsed.text, span);
  if (!place) return failure(cut_character(words));
  return *std::move(place);
}

FoundPlace place_in_box(const Words& words, const documents::Parsed& parsed) {
  const std::string field = words.field + ".fragment";
  const auto box = documents::parse_page_box(words.selector.fragment);
  if (!box) return failure(broken_rule(field, "must be such as page=2&viewrect=72,90.5,200,14"));
  if (parsed.source.words.empty()) return failure(broken_rule(field, "is for documents with pages"));
  const auto runs = documents::words_in_box(parsed.source, *box);
  if (runs.empty()) return failure(broken_rule(field, "has no words in it", "quote_not_found"));
  documents::QuoteSearch search;
  for (const documents::Span& run : runs) {
    if (search.candidates.size() == documents::kMostQuoteCandidates) break;
    if (auto place = documents::quote_at(parsed.text, run)) search.candidates.push_back(*std::move(place));
  }
  if (runs.size() > 1) {
    Problem problem = broken_rule(field, "has words in it that do not follow each other", "quote_ambiguous");
    add_candidates(search, problem);
    return failure(problem);
  }
  if (search.candidates.empty()) return failure(cut_character(words));
  if (runs.front().size() > kLongestQuote)
    return failure(broken_rule(field, fmt::format("must not hold more than {} characters", kLongestQuote)));
  return search.candidates.front();
}

FoundPlace place_of(const Words& words, const documents::Parsed& parsed) {
  const schemas::QuoteSelectorT& selector = words.selector;
  if (!selector.fragment.empty() && (!selector.exact.empty() || selector.start || selector.end))
    return failure(broken_rule(words.field + ".fragment", "must stand alone: without `exact`, `start` and `end`"));
  if (!selector.fragment.empty()) return place_in_box(words, parsed);
  if (!selector.exact.empty()) return place_of_words(words, parsed);
  if (selector.start && selector.end) return place_of_offsets(words, parsed);
  return failure(broken_rule(words.field, "must have `exact`, or `start` and `end`, or `fragment`"));
}

// The selector becomes what stands there.
Found<void> find_words(const Words& words, const documents::Parsed& parsed) {
  FLOWSTONE_TRY(auto place, place_of(words, parsed));
  schemas::QuoteSelectorT& selector = words.selector;
  const auto box = documents::box_around(parsed.source, place.span);
  selector.start = place.span.start;
  selector.end = place.span.end;
  selector.exact = std::move(place.exact);
  selector.prefix = std::move(place.prefix);
  selector.suffix = std::move(place.suffix);
  selector.fragment = box ? documents::to_text(*box) : std::string();
  return {};
}

std::unique_ptr<schemas::AnchorT> source_anchor(const schemas::QuoteSelectorT& selector, std::uint32_t version,
                                                const std::string& document) {
  auto anchor = std::make_unique<schemas::AnchorT>();
  anchor->version = version;
  anchor->document = document;
  anchor->verdict = schemas::Verdict::same;
  anchor->start = selector.start;
  anchor->end = selector.end;
  anchor->exact = selector.exact;
  anchor->digest = projections::words_digest(selector.exact);
  return anchor;
}

// The version with the words, where the request says they are.
Found<StoredVersion> locate(const Exchange& exchange, const std::string& bundle_id, std::uint32_t number,
                            const std::string& path, std::string_view prefix, schemas::QuoteSelectorT& selector) {
  auto stored = find_version(exchange, bundle_id, number);
  if (!stored) {
    const bool missing = stored.error().kind == ProblemKind::not_found;
    const bool no_bundle = missing && stored.error().detail.find("no bundle") != std::string::npos;
    return failure(broken_rule(fmt::format("{}{}", prefix, no_bundle ? "bundle_id" : "version"), stored.error().detail,
                               stored.error().code));
  }
  if (stored->version->status == schemas::VersionStatus::withdrawn)
    return failure(broken_rule(fmt::format("{}version", prefix), "was withdrawn", "version_withdrawn"));
  const auto* const document = projections::document_at(*stored->manifest, path);
  if (document == nullptr)
    return failure(broken_rule(fmt::format("{}document", prefix), fmt::format("is not in version {}", number)));
  const auto parsed = exchange.services().library.parsed(exchange.principal->workspace, *document);
  if (!parsed) return failure(problem_of(parsed.error()));
  FLOWSTONE_TRY_VOID(find_words({fmt::format("{}selector", prefix), selector}, *parsed));
  return stored;
}

// What became of the words in the versions since.
Found<void> follow(const Exchange& exchange, const schemas::BundleT& bundle, schemas::EvidenceT& evidence) {
  projections::Library& library = exchange.services().library;
  projections::Reanchoring reanchoring(library, exchange.principal->workspace);
  for (const auto& version : bundle.versions) {
    if (version->number <= evidence.anchors.back()->version || version->status != schemas::VersionStatus::published)
      continue;
    const auto manifest = library.manifest(exchange.principal->workspace, version->manifest);
    if (!manifest) return failure(problem_of(manifest.error()));
    auto anchor = reanchoring.anchor(bundle, evidence, {.version = version->number, .manifest = *manifest});
    if (!anchor) return failure(problem_of(anchor.error()));
    if (*anchor) evidence.anchors.push_back(*std::move(anchor));
  }
  return {};
}

// Which words are meant must be said whole.
Found<void> check_place(const schemas::EvidenceSourceT& source) {
  Problem problem{ProblemKind::invalid_field};
  const auto wanted = [&](bool given, std::string_view field) {
    if (!given) problem.errors.push_back({fmt::format("source.{}", field), "must be given, or `url` instead"});
  };
  wanted(!source.bundle_id.empty(), "bundle_id");
  wanted(source.version != 0, "version");
  wanted(!source.document.empty(), "document");
  if (!source.content.empty() || !source.base64.empty())
    problem.errors.push_back({"source.content", "must be left out unless `url` is given"});
  if (!problem.errors.empty()) return failure(problem);
  return {};
}

Found<Bytes> prepare_creation(const Exchange& exchange, BytesView body) {
  schemas::CreateEvidenceT command;
  flatbuffers::GetRoot<schemas::CreateEvidence>(body.data())->UnPackTo(&command);
  schemas::EvidenceSourceT& source = *command.source;
  FLOWSTONE_TRY_VOID(check_place(source));
  FLOWSTONE_TRY(const auto stored,
                locate(exchange, source.bundle_id, source.version, source.document, "source.", *source.selector));
  schemas::EvidenceT evidence;
  evidence.bundle_id = source.bundle_id;
  evidence.anchors.push_back(source_anchor(*source.selector, source.version, source.document));
  FLOWSTONE_TRY_VOID(follow(exchange, *stored.bundle, evidence));
  command.anchors = std::move(evidence.anchors);
  return schemas::pack(command);
}

Found<Bytes> prepare_placement(const Exchange& exchange, BytesView body) {
  schemas::PlaceEvidenceT command;
  flatbuffers::GetRoot<schemas::PlaceEvidence>(body.data())->UnPackTo(&command);
  FLOWSTONE_TRY(const auto evidence, read_state<schemas::EvidenceT>(exchange, "evidence", command.id));
  FLOWSTONE_TRY_VOID(locate(exchange, evidence->bundle_id, command.version, command.document, "", *command.selector));
  command.anchor = source_anchor(*command.selector, command.version, command.document);
  command.anchor->placed_by = exchange.principal->actor;
  command.anchor->reason = "Placed by hand.";
  if (command.anchor->digest != evidence->digest) {
    command.anchor->verdict = schemas::Verdict::changed;
    command.anchor->materiality = schemas::Materiality::reworded;
  }
  return schemas::pack(command);
}

bool was_carried_out(const Exchange& exchange, const std::string& command_id) {
  if (command_id.empty()) return false;
  const auto known = exchange.services().store.find_command(exchange.principal->workspace, command_id);
  return known && known->has_value();
}

// The command with everything that the server knows of its source. False, and refused, if it cannot be quoted.
Task<bool> prepare_source(Exchange* exchange, commands::Command* command) {
  schemas::CreateEvidenceT creation;
  flatbuffers::GetRoot<schemas::CreateEvidence>(command->body.data())->UnPackTo(&creation);
  if (!creation.source->url.empty()) {
    if (!check_scope(*exchange, "bundle", Access::write)) co_return false;
    const auto taken = co_await take_snapshot(exchange, creation.source.get());
    if (!accepted(*exchange, taken)) co_return false;
    command->body = schemas::pack(creation);
  }
  auto body = co_await exchange->blocking([exchange, command] { return prepare_creation(*exchange, command->body); });
  if (!accepted(*exchange, body)) co_return false;
  command->body = *std::move(body);
  co_return true;
}

Task<void> run_prepared(Exchange* exchange, Found<Bytes> (*prepare)(const Exchange&, BytesView)) {
  commands::Command command;
  if (!begin_command(*exchange, command) || !decode_command(*exchange, command, json_of(exchange->request), false))
    co_return;
  auto body = co_await exchange->blocking([exchange, &command, prepare] { return prepare(*exchange, command.body); });
  if (!accepted(*exchange, body)) co_return;
  command.body = *std::move(body);
  co_await finish_command(exchange, std::move(command));
}

// In the versions in which the document did not change nothing was recorded: the quote is where it was.
void add_unchanged_versions(const schemas::BundleT& bundle, schemas::EvidenceT& evidence) {
  std::vector<std::unique_ptr<schemas::AnchorT>> all;
  auto next = evidence.anchors.begin();
  for (const auto& version : bundle.versions) {
    if (next != evidence.anchors.end() && (*next)->version == version->number) {
      all.push_back(std::move(*next++));
      continue;
    }
    if (all.empty() || version->manifest.empty() || !version->anchored) continue;
    const schemas::AnchorT& before = *all.back();
    const bool told_already = before.digest.empty() || before.reason.starts_with("The document has not changed");
    auto anchor = std::make_unique<schemas::AnchorT>(before);
    anchor->version = version->number;
    anchor->placed_by.clear();
    if (!told_already) anchor->reason = fmt::format("The document has not changed since version {}.", before.version);
    all.push_back(std::move(anchor));
  }
  std::move(next, evidence.anchors.end(), std::back_inserter(all));
  evidence.anchors = std::move(all);
}

Bytes show_all_versions(const Exchange& exchange, Bytes row, std::optional<Position> as_of) {
  schemas::EvidenceT evidence;
  flatbuffers::GetRoot<schemas::Evidence>(row.data())->UnPackTo(&evidence);
  const auto bundle = read_state<schemas::BundleT>(exchange, "bundle", evidence.bundle_id, as_of);
  if (!bundle || evidence.anchors.empty()) return row;
  add_unchanged_versions(**bundle, evidence);
  return schemas::pack(evidence);
}

}  // namespace

Task<void> get_evidence(Exchange* exchange) { return answer_entity(exchange, show_all_versions); }
Task<void> list_evidence(Exchange* exchange) { return answer_list(exchange, show_all_versions); }

Task<void> create_evidence(Exchange* exchange) {
  commands::Command command;
  if (!begin_command(*exchange, command) || !decode_command(*exchange, command, json_of(exchange->request), false))
    co_return;
  // The answer to a repeated request is what it was; the page is not looked at again.
  const bool repeated =
      co_await exchange->blocking([exchange, &command] { return was_carried_out(*exchange, command.command_id); });
  if (!repeated) {
    const bool ready = co_await prepare_source(exchange, &command);
    if (!ready) co_return;
  }
  co_await finish_command(exchange, std::move(command));
}

Task<void> place_evidence(Exchange* exchange) { return run_prepared(exchange, prepare_placement); }

}  // namespace flowstone::api
