#include "api/stored_documents.hpp"

#include <charconv>

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "base/identifier.hpp"
#include "domain/aggregate.hpp"
#include "projections/defined_extractors.hpp"

namespace flowstone::api {

Problem problem_of(const projections::LibraryError& error) { return damaged_storage(error.detail); }

Problem broken_rule(std::string field, std::string detail, std::string code) {
  Problem problem{ProblemKind::invalid_field};
  problem.code = std::move(code);
  problem.errors.push_back({std::move(field), std::move(detail)});
  return problem;
}

Found<Bytes> read_row(const Exchange& exchange, std::string_view aggregate, std::string_view id,
                      std::optional<Position> as_of) {
  const auto missing = [&] {
    return failure(Problem{ProblemKind::not_found, fmt::format("There is no {} `{}`.", aggregate, id)});
  };
  if (!is_uuid(id) || (as_of && as_of->value == 0)) return missing();
  auto outcome = exchange.services().executor.read(exchange.principal->workspace,
                                                   *domain::find_aggregate_type(aggregate), id, as_of);
  if (!outcome) return failure(problem_of(outcome.error()));
  if (!*outcome) return missing();
  return std::move((*outcome)->row);
}

Found<StoredVersion> find_version(const Exchange& exchange, std::string_view bundle_id, std::uint32_t number) {
  StoredVersion stored;
  FLOWSTONE_TRY(stored.bundle, read_state<schemas::BundleT>(exchange, "bundle", bundle_id));
  stored.version = projections::version_of(*stored.bundle, number);
  if (stored.version == nullptr) {
    return failure(Problem{ProblemKind::not_found, fmt::format("The bundle has no version {}; its newest is {}.",
                                                               number, stored.bundle->versions.size())});
  }
  if (stored.version->manifest.empty()) {
    Problem problem{ProblemKind::conflict};
    const bool failed = stored.version->status == schemas::VersionStatus::failed;
    problem.code = failed ? "version_failed" : "version_not_published";
    problem.detail =
        failed ? fmt::format("Version {} could not be taken in: {}", number, stored.version->error)
               : fmt::format("Version {} is still being taken in; its run is {}.", number, stored.version->run_id);
    return failure(problem);
  }
  auto manifest = exchange.services().library.manifest(exchange.principal->workspace, stored.version->manifest);
  if (!manifest) return failure(problem_of(manifest.error()));
  stored.manifest = *std::move(manifest);
  return stored;
}

std::uint32_t parse_version(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

Found<StoredVersion> version_in_path(const Exchange& exchange) {
  const auto text = exchange.parameter("version");
  const auto id = exchange.parameter("id");
  std::uint32_t number = 0;
  if (text == "latest") {
    FLOWSTONE_TRY(const auto bundle, read_state<schemas::BundleT>(exchange, "bundle", id));
    if (!bundle->latest_version)
      return failure(Problem{ProblemKind::not_found, "The bundle has no published version yet."});
    number = *bundle->latest_version;
  } else {
    number = parse_version(text);
    if (number == 0)
      return failure(Problem{ProblemKind::not_found, fmt::format("`{}` is no version: versions count from 1.", text)});
  }
  return find_version(exchange, id, number);
}

Found<const schemas::BundleDocumentT*> find_document(const StoredVersion& stored, std::string_view path) {
  const auto* const document = projections::document_at(*stored.manifest, path);
  if (document != nullptr) return document;
  return failure(
      Problem{ProblemKind::not_found, fmt::format("Version {} has no document `{}`.", stored.version->number, path)});
}

Found<Extractors> find_extractors(const Exchange& exchange, std::string_view bundle_id) {
  auto found = projections::extractors_for(exchange.services().catalog, exchange.principal->workspace, bundle_id);
  if (!found) return failure(damaged_storage(std::move(found.error())));
  return *std::move(found);
}

Found<std::unique_ptr<schemas::ExtractionListT>> read_extractions(const Exchange& exchange,
                                                                  const schemas::BundleDocumentT& document,
                                                                  const Extractors& extractors) {
  auto list =
      projections::extractions_of(exchange.services().library, exchange.principal->workspace, document, extractors);
  if (!list) return failure(problem_of(list.error()));
  return *std::move(list);
}

bool check_scope(Exchange& exchange, std::string_view aggregate, Access access) {
  if (exchange.principal->in_scope(aggregate, access)) return true;
  exchange.refuse({ProblemKind::forbidden, fmt::format("This key's scopes do not include `{}:{}`.", aggregate,
                                                       access == Access::read ? "read" : "write")});
  return false;
}

}  // namespace flowstone::api
