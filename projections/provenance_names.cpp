#include "projections/provenance_names.hpp"

#include <charconv>

#include <fmt/format.h>

namespace flowstone::projections {
namespace {

constexpr std::string_view kVersions = "/versions/";
constexpr std::string_view kDocuments = "/documents/";

// "7" or "7/documents/..."
void read_version(std::string_view text, ProvenanceName& name) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, name.version);
  if (error != std::errc{} || name.version == 0) return;
  const std::string_view behind(rest, static_cast<std::size_t>(end - rest));
  if (behind.empty()) {
    name.kind = ProvenanceName::Kind::version;
  } else if (behind.starts_with(kDocuments) && behind.size() > kDocuments.size()) {
    name.kind = ProvenanceName::Kind::document;
    name.path = behind.substr(kDocuments.size());
  }
}

}  // namespace

ProvenanceName provenance_name(std::string_view stream) {
  ProvenanceName name;
  const auto dash = stream.find('-');
  if (dash == std::string_view::npos) return name;
  const auto slash = stream.find('/');
  name.aggregate = schemas::contracts().find_aggregate(stream.substr(0, dash));
  if (name.aggregate == nullptr || slash < dash) return name;
  name.id = stream.substr(dash + 1, slash == std::string_view::npos ? slash : slash - dash - 1);
  if (slash == std::string_view::npos) {
    name.kind = ProvenanceName::Kind::entity;
  } else if (name.aggregate->name == "bundle" && stream.substr(slash).starts_with(kVersions)) {
    read_version(stream.substr(slash + kVersions.size()), name);
  }
  return name;
}

std::string version_name(std::string_view bundle_id, std::uint32_t number) {
  return fmt::format("bundle-{}{}{}", bundle_id, kVersions, number);
}

std::string document_name(std::string_view bundle_id, std::uint32_t number, std::string_view path) {
  return fmt::format("{}{}{}", version_name(bundle_id, number), kDocuments, path);
}

std::string span_name(std::string_view document, documents::Span span) {
  return fmt::format("{}#char={},{}", document, span.start, span.end);
}

std::string diff_name(const schemas::PinnedDiff& diff) {
  return fmt::format("bundle-{}/diff?from={}&to={}&kind={}", diff.bundle_id()->string_view(), diff.from(), diff.to(),
                     diff.kind()->string_view());
}

}  // namespace flowstone::projections
