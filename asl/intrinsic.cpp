#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "asl/evaluate.hpp"
#include "asl/hash.hpp"
#include "base/bytes.hpp"
#include "jsonata/json_text.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::asl {
namespace {

using jsonata::equal;
using Arguments = std::vector<Value>;
using Answer = Result<Value, std::string>;

std::optional<std::int64_t> whole(const Value& value) {
  if (!value.is_number() || std::abs(value.as_number()) > 9e15) return std::nullopt;
  return static_cast<std::int64_t>(std::round(value.as_number()));
}

// As the service writes values into texts: texts without quotation marks, objects as {a=1, b=[]}.
std::string plain(const Value& value) {
  if (value.is_string()) return value.text();
  std::string out;
  if (value.is_array()) {
    for (const auto& item : value.items()) out += (out.empty() ? "" : ", ") + plain(item);
    return "[" + out + "]";
  }
  if (value.is_object()) {
    for (const auto& [key, inner] : value.members()) out += (out.empty() ? "" : ", ") + key + "=" + plain(inner);
    return "{" + out + "}";
  }
  return jsonata::write_json(value).value_or("null");
}

Answer format(const Arguments& arguments) {
  if (!arguments.front().is_string()) return failure(std::string("the template must be a string"));
  const auto& form = arguments.front().text();
  std::string out;
  std::size_t next = 1;
  for (std::size_t at = 0; at < form.size(); ++at) {
    if (form[at] == '\\' && at + 1 < form.size()) {
      out += form[++at];
    } else if (form.compare(at, 2, "{}") == 0) {
      if (next == arguments.size()) return failure(std::string("there are more holes `{}` than arguments"));
      out += plain(arguments[next++]);
      ++at;
    } else {
      out += form[at];
    }
  }
  if (next != arguments.size()) return failure(std::string("there are fewer holes `{}` than arguments"));
  return Value::string(std::move(out));
}

Answer partition(const Arguments& arguments) {
  const auto size = whole(arguments[1]);
  if (!arguments[0].is_array() || !size || *size < 1)
    return failure(std::string("a list and a size of at least 1 are needed"));
  std::vector<Value> out, part;
  for (const auto& item : arguments[0].items()) {
    part.push_back(item);
    if (part.size() < static_cast<std::size_t>(*size)) continue;
    out.push_back(Value::array(std::move(part)));
    part.clear();
  }
  if (!part.empty()) out.push_back(Value::array(std::move(part)));
  return Value::array(std::move(out));
}

Answer range(const Arguments& arguments) {
  const auto first = whole(arguments[0]), last = whole(arguments[1]), stride = whole(arguments[2]);
  if (!first || !last || !stride || *stride == 0)
    return failure(std::string("three numbers, the last not 0, are needed"));
  std::vector<Value> out;
  for (auto at = *first; *stride > 0 ? at <= *last : at >= *last; at += *stride) {
    if (out.size() == kMaxRangeItems)
      return failure(fmt::format("the list would have more than {} items", kMaxRangeItems));
    out.push_back(Value::number(static_cast<double>(at)));
  }
  return Value::array(std::move(out));
}

Answer item_of(const Arguments& arguments) {
  const auto index = whole(arguments[1]);
  if (!arguments[0].is_array() || !index) return failure(std::string("a list and an index are needed"));
  if (*index < 0 || static_cast<std::size_t>(*index) >= arguments[0].items().size())
    return failure(fmt::format("the list has no item {}", *index));
  return arguments[0].items()[static_cast<std::size_t>(*index)];
}

Answer unique(const Arguments& arguments) {
  if (!arguments[0].is_array()) return failure(std::string("a list is needed"));
  std::vector<Value> out;
  for (const auto& item : arguments[0].items())
    if (std::ranges::none_of(out, [&](const Value& seen) { return equal(seen, item); })) out.push_back(item);
  return Value::array(std::move(out));
}

Answer merge(const Arguments& arguments) {
  if (!arguments[0].is_object() || !arguments[1].is_object()) return failure(std::string("two objects are needed"));
  if (!arguments[2].is_boolean() || arguments[2].as_boolean())
    return failure(std::string("only shallow merging, `false`, is there"));
  auto members = arguments[0].members();
  members.insert(members.end(), arguments[1].members().begin(), arguments[1].members().end());
  return Value::object(std::move(members));
}

// From the first number up to, and without, the second. A seed gives the same number each time.
Answer random_number(const Arguments& arguments, const std::function<double()>& random) {
  const auto first = whole(arguments[0]), last = whole(arguments[1]);
  if (!first || !last || *first >= *last) return failure(std::string("two numbers, the second larger, are needed"));
  double lot = 0;
  if (arguments.size() == 3) {
    const auto seed = whole(arguments[2]);
    if (!seed) return failure(std::string("the seed must be a number"));
    auto mixed = static_cast<std::uint64_t>(*seed) + 0x9E3779B97F4A7C15U;  // splitmix64
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    lot = static_cast<double>((mixed ^ (mixed >> 31U)) >> 11U) * 0x1p-53;
  } else {
    lot = random();
  }
  return Value::number(static_cast<double>(*first) + std::floor(lot * static_cast<double>(*last - *first)));
}

Answer sum(const Arguments& arguments) {
  const auto left = whole(arguments[0]), right = whole(arguments[1]);
  if (!left || !right) return failure(std::string("two numbers are needed"));
  return Value::number(static_cast<double>(*left + *right));
}

// At each of the second text's characters; empty parts are left out.
Answer split(const Arguments& arguments) {
  if (!arguments[0].is_string() || !arguments[1].is_string()) return failure(std::string("two strings are needed"));
  const auto& text = arguments[0].text();
  std::vector<Value> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of(arguments[1].text(), at), text.size());
    if (end > at) out.push_back(Value::string(text.substr(at, end - at)));
    at = end + 1;
  }
  return Value::array(std::move(out));
}

std::string uuid(const std::function<double()>& random) {
  std::string out;
  for (const char c : std::string_view("xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx")) {
    const auto digit = static_cast<unsigned>(random() * 16);
    out += c == 'x' ? "0123456789abcdef"[digit] : c == 'y' ? "89ab"[digit / 4] : c;
  }
  return out;
}

Answer of_text(Intrinsic function, const Arguments& arguments) {
  if (!arguments[0].is_string()) return failure(std::string("a string is needed"));
  const auto& text = arguments[0].text();
  if (function == Intrinsic::base64_encode) return Value::string(to_base64(text));
  if (function == Intrinsic::base64_decode) {
    auto bytes = from_base64(text);
    if (!bytes) return failure(std::string("the text is not Base64"));
    return Value::string(std::string(bytes->begin(), bytes->end()));
  }
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return Value::null();
  auto value = jsonata::read_json(text);
  if (!value) return failure(fmt::format("the text is not JSON: {}", value.error().message));
  return *std::move(value);
}

Answer hash_of(const Arguments& arguments) {
  if (!arguments[1].is_string()) return failure(std::string("the algorithm must be a string"));
  const auto bytes = arguments[0].is_string() ? arguments[0].text() : jsonata::write_json(arguments[0]).value_or("");
  if (bytes.size() > kMaxHashedBytes)
    return failure(fmt::format("there are more than {} bytes to hash", kMaxHashedBytes));
  auto digest = hash(arguments[1].text(), bytes);
  if (!digest) return failure(fmt::format("there is no algorithm '{}'", arguments[1].text()));
  return Value::string(*std::move(digest));
}

}  // namespace

Answer call(Intrinsic function, const Arguments& arguments, const std::function<double()>& random) {
  switch (function) {
    case Intrinsic::format:
      return format(arguments);
    case Intrinsic::string_to_json:
    case Intrinsic::base64_encode:
    case Intrinsic::base64_decode:
      return of_text(function, arguments);
    case Intrinsic::json_to_string: {
      auto text = jsonata::write_json(arguments[0]);
      if (!text) return failure(text.error().message);
      return Value::string(*std::move(text));
    }
    case Intrinsic::array:
      return Value::array(arguments);
    case Intrinsic::array_partition:
      return partition(arguments);
    case Intrinsic::array_contains:
      if (!arguments[0].is_array()) return failure(std::string("a list is needed"));
      return Value::boolean(
          std::ranges::any_of(arguments[0].items(), [&](const Value& item) { return equal(item, arguments[1]); }));
    case Intrinsic::array_range:
      return range(arguments);
    case Intrinsic::array_get_item:
      return item_of(arguments);
    case Intrinsic::array_length:
      if (!arguments[0].is_array()) return failure(std::string("a list is needed"));
      return Value::number(static_cast<double>(arguments[0].items().size()));
    case Intrinsic::array_unique:
      return unique(arguments);
    case Intrinsic::hash:
      return hash_of(arguments);
    case Intrinsic::json_merge:
      return merge(arguments);
    case Intrinsic::math_random:
      return random_number(arguments, random);
    case Intrinsic::math_add:
      return sum(arguments);
    case Intrinsic::string_split:
      return split(arguments);
    case Intrinsic::uuid:
      return Value::string(uuid(random));
  }
  return failure(std::string("there is no such function"));
}

}  // namespace flowstone::asl
