// What is in a bundle's versions.
#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "api/handlers.hpp"
#include "api/query_values.hpp"
#include "api/uploads.hpp"
#include "documents/outline.hpp"
#include "schemas/document_generated.h"

namespace flowstone::api {
namespace {

using schemas::BundleDocumentT;

// A version and one of its documents.
struct StoredDocument {
  StoredVersion version;
  const BundleDocumentT* document = nullptr;
};

Found<StoredDocument> document_in_path(const Exchange& exchange) {
  StoredDocument stored;
  FLOWSTONE_TRY(stored.version, version_in_path(exchange));
  FLOWSTONE_TRY(stored.document, find_document(stored.version, exchange.parameter("path")));
  return stored;
}

bool may_read(Exchange* exchange) {
  return check_scope(*exchange, "bundle", Access::read) && exchange->all_parameters_known();
}

// What never changes may be kept for ever.
void answer_with_bytes(Exchange& exchange, Bytes bytes, std::string_view digest) {
  exchange.reply.add("ETag", fmt::format("\"{}\"", digest));
  exchange.reply.add("Cache-Control", "private, max-age=31536000, immutable");
  exchange.reply.add("X-Content-Type-Options", "nosniff");
  exchange.reply.body = std::move(bytes);
}

using Blob = Found<std::pair<StoredDocument, Bytes>>;

// The file, or the text, of the document in the path.
Blob read_blob(const Exchange& exchange, std::string BundleDocumentT::* digest) {
  FLOWSTONE_TRY(auto stored, document_in_path(exchange));
  auto bytes = exchange.services().library.bytes(exchange.principal->workspace, stored.document->*digest);
  if (!bytes) return failure(problem_of(bytes.error()));
  return std::pair{std::move(stored), *std::move(bytes)};
}

std::vector<std::unique_ptr<schemas::OutlineSectionT>> sections_of(const documents::Parsed& parsed) {
  std::vector<std::unique_ptr<schemas::OutlineSectionT>> sections;
  for (const auto& entry : parsed.outline) {
    auto section = std::make_unique<schemas::OutlineSectionT>();
    section->title = entry.title;
    section->level = entry.level;
    section->start = entry.section.start;
    section->end = entry.section.end;
    sections.push_back(std::move(section));
  }
  return sections;
}

}  // namespace

Task<void> list_versions(Exchange* exchange) {
  if (!may_read(exchange)) co_return;
  const auto bundle = co_await exchange->blocking(
      [exchange] { return read_state<schemas::BundleT>(*exchange, "bundle", exchange->parameter("id")); });
  if (!accepted(*exchange, bundle)) co_return;
  auto& versions = (*bundle)->versions;
  std::reverse(versions.begin(), versions.end());
  answer_with_list(*exchange, versions);
}

Task<void> get_version(Exchange* exchange) {
  if (!may_read(exchange)) co_return;
  using Bundle = Found<std::unique_ptr<schemas::BundleT>>;
  const auto bundle = co_await exchange->blocking(
      [exchange]() -> Bundle { return read_state<schemas::BundleT>(*exchange, "bundle", exchange->parameter("id")); });
  if (!accepted(*exchange, bundle)) co_return;
  const auto text = exchange->parameter("version");
  const auto number = text == "latest" ? (*bundle)->latest_version.value_or(0) : parse_version(text);
  const auto* const version = projections::version_of(**bundle, number);
  if (version == nullptr) {
    exchange->refuse({ProblemKind::not_found, fmt::format("The bundle has no version `{}`.", text)});
    co_return;
  }
  append_table(*exchange->call().response, *version, exchange->reply.body);
}

Task<void> list_documents(Exchange* exchange) {
  if (!check_scope(*exchange, "bundle", Access::read)) co_return;
  const auto limit = take_number(*exchange, "limit", 50, 1, 1000);
  if (!limit) co_return;
  const auto cursor = exchange->query.take("cursor").value_or("");
  if (!exchange->all_parameters_known()) co_return;
  const auto stored = co_await exchange->blocking([exchange] { return version_in_path(*exchange); });
  if (!accepted(*exchange, stored)) co_return;
  const auto& all = stored->manifest->documents;
  // The cursor is the last path of the page before.
  const auto first = std::ranges::upper_bound(all, cursor, {}, [](const auto& item) { return item->path; });
  const auto rest = static_cast<std::size_t>(all.end() - first);
  const std::span page(cursor.empty() ? all.begin() : first,
                       std::min<std::size_t>(*limit, cursor.empty() ? all.size() : rest));
  const bool more = !page.empty() && page.back() != all.back();
  answer_with_list(*exchange, page, more ? std::string_view(page.back()->path) : std::string_view());
}

Task<void> get_document(Exchange* exchange) {
  if (!may_read(exchange)) co_return;
  const auto stored = co_await exchange->blocking([exchange] { return document_in_path(*exchange); });
  if (!accepted(*exchange, stored)) co_return;
  append_table(*exchange->call().response, *stored->document, exchange->reply.body);
}

Task<void> get_content(Exchange* exchange) {
  if (!may_read(exchange)) co_return;
  auto blob = co_await exchange->blocking([exchange] { return read_blob(*exchange, &BundleDocumentT::sha256); });
  if (!accepted(*exchange, blob)) co_return;
  exchange->reply.content_type = "application/octet-stream";
  // The browser keeps it as a file: what people upload is never shown as a page of this server.
  exchange->reply.add("Content-Disposition", "attachment");
  exchange->reply.add("Flowstone-Media-Type", blob->first.document->media_type);
  answer_with_bytes(*exchange, std::move(blob->second), blob->first.document->sha256);
}

Task<void> get_text(Exchange* exchange) {
  if (!may_read(exchange)) co_return;
  auto blob = co_await exchange->blocking([exchange] { return read_blob(*exchange, &BundleDocumentT::text_sha256); });
  if (!accepted(*exchange, blob)) co_return;
  exchange->reply.content_type = "text/plain; charset=utf-8";
  answer_with_bytes(*exchange, std::move(blob->second), blob->first.document->text_sha256);
}

Task<void> list_outline(Exchange* exchange) {
  if (!may_read(exchange)) co_return;
  using Sections = Found<std::vector<std::unique_ptr<schemas::OutlineSectionT>>>;
  const auto sections = co_await exchange->blocking([exchange]() -> Sections {
    FLOWSTONE_TRY(const auto stored, document_in_path(*exchange));
    auto parsed = exchange->services().library.parsed(exchange->principal->workspace, *stored.document);
    if (!parsed) return failure(problem_of(parsed.error()));
    return sections_of(*parsed);
  });
  if (accepted(*exchange, sections)) answer_with_list(*exchange, *sections);
}

Task<void> list_extractions(Exchange* exchange) {
  if (!may_read(exchange)) co_return;
  const bool reached = co_await await_tables(exchange, kExtractorTables);
  if (!reached) co_return;
  using List = Found<std::unique_ptr<schemas::ExtractionListT>>;
  const auto list = co_await exchange->blocking([exchange]() -> List {
    FLOWSTONE_TRY(const auto stored, document_in_path(*exchange));
    FLOWSTONE_TRY(const auto extractors, find_extractors(*exchange, stored.version.bundle->id));
    return read_extractions(*exchange, *stored.document, extractors);
  });
  if (accepted(*exchange, list)) answer_with_list(*exchange, (*list)->all);
}

}  // namespace flowstone::api
