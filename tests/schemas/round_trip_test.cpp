// Over every table of the contracts: documents that follow the contract go to bytes and back without a loss.
#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/time.hpp"
#include "schemas/json.hpp"
#include "schemas/json_writer.hpp"

namespace flowstone::schemas {
namespace {

using rc::gen::inRange;

constexpr DecodeOptions kEverything{.target = {}, .accept_hidden = true};

std::string text_of_length(std::size_t least, std::size_t most) {
  static const std::vector<std::string> kPieces = {"a",    "Z", "0", " ",  "\"", "\\", "/",   "\n",
                                                   "\x01", "é", "€", "😀", "{",  ",",  "null"};
  std::string text;
  const auto pieces = *inRange(least, std::max(least, most) + 1);
  for (std::size_t i = 0; i < pieces; ++i) {
    // The last piece has several characters; it could overstep the limit.
    const std::size_t last = most > 20 ? kPieces.size() : kPieces.size() - 1;
    text += kPieces[*inRange<std::size_t>(0, last)];
  }
  return text;
}

std::string text_for(const Field& field) {
  if (!field.allowed.empty()) return std::string(field.allowed[*inRange<std::size_t>(0, field.allowed.size())]);
  if (field.format == "uuid")
    return fmt::format("01920000-0000-7000-8000-{:012x}", *inRange<std::uint64_t>(0, 1ULL << 40));
  if (field.format == "code") return fmt::format("A_{}", *inRange(0, 1000));
  if (field.format == "stream") return fmt::format("task-{}", *inRange(0, 1000));
  if (field.format == "digest") return fmt::format("{:064x}", *inRange(0, 1000));
  if (field.format == "base64") return to_base64(text_of_length(0, 5));
  if (!field.pattern.empty() || field.format == "regex") return std::string(field.example);
  const std::size_t most = field.is_list ? field.item_max_length.value_or(10) : field.max_length.value_or(10);
  return text_of_length(field.min_length.value_or(0), std::min<std::size_t>(most, 12));
}

// Half of the numbers are at the ends of what the field can hold.
std::int64_t integer_for(const Field& field) {
  const unsigned bits = field.width * 8U;
  const bool is_unsigned = field.kind == Kind::unsigned_integer;
  const std::int64_t lowest = is_unsigned ? 0 : bits == 64 ? INT64_MIN + 1 : -(std::int64_t{1} << (bits - 1));
  const std::int64_t highest = bits == 64 ? INT64_MAX : (std::int64_t{1} << (is_unsigned ? bits : bits - 1)) - 1;
  const auto least = field.minimum ? static_cast<std::int64_t>(*field.minimum) : lowest;
  const auto most = field.maximum ? static_cast<std::int64_t>(*field.maximum) : highest;
  switch (*inRange(0, 4)) {
    case 0:
      return least;
    case 1:
      return most;
    default:
      return std::clamp<std::int64_t>(*inRange(0, 100), least, most);
  }
}

std::string document_for(const Table& table, bool reversed);

void write_value(JsonWriter& out, const Field& field, bool reversed) {
  if (field.kind == Kind::boolean) return out.boolean(*inRange(0, 2) == 1);
  if (field.kind == Kind::floating) {
    const double real = static_cast<double>(*inRange(-1000, 1000)) / 8;
    return out.number(std::clamp(real, field.minimum.value_or(real), field.maximum.value_or(real)));
  }
  if (field.kind == Kind::table) return out.raw(document_for(*field.table, reversed));
  if (field.is_time())
    return out.text(to_rfc3339({*inRange<std::int64_t>(-62'167'219'200'000'000, 253'402'300'799'999'999)}));
  if (field.kind == Kind::enumeration) {
    if (!field.allowed.empty()) return out.text(field.allowed[*inRange<std::size_t>(0, field.allowed.size())]);
    return out.text(field.values[*inRange<std::size_t>(0, field.values.size())].name);
  }
  if (field.kind == Kind::text && field.format == "json")
    return out.raw(*inRange(0, 2) == 0 ? "[1,{\"a\":null}]" : "\"x\"");
  if (field.kind == Kind::text) return out.text(text_for(field));
  out.number(integer_for(field));
}

void write_list(JsonWriter& out, const Field& field, bool reversed) {
  const auto least = field.min_items.value_or(0);
  const auto count = *inRange(least, std::min(field.max_items.value_or(4), least + 4) + 1);
  std::vector<std::string> items;
  for (std::uint32_t i = 0; i < count; ++i) {
    JsonWriter item;
    write_value(item, field, reversed);
    items.push_back(item.take());
    if (field.unique_items && std::ranges::count(items, items.back()) > 1) items.pop_back();
  }
  out.list([&] {
    for (const std::string& item : items) out.raw(item);
  });
}

// With `reversed`, the same choices make the same document with its keys in the opposite order.
std::string document_for(const Table& table, bool reversed) {
  std::vector<std::pair<std::string_view, std::string>> members;
  for (const Field& field : table.fields) {
    if (field.cleared || (!field.mandatory && *inRange(0, 2) == 0)) continue;
    JsonWriter value;
    if (field.is_list)
      write_list(value, field, reversed);
    else
      write_value(value, field, reversed);
    members.emplace_back(field.name, value.take());
  }
  if (reversed) std::ranges::reverse(members);
  JsonWriter out;
  out.object([&] {
    for (const auto& [name, value] : members) out.key(name).raw(value);
  });
  return out.take();
}

const Table& any_table() { return *contracts().tables()[*inRange<std::size_t>(0, contracts().tables().size())]; }

std::string encoded(const Table& table, BytesView bytes) {
  std::string out;
  encode_json(table, bytes, out, {.hidden = true, .nulls = false});
  return out;
}

RC_GTEST_PROP(RoundTrip, DocumentsThatFollowTheirContractComeBack, ()) {
  const Table& table = any_table();
  const std::string document = document_for(table, false);
  RC_LOG() << table.name << " " << document;
  const auto bytes = decode_json(table, document, kEverything);
  if (!bytes) RC_FAIL(bytes.error().problems[0].field + ": " + bytes.error().problems[0].detail);
  RC_ASSERT(verify(table, *bytes));
  const std::string back = encoded(table, *bytes);
  const auto again = decode_json(table, back, kEverything);
  if (!again) RC_FAIL(back + " " + again.error().problems[0].field + ": " + again.error().problems[0].detail);
  RC_ASSERT(*again == *bytes);
  RC_ASSERT(encoded(table, *again) == back);
}

RC_GTEST_PROP(RoundTrip, EveryFieldOfADocumentIsInTheBytes, ()) {
  const Table& table = any_table();
  const std::string document = document_for(table, false);
  RC_LOG() << table.name << " " << document;
  const auto bytes = decode_json(table, document, kEverything);
  RC_ASSERT(bytes.has_value());
  const std::string back = encoded(table, *bytes);
  for (const Field& field : table.fields) {
    const std::string key = fmt::format("\"{}\":", field.name);
    if (document.find(key) != std::string::npos) RC_ASSERT(back.find(key) != std::string::npos);
  }
}

RC_GTEST_PROP(RoundTrip, TheOrderOfKeysInCommandsDoesNotMatter, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto& aggregates = contracts().aggregates();
  const Aggregate& aggregate = aggregates[seed % aggregates.size()];
  const Table& table = *aggregate.commands[seed / 8 % aggregate.commands.size()].table;
  const auto make = [&](bool reversed) {
    return rc::gen::exec([&table, reversed] { return document_for(table, reversed); })(rc::Random(seed), 100).value();
  };
  const auto one = decode_json(table, make(false), kEverything);
  const auto other = decode_json(table, make(true), kEverything);
  RC_ASSERT(one.has_value());
  // Nested tables stand in the bytes in the order in which they came; they say the same.
  RC_ASSERT(encoded(table, *one) == encoded(table, other.value()));
}

}  // namespace
}  // namespace flowstone::schemas
