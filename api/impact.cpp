// What documents that are not stored would change.
#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/handlers.hpp"
#include "api/uploads.hpp"
#include "projections/document_reading.hpp"

namespace flowstone::api {
namespace {

// Reads states as of the log's present end. Blocking.
projections::ReadState present_states(const Exchange& exchange) {
  return [&exchange](std::string_view aggregate, std::string_view id) -> Result<std::optional<Bytes>, std::string> {
    auto row = read_row(exchange, aggregate, id);
    if (row) return *std::move(row);
    if (row.error().kind == ProblemKind::not_found) return std::nullopt;
    return failure(row.error().detail);
  };
}

// The files as a version that is not stored.
Found<projections::AnchorTarget> read_candidate(const std::vector<UploadedBytes>& uploads,
                                                const StoredVersion& before) {
  Problem problem{ProblemKind::invalid_field};
  projections::AnchorTarget target;
  target.version = static_cast<std::uint32_t>(before.bundle->versions.size()) + 1;
  schemas::BundleManifestT manifest;
  for (std::size_t at = 0; at < uploads.size(); ++at) {
    auto read = projections::read_document(uploads[at].file.path, uploads[at].file.media_type, uploads[at].bytes);
    if (!read) {
      problem.errors.push_back({fmt::format("documents[{}]", at), std::move(read.error())});
      continue;
    }
    target.texts.emplace(read->document.text_sha256,
                         std::make_shared<const documents::Text>(std::move(read->parsed.text)));
    manifest.documents.push_back(std::make_unique<schemas::BundleDocumentT>(std::move(read->document)));
  }
  if (!problem.errors.empty()) return failure(problem);
  projections::identify_documents(manifest, std::span(&before.manifest, 1), before.bundle->id, target.version);
  target.manifest = std::make_shared<const schemas::BundleManifestT>(std::move(manifest));
  return target;
}

Found<schemas::BundleDiffT> preview(const Exchange& exchange,
                                    const std::vector<std::unique_ptr<schemas::DocumentUploadT>>& documents) {
  const auto id = exchange.parameter("id");
  FLOWSTONE_TRY(const auto bundle, read_state<schemas::BundleT>(exchange, "bundle", id));
  if (!bundle->latest_version) {
    Problem problem{ProblemKind::conflict, "The bundle has no published version to compare with."};
    problem.code = "version_not_published";
    return failure(problem);
  }
  FLOWSTONE_TRY(const auto uploads, read_uploads(documents));
  FLOWSTONE_TRY(const auto before, find_version(exchange, id, *bundle->latest_version));
  FLOWSTONE_TRY(const auto candidate, read_candidate(uploads, before));
  schemas::BundleDiffT diff;
  diff.bundle_id = id;
  diff.from = *bundle->latest_version;
  diff.kind = "impact";
  FLOWSTONE_TRY(diff.impact, impact_on(exchange, *before.bundle, diff.from, 0, &candidate));
  return diff;
}

}  // namespace

Found<projections::ImpactEntries> impact_on(const Exchange& exchange, const schemas::BundleT& bundle,
                                            std::uint32_t from, std::uint32_t to,
                                            const projections::AnchorTarget* candidate) {
  auto entries = projections::impact_of(
      exchange.services().catalog, exchange.services().library, present_states(exchange),
      {.workspace = exchange.principal->workspace, .bundle = &bundle, .from = from, .to = to, .candidate = candidate});
  if (!entries) return failure(damaged_storage(std::move(entries.error())));
  return *std::move(entries);
}

Task<bool> await_tables(Exchange* exchange, std::span<const std::string_view> tables) {
  const Position head = exchange->services().store.state().durable;
  for (const std::string_view table : tables) {
    Arrival<bool> arrival(exchange->loop);
    exchange->services().catalog.when_reached(table, head, exchange->core.options.deadlines.min_position,
                                              [&arrival](bool reached) { arrival.bring(reached); });
    const bool reached = co_await arrival.wait();
    if (reached) continue;
    Problem problem{ProblemKind::position_not_reached,
                    fmt::format("The view of {} has not reached position {} yet.", table, head.value)};
    problem.retry_after_seconds = 1;
    exchange->refuse(problem);
    co_return false;
  }
  co_return true;
}

Task<void> preview_impact(Exchange* exchange) {
  for (const std::string_view aggregate : {"bundle", "evidence", "insight"}) {
    if (!check_scope(*exchange, aggregate, Access::read)) co_return;
  }
  if (!exchange->all_parameters_known()) co_return;
  const auto decoded = schemas::decode_json(*exchange->call().request, exchange->request.body);
  if (!decoded) {
    exchange->refuse(problem_of(decoded.error()));
    co_return;
  }
  const bool reached = co_await await_tables(exchange, kKnowledgeTables);
  if (!reached) co_return;
  const auto diff = co_await exchange->blocking([exchange, &decoded] {
    schemas::PreviewImpactT request;
    flatbuffers::GetRoot<schemas::PreviewImpact>(decoded->data())->UnPackTo(&request);
    return preview(*exchange, request.documents);
  });
  if (accepted(*exchange, diff)) append_table(*exchange->call().response, *diff, exchange->reply.body);
}

}  // namespace flowstone::api
