#include "workers/tasks/exec_task.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "documents/child_process.hpp"
#include "jsonata/json_text.hpp"
#include "jsonata/unicode.hpp"
#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {
namespace {

using documents::ChildFailure;
using documents::ChildOutput;
using jsonata::Member;

constexpr double kMostSeconds = 3'600;
constexpr std::size_t kOutputBytes = std::size_t{64} << 10;
constexpr std::size_t kMostTextBytes = std::size_t{256} << 10;  // of arguments and environment together
constexpr std::size_t kMostName = 80;
constexpr std::size_t kQuotedCharacters = 500;
constexpr std::uint32_t kMostLevels = 60;

// What decides which code a program runs, or where it looks for it.
constexpr std::array<std::string_view, 14> kReservedBeginnings = {"LD_",    "DYLD_", "GLIBC_", "GCONV_",    "MALLOC_",
                                                                  "PYTHON", "PERL",  "RUBY",   "NODE_",     "JAVA_",
                                                                  "_JAVA",  "BASH",  "GIT_",   "FLOWSTONE_"};
constexpr std::array<std::string_view, 8> kReserved = {"PATH", "IFS",    "ENV",        "SHELLOPTS",
                                                       "PS4",  "CDPATH", "GLOBIGNORE", "JDK_JAVA_OPTIONS"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_program_name(std::string_view name) {
  return !name.empty() && name.size() <= kMostName &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-'; });
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

bool may_be_set(std::string_view name) {
  return is_variable_name(name) && std::ranges::find(kReserved, name) == kReserved.end() &&
         std::ranges::none_of(kReservedBeginnings, [&](std::string_view each) { return name.starts_with(each); });
}

// Bytes that are no UTF-8, and U+0000, as U+FFFD.
std::string shown(const std::string& bytes) {
  if (is_plain_text(bytes)) return bytes;
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto before = at;
    const char32_t code_point = jsonata::next_code_point(bytes, at);
    const auto piece = std::string_view(bytes).substr(before, at - before);
    if (is_plain_text(piece))
      text.append(piece);
    else
      jsonata::append_code_point(text, code_point == U'\0' || piece.size() > 1 ? U'\ufffd' : code_point);
  }
  return text;
}

// Of a text that may have been cut in the middle of a character.
std::string without_cut_end(std::string bytes) {
  if (bytes.size() < kOutputBytes) return bytes;
  auto end = bytes.size();
  while (end > 0 && bytes.size() - end < 3 && (static_cast<unsigned char>(bytes[end - 1]) & 0xC0U) == 0x80) --end;
  if (end > 0 && static_cast<unsigned char>(bytes[end - 1]) >= 0xC0) bytes.resize(end - 1);
  return bytes;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

TaskOutcome outcome_of(const std::string& program, ChildOutput ended) {
  const auto output = shown(without_cut_end(std::move(ended.output)));
  const auto errors = shown(without_cut_end(std::move(ended.errors)));
  if (ended.signal != 0 || ended.exit_code != 0) {
    auto cause = ended.signal != 0 ? fmt::format("{} was ended by signal {}", program, ended.signal)
                                   : fmt::format("{} ended with exit status {}", program, ended.exit_code);
    const auto said = trimmed(trimmed(errors).empty() ? output : errors);
    if (!said.empty()) cause += fmt::format(": {}", beginning_of(said, kQuotedCharacters));
    return failed("Exec.Failed", std::move(cause));
  }
  std::vector<Member> members{{"ExitCode", Value::number(ended.exit_code)},
                              {"Signal", Value::null()},
                              {"Stdout", Value::string(output)},
                              {"Stderr", Value::string(errors)}};
  if (auto json = jsonata::read_json(output); json && json->height() <= kMostLevels)
    members.push_back({"Json", *std::move(json)});
  return {.output = Value::object(std::move(members))};
}

std::optional<TaskOutcome> outcome_of(const std::string& program, ChildFailure failure, double seconds) {
  switch (failure) {
    case ChildFailure::missing_program:
      return failed("Exec.Failed", fmt::format("{} cannot be started: there is no such program.", program));
    case ChildFailure::timed_out:
      return failed("Exec.Timeout", fmt::format("{} did not end within {} seconds.", program, seconds));
    case ChildFailure::no_resources:
      return failed("Task.Busy", fmt::format("{} cannot be started: no process or memory is left for it.", program));
    case ChildFailure::stopped:
      return std::nullopt;
    case ChildFailure::too_much_output:
    case ChildFailure::crashed:
      return failed("Exec.Failed", fmt::format("{} failed.", program));
  }
  return std::nullopt;
}

// All that a program is given beside its name, read and checked.
struct Given {
  std::vector<std::string> arguments, environment;
  std::string input;
  double seconds = 60;
};

void check_given(const Given& given, Arguments& arguments) {
  std::size_t bytes = 0;
  for (const auto* texts : {&given.arguments, &given.environment}) {
    for (const auto& text : *texts) {
      bytes += text.size() + 1;
      if (text.contains('\0'))
        arguments.refuse(texts == &given.arguments ? "Arguments" : "Environment", "without U+0000");
    }
  }
  if (bytes > kMostTextBytes)
    arguments.refuse("Arguments", fmt::format("with the environment, at most {} bytes", kMostTextBytes));
}

Given read_given(const TaskCall& call, Arguments& arguments) {
  Given given{.arguments = arguments.texts("Arguments"),
              .environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8",
                              "FLOWSTONE_IDEMPOTENCY_KEY=" + call.key, "FLOWSTONE_RUN_ID=" + call.run_id},
              .input = arguments.text("Input", ""),
              .seconds = arguments.number("TimeoutSeconds", 0, kMostSeconds, 60)};
  for (const auto& [name, value] : arguments.pairs("Environment")) {
    if (!may_be_set(name)) arguments.refuse("Environment", fmt::format("without `{}`, which may not be set", name));
    given.environment.push_back(fmt::format("{}={}", name, value));
  }
  check_given(given, arguments);
  return given;
}

}  // namespace

Result<Programs, std::string> read_programs(const std::vector<std::string>& lines) {
  Programs programs;
  for (const auto& line : lines) {
    const auto equals = line.find('=');
    const auto name = line.substr(0, equals);
    const auto path = equals == std::string::npos ? std::string() : line.substr(equals + 1);
    if (!is_program_name(name) || !path.starts_with('/'))
      return failure(fmt::format("`{}` is no program; write NAME=/absolute/path", line));
    if (!programs.emplace(name, path).second) return failure(fmt::format("there are two programs `{}`", name));
  }
  return programs;
}

ExecTask::ExecTask(Programs programs, LaneLimits limits)
    : programs_(std::move(programs)),
      lane_(limits, [this](const TaskCall& call, const std::stop_token& stop) { return run(call, stop); }) {}

std::optional<TaskOutcome> ExecTask::run(const TaskCall& call, const std::stop_token& stop) const {
  Arguments arguments(call);
  const auto name = arguments.text("Program");
  auto given = read_given(call, arguments);
  if (arguments.mistake()) return arguments.mistake();
  const auto program = programs_.find(name);
  if (program == programs_.end())
    return failed("Exec.NotAllowed", fmt::format("`{}` is not among the programs that the operator allows.", name));
  given.arguments.insert(given.arguments.begin(), program->second);
  const auto time = std::chrono::milliseconds(static_cast<std::int64_t>(given.seconds * 1'000));
  auto ended = documents::run_program({.arguments = std::move(given.arguments),
                                       .environment = std::move(given.environment),
                                       .input = given.input,
                                       .input_is_standard = true,
                                       .writes_files = true,
                                       .cut_output = true,
                                       .stop = stop},
                                      {.memory_bytes = 0,
                                       .output_bytes = kOutputBytes,
                                       .cpu_seconds = 0,
                                       .deadline = std::chrono::steady_clock::now() + time});
  if (ended) return outcome_of(name, *std::move(ended));
  return outcome_of(name, ended.error(), given.seconds);
}

}  // namespace flowstone::workers
