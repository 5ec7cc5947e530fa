#include "tests/schemas/compatibility.hpp"

#include <map>
#include <set>

#include <flatbuffers/reflection.h>
#include <fmt/format.h>

namespace flowstone::schemas {
namespace {

using reflection::Enum;
using reflection::Field;
using reflection::Object;

// All declarations of several files, by their full names.
struct Declarations {
  std::map<std::string, const Object*> tables;
  std::map<std::string, const Enum*> enums;
  std::map<const Object*, const reflection::Schema*> schema_of_table;

  explicit Declarations(std::span<const BinarySchema> schemas) {
    for (const BinarySchema& binary : schemas) {
      const reflection::Schema* schema = reflection::GetSchema(binary.bytes.data());
      for (const Object* table : *schema->objects()) {
        tables[table->name()->str()] = table;
        schema_of_table[table] = schema;
      }
      for (const Enum* declared : *schema->enums()) enums[declared->name()->str()] = declared;
    }
  }

  // "[flowstone.schemas.Role] of Byte": equal exactly if the bytes mean the same.
  [[nodiscard]] std::string type_of(const Object* table, const Field& field) const {
    const reflection::Type& type = *field.type();
    std::string name = fmt::format("{}/{}", reflection::EnumNameBaseType(type.base_type()),
                                   reflection::EnumNameBaseType(type.element()));
    if (type.index() < 0) return name;
    const auto index = static_cast<flatbuffers::uoffset_t>(type.index());
    const reflection::Schema* schema = schema_of_table.at(table);
    const bool is_table = type.base_type() == reflection::Obj || type.element() == reflection::Obj;
    return name + " " +
           (is_table ? schema->objects()->Get(index)->name()->str() : schema->enums()->Get(index)->name()->str());
  }
};

bool is_mandatory(const Field& field) {
  return field.required() || (field.attributes() != nullptr && field.attributes()->LookupByKey("mandatory") != nullptr);
}

void compare_fields(const Declarations& released, const Declarations& current, const Object& was, const Object& is,
                    std::vector<std::string>& found) {
  for (const Field* before : *was.fields()) {
    const std::string place = fmt::format("{}.{}", was.name()->str(), before->name()->str());
    const Field* after = is.fields()->LookupByKey(before->name()->c_str());
    const auto unless = [&](bool holds, std::string_view what) {
      if (!holds) found.push_back(fmt::format("{} {}", place, what));
    };
    unless(after != nullptr, "was removed; mark it `deprecated`");
    if (after == nullptr) continue;
    unless(before->id() == after->id(), "moved to another place; new fields go to the end");
    unless(released.type_of(&was, *before) == current.type_of(&is, *after), "changed its type");
    unless(before->default_integer() == after->default_integer() && before->default_real() == after->default_real(),
           "changed its default: old bytes would mean something else");
    unless(before->optional() == after->optional(), "became optional, or ceased to be");
    unless(is_mandatory(*before) || !is_mandatory(*after), "became mandatory");
  }
  for (const Field* after : *is.fields()) {
    if (was.fields()->LookupByKey(after->name()->c_str()) == nullptr && is_mandatory(*after)) {
      found.push_back(fmt::format("{}.{} is new and mandatory: old clients and old events do not have it",
                                  is.name()->str(), after->name()->str()));
    }
  }
}

void compare_values(const Enum& was, const Enum& is, std::vector<std::string>& found) {
  for (const reflection::EnumVal* before : *was.values()) {
    const reflection::EnumVal* after = nullptr;
    for (const reflection::EnumVal* value : *is.values()) {
      if (value->name()->str() == before->name()->str()) after = value;
    }
    const std::string place = fmt::format("{}.{}", was.name()->str(), before->name()->str());
    if (after == nullptr)
      found.push_back(place + " was removed");
    else if (after->value() != before->value())
      found.push_back(place + " changed its number");
  }
}

}  // namespace

std::vector<std::string> incompatibilities(std::span<const BinarySchema> released,
                                           std::span<const BinarySchema> current) {
  const Declarations was(released);
  const Declarations is(current);
  std::vector<std::string> found;
  for (const auto& [name, table] : was.tables) {
    const auto after = is.tables.find(name);
    if (after == is.tables.end())
      found.push_back(name + " was removed");
    else
      compare_fields(was, is, *table, *after->second, found);
  }
  for (const auto& [name, declared] : was.enums) {
    const auto after = is.enums.find(name);
    if (after == is.enums.end())
      found.push_back(name + " was removed");
    else
      compare_values(*declared, *after->second, found);
  }
  return found;
}

}  // namespace flowstone::schemas
