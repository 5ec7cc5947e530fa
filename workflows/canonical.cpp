#include "workflows/canonical.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "jsonata/json_text.hpp"

namespace flowstone::workflows {
namespace {

using jsonata::Member;
using jsonata::Value;

// The order of UTF-16: characters beyond U+FFFF stand before those from U+E000 on, whose bytes are smaller.
unsigned rank(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value == 0xEE || value == 0xEF ? value + 0x10U : value;
}

bool stands_before(const Member* left, const Member* right) {
  return std::ranges::lexicographical_compare(left->key, right->key, {}, rank, rank);
}

void write(const Value& value, std::string& out) {
  if (value.is_array()) {
    out += '[';
    for (const auto& item : value.items()) {
      if (&item != &value.items().front()) out += ',';
      write(item, out);
    }
    out += ']';
  } else if (value.is_object()) {
    std::vector<const Member*> sorted;
    for (const auto& member : value.members()) sorted.push_back(&member);
    std::ranges::sort(sorted, stands_before);
    out += '{';
    for (const auto* member : sorted) {
      if (member != sorted.front()) out += ',';
      jsonata::append_json_string(out, member->key);
      out += ':';
      write(member->value, out);
    }
    out += '}';
  } else if (auto text = jsonata::write_json(value)) {
    out += *text;
  }
}

}  // namespace

std::string canonical_json(const Value& value) {
  std::string out;
  write(value, out);
  return out;
}

}  // namespace flowstone::workflows
