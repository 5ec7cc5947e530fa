#include "schemas/table_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "schemas/names.hpp"

namespace flowstone::schemas {
namespace {

constexpr std::string_view kTableAttributes[] = {"aggregate", "plural", "patch", "internal", "version"};
constexpr std::string_view kFieldAttributes[] = {
    "mandatory", "format",          "min_length",   "max_length", "pattern",   "minimum",    "maximum", "min_items",
    "max_items", "item_max_length", "unique_items", "allowed",    "reference", "target",     "cleared", "index",
    "unique",    "personal",        "any_event",    "hidden",     "example",   "deprecated", "id"};

struct TypeShape {
  Kind kind = Kind::text;
  std::uint8_t width = 0;
  bool known = true;
};

TypeShape shape_of(reflection::BaseType base, bool names_an_enum) {
  const auto integer = [&](Kind kind, std::uint8_t width) {
    return TypeShape{names_an_enum ? Kind::enumeration : kind, width};
  };
  switch (base) {
    case reflection::Bool:
      return {Kind::boolean, 1};
    case reflection::Byte:
      return integer(Kind::integer, 1);
    case reflection::Short:
      return integer(Kind::integer, 2);
    case reflection::Int:
      return integer(Kind::integer, 4);
    case reflection::Long:
      return integer(Kind::integer, 8);
    case reflection::UByte:
      return integer(Kind::unsigned_integer, 1);
    case reflection::UShort:
      return integer(Kind::unsigned_integer, 2);
    case reflection::UInt:
      return integer(Kind::unsigned_integer, 4);
    case reflection::ULong:
      return integer(Kind::unsigned_integer, 8);
    case reflection::Float:
      return {Kind::floating, 4};
    case reflection::Double:
      return {Kind::floating, 8};
    case reflection::String:
      return {Kind::text, 0};
    case reflection::Obj:
      return {Kind::table, 0};
    case reflection::None:
    case reflection::UType:
    case reflection::Vector:
    case reflection::Union:
    case reflection::Array:
    case reflection::MaxBaseType:
      break;
  }
  return {Kind::text, 0, false};
}

void read_rules(const Attributes& attributes, Field& field) {
  field.mandatory = attributes.has("mandatory");
  field.target = attributes.has("target");
  field.cleared = attributes.has("cleared");
  field.hidden = attributes.has("hidden");
  field.personal = attributes.has("personal");
  field.any_event = attributes.has("any_event");
  field.index = attributes.has("index");
  field.unique = attributes.has("unique");
  field.unique_ignores_case = attributes.text("unique") == "case_insensitive";
  field.unique_items = attributes.has("unique_items");
  field.format = attributes.text("format");
  field.pattern = attributes.text("pattern");
  field.reference = attributes.text("reference");
  field.example = attributes.text("example");
  field.allowed = attributes.texts("allowed");
  field.min_length = attributes.count("min_length");
  field.max_length = attributes.count("max_length");
  field.min_items = attributes.count("min_items");
  field.max_items = attributes.count("max_items");
  field.item_max_length = attributes.count("item_max_length");
  field.minimum = attributes.number("minimum");
  field.maximum = attributes.number("maximum");
}

}  // namespace

std::string_view ContractStorage::join(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* lines) {
  if (lines == nullptr || lines->size() == 0) return {};
  std::string text;
  for (const flatbuffers::String* line : *lines) {
    std::string_view words = line->string_view();
    if (words.starts_with(' ')) words.remove_prefix(1);
    if (!text.empty()) text.push_back('\n');
    text.append(words);
  }
  return keep(std::move(text));
}

std::string_view file_of(const flatbuffers::String* declaration, std::string_view otherwise) {
  if (declaration == nullptr || declaration->size() == 0) return otherwise;
  std::string_view file = declaration->string_view();
  if (const auto slash = file.rfind('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
  if (file.ends_with(".fbs")) file.remove_suffix(4);
  return file;
}

void TableReader::read(const reflection::Object& object, std::string_view file, Table& table) {
  table.name = without_namespace(object.name()->string_view());
  table.wire_name = storage_.keep(snake_case(table.name));
  table.file = file;
  table.doc = storage_.join(object.documentation());
  const std::string place = fmt::format("{}: {}", table.file, table.name);
  const Attributes attributes(object.attributes(), place, mistakes_);
  attributes.only(kTableAttributes);
  table.patch = attributes.has("patch");
  table.internal = attributes.has("internal");
  table.version = static_cast<std::uint16_t>(attributes.count("version").value_or(1));

  std::vector<const reflection::Field*> declared(object.fields()->begin(), object.fields()->end());
  std::ranges::sort(declared, {}, &reflection::Field::id);
  for (const reflection::Field* field : declared) {
    if (!field->deprecated())
      table.fields.push_back(read_field(*field, fmt::format("{}.{}", place, field->name()->str())));
  }
  for (const Field& field : table.fields) {
    if (field.target) table.target_field = &field;
    if (field.cleared) table.cleared_field = &field;
  }
}

Field TableReader::read_field(const reflection::Field& declared, std::string place) {
  const Attributes attributes(declared.attributes(), std::move(place), mistakes_);
  attributes.only(kFieldAttributes);
  Field field;
  field.name = declared.name()->string_view();
  field.doc = storage_.join(declared.documentation());
  field.slot = declared.offset();
  read_type(declared, attributes, field);
  read_rules(attributes, field);
  compile_pattern(attributes, field);
  return field;
}

void TableReader::read_type(const reflection::Field& declared, const Attributes& attributes, Field& field) {
  const reflection::Type& type = *declared.type();
  field.is_list = type.base_type() == reflection::Vector;
  const reflection::BaseType base = field.is_list ? type.element() : type.base_type();
  const bool names_an_enum = type.index() >= 0 && base != reflection::Obj;
  const TypeShape shape = shape_of(base, names_an_enum);
  if (!shape.known) attributes.mistake("contracts know scalars, texts, tables and lists of them, nothing else");
  if (declared.required()) attributes.mistake("use `mandatory` in place of `required`");
  field.kind = shape.kind;
  field.width = shape.width;
  field.optional_scalar = shape.width != 0 && !field.is_list && declared.optional();
  field.default_integer = declared.default_integer();
  field.default_real = declared.default_real();
  if (shape.known && base == reflection::Obj) field.table = table_at(type.index(), attributes);
  if (shape.known && names_an_enum) field.values = values_of(type.index());
}

const Table* TableReader::table_at(std::int32_t index, const Attributes& attributes) {
  const reflection::Object& object = *schema_.objects()->Get(static_cast<flatbuffers::uoffset_t>(index));
  if (object.is_struct()) attributes.mistake("structs cannot grow; use a table");
  return &storage_.tables[object.name()->string_view()];
}

std::span<const EnumValue> TableReader::values_of(std::int32_t index) {
  const reflection::Enum& declared = *schema_.enums()->Get(static_cast<flatbuffers::uoffset_t>(index));
  std::vector<EnumValue>& values = storage_.enumerations[declared.name()->string_view()];
  if (values.empty()) {
    for (const reflection::EnumVal* value : *declared.values())
      values.push_back({value->name()->string_view(), value->value()});
  }
  return values;
}

void TableReader::compile_pattern(const Attributes& attributes, Field& field) {
  if (field.pattern.empty()) return;
  auto compiled = Pattern::compile(field.pattern);
  if (!compiled) return attributes.mistake(fmt::format("`{}` is not a regular expression", field.pattern));
  field.compiled_pattern = &storage_.patterns.emplace_back(std::move(*compiled));
}

}  // namespace flowstone::schemas
