#include "schemas/json_reader.hpp"

#include <algorithm>

#include "schemas/value_rules.hpp"

namespace flowstone::schemas {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view sentence_of(simdjson::error_code error) {
  if (error == simdjson::EMPTY) return "is empty; it must be a JSON object";
  if (error == simdjson::UTF8_ERROR) return "is not UTF-8";
  if (error == simdjson::UNESCAPED_CHARS) return "is not JSON: a control character in a text must be escaped";
  if (error == simdjson::UNCLOSED_STRING) return "is not JSON: a text is not closed";
  if (error == simdjson::STRING_ERROR) return "is not JSON: a text has an invalid escape";
  if (error == simdjson::INCOMPLETE_ARRAY_OR_OBJECT)
    return "is not JSON: it ends before every bracket is closed, or goes on after the last";
  if (error == simdjson::CAPACITY) return "is too large";
  return "is not JSON: something is missing or superfluous";
}

bool walk_object(ondemand::value value, std::size_t depth, JsonFault& fault, std::size_t most) {
  ondemand::object object;
  if (!fault.ok(value.get_object().get(object))) return false;
  for (auto member : object) {
    ondemand::field field;
    std::string_view key;
    if (!fault.ok(std::move(member).get(field)) || !fault.ok(field.unescaped_key().get(key))) return false;
    if (!walk(field.value(), depth + 1, fault, most)) return false;
  }
  return true;
}

bool walk_array(ondemand::value value, std::size_t depth, JsonFault& fault, std::size_t most) {
  ondemand::array array;
  if (!fault.ok(value.get_array().get(array))) return false;
  for (auto element : array) {
    ondemand::value item;
    if (!fault.ok(std::move(element).get(item)) || !walk(item, depth + 1, fault, most)) return false;
  }
  return true;
}

bool walk_text(ondemand::value value, JsonFault& fault) {
  std::string_view text;
  if (!fault.ok(value.get_string().get(text))) return false;
  return text.find('\0') == std::string_view::npos || fault.fail("has the character U+0000 in a text");
}

}  // namespace

bool JsonFault::ok(simdjson::error_code error) { return error == simdjson::SUCCESS || fail(sentence_of(error)); }

bool JsonFault::fail(std::string_view sentence) {
  if (sentence_.empty()) sentence_ = sentence;
  return false;
}

std::string_view token_of(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() && is_space(token.back())) token.remove_suffix(1);
  return token;
}

bool walk(ondemand::value value, std::size_t depth, JsonFault& fault, std::size_t most) {
  ondemand::json_type type{};
  if (!fault.ok(value.type().get(type))) return false;
  switch (type) {
    case ondemand::json_type::object:
    case ondemand::json_type::array:
      if (depth >= most)
        return fault.fail(most == kMaxJsonDepth ? "is nested more than 16 deep" : "is nested more than 64 deep");
      return type == ondemand::json_type::object ? walk_object(value, depth, fault, most)
                                                 : walk_array(value, depth, fault, most);
    case ondemand::json_type::string:
      return walk_text(value, fault);
    case ondemand::json_type::number:
      return is_json_number(token_of(value)) || fault.fail("is not JSON: a number is malformed");
    case ondemand::json_type::boolean:
      return token_of(value) == "true" || token_of(value) == "false" || fault.fail("is not JSON: an unknown word");
    case ondemand::json_type::null:
      return token_of(value) == "null" || fault.fail("is not JSON: an unknown word");
  }
  return false;
}

std::string_view name_of(ondemand::json_type type) {
  switch (type) {
    case ondemand::json_type::object:
      return "an object";
    case ondemand::json_type::array:
      return "a list";
    case ondemand::json_type::string:
      return "text";
    case ondemand::json_type::number:
      return "a number";
    case ondemand::json_type::boolean:
      return "true or false";
    case ondemand::json_type::null:
      return "null";
  }
  return {};
}

std::string compact(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool inside_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (inside_text && c == '\\') {
      out.push_back(c);
      out.push_back(json[++i]);
      continue;
    }
    if (c == '"') inside_text = !inside_text;
    if (inside_text || !is_space(c)) out.push_back(c);
  }
  return out;
}

}  // namespace flowstone::schemas
