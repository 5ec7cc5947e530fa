// `flowstone workflow simulate`: runs a definition at once, and prints what happened.
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "asl/history.hpp"
#include "asl/simulator.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"
#include "cli/workflow.hpp"
#include "cli/workflow/file.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::cli {
namespace {

constexpr std::size_t kMaxShown = 100;         // bytes of a value in a line
constexpr std::size_t kMaxOutput = 1U << 30U;  // bytes

struct SimulateOptions {
  std::string file, input, mock, history, now, name = "simulated";
  std::uint64_t seed = 0, max_events = 25'000;
  double stop_after = -1;
  bool json = false;
};

Result<asl::Value, std::string> json_document(const std::string& file) {
  FLOWSTONE_TRY(const auto text, text_of_file(file));
  auto value = jsonata::read_json(text);
  if (!value) return failure(fmt::format("{}: is {} (byte {})", file, value.error().message, value.error().position));
  return *std::move(value);
}

std::string shown(const asl::Value& value) {
  if (value.is_undefined()) return "";
  auto text = jsonata::write_json(value, kMaxOutput).value_or("...");
  if (text.size() > kMaxShown) {
    auto end = kMaxShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // no half character
    text = text.substr(0, end) + fmt::format("... ({} bytes)", text.size());
  }
  return harmless(text);
}

std::string error_text(const std::optional<std::string>& error, const std::optional<std::string>& cause) {
  std::string out = error ? harmless(*error) : "no error named";
  if (cause && !cause->empty()) out += ": " + harmless(*cause);
  return out;
}

std::string seconds_text(std::chrono::microseconds span) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
  return fmt::format("+{}s", static_cast<double>(millis) / 1000);
}

// What the line says behind the state's name.
std::string said(const asl::Event& event, Timestamp begin) {
  using enum asl::EventType;
  const auto until = [&] { return event.until ? seconds_text(*event.until - begin) : std::string(); };
  const auto next = event.next.empty() ? std::string("end") : harmless(event.next);
  auto words = std::string(asl::name_of(event.type));
  if (!words.starts_with("task_")) words.erase(0, words.find('_') + 1);
  std::ranges::replace(words, '_', ' ');
  if (event.type == state_entered) return "entered " + shown(event.input);
  if (event.type == state_exited) return fmt::format("-> {} {}", next, shown(event.output));
  if (event.type == error_caught) return fmt::format("caught -> {} {}", next, shown(event.output));
  if (event.type == retry_scheduled) return fmt::format("retry {} at {}", event.attempt.value_or(0), until());
  if (event.type == timer_set) return "waits until " + until();
  if (event.type == timer_fired) return "goes on";
  if (event.type == task_scheduled) return fmt::format("task {} {}", harmless(event.resource), shown(event.input));
  if (event.type == task_succeeded) return "task succeeded " + shown(event.output);
  if (event.type == task_failed || event.type == task_timed_out || event.type == state_failed ||
      event.type == branch_failed)
    return words + " " + error_text(event.error, event.cause);
  if (event.type == map_started || event.type == parallel_started)
    return fmt::format("{} branches", event.index.value_or(0));
  if (event.type == branch_started) return "begins";
  if (event.type == branch_succeeded) return "ends " + shown(event.output);
  if (event.type == branch_aborted) return "is aborted";
  return words;
}

// One line for each event, a branch's indented below what it belongs to.
void print_timeline(const asl::Simulation& made) {
  const auto begin = made.events.front().time;
  for (const auto& event : made.events) {
    using enum asl::EventType;
    if (event.type <= execution_aborted || event.type == task_started || event.type == task_heartbeat) continue;
    const bool is_branch = event.type >= branch_started;
    const auto depth = event.path.empty() ? 0 : std::ranges::count(event.path, '/') + (is_branch ? 0 : 1);
    auto name = event.path;
    if (!is_branch) name += (name.empty() ? "" : "/") + event.state;
    fmt::print("{:>10}  {}{} {}\n", seconds_text(event.time - begin),
               std::string(2 * static_cast<std::size_t>(depth), ' '), harmless(name), said(event, begin));
  }
}

void print_end(const asl::Simulation& made) {
  const auto span = made.events.back().time - made.events.front().time;
  if (!made.stuck.empty()) return;
  fmt::print("{} after {}, {} events\n", asl::name_of(made.status), seconds_text(span).substr(1), made.events.size());
  if (made.status == asl::Status::succeeded)
    fmt::print("{}\n", harmless(jsonata::write_json(made.output, kMaxOutput).value_or("null")));
  else
    fmt::print("{}\n", error_text(made.error, made.cause));
}

int print_value(const asl::Value& value) {
  const auto text = jsonata::write_json(value, kMaxOutput, true);
  if (!text) return fail("the run is too large to print");
  fmt::print("{}\n", *text);
  return kDone;
}

asl::Value as_json(const asl::Simulation& made) {
  std::vector<asl::Value> events;
  for (const auto& event : made.events) events.push_back(asl::to_value(event));
  std::vector<jsonata::Member> out{{"status", asl::Value::string(std::string(asl::name_of(made.status)))}};
  if (!made.output.is_undefined()) out.push_back({"output", made.output});
  if (made.error) out.push_back({"error", asl::Value::string(*made.error)});
  if (made.cause) out.push_back({"cause", asl::Value::string(*made.cause)});
  if (!made.stuck.empty()) out.push_back({"stuck", asl::Value::string(made.stuck)});
  out.push_back({"events", asl::Value::array(std::move(events))});
  return asl::Value::object(std::move(out));
}

// What is given in files and as texts, read.
Result<asl::SimulateOptions, std::string> prepare(const SimulateOptions& options, asl::Value& input,
                                                  asl::Answers& answers) {
  asl::SimulateOptions out;
  input = asl::Value::object({});
  if (!options.input.empty()) {
    FLOWSTONE_TRY(input, json_document(options.input));
  }
  if (!options.mock.empty()) {
    FLOWSTONE_TRY(const auto document, json_document(options.mock));
    auto read = asl::read_answers(document);
    if (!read) return failure(fmt::format("{}: {}", options.mock, read.error()));
    answers = *std::move(read);
  }
  out.now = SystemClock().now();
  if (!options.now.empty()) {
    const auto at = from_rfc3339(options.now);
    if (!at)
      return failure(fmt::format("--now: \"{}\" is no RFC 3339 time, such as 2026-11-21T09:30:00Z", options.now));
    out.now = *at;
  }
  out.start = {.name = options.name,
               .id = "execution:" + options.name,
               .role = "role",
               .machine_name = "simulated",
               .machine_id = "machine:simulated",
               .seed = options.seed};
  out.limits.events = options.max_events;
  if (options.stop_after >= 0) out.stop_after = options.stop_after;
  return out;
}

int run_simulate(const SimulateOptions& options) {
  const auto file = read_definition_file(options.file, "");
  if (!file) return fail(file.error());
  auto read = workflows::read_definition(file->text, file->format);
  if (!read) {
    print_problems(*file, read.error(), stdout);
    return kFailed;
  }
  asl::Value input;
  asl::Answers answers;
  const auto prepared = prepare(options, input, answers);
  if (!prepared) return fail(prepared.error());
  const auto definition = std::make_shared<const asl::Definition>(std::move(read->machine));
  const auto made = asl::simulate(definition, input, answers, *prepared);
  int printed = kDone;
  if (options.history == "asl") {
    printed = print_value(asl::Value::object({{"events", asl::history(*definition, made.events)}}));
  } else if (options.json) {
    printed = print_value(as_json(made));
  } else {
    print_timeline(made);
    print_end(made);
  }
  if (!made.stuck.empty()) return fail(made.stuck + "; --mock FILE gives answers");
  if (!options.history.empty()) return printed;
  return made.status == asl::Status::succeeded ? printed : kFailed;
}

}  // namespace

void add_workflow_simulate(CLI::App& group, Choice& choice) {
  auto options = std::make_shared<SimulateOptions>();
  auto* command = group.add_subcommand("simulate", "Run a definition at once: waits take no time, tasks are answered.");
  command->footer(
      "Answers to tasks stand in a file, by the name of the state or its resource; calls beyond the list get the\n"
      "last one again:\n"
      "  {\"Fetch\": [{\"Throw\": {\"Error\": \"Busy\"}}, {\"Return\": {\"ok\": true}, \"Seconds\": 2}]}\n"
      "The same definition, input, answers, time and seed give the same run. Exit status 1 unless it\n"
      "succeeds; with --history only where there is none.\n"
      "\n"
      "Example:\n"
      "  flowstone workflow simulate order.json --input order-1.json --mock answers.json");
  command->add_option("DEF", options->file, "The definition; - for standard input")->required();
  command->add_option("--input", options->input, "The run's input, a JSON document; without it: {}");
  command->add_option("--mock", options->mock, "What tasks answer, a JSON document");
  command->add_option("--history", options->history, "asl: print the answer of GetExecutionHistory")
      ->check(CLI::IsMember({"asl"}));
  command->add_option("--now", options->now, "When the run starts, RFC 3339; without it: now");
  command->add_option("--seed", options->seed, "What chance is drawn from")
      ->check(CLI::Range(std::uint64_t{0}, asl::kMaxSeed));
  command->add_option("--name", options->name, "The run's name")->capture_default_str();
  command->add_option("--stop-after", options->stop_after, "Stop the run after so many seconds of its own time")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--max-events", options->max_events, "Events after which the run fails")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print {status, output, error, cause, events}");
  command->callback([options, &choice] { choice.run = [options] { return run_simulate(*options); }; });
}

}  // namespace flowstone::cli
