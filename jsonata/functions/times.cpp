// Times: the evaluation's own, and to and from text.
#include <cmath>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/picture_time.hpp"

namespace flowstone::jsonata {
namespace {

double now_of(const Call& call) { return static_cast<double>(call.evaluator.context().now.millis()); }

Value formatted(double millis, const Value& picture, const Value& zone) {
  if (!(std::abs(millis) <= kMaxMillis)) fail("D3110", {.value = Value::number(millis)});
  const auto parts = parse_time_picture(picture.is_string() ? picture.text() : std::string_view(kIsoPicture));
  return Value::string(format_time(millis, parts, zone.is_string() ? zone_of(zone.text()) : 0));
}

Value now(Call& call) { return formatted(now_of(call), call[0], call[1]); }
Value millis(Call& call) { return Value::number(now_of(call)); }

Value from_millis(Call& call) {
  if (call[0].is_undefined()) return {};
  return formatted(call[0].as_number(), call[1], call[2]);
}

Value to_millis(Call& call) {
  if (call[0].is_undefined()) return {};
  if (call[1].is_string()) {
    const auto parsed = parse_time(call[0].text(), parse_time_picture(call[1].text()), now_of(call));
    return parsed ? Value::number(*parsed) : Value();
  }
  const auto parsed = parse_iso_time(call[0].text());
  if (!parsed) fail("D3110", {.value = call[0]});
  return Value::number(*parsed);
}

}  // namespace

void add_time_functions(std::vector<BuiltIn>& all) {
  all.insert(all.end(), {
                            {"now", "<s?s?:s>", 2, now},
                            {"millis", "<:n>", 0, millis},
                            {"fromMillis", "<n-s?s?:s>", 3, from_millis},
                            {"toMillis", "<s-s?:n>", 2, to_millis},
                        });
}

}  // namespace flowstone::jsonata
