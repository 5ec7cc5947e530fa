// JSON to FlatBuffers and back by contract: what every command, event and answer costs before anything else happens.
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "base/check.hpp"
#include "bench/report.hpp"
#include "schemas/contract.hpp"
#include "schemas/json.hpp"

namespace flowstone::bench {
namespace {

using schemas::Table;

// A command of about 800 bytes with a text, a list, numbers, times and ids.
std::string command_json() {
  const std::string description(430, 'd');
  return fmt::format(
      R"({{"title":"Write the quarterly report for the board, first draft","description":"{}","priority":4,)"
      R"("labels":["writing","finance","board","quarter-3"],"effort_minutes":90,)"
      R"("due_at":"2030-03-31T17:00:00.000Z","scheduled_for":"2030-03-30T09:00:00.000Z",)"
      R"("preferred_time":"morning","intent_id":"01920000-0000-7000-8000-000000000001",)"
      R"("project_id":"01920000-0000-7000-8000-000000000002"}})",
      description);
}

template <class Round>
double nanoseconds_each(int rounds, Round round) {
  const auto start = std::chrono::steady_clock::now();
  for (int at = 0; at < rounds; ++at) round();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return took.count() / rounds;
}

void row(std::string_view measure, double value, std::optional<double> at_most, std::string beside = {}) {
  report({.measure = measure,
          .value = value,
          .unit = "ns",
          .at_least = {},
          .at_most = at_most,
          .beside = std::move(beside)});
}

void measure_codec(int rounds) {
  const Table& table = *schemas::contracts().find_table("CreateTask");
  const std::string json = command_json();
  const auto decoded = schemas::decode_json(table, json);
  check(decoded.has_value(), "the document follows its contract");
  std::string back;
  schemas::encode_json(table, *decoded, back);
  check(back == json, "JSON goes there and back unchanged");

  const std::string sizes = fmt::format("{} bytes of JSON, {} of FlatBuffer", json.size(), decoded->size());
  row("codec: decode and validate",
      nanoseconds_each(rounds, [&] { check(schemas::decode_json(table, json).has_value(), "valid"); }), 2'000, sizes);
  row("codec: encode",
      nanoseconds_each(rounds,
                       [&] {
                         back.clear();
                         schemas::encode_json(table, *decoded, back);
                         check(back.size() == json.size(), "the same text each time");
                       }),
      1'000, sizes);
  row("codec: verify", nanoseconds_each(rounds, [&] { check(schemas::verify(table, *decoded), "well-formed"); }), {});
}

void measure_refusal(int rounds) {
  const Table& table = *schemas::contracts().find_table("CreateTask");
  const std::string json = R"({"title":"","priority":9,"labels":["a","a"],"due_at":"tomorrow","titel":1})";
  check(schemas::decode_json(table, json).error().problems.size() == 5, "every problem is reported");
  row("codec: refuse with five problems",
      nanoseconds_each(rounds, [&] { check(!schemas::decode_json(table, json), "refused"); }), {});
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;  // NOLINT: the program is this room's
  const Options options = options_of(count, arguments);
  const int rounds = options.tiny ? 1'000 : 500'000;
  measure_codec(rounds);
  measure_refusal(rounds);
  remove_directory(options);
}
