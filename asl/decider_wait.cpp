#include <cmath>

#include <fmt/core.h>

#include "asl/decider.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

std::string plain(const Value& value) {
  return value.is_string() ? value.text() : jsonata::write_json(value).value_or("...");
}

// RFC 3339 with a `T` and an offset.
std::optional<Timestamp> strict_time(const Value& value) {
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.text();
  if (text.size() < 20 || text[10] != 'T') return std::nullopt;
  if (text.back() != 'Z' && text[text.size() - 3] != ':') return std::nullopt;
  return from_rfc3339(text);
}

Failure runtime(std::string cause) { return {"States.Runtime", std::move(cause), {}}; }

}  // namespace

Event Decider::wait() {
  Flow flow;
  if (auto entered = asl::enter(state(), scope(), flow); !entered) return fail(entered.error());
  const auto end = end_of_wait(flow.effective);
  if (!end) return fail(end.error());
  Event out = event(EventType::timer_set);
  out.until = *end;
  return out;
}

Result<Timestamp, Failure> Decider::end_of_wait(const Value& input) {
  for (const auto field : {Field::seconds, Field::timestamp}) {
    const auto* form = state().field(field);
    if (form == nullptr) continue;
    FLOWSTONE_TRY(const auto value, fill(*form, scope(), std::string(name_of(field))));
    if (form->expression() == nullptr || field == Field::timestamp)
      return field == Field::seconds ? end_after(value, {}) : end_at(value, {});
    if (!value.is_number() || std::trunc(value.as_number()) != value.as_number())
      return failure(unexpected_kind(*form, std::string(name_of(field)), "integer", value));
    return end_after(value, {});
  }
  for (const auto field : {Field::seconds_path, Field::timestamp_path}) {
    const auto* form = state().field(field);
    if (form == nullptr || form->query() == nullptr) continue;
    const auto& path = form->query()->text();
    auto value = fill(*form, scope_with(input, branch_.item), std::string(name_of(field)));
    if (!value)
      return failure(
          runtime(fmt::format("The {} parameter does not reference an input value: {}", name_of(field), path)));
    return field == Field::seconds_path ? end_after(*value, path) : end_at(*value, path);
  }
  return failure(runtime("the state says not how long to wait"));
}

Result<Timestamp, Failure> Decider::end_after(const Value& seconds, const std::string& path) {
  const bool whole = seconds.is_number() && std::trunc(seconds.as_number()) == seconds.as_number();
  const auto& found = plain(seconds);
  if (!whole)
    return failure(
        runtime(fmt::format("The SecondsPath parameter cannot be parsed as a long value: {} == {}", path, found)));
  if (seconds.as_number() >= 0) return later(now_, seconds.as_number());
  if (!path.empty())
    return failure(
        runtime(fmt::format("The SecondsPath parameter references a negative value: {} == {}", path, found)));
  return failure(Failure{"States.QueryEvaluationError",
                         fmt::format("The Seconds field must not be negative: {}", found), "Seconds"});
}

Result<Timestamp, Failure> Decider::end_at(const Value& time, const std::string& path) {
  if (const auto at = strict_time(time)) return *at;
  if (path.empty())
    return failure(Failure{
        "States.QueryEvaluationError",
        fmt::format("The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {}",
                    plain(time)),
        "Timestamp"});
  return failure(
      runtime(fmt::format("The TimestampPath parameter does not reference a valid ISO-8601 extended offset "
                          "date-time format string: {} == {}",
                          path, plain(time))));
}

}  // namespace flowstone::asl
