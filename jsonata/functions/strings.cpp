// Strings, counted in code points.
#include <algorithm>
#include <cmath>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/json_text.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

Value string(Call& call) {
  if (call[0].is_undefined()) return {};
  return Value::string(to_text(call[0], call[1].is_boolean() && call[1].as_boolean()));
}

Value length(Call& call) {
  if (call[0].is_undefined()) return {};
  spend(call[0].text().size() / 64);
  return Value::number(static_cast<double>(count_code_points(call[0].text())));
}

Value mapped(const Value& text, std::string (*mapping)(std::string_view)) {
  if (text.is_undefined()) return {};
  spend(text.text().size() / 64);
  admit(text.text().size() * 3);  // what a mapping may need
  return Value::string(mapping(text.text()));
}

Value upper(Call& call) { return mapped(call[0], to_upper); }
Value lower(Call& call) { return mapped(call[0], to_lower); }

Value trim(Call& call) {
  if (call[0].is_undefined()) return {};
  std::string trimmed;
  bool gap = false;
  for (const char c : call[0].text()) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      gap = true;
      continue;
    }
    if (gap && !trimmed.empty()) trimmed.push_back(' ');
    gap = false;
    trimmed.push_back(c);
  }
  return Value::string(std::move(trimmed));
}

// Between 0 and `size`; negative places count from the end.
std::size_t place_in(double place, std::size_t size) {
  const double whole = std::trunc(place);
  const double from_start = whole < 0 ? whole + static_cast<double>(size) : whole;
  return static_cast<std::size_t>(std::clamp(from_start, 0.0, static_cast<double>(size)));
}

Value substring(Call& call) {
  if (call[0].is_undefined()) return {};
  if (call[1].is_undefined()) return call[2].is_undefined() ? call[0] : Value::string("");
  const std::string& text = call[0].text();
  spend(text.size() / 64);
  const std::size_t size = count_code_points(text);
  double start = call[1].as_number();
  if (static_cast<double>(size) + start < 0) start = 0;
  std::size_t end = size;
  if (!call[2].is_undefined()) {
    const double length = call[2].as_number();
    if (!(length > 0)) return Value::string("");
    end = place_in(std::max(0.0, (start >= 0 ? start : static_cast<double>(size) + start) + length), size);
  }
  const std::size_t begin = place_in(start, size);
  if (end <= begin) return Value::string("");
  const std::size_t from = byte_of_code_point(text, begin);
  const std::size_t bytes = byte_of_code_point(std::string_view(text).substr(from), end - begin);
  return Value::string(text.substr(from, bytes));
}

Value substring_before(Call& call) {
  if (call[0].is_undefined() || call[1].is_undefined()) return call[0];
  return Value::string(call[0].text().substr(0, call[0].text().find(call[1].text())));
}

Value substring_after(Call& call) {
  if (call[0].is_undefined() || call[1].is_undefined()) return call[0];
  const auto found = call[0].text().find(call[1].text());
  return found == std::string::npos ? call[0] : Value::string(call[0].text().substr(found + call[1].text().size()));
}

Value pad(Call& call) {
  if (call[0].is_undefined() || call[1].is_undefined()) return call[0];
  const double width = std::trunc(call[1].as_number());
  const std::string& text = call[0].text();
  const auto size = static_cast<double>(count_code_points(text));
  if (!(std::abs(width) > size)) return call[0];
  const std::u32string unit = to_code_points(call[2].is_string() && !call[2].text().empty() ? call[2].text() : " ");
  const double missing = std::abs(width) - size;
  spend(static_cast<std::uint64_t>(std::min(missing, 1e15) / 16));
  admit(static_cast<std::size_t>(std::min(missing, 1e15)));
  std::string padding;
  for (std::size_t at = 0; at < static_cast<std::size_t>(missing); ++at) {
    append_code_point(padding, unit[at % unit.size()]);
    if (at % 4096 == 0) admit(padding.size());
  }
  return Value::string(width > 0 ? text + padding : padding + text);
}

Value join(Call& call) {
  if (call[0].is_undefined()) return {};
  const std::string separator = call[1].is_string() ? call[1].text() : "";
  std::string joined;
  bool first = true;
  for (const auto& item : call[0].items()) {
    if (!first) joined += separator;
    first = false;
    joined += item.text();
    spend(1);
    admit(joined.size());
  }
  return Value::string(std::move(joined));
}

}  // namespace

void add_string_functions(std::vector<BuiltIn>& all) {
  all.insert(all.end(), {
                            {"string", "<x-b?:s>", 1, string},
                            {"length", "<s-:n>", 1, length},
                            {"uppercase", "<s-:s>", 1, upper},
                            {"lowercase", "<s-:s>", 1, lower},
                            {"trim", "<s-:s>", 1, trim},
                            {"substring", "<s-nn?:s>", 3, substring},
                            {"substringBefore", "<s-s:s>", 2, substring_before},
                            {"substringAfter", "<s-s:s>", 2, substring_after},
                            {"pad", "<s-ns?:s>", 3, pad},
                            {"join", "<a<s>s?:s>", 2, join},
                        });
}

}  // namespace flowstone::jsonata
