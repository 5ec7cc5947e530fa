#include "cli/json_text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace flowstone::cli {
namespace {

namespace json = boost::json;

void append(const json::value& value, std::string& out);

void append(const json::object& object, std::string& out) {
  out += '{';
  for (bool first = true; const auto& member : object) {
    if (!first) out += ',';
    first = false;
    out.append(json::serialize(json::string(member.key()))).append(":");
    append(member.value(), out);
  }
  out += '}';
}

void append(const json::array& array, std::string& out) {
  out += '[';
  for (bool first = true; const auto& item : array) {
    if (!first) out += ',';
    first = false;
    append(item, out);
  }
  out += ']';
}

void append(const json::value& value, std::string& out) {
  if (value.is_object()) return append(value.get_object(), out);
  if (value.is_array()) return append(value.get_array(), out);
  if (value.is_double())
    fmt::format_to(std::back_inserter(out), "{}", value.get_double());
  else
    out += json::serialize(value);
}

}  // namespace

std::string json_text(const json::value& value) {
  std::string out;
  append(value, out);
  return out;
}

}  // namespace flowstone::cli
