// Any text as a definition, over any input: it is refused with reasons, or its run ends within its budget, from any
// point of its events in the same way.
//
// The input: a document, a line feed, the definition. Without a line feed all of it is the definition.
#include <memory>

#include "asl/history.hpp"
#include "asl/simulator.hpp"
#include "base/check.hpp"
#include "jsonata/json_text.hpp"

namespace {

using flowstone::asl::Value;

std::string text_of(const Value& value) { return flowstone::jsonata::write_json(value).value_or(""); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;       // NOLINT: the whole program is this function
  using namespace flowstone::asl;  // NOLINT
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};  // NOLINT: bytes seen as chars
  const auto line = bytes.find('\n');
  const auto document = line == std::string_view::npos ? std::string_view() : bytes.substr(0, line);
  auto read = read_definition(line == std::string_view::npos ? bytes : bytes.substr(line + 1));
  if (!read) {
    check(!read.error().empty(), "a definition is refused for a reason");
    return 0;
  }
  const auto definition = std::make_shared<const Definition>(*std::move(read));
  SimulateOptions options;
  options.now = Timestamp::from_millis(1'700'000'000'000);
  options.limits.events = 200;
  options.limits.evaluation.steps = 2'000;
  options.limits.evaluation.memory = 2U << 20U;
  const Answers answers{{"T", {{Value::null(), {}, {}, 1}, {{}, "E", "c", 0}}}};
  const auto input = jsonata::read_json(document).value_or(Value::object({}));
  const auto made = simulate(definition, input, answers, options);
  check(made.events.size() <= options.limits.events + 2, "the limit of events is kept");
  check(history(*definition, made.events).is_array(), "every run has a history");
  asl::Run run(definition);
  for (const auto& event : made.events) {
    const auto back = event_of(to_value(event));
    check(back.has_value() && text_of(to_value(*back)) == text_of(to_value(event)), "events survive their JSON");
    check(run.apply(*back).has_value(), "events that happened can follow");
  }
  check(run.status() == made.status, "the fold of the events is the run");
  return 0;
}
