#include "cli/run_events.hpp"

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/bytes.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

// Escape sequences of the recorded program are passed on, as they were when it ran.
void write(std::FILE* to, std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), to); }

std::string outcome_of(std::string_view type, const boost::json::object& data) {
  const auto signal = text_of(data, "signal");
  const auto code = number_of(data, "exit_code");
  std::string text(type.substr(type.find('.') + 1));
  if (!signal.empty()) {
    text += fmt::format(", ended by {}", signal);
  } else if (code) {
    text += fmt::format(", exit code {}", *code);
  }
  if (const auto error = text_of(data, "error"); !error.empty()) text += fmt::format(": {}", harmless(error));
  if (const auto millis = number_of(data, "duration_ms")) {
    text += fmt::format(", after {}", duration_text(std::chrono::milliseconds(*millis)));
  }
  return text;
}

// " {"n": 1}", cut where it is long; nothing where there is none.
std::string value_of(const boost::json::object& data, std::string_view name) {
  constexpr std::size_t kShown = 200;
  const auto* value = data.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  auto text = boost::json::serialize(*value);
  if (text.size() > kShown) {
    auto cut = kShown;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80U) --cut;
    text = text.substr(0, cut) + "…";
  }
  return " " + harmless(text);
}

// "Each[2]/Ask"
std::string place_of(const boost::json::object& data) {
  const auto path = text_of(data, "path");
  return harmless(path.empty() ? text_of(data, "step") : fmt::format("{}/{}", path, text_of(data, "step")));
}

std::string reason_of(const boost::json::object& data) {
  const auto error = text_of(data, "error");
  const auto cause = text_of(data, "cause");
  return harmless(fmt::format("{}{}{}", error, error.empty() || cause.empty() ? "" : ": ", cause));
}

// What happened in a run of a workflow, where a recorded one has nothing of the kind; empty for what says nothing new.
std::string sentence_of_workflow(std::string_view type, const boost::json::object& data) {
  if (type == "run.paused") return fmt::format("paused {}", harmless(text_of(data, "reason")));
  if (type == "run.resumed") return "goes on";
  if (type == "run.signalled")
    return fmt::format("signal {}{}", harmless(text_of(data, "name")), value_of(data, "payload"));
  const auto place = place_of(data);
  if (type == "run.step_finished" && data.contains("output"))
    return fmt::format("{} done{}", place, value_of(data, "output"));
  if (type == "run.step_failed") return fmt::format("{} failed: {}", place, reason_of(data));
  if (type == "run.task_scheduled")
    return fmt::format("{} asks {}{}", place, harmless(text_of(data, "resource")), value_of(data, "input"));
  if (type == "run.task_failed") return fmt::format("{} failed: {}", place, reason_of(data));
  if (type == "run.task_timed_out") return fmt::format("{} took too long: {}", place, reason_of(data));
  if (type == "run.timer_set") return fmt::format("{} waits until {}", place, harmless(text_of(data, "until")));
  if (type == "run.retry_scheduled") {
    return fmt::format("{} is tried again, attempt {} at {}", place, number_of(data, "attempt").value_or(0) + 1,
                       harmless(text_of(data, "until")));
  }
  if (type == "run.error_caught")
    return fmt::format("{} is dealt with, {} is next", place, harmless(text_of(data, "next")));
  return {};
}

}  // namespace

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int64_t> number_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return {};
  if (value->is_string()) {
    const std::string_view text = value->get_string();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
  }
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  return error ? std::nullopt : std::optional(number);
}

bool flag_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const boost::json::object* object_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

std::optional<int> status_of_signal(std::string_view name) {
  for (int number = 1; number < NSIG; ++number) {
    const char* abbreviation = ::sigabbrev_np(number);
    if (abbreviation != nullptr && name == fmt::format("SIG{}", abbreviation)) return 128 + number;
  }
  return {};
}

int status_of_end(std::string_view signal, std::optional<std::int64_t> exit_code, bool success) {
  if (!signal.empty()) return status_of_signal(signal).value_or(1);
  if (!exit_code) return success ? 0 : 1;
  return *exit_code >= 0 && *exit_code <= 255 ? static_cast<int>(*exit_code) : 1;  // beyond, the shell sees another one
}

void RunPrinter::note(std::string_view text, bool bad) {
  if (quiet_) return;
  if (out_open_) write(stdout, "\n");
  if (err_open_) write(stderr, "\n");
  out_open_ = err_open_ = false;
  std::fflush(stdout);
  write(stderr, paint(fmt::format("── {}", text), bad ? Ink::red : Ink::cyan, colour_err_) + "\n");
}

void RunPrinter::print_output(const boost::json::object& data) {
  if (quiet_) return;
  const bool is_error = text_of(data, "stream") == "stderr";
  auto bytes = text_of(data, "text");
  if (const auto encoded = text_of(data, "bytes"); !encoded.empty()) bytes = from_base64(encoded).value_or(Bytes());
  const bool partial = flag_of(data, "partial");
  (is_error ? err_open_ : out_open_) = partial;
  std::FILE* to = is_error ? stderr : stdout;
  write(to, is_error ? paint(bytes, Ink::yellow, colour_err_) : bytes);
  if (!partial) write(to, "\n");
}

void RunPrinter::print_end(std::string_view type, const boost::json::object& data) {
  const bool success = type == "run.completed";
  note(outcome_of(type, data), !success);
  ended_ = status_of_end(text_of(data, "signal"), number_of(data, "exit_code"), success);
}

void RunPrinter::print(const boost::json::object& event) {
  static const boost::json::object kNone;
  const auto type = text_of(event, "type");
  const auto* found = object_of(event, "data");
  const auto& data = found == nullptr ? kNone : *found;
  if (type == "run.step_output") {
    print_output(data);
  } else if (type == "run.requested") {
    note(fmt::format("run {}", harmless(text_of(data, "name"))), false);
  } else if (type == "run.step_started") {
    note(fmt::format("step {}{}", place_of(data), value_of(data, "input")), false);
  } else if (type == "run.cancel_requested") {
    note(fmt::format("cancel requested {}", harmless(text_of(data, "reason"))), true);
  } else if (type == "run.lost") {
    note("lost: nothing was heard of its recorder; it may come back", true);
  } else if (type == "run.artifact_recorded") {
    const auto* artifact = object_of(data, "artifact");
    if (artifact != nullptr) note(fmt::format("artifact {}", harmless(text_of(*artifact, "name"))), false);
  } else if (type == "run.completed" || type == "run.failed" || type == "run.cancelled" || type == "run.timed_out") {
    print_end(type, data);
  } else if (const auto told = sentence_of_workflow(type, data); !told.empty()) {
    const bool bad = type == "run.step_failed" || type == "run.task_failed" || type == "run.task_timed_out";
    note(told, bad);
  }
  std::fflush(stdout);
}

}  // namespace flowstone::cli
