#include "tests/jsonata/suite.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "jsonata/expression.hpp"
#include "jsonata/json_text.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::jsonata {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Value member(const Value& object, std::string_view name) {
  const Value* found = object.is_object() ? object.find(name) : nullptr;
  return found != nullptr ? *found : Value();
}

Value input_of(const Case& tried, const fs::path& directory) {
  if (const Value* data = tried.fields.find("data")) return *data;
  const Value dataset = member(tried.fields, "dataset");
  if (!dataset.is_string()) return {};
  static std::map<std::string, Value> known;
  auto& value = known[dataset.text()];
  if (value.is_undefined())
    value = read_json(read_file(directory / "datasets" / (dataset.text() + ".json"))).value_or(Value());
  return value;
}

std::string shown(const Value& value) {
  if (value.is_undefined()) return "nothing";
  return write_json(value, 1U << 20U).value_or("a long value").substr(0, 200);
}

Limits limits_of(const Case& tried) {
  Limits limits;
  limits.steps = 200'000'000;
  limits.memory = 1U << 30U;
  const Value depth = member(tried.fields, "depth");
  const Value time = member(tried.fields, "timelimit");
  if (depth.is_undefined() || time.is_undefined()) return limits;
  limits.depth = static_cast<std::uint32_t>(depth.as_number());
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(static_cast<int>(time.as_number()));
  limits.expired = [deadline] { return std::chrono::steady_clock::now() > deadline; };
  return limits;
}

Value field_of(const Error& error, const std::string& name) {
  if (name == "code") return Value::string(error.code);
  if (name == "message") return Value::string(error.message);
  if (name == "token") return Value::string(error.token);
  if (name == "functionName") return Value::string(error.function_name);
  if (name == "position") return Value::number(error.position);
  if (name == "index") return Value::number(error.index);
  if (name == "value") return error.value;
  return {};
}

Outcome judge_error(const Case& tried, const Error& error, bool compiling) {
  const std::string got = error.code + " (" + error.message + ")";
  if (const Value code = member(tried.fields, "code"); code.is_string()) {
    if (code.text() != error.code) return {.passed = false, .reason = "got " + got + ", wanted " + code.text()};
    const Value token = member(tried.fields, "token");
    if (compiling && token.is_string() && token.text() != error.token)
      return {.passed = false, .reason = "got token " + error.token + ", wanted " + token.text()};
    return {.passed = true, .reason = {}};
  }
  const Value wanted = member(tried.fields, "error");
  if (!wanted.is_object()) return {.passed = false, .reason = "failed: " + got};
  for (const auto& [name, value] : wanted.members()) {
    if (!equal(field_of(error, name), value))
      return {.passed = false, .reason = "of the error, " + name + " is " + shown(field_of(error, name))};
  }
  return {.passed = true, .reason = {}};
}

Outcome judge_value(const Case& tried, const Value& value) {
  if (!member(tried.fields, "undefinedResult").is_undefined())
    return {.passed = value.is_undefined(), .reason = "got " + shown(value) + ", wanted nothing"};
  const Value* wanted = tried.fields.find("result");
  if (wanted == nullptr) return {.passed = false, .reason = "got " + shown(value) + ", wanted an error"};
  // Through JSON: functions and the like are compared as what they print.
  const auto text = write_json(value, 1U << 30U);
  const Value plain = text && !value.is_undefined() ? read_json(*text).value_or(Value()) : Value();
  return {.passed = equal(plain, *wanted), .reason = "got " + shown(value) + ", wanted " + shown(*wanted)};
}

}  // namespace

std::vector<Case> read_cases(const fs::path& file, const std::string& group) {
  std::vector<Case> cases;
  const auto content = read_json(read_file(file));
  if (!content) return cases;
  const std::vector<Value> all = content->is_array() ? content->items() : std::vector<Value>{*content};
  for (std::size_t at = 0; at < all.size(); ++at) {
    Case made{.group = group,
              .name = file.filename().string() + "#" + std::to_string(at),
              .fields = all[at],
              .expression = {}};
    const Value text = member(all[at], "expr");
    const Value path = member(all[at], "expr-file");
    made.expression = text.is_string() ? text.text() : read_file(file.parent_path() / path.text());
    cases.push_back(std::move(made));
  }
  return cases;
}

std::vector<Case> read_suite(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& entry : fs::recursive_directory_iterator(directory / "groups", absent)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Case> cases;
  for (const auto& file : files) {
    for (auto& made : read_cases(file, file.parent_path().filename().string())) cases.push_back(std::move(made));
  }
  return cases;
}

Outcome run_case(const Case& tried, const fs::path& directory) {
  const auto expression = compile(tried.expression);
  if (!expression) return judge_error(tried, expression.error(), true);
  const Value bindings = member(tried.fields, "bindings");
  std::mt19937_64 source{42};
  const Context context{.now = SystemClock().now(),
                        .random = [&source] { return std::uniform_real_distribution<double>()(source); }};
  const auto value = expression->evaluate(
      input_of(tried, directory), bindings.is_object() ? bindings.members() : Bindings(), context, limits_of(tried));
  return value ? judge_value(tried, *value) : judge_error(tried, value.error(), false);
}

}  // namespace flowstone::jsonata
