#include "schemas/contract.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "schemas/binary_schemas.hpp"
#include "schemas/contract_loader.hpp"

namespace flowstone::schemas {
namespace {

Contracts load_or_stop() {
  auto loaded = ContractLoader::load(binary_schemas());
  if (loaded) return std::move(*loaded);
  for (const std::string& mistake : loaded.error()) std::fprintf(stderr, "contract: %s\n", mistake.c_str());
  std::abort();
}

}  // namespace

const Field* Table::find(std::string_view field) const {
  const auto found = std::ranges::find(fields, field, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

const Member* Aggregate::find_command(std::string_view name_or_table) const {
  for (const Member& member : commands) {
    if (member.name == name_or_table || member.table->name == name_or_table) return &member;
  }
  return nullptr;
}

const Member* Aggregate::find_event(std::string_view type) const {
  const auto found = std::ranges::find(events, type, &Member::name);
  return found == events.end() ? nullptr : &*found;
}

const Aggregate* Contracts::find_aggregate(std::string_view name) const {
  const auto found = std::ranges::find(aggregates_, name, &Aggregate::name);
  return found == aggregates_.end() ? nullptr : &*found;
}

const Aggregate* Contracts::find_aggregate_by_plural(std::string_view plural) const {
  const auto found = std::ranges::find(aggregates_, plural, &Aggregate::plural);
  return found == aggregates_.end() ? nullptr : &*found;
}

const Table* Contracts::find_table(std::string_view name) const {
  const auto found = tables_by_name_.find(name);
  return found == tables_by_name_.end() ? nullptr : found->second;
}

const Table* Contracts::find_event(std::string_view type) const {
  const auto found = events_by_type_.find(type);
  return found == events_by_type_.end() ? nullptr : found->second;
}

std::optional<Contracts::CommandRef> Contracts::find_command(std::string_view name) const {
  const auto found = commands_.find(name);
  if (found == commands_.end()) return std::nullopt;
  return found->second;
}

const Contracts& contracts() {
  // Never destroyed: others keep pointers into it until the process ends.
  static const Contracts& loaded = *new Contracts(load_or_stop());
  return loaded;
}

}  // namespace flowstone::schemas
