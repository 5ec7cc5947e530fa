#include "schemas/contract_loader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "schemas/attributes.hpp"
#include "schemas/contract_rules.hpp"
#include "schemas/contract_storage.hpp"
#include "schemas/names.hpp"
#include "schemas/table_reader.hpp"

namespace flowstone::schemas {
namespace {

constexpr std::string_view kCallAttributes[] = {"http",    "role",    "status", "query",
                                                "handler", "content", "media",  "parameters"};

const reflection::Schema& schema_of(const BinarySchema& binary) { return *reflection::GetSchema(binary.bytes.data()); }

bool is_schema(const BinarySchema& binary) {
  // NOLINTNEXTLINE: bytes seen as the unsigned bytes that FlatBuffers reads
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(binary.bytes.data()), binary.bytes.size());
  return reflection::VerifySchemaBuffer(verifier);
}

// Included files' declarations are in every schema that includes them; each is read where it was written.
template <class Declaration>
bool is_own(const Declaration& declared, const BinarySchema& binary) {
  return file_of(declared.declaration_file(), binary.name) == binary.name;
}

Query query_named(std::string_view name, const Attributes& attributes) {
  if (name == "get") return Query::get;
  if (name == "list") return Query::list;
  if (!name.empty()) attributes.mistake(fmt::format("`query` must be `get` or `list`, not `{}`", name));
  return Query::none;
}

bool mandatory_at_creation(const Aggregate& aggregate, std::string_view field) {
  return std::ranges::any_of(aggregate.commands, [&](const Member& command) {
    const Field* found = command.table->find(field);
    return command.table->name.starts_with("Create") && found != nullptr && found->mandatory;
  });
}

bool always_has_value(const Aggregate& aggregate, std::string_view field) {
  const Field* kept = aggregate.state->find(field);
  return kept != nullptr && kept->width != 0 && !kept->is_list && !kept->optional_scalar;
}

}  // namespace

ContractLoader::ContractLoader(std::span<const BinarySchema> schemas)
    : schemas_(schemas), storage_(std::make_shared<ContractStorage>()) {}

Result<Contracts, std::vector<std::string>> ContractLoader::load(std::span<const BinarySchema> schemas) {
  ContractLoader loader(schemas);
  for (const BinarySchema& schema : schemas) {
    if (!is_schema(schema)) loader.mistakes_.push_back(fmt::format("{}: is not a binary schema", schema.name));
  }
  if (!loader.mistakes_.empty()) return failure(std::move(loader.mistakes_));
  loader.read_tables();
  loader.read_aggregates();
  loader.read_unions();
  loader.read_services();
  loader.mark_clearable_fields();
  loader.mark_referring_tables();
  check_tables(loader.contracts_, loader.mistakes_);
  check_aggregates(loader.contracts_, loader.mistakes_);
  check_calls(loader.contracts_, loader.mistakes_);
  if (!loader.mistakes_.empty()) return failure(std::move(loader.mistakes_));
  loader.contracts_.storage_ = std::move(loader.storage_);
  return std::move(loader.contracts_);
}

const Table* ContractLoader::table_of(const reflection::Object& object) {
  return &storage_->tables[object.name()->string_view()];
}

void ContractLoader::read_tables() {
  for (const BinarySchema& binary : schemas_) {
    TableReader reader(schema_of(binary), *storage_, mistakes_);
    for (const reflection::Object* object : *schema_of(binary).objects()) {
      Table& table = storage_->tables[object->name()->string_view()];
      if (!table.name.empty() || object->is_struct()) continue;
      reader.read(*object, file_of(object->declaration_file(), binary.name), table);
      contracts_.tables_.push_back(&table);
      if (!contracts_.tables_by_name_.emplace(table.name, &table).second) {
        mistakes_.push_back(
            fmt::format("{}: {}: another table has this name in another namespace", table.file, table.name));
      }
    }
  }
  std::ranges::sort(contracts_.tables_, {}, &Table::name);
}

void ContractLoader::read_aggregates() {
  for (const BinarySchema& binary : schemas_) {
    for (const reflection::Object* object : *schema_of(binary).objects()) {
      const Attributes attributes(object->attributes(), {}, mistakes_);
      if (!attributes.has("aggregate") || !is_own(*object, binary)) continue;
      Aggregate aggregate;
      aggregate.name = attributes.text("aggregate");
      aggregate.plural = attributes.text("plural");
      aggregate.state = table_of(*object);
      contracts_.aggregates_.push_back(std::move(aggregate));
    }
  }
  std::ranges::sort(contracts_.aggregates_, {}, &Aggregate::name);
}

void ContractLoader::read_unions() {
  for (const BinarySchema& binary : schemas_) {
    for (const reflection::Enum* declared : *schema_of(binary).enums()) {
      if (declared->is_union() && is_own(*declared, binary)) read_union(binary, *declared);
    }
  }
  std::ranges::sort(contracts_.events_, {}, &Member::name);
  for (const Aggregate& aggregate : contracts_.aggregates_) {
    for (const Member& member : aggregate.commands) contracts_.commands_[member.name] = {&aggregate, &member};
  }
}

void ContractLoader::read_union(const BinarySchema& binary, const reflection::Enum& declared) {
  const std::string_view name = without_namespace(declared.name()->string_view());
  const bool holds_commands = name.ends_with("Command");
  if (!holds_commands && !name.ends_with("Event")) {
    mistakes_.push_back(fmt::format("{}: the union {} must end in `Command` or `Event`", binary.name, name));
    return;
  }
  const std::string_view prefix =
      name.substr(0, name.size() - std::string_view(holds_commands ? "Command" : "Event").size());
  const auto owner = std::ranges::find(contracts_.aggregates_, snake_case(prefix), &Aggregate::name);
  Aggregate* aggregate = owner == contracts_.aggregates_.end() ? nullptr : &*owner;
  for (const reflection::EnumVal* value : *declared.values()) {
    if (value->value() == 0) continue;  // NONE
    const auto index = static_cast<flatbuffers::uoffset_t>(value->union_type()->index());
    const Table* table = table_of(*schema_of(binary).objects()->Get(index));
    const Member member{table->wire_name, table, static_cast<std::uint8_t>(value->value())};
    if (holds_commands)
      add_command(aggregate, member);
    else
      add_event(aggregate, prefix, member);
  }
}

void ContractLoader::add_command(Aggregate* aggregate, const Member& member) {
  const bool is_new = contracts_.commands_.emplace(member.name, Contracts::CommandRef{}).second;
  if (!is_new || aggregate == nullptr) {
    mistakes_.push_back(
        fmt::format("{}: {}: must be a command of exactly one aggregate", member.table->file, member.table->name));
    return;
  }
  aggregate->commands.push_back(member);
}

void ContractLoader::add_event(Aggregate* aggregate, std::string_view prefix, Member member) {
  const std::string_view name = member.table->name;
  if (!name.starts_with(prefix) || name.size() == prefix.size()) {
    mistakes_.push_back(
        fmt::format("{}: {}: an event is named `{}` and what happened", member.table->file, name, prefix));
    return;
  }
  member.name = storage_->keep(snake_case(prefix) + "." + snake_case(name.substr(prefix.size())));
  if (!contracts_.events_by_type_.emplace(member.name, member.table).second) {
    mistakes_.push_back(fmt::format("{}: {}: another event has the type {}", member.table->file, name, member.name));
  }
  contracts_.events_.push_back(member);
  if (aggregate != nullptr) aggregate->events.push_back(member);
}

void ContractLoader::read_services() {
  for (const BinarySchema& binary : schemas_) {
    const auto* services = schema_of(binary).services();
    if (services == nullptr) continue;
    for (const reflection::Service* service : *services) {
      if (!is_own(*service, binary)) continue;
      const std::string_view name = without_namespace(service->name()->string_view());
      contracts_.services_.push_back({name, storage_->join(service->documentation())});
      for (const reflection::RPCCall* call : *service->calls())
        contracts_.calls_.push_back(read_call(binary.name, name, *call));
    }
  }
}

Call ContractLoader::read_call(std::string_view file, std::string_view service, const reflection::RPCCall& declared) {
  Call call;
  call.name = declared.name()->string_view();
  call.service = service;
  call.doc = storage_->join(declared.documentation());
  const Attributes attributes(declared.attributes(), fmt::format("{}: {}", file, call.name), mistakes_);
  attributes.only(kCallAttributes);
  const std::string_view route = attributes.text("http");
  const auto space = std::min(route.find(' '), route.size());
  call.method = route.substr(0, space);
  call.path = route.substr(std::min(space + 1, route.size()));
  call.request = table_of(*declared.request());
  call.response = table_of(*declared.response());
  call.role = attributes.text("role");
  call.status = static_cast<std::uint16_t>(attributes.count("status").value_or(200));
  call.query = query_named(attributes.text("query"), attributes);
  call.handler = attributes.text("handler");
  call.parameters = attributes.text("parameters");
  call.content = attributes.text("content");
  call.media = attributes.texts("media");
  connect(call);
  return call;
}

void ContractLoader::connect(Call& call) {
  for (const Aggregate& aggregate : contracts_.aggregates_) {
    if (call.query != Query::none && aggregate.state == call.response) call.aggregate = &aggregate;
    const auto command = std::ranges::find(aggregate.commands, call.request, &Member::table);
    if (command == aggregate.commands.end()) continue;
    call.aggregate = &aggregate;
    call.command = &*command;
  }
  if (call.query == Query::list && call.aggregate != nullptr) call.owner = owner_of(call);
}

// "/v1/workflows/{id}/runs" lists the runs whose `workflow_id` is the id.
const Field* ContractLoader::owner_of(const Call& call) const {
  const auto id = call.path.find("/{id}/");
  if (id == std::string_view::npos) return nullptr;
  const auto plural = call.path.substr(0, id).substr(call.path.substr(0, id).rfind('/') + 1);
  const auto owner = std::ranges::find(contracts_.aggregates_, plural, &Aggregate::plural);
  if (owner == contracts_.aggregates_.end()) return nullptr;
  const auto* field = call.aggregate->state->find(fmt::format("{}_id", owner->name));
  return field != nullptr && field->index ? field : nullptr;
}

void ContractLoader::mark_clearable_fields() {
  for (auto& [name, table] : storage_->tables) {
    const auto command = contracts_.commands_.find(table.wire_name);
    if (!table.patch || command == contracts_.commands_.end() || command->second.aggregate == nullptr) continue;
    const Aggregate& aggregate = *command->second.aggregate;
    for (Field& field : table.fields) {
      field.clearable = !field.target && !field.cleared && !field.hidden &&
                        !mandatory_at_creation(aggregate, field.name) && !always_has_value(aggregate, field.name);
    }
  }
}

void ContractLoader::mark_referring_tables() {
  const auto refers = [](const Field& field) {
    return !field.reference.empty() || (field.table != nullptr && field.table->refers);
  };
  // Tables may hold each other: as often as that tells something new.
  for (bool is_new = true; is_new;) {
    is_new = false;
    for (auto& [name, table] : storage_->tables) {
      if (table.refers || std::ranges::none_of(table.fields, refers)) continue;
      table.refers = is_new = true;
    }
  }
}

}  // namespace flowstone::schemas
