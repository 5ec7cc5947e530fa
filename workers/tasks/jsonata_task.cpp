#include "workers/tasks/jsonata_task.hpp"

#include <chrono>
#include <optional>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "jsonata/expression.hpp"
#include "jsonata/json_text.hpp"
#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {
namespace {

constexpr std::size_t kMostResult = std::size_t{1} << 20;  // bytes of its JSON
constexpr std::uint32_t kMostLevels = 60;
constexpr std::chrono::seconds kMostTime{5};
constexpr std::string_view kUsedUp = "Jsonata.U1001";

std::uint64_t fresh_seed() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U) | source();
}

TaskOutcome failure_of(const jsonata::Error& error) {
  auto cause = error.message.empty() ? jsonata::sentence_of(error) : error.message;
  if (error.position != jsonata::kNowhere) cause += fmt::format(" (at character {})", error.position);
  return failed("Jsonata." + error.code, std::move(cause));
}

// As JSON has it: nothing is null, functions are empty texts.
TaskOutcome output_of(const Value& value) {
  const auto json = jsonata::write_json(value, kMostResult);
  if (!json || value.height() > kMostLevels)
    return failed(std::string(kUsedUp),
                  fmt::format("The result has more than {} bytes or {} levels.", kMostResult, kMostLevels));
  auto plain = jsonata::read_json(*json);
  return {.output = plain ? *std::move(plain) : Value::null()};
}

}  // namespace

struct JsonataTask::Budget {
  std::uint64_t steps;
  std::size_t memory;
  std::size_t expression;  // bytes of it
};
constexpr JsonataTask::Budget JsonataTask::kWhole{
    .steps = 5'000'000, .memory = std::size_t{64} << 20, .expression = SIZE_MAX};
constexpr JsonataTask::Budget JsonataTask::kMoment{
    .steps = 20'000, .memory = std::size_t{1} << 20, .expression = 4'096};

JsonataTask::JsonataTask(const Clock& clock, LaneLimits limits)
    : clock_(clock), lane_(limits, [this](const TaskCall& call, const std::stop_token& stop) {
        return evaluate(call, kWhole, stop);
      }) {}

TaskHandler::AtOnce JsonataTask::at_once(const TaskCall& call) {
  auto outcome = evaluate(call, kMoment, {});
  if (!outcome || outcome->error == kUsedUp) return {};
  return *std::move(outcome);
}

std::optional<TaskOutcome> JsonataTask::evaluate(const TaskCall& call, const Budget& budget,
                                                 const std::stop_token& stop) const {
  Arguments arguments(call);
  const auto text = arguments.text("Expression");
  if (arguments.mistake()) return arguments.mistake();
  if (text.size() > budget.expression) return std::nullopt;
  const auto expression = jsonata::compile(text);
  if (!expression) return failure_of(expression.error());
  // Most expressions leave nothing to chance, and where it comes from costs more than they do.
  std::optional<std::mt19937_64> chance;
  const jsonata::Context context{.now = clock_.now(), .random = [&chance] {
                                   if (!chance) chance.emplace(fresh_seed());
                                   return static_cast<double>((*chance)() >> 11) * 0x1.0p-53;
                                 }};
  const auto until = std::chrono::steady_clock::now() + kMostTime;
  jsonata::Limits limits;
  limits.steps = budget.steps;
  limits.memory = budget.memory;
  limits.expired = [&] { return stop.stop_requested() || std::chrono::steady_clock::now() >= until; };
  const auto* input = call.input.find("Input");
  const auto value = expression->evaluate(input == nullptr ? Value() : *input, {}, context, limits);
  if (stop.stop_requested()) return std::nullopt;
  return value ? output_of(*value) : failure_of(value.error());
}

}  // namespace flowstone::workers
