#include "projections/provenance_facts.hpp"

#include "schemas/row.hpp"

namespace flowstone::projections {
namespace {

using schemas::Aggregate;

constexpr std::size_t kMaxTitle = 200;  // bytes

std::string text_in(const Aggregate& aggregate, std::string_view field, const Bytes& row) {
  const schemas::Field* const found = aggregate.state->find(field);
  return found == nullptr ? std::string() : std::string(schemas::text_of(*found, row).value_or(""));
}

std::string title_of(const Aggregate& aggregate, const Bytes& row) {
  for (const std::string_view field : {"title", "name", "code"}) {
    if (auto title = text_in(aggregate, field, row); !title.empty()) return title;
  }
  const auto* const source = quoted_source(aggregate, row);
  if (source == nullptr || source->selector() == nullptr) return {};
  return shortened(text_of(source->selector()->exact()));
}

}  // namespace

std::string shortened(std::string_view text) {
  if (text.size() <= kMaxTitle) return std::string(text);
  std::size_t end = kMaxTitle;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "\u2026";
}

void fill(ProvenanceNode& node, const Aggregate& aggregate, const Bytes& row) {
  node.aggregate = aggregate.name;
  node.title = title_of(aggregate, row);
  node.revision = static_cast<std::uint64_t>(schemas::integer_of(*aggregate.state->find("revision"), row).value_or(0));
  node.created_by = text_in(aggregate, "created_by", row);
  if (const schemas::Field* const created_at = aggregate.state->find("created_at"))
    node.created_at = Timestamp{schemas::integer_of(*created_at, row).value_or(0)};
}

const schemas::EvidenceSource* quoted_source(const Aggregate& aggregate, const Bytes& row) {
  return aggregate.name == "evidence" ? state_in<schemas::Evidence>(row).source() : nullptr;
}

const schemas::BundleVersion* version_in(const Bytes* bundle, std::uint32_t number) {
  if (bundle == nullptr || state_in<schemas::Bundle>(*bundle).versions() == nullptr) return nullptr;
  for (const schemas::BundleVersion* version : *state_in<schemas::Bundle>(*bundle).versions()) {
    if (version->number() == number) return version;
  }
  return nullptr;
}

std::string_view tie_to_version(const schemas::Evidence& evidence, std::uint32_t number, std::string_view path) {
  const auto* const source = evidence.source();
  if (source != nullptr && source->version() == number && (path.empty() || text_of(source->document()) == path))
    return "source";
  if (evidence.anchors() == nullptr) return {};
  for (const schemas::Anchor* anchor : *evidence.anchors()) {
    if (anchor->version() == number && (path.empty() || text_of(anchor->document()) == path)) return "anchors";
  }
  return {};
}

bool has_diff_of(const schemas::Canvas& canvas, std::string_view bundle_id, std::uint32_t version) {
  if (canvas.pins() == nullptr) return false;
  for (const schemas::Pin* pin : *canvas.pins()) {
    const auto* const diff = pin->diff();
    if (diff == nullptr || text_of(diff->bundle_id()) != bundle_id) continue;
    if (diff->from() == version || diff->to() == version) return true;
  }
  return false;
}

}  // namespace flowstone::projections
