#include <algorithm>
#include <bit>
#include <deque>
#include <ranges>

#include <fmt/format.h>

#include "schemas/decode_problems.hpp"
#include "schemas/json.hpp"
#include "schemas/json_reader.hpp"
#include "schemas/names.hpp"
#include "schemas/table_builder.hpp"
#include "schemas/value_rules.hpp"

namespace flowstone::schemas {
namespace {

using flatbuffers::uoffset_t;
using ondemand::json_type;

// Documents above this size get buffers of their own, so that one large request does not hold memory for ever.
constexpr std::size_t kKeptCapacity = 256 * 1024;

// What one decoding needs and the next one on this thread can use again.
struct Buffers {
  ondemand::parser parser;
  std::string padded;
  flatbuffers::FlatBufferBuilder builder{1024};
  ParkedLists lists;
};

class Decoder {
 public:
  Decoder(Buffers& buffers, const DecodeOptions& options) : buffers_(buffers), options_(options) {}

  Result<Bytes, DecodeError> decode(const Table& table, std::string_view json);

 private:
  bool read_object(ondemand::object object, ParkedTable& parked, const Place& place, std::size_t depth);
  bool read_member(ondemand::field member, ParkedTable& parked, std::size_t& next, const Place& place,
                   std::size_t depth);
  bool read_value(ondemand::value value, const Field& field, ParkedTable& parked, const Place& place,
                  std::size_t depth);
  bool read_null(const Field& field, ParkedTable& parked, const Place& place);
  bool read_list(ondemand::value value, const Field& field, ParkedTable& parked, const Place& place, std::size_t depth);
  bool read_one(ondemand::value value, json_type type, const Field& field, ParkedValue& parked, const Place& place,
                std::size_t depth);
  bool read_scalar(ondemand::value value, json_type type, const Field& field, std::int64_t& bits, const Place& place,
                   std::size_t depth);
  bool read_text(ondemand::value value, const Field& field, ParkedValue& parked, const Place& place);
  bool read_json(ondemand::value value, ParkedValue& parked, std::size_t depth);
  bool read_table(ondemand::value value, const Field& field, std::int64_t& reference, const Place& place,
                  std::size_t depth);
  bool refuse(ondemand::value value, json_type type, const Field& field, const Place& place, std::size_t depth);

  const Field* find_field(const Table& table, std::string_view name, std::size_t& next) const;
  void complain_unknown(const Table& table, std::string_view name, const Place& place);
  void complain(const Place& place, Complaint complaint) {
    if (complaint) problems_.add(place, std::move(*complaint));
  }
  void finish_table(ParkedTable& parked, const Place& place, bool outermost);
  void apply_target(ParkedTable& parked, const Place& place);
  uoffset_t build(const ParkedTable& parked) {
    return problems_.any() ? 0 : build_table(buffers_.builder, parked, buffers_.lists);
  }
  void check_unique(const Field& field, const ParkedValue& value, const Place& place);

  Result<Bytes, DecodeError> result(uoffset_t root);
  DecodeError malformed() const { return {DecodeError::Code::malformed, {{"", fault_.sentence()}}}; }

  Buffers& buffers_;
  const DecodeOptions& options_;
  ondemand::document document_;
  JsonFault fault_;
  DecodeProblems problems_;
  std::deque<std::string> compacted_;  // texts of `format: "json"` that had white space
};

// The name as far as it is shown, cut between characters.
std::string_view shown_name(std::string_view name) {
  std::size_t end = 100;  // bytes
  if (name.size() <= end) return name;
  while ((static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end);
}

// Anything but an object: JSON of another kind, or no JSON at all?
DecodeError not_an_object(std::string_view json) {
  simdjson::dom::parser parser;
  JsonFault fault;
  if (fault.ok(parser.parse(json.data(), json.size()).error())) {
    return {DecodeError::Code::invalid, {{"", "must be a JSON object"}}};
  }
  return {DecodeError::Code::malformed, {{"", fault.sentence()}}};
}

Result<Bytes, DecodeError> Decoder::decode(const Table& table, std::string_view json) {
  const auto first = json.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    fault_.ok(simdjson::EMPTY);
  else if (json[first] != '{')
    return failure(not_an_object(json));
  buffers_.padded.assign(json);
  buffers_.padded.append(simdjson::SIMDJSON_PADDING, ' ');
  buffers_.builder.Clear();
  buffers_.lists.texts.clear();
  buffers_.lists.integers.clear();
  ondemand::object object;
  const simdjson::padded_string_view padded(buffers_.padded.data(), json.size(), buffers_.padded.size());
  if (fault_.any() || !fault_.ok(buffers_.parser.iterate(padded).get(document_)) ||
      !fault_.ok(document_.get_object().get(object))) {
    return failure(malformed());
  }
  ParkedTable parked(table);
  const Place whole;
  if (!read_object(object, parked, whole, 1)) return failure(malformed());
  if (document_.current_location().error() == simdjson::SUCCESS) {
    fault_.fail("is not JSON: something follows the object");
    return failure(malformed());
  }
  finish_table(parked, whole, true);
  return result(build(parked));
}

Result<Bytes, DecodeError> Decoder::result(uoffset_t root) {
  if (problems_.any()) return failure(DecodeError{DecodeError::Code::invalid, problems_.take()});
  flatbuffers::FlatBufferBuilder& builder = buffers_.builder;
  builder.Finish(flatbuffers::Offset<void>(root));
  // NOLINTNEXTLINE: the builder's unsigned bytes become Bytes
  return Bytes(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
}

bool Decoder::read_object(ondemand::object object, ParkedTable& parked, const Place& place, std::size_t depth) {
  std::size_t next = 0;
  for (auto member : object) {
    ondemand::field field;
    if (!fault_.ok(std::move(member).get(field)) || !read_member(std::move(field), parked, next, place, depth))
      return false;
  }
  return true;
}

bool Decoder::read_member(ondemand::field member, ParkedTable& parked, std::size_t& next, const Place& place,
                          std::size_t depth) {
  std::string_view name;
  if (!fault_.ok(member.unescaped_key().get(name))) return false;
  const Field* field = find_field(parked.table, name, next);
  if (field == nullptr) {
    complain_unknown(parked.table, name, place);
    return walk(member.value(), depth, fault_);
  }
  const Place here{&place, field->name};
  const std::uint64_t bit = 1ULL << parked.index_of(*field);
  if ((parked.seen & bit) != 0) {
    problems_.add(here, "is given twice");
    return walk(member.value(), depth, fault_);
  }
  parked.seen |= bit;
  return read_value(member.value(), *field, parked, here, depth);
}

// Documents mostly give their fields in the contract's order: the search begins after the field found last.
const Field* Decoder::find_field(const Table& table, std::string_view name, std::size_t& next) const {
  const std::size_t count = table.fields.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = next + i < count ? next + i : next + i - count;
    const Field& field = table.fields[index];
    if (field.name != name) continue;
    if (field.cleared || (field.hidden && !options_.accept_hidden)) return nullptr;
    next = index + 1;
    return &field;
  }
  return nullptr;
}

void Decoder::complain_unknown(const Table& table, std::string_view name, const Place& place) {
  Suggestion suggestion(name);
  for (const Field& field : table.fields) {
    if (!field.cleared && (!field.hidden || options_.accept_hidden)) suggestion.consider(field.name);
  }
  std::string detail = fmt::format("is not a field of {}", table.wire_name);
  if (!suggestion.nearest().empty()) detail += fmt::format("; did you mean `{}`?", suggestion.nearest());
  problems_.add({&place, shown_name(name)}, std::move(detail));
}

bool Decoder::read_value(ondemand::value value, const Field& field, ParkedTable& parked, const Place& place,
                         std::size_t depth) {
  json_type type{};
  if (!fault_.ok(value.type().get(type))) return false;
  if (type == json_type::null) return walk(value, depth, fault_) && read_null(field, parked, place);
  if (field.is_list) {
    if (type != json_type::array) return refuse(value, type, field, place, depth);
    return read_list(value, field, parked, place, depth);
  }
  return read_one(value, type, field, parked.put(field), place, depth);
}

bool Decoder::read_null(const Field& field, ParkedTable& parked, const Place& place) {
  const bool removable = parked.table.patch ? field.clearable || field.target : !field.mandatory;
  if (!removable) problems_.add(place, "must not be null");
  return true;
}

bool Decoder::read_list(ondemand::value value, const Field& field, ParkedTable& parked, const Place& place,
                        std::size_t depth) {
  if (depth >= kMaxJsonDepth) return walk(value, depth, fault_);
  ondemand::array array;
  if (!fault_.ok(value.get_array().get(array))) return false;
  const bool texts = field.kind == Kind::text;
  const auto first = static_cast<std::uint32_t>(texts ? buffers_.lists.texts.size() : buffers_.lists.integers.size());
  std::uint32_t count = 0;
  for (auto element : array) {
    ondemand::value item;
    json_type type{};
    if (!fault_.ok(std::move(element).get(item)) || !fault_.ok(item.type().get(type))) return false;
    const Place here{&place, {}, count++};
    ParkedValue read{};
    if (!read_one(item, type, field, read, here, depth + 1)) return false;
    if (texts)
      buffers_.lists.texts.push_back(read.text());
    else
      buffers_.lists.integers.push_back(read.integer);
  }
  ParkedValue& list = parked.put(field);
  list.first = first;
  list.count = count;
  complain(place, check_item_count(field, count));
  if (field.unique_items) check_unique(field, list, place);
  return true;
}

bool Decoder::read_one(ondemand::value value, json_type type, const Field& field, ParkedValue& parked,
                       const Place& place, std::size_t depth) {
  if (field.kind == Kind::text && field.format == "json") return read_json(value, parked, depth);
  if (field.kind == Kind::text) {
    return type == json_type::string ? read_text(value, field, parked, place)
                                     : refuse(value, type, field, place, depth);
  }
  if (field.kind == Kind::table) {
    return type == json_type::object ? read_table(value, field, parked.integer, place, depth)
                                     : refuse(value, type, field, place, depth);
  }
  return read_scalar(value, type, field, parked.integer, place, depth);
}

bool Decoder::read_text(ondemand::value value, const Field& field, ParkedValue& parked, const Place& place) {
  std::string_view text;
  if (!fault_.ok(value.get_string().get(text))) return false;
  parked.set_text(text);
  complain(place, check_text(field, text));
  return true;
}

bool Decoder::read_json(ondemand::value value, ParkedValue& parked, std::size_t depth) {
  const std::string_view token = token_of(value);
  if (!walk(value, depth, fault_, kMaxOpaqueDepth)) return false;
  std::string_view text = token;
  if (token == "{" || token == "[") {
    const char* end = nullptr;
    if (!fault_.ok(document_.current_location().get(end))) return false;
    text = {token.data(), end};
  }
  // A text holds no raw white space but blanks; a copy is made only where there is something to leave out.
  if (text.find_first_of(" \t\r\n") != std::string_view::npos) text = compacted_.emplace_back(compact(text));
  parked.set_text(text);
  return true;
}

bool Decoder::read_table(ondemand::value value, const Field& field, std::int64_t& reference, const Place& place,
                         std::size_t depth) {
  if (depth >= kMaxJsonDepth) return walk(value, depth, fault_);
  ondemand::object object;
  if (!fault_.ok(value.get_object().get(object))) return false;
  const std::size_t texts = buffers_.lists.texts.size();
  const std::size_t integers = buffers_.lists.integers.size();
  ParkedTable parked(*field.table);
  if (!read_object(object, parked, place, depth + 1)) return false;
  finish_table(parked, place, false);
  reference = build(parked);
  buffers_.lists.texts.resize(texts);
  buffers_.lists.integers.resize(integers);
  return true;
}

bool Decoder::read_scalar(ondemand::value value, json_type type, const Field& field, std::int64_t& bits,
                          const Place& place, std::size_t depth) {
  if (type == json_type::boolean && field.kind == Kind::boolean) {
    bits = token_of(value) == "true" ? 1 : 0;
    return walk(value, depth, fault_);
  }
  const bool number =
      field.kind == Kind::integer || field.kind == Kind::unsigned_integer || field.kind == Kind::floating;
  if (type == json_type::number && number && !field.is_time()) {
    if (!walk(value, depth, fault_)) return false;
    complain(place, read_number(field, token_of(value), bits));
    return true;
  }
  const bool text_form =
      field.kind == Kind::enumeration || (number && field.kind != Kind::floating && field.width == 8);
  if (type != json_type::string || !text_form) return refuse(value, type, field, place, depth);
  std::string_view text;
  if (!fault_.ok(value.get_string().get(text))) return false;
  if (field.kind == Kind::enumeration)
    complain(place, read_enumeration(field, text, bits));
  else if (field.is_time())
    complain(place, read_time(text, bits));
  else if (is_decimal_integer(text))
    complain(place, read_number(field, text, bits));
  else
    problems_.add(place, "must be a whole number, or its decimal digits as text");
  return true;
}

bool Decoder::refuse(ondemand::value value, json_type type, const Field& field, const Place& place, std::size_t depth) {
  const std::string_view wanted = field.is_list && place.item < 0 ? "must be a list" : kind_sentence(field);
  problems_.add(place, fmt::format("{} (is {})", wanted, name_of(type)));
  return walk(value, depth, fault_);
}

void Decoder::check_unique(const Field& field, const ParkedValue& value, const Place& place) {
  const auto complain_repeated = [&](auto items) {
    std::ranges::sort(items);
    if (std::ranges::adjacent_find(items) != items.end()) problems_.add(place, "must not have the same item twice");
  };
  if (value.count < 2) return;
  const auto slice = [&](const auto& all) {
    return std::vector(all.begin() + value.first, all.begin() + value.first + value.count);
  };
  if (field.kind == Kind::text)
    complain_repeated(slice(buffers_.lists.texts));
  else
    complain_repeated(slice(buffers_.lists.integers));
}

void Decoder::apply_target(ParkedTable& parked, const Place& place) {
  const Field* target = parked.table.target_field;
  if (target == nullptr || options_.target.empty()) return;
  if (parked.has(*target) && parked.values[parked.index_of(*target)].text() != options_.target) {
    problems_.add({&place, target->name}, fmt::format("must be `{}`, or left out", options_.target));
  }
  parked.put(*target).set_text(options_.target);
}

void Decoder::finish_table(ParkedTable& parked, const Place& place, bool outermost) {
  if (outermost) apply_target(parked, place);
  for (const Field& field : parked.table.fields) {
    const bool seen = (parked.seen >> parked.index_of(field) & 1) != 0;
    if (field.mandatory && !seen) problems_.add({&place, field.name}, "must be given");
  }
  if (!parked.table.patch) return;
  ParkedValue cleared{};
  cleared.first = static_cast<std::uint32_t>(buffers_.lists.texts.size());
  for (const Field& field : parked.table.fields) {
    const bool null = (parked.seen >> parked.index_of(field) & 1) != 0 && !parked.has(field);
    if (!null || !field.clearable) continue;
    buffers_.lists.texts.push_back(field.name);
    ++cleared.count;
  }
  if (cleared.count != 0) parked.put(*parked.table.cleared_field) = cleared;
}

}  // namespace

Result<Bytes, DecodeError> decode_json(const Table& table, std::string_view json, const DecodeOptions& options) {
  if (json.size() > kKeptCapacity) {
    Buffers own;
    return Decoder(own, options).decode(table, json);
  }
  thread_local Buffers kept;
  return Decoder(kept, options).decode(table, json);
}

}  // namespace flowstone::schemas
