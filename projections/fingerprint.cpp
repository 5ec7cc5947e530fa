#include "projections/fingerprint.hpp"

#include <set>

#include "base/digest.hpp"
#include "flowstone/fold_fingerprints.hpp"
#include "projections/codec.hpp"

namespace flowstone::projections {
namespace {

// Goes up with every change of the engine that makes other rows, indexes or postings from the same events.
constexpr std::uint64_t kEngineVersion = 1;
// Goes up with every change that makes other passages, or finds them by other words.
constexpr std::uint64_t kSearchVersion = 2;

void describe(Encoder& out, const schemas::Table& table, std::set<const schemas::Table*>& seen);

void describe(Encoder& out, const schemas::Field& field, std::set<const schemas::Table*>& seen) {
  out.text(field.name).number(field.slot).number(static_cast<std::uint64_t>(field.kind)).number(field.width);
  out.number(field.is_list ? 1 : 0).number(field.optional_scalar ? 1 : 0).number(field.index ? 1 : 0);
  out.number(static_cast<std::uint64_t>(field.default_integer)).text(field.format);
  for (const schemas::EnumValue& value : field.values)
    out.text(value.name).number(static_cast<std::uint64_t>(value.value));
  if (field.table != nullptr) describe(out, *field.table, seen);
}

void describe(Encoder& out, const schemas::Table& table, std::set<const schemas::Table*>& seen) {
  out.text(table.name).number(table.version);
  if (!seen.insert(&table).second) return;
  for (const schemas::Field& field : table.fields) describe(out, field, seen);
}

std::string_view sources_of(std::string_view aggregate) {
  for (const FoldFingerprint& fold : kFoldFingerprints) {
    if (fold.aggregate == aggregate) return fold.sha256;
  }
  return {};
}

}  // namespace

std::string table_fingerprint(const domain::AggregateType& aggregate, std::string_view code_version) {
  const schemas::Aggregate& contract = aggregate.contract();
  Encoder out;
  std::set<const schemas::Table*> seen;
  out.number(kEngineVersion).text(code_version).text(contract.name).text(sources_of(contract.name));
  describe(out, *contract.state, seen);
  for (const schemas::Member& event : contract.events) {
    out.text(event.name);
    describe(out, *event.table, seen);
  }
  return to_hex(view(sha256(out.view())));
}

std::string audit_fingerprint(std::span<const domain::AggregateType* const> aggregates, std::string_view code_version) {
  Encoder out;
  out.number(kEngineVersion).text(code_version).text("audit");
  for (const domain::AggregateType* aggregate : aggregates) out.text(aggregate->contract().name);
  return to_hex(view(sha256(out.view())));
}

std::string search_fingerprint(std::string_view code_version) {
  Encoder out;
  out.number(kSearchVersion).text(code_version).text("search");
  return to_hex(view(sha256(out.view())));
}

}  // namespace flowstone::projections
