// `flowstone jsonata`: evaluates an expression, for scripts and to try what a workflow will do.
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "cli/program.hpp"
#include "jsonata/expression.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::cli {
namespace {

constexpr std::size_t kMaxOutput = 1U << 30U;  // bytes

struct JsonataOptions {
  std::string expression, file, input, bindings;
  bool indented = false;
  std::uint64_t steps = 100'000'000;
  std::uint32_t depth = 500;
  std::uint64_t memory_mib = 1024;
  std::uint64_t timeout_ms = 60'000;
};

int print_error(const jsonata::Error& error) {
  std::string json = R"({"error":{"code":)";
  jsonata::append_json_string(json, error.code);
  json += R"(,"message":)";
  jsonata::append_json_string(json, error.message);
  if (error.position != jsonata::kNowhere) json += fmt::format(R"(,"position":{})", error.position);
  if (!error.token.empty()) {
    json += R"(,"token":)";
    jsonata::append_json_string(json, error.token);
  }
  if (error.index != 0) json += fmt::format(R"(,"index":{})", error.index);
  if (!error.function_name.empty()) {
    json += R"(,"functionName":)";
    jsonata::append_json_string(json, error.function_name);
  }
  if (const auto value = jsonata::write_json(error.value, 1U << 16U); value && !error.value.is_undefined())
    json += R"(,"value":)" + *value;
  json += "}}";
  std::puts(json.c_str());
  return kFailed;
}

std::optional<std::string> read_text(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The document in a file; undefined without one.
Result<jsonata::Value, int> read_document(const std::string& path) {
  if (path.empty()) return jsonata::Value();
  const auto text = read_text(path);
  if (!text) return failure(fail(fmt::format("{} cannot be read", path)));
  auto value = jsonata::read_json(*text);
  if (!value)
    return failure(fail(fmt::format("{} is {} (byte {})", path, value.error().message, value.error().position)));
  return *std::move(value);
}

jsonata::Limits limits_of(const JsonataOptions& options) {
  jsonata::Limits limits;
  limits.steps = options.steps;
  limits.depth = options.depth;
  limits.memory = options.memory_mib << 20U;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(options.timeout_ms);
  limits.expired = [deadline] { return std::chrono::steady_clock::now() > deadline; };
  return limits;
}

int run_jsonata(const JsonataOptions& options) {
  auto text = std::optional(options.expression);
  if (!options.file.empty()) text = read_text(options.file);
  if (!text) return fail(fmt::format("{} cannot be read", options.file));
  const auto expression = jsonata::compile(*text);
  if (!expression) return print_error(expression.error());

  const auto input = read_document(options.input);
  if (!input) return input.error();
  const auto given = read_document(options.bindings);
  if (!given) return given.error();
  if (!given->is_undefined() && !given->is_object())
    return fail(fmt::format("{} must be an object: its members are the variables", options.bindings));
  std::mt19937_64 source{std::random_device()()};
  const jsonata::Context context{.now = SystemClock().now(),
                                 .random = [&source] { return std::uniform_real_distribution<double>()(source); }};
  const auto result = expression->evaluate(*input, given->is_object() ? given->members() : jsonata::Bindings(), context,
                                           limits_of(options));
  if (!result) return print_error(result.error());
  if (result->is_undefined()) return kDone;
  const auto json = jsonata::write_json(*result, kMaxOutput, options.indented);
  if (!json) return print_error(json.error());
  std::puts(json->c_str());
  return kDone;
}

}  // namespace

void add_jsonata(CLI::App& app, Choice& choice) {
  auto* command = app.add_subcommand("jsonata", "Evaluate a JSONata expression and print its value as JSON.");
  auto options = std::make_shared<JsonataOptions>();
  command->allow_extras();
  auto* expression = command->add_option("EXPR", options->expression, "The expression");
  auto* file = command->add_option("--file", options->file, "Read the expression from this file; - is stdin");
  file->excludes(expression);
  command->add_option("--input", options->input, "The JSON document that it looks at; - is stdin; without it: nothing");
  command->add_option("--bindings", options->bindings, "A JSON object in this file: each member is a $variable");
  command->add_flag("--pretty", options->indented, "Print the value in lines");
  command->add_option("--max-steps", options->steps, "Steps that the evaluation may take")->capture_default_str();
  command->add_option("--max-depth", options->depth, "Evaluations that may nest")->capture_default_str();
  command->add_option("--max-memory", options->memory_mib, "MiB that its values may take")
      ->check(CLI::Range(1U, 1U << 20U))
      ->capture_default_str();
  command->add_option("--timeout", options->timeout_ms, "Milliseconds that it may take")->capture_default_str();
  command->footer(
      "Prints nothing where the value is undefined. An expression that fails prints\n"
      "{\"error\":{\"code\",\"message\",\"position\"}} and exits with 1. docs/jsonata.md has the language.\n\n"
      "  flowstone jsonata '$sum(order.(price * quantity))' --input orders.json");
  command->callback([options, command, expression, file, &choice] {
    // "-5 + 1" is an expression, not an option.
    auto others = command->remaining();
    if (others.size() == 1 && expression->count() + file->count() == 0) {
      options->expression = std::move(others.front());
    } else if (!others.empty()) {
      throw CLI::ExtrasError(others);
    } else if (expression->count() + file->count() == 0) {
      throw CLI::RequiredError("EXPR or --file");
    }
    choice.run = [options] { return run_jsonata(*options); };
  });
}

}  // namespace flowstone::cli
