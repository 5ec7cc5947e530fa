#include "cli/exec/delivery.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

#include <fmt/core.h>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "cli/exec/line_splitter.hpp"
#include "schemas/json.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kRecorderGone =
    "The recorder was ended before the program; how the program ended is not known.";
constexpr std::size_t kBatchBytes = 1 << 20;  // the server takes 8 MiB; less keeps an answer quick

std::string_view kind_name(SpoolKind kind) {
  switch (kind) {
    case SpoolKind::started:
      return "started";
    case SpoolKind::step_started:
      return "step_started";
    case SpoolKind::output:
      return "step_output";
    case SpoolKind::step_finished:
      return "step_finished";
    case SpoolKind::heartbeat:
      return "heartbeat";
    case SpoolKind::completed:
      return "completed";
    case SpoolKind::failed:
      return "failed";
    case SpoolKind::cancelled:
      return "cancelled";
  }
  std::unreachable();
}

bool is_end(SpoolKind kind) {
  return kind == SpoolKind::completed || kind == SpoolKind::failed || kind == SpoolKind::cancelled;
}

void append_text(std::string_view name, std::string_view text, std::string& out) {
  out += ",\"";
  out += name;
  out += "\":";
  schemas::append_json_string(text, out);
}

void append_output(const SpoolRecord& record, std::string& out) {
  if (record.is_error_stream) out += R"(,"stream":"stderr")";
  if (is_plain_text(record.bytes)) {
    append_text("text", record.bytes, out);
  } else {
    append_text("bytes", to_base64(record.bytes), out);
  }
  if (record.partial) out += R"(,"partial":true)";
}

// One RunEventInput of the contract.
void append_event(std::uint64_t sequence, const SpoolRecord& record, std::string_view step, std::string& out) {
  out +=
      fmt::format(R"({{"sequence":{},"kind":"{}","at":"{}")", sequence, kind_name(record.kind), to_rfc3339(record.at));
  if (record.kind == SpoolKind::step_started || record.kind == SpoolKind::output ||
      record.kind == SpoolKind::step_finished) {
    append_text("step", step, out);
  }
  if (record.kind == SpoolKind::output) append_output(record, out);
  if (record.kind == SpoolKind::failed && !record.bytes.empty()) append_text("error", record.bytes, out);
  if (record.exit_code) out += fmt::format(R"(,"exit_code":{})", *record.exit_code);
  if (!record.signal.empty()) append_text("signal", record.signal, out);
  if (record.duration_ms) out += fmt::format(R"(,"duration_ms":{})", *record.duration_ms);
  out += '}';
}

std::uint64_t number_at(const json::value& document, std::string_view name) {
  const auto* value = document.is_object() ? document.get_object().if_contains(name) : nullptr;
  if (value == nullptr) return 0;
  if (value->is_string()) {
    const std::string_view text = value->get_string();
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

std::optional<Timestamp> time_at(const json::value& document, std::string_view name) {
  const auto* value = document.is_object() ? document.get_object().if_contains(name) : nullptr;
  return value != nullptr && value->is_string() ? from_rfc3339(std::string_view(value->get_string())) : std::nullopt;
}

Refusal another_recording(const std::string& run) {
  return {.status = 409,
          .code = std::string(kAnotherRecording),
          .sentence = fmt::format("another program was recorded as run {}; --id takes an id once", run)};
}

bool flag_at(const json::value& document, std::string_view name) {
  const auto* value = document.is_object() ? document.get_object().if_contains(name) : nullptr;
  return value != nullptr && value->is_bool() && value->get_bool();
}

}  // namespace

Delivery::Progress Delivery::progress_of(const json::value& run) const {
  return {.sent = 0, .ended = ended_, .cancel_requested = flag_at(run, "cancel_requested")};
}

Result<void, Refusal> Delivery::open_run() {
  const auto& heading = spool_.heading();
  auto run = client_.get("/v1/runs/" + heading.run);
  if (!run && run.error().status == 404) {
    run = client_.command("POST", "/v1/runs", heading.body, "exec-" + heading.run);
  }
  if (!run) return failure(run.error());
  spool_.rewind();
  ended_ = false;
  const auto taken = number_at(*run, "last_sequence");
  const auto started_at = time_at(*run, "started_at");
  while (spool_.sequence() < taken) {
    const auto record = spool_.next();
    if (!record) break;
    if (record->kind == SpoolKind::started && started_at && record->at != *started_at)
      return failure(another_recording(heading.run));
    ended_ = is_end(record->kind);
  }
  open_ = true;
  return {};
}

void Delivery::collect_batch() {
  batch_records_ = 0;
  batch_ends_run_ = false;
  std::string events;
  while (batch_records_ < batch_limit_ && events.size() < kBatchBytes) {
    const auto record = spool_.next();
    if (!record) break;
    const bool names_step = record->kind == SpoolKind::step_started;
    if (batch_records_ > 0) events += ',';
    append_event(spool_.sequence(), *record,
                 names_step ? std::string_view(record->bytes) : spool_.step_name(record->step), events);
    batch_ends_run_ = is_end(record->kind);
    ++batch_records_;
  }
  if (batch_records_ > 0) batch_ = R"({"events":[)" + events + "]}";
}

Result<Delivery::Progress, Refusal> Delivery::advance() {
  if (!open_) FLOWSTONE_TRY_VOID(open_run());
  if (batch_.empty()) collect_batch();
  if (batch_.empty()) return Progress{.sent = 0, .ended = ended_, .cancel_requested = false};
  const auto run = client_.post_once("/v1/runs/" + heading().run + "/events", batch_);
  if (!run) {
    // Cancelled on the server before the first record came: it will never take one.
    if (run.error().code == "run_ended") return Progress{.sent = 0, .ended = true, .cancel_requested = true};
    // Whatever came of it, the server is asked where it stands before the next batch is made.
    open_ = false;
    batch_.clear();
    if (run.error().status == 413) batch_limit_ = std::max<std::size_t>(1, batch_limit_ / 2);
    return failure(run.error());
  }
  ended_ = batch_ends_run_;
  auto progress = progress_of(*run);
  progress.sent = batch_records_;
  batch_.clear();
  return progress;
}

Result<Delivery::Progress, Refusal> Delivery::look() {
  FLOWSTONE_TRY(const auto run, client_.get("/v1/runs/" + heading().run));
  return progress_of(run);
}

Result<std::uint64_t, std::string> deliver_spool(const std::filesystem::path& file, const ClientOptions& options,
                                                 std::chrono::milliseconds patience) {
  FLOWSTONE_TRY(auto owned, SpoolWriter::adopt(file));
  if (!owned) return failure(fmt::format("{}: its recorder is still running and delivers it itself", file.string()));
  FLOWSTONE_TRY(auto spool, SpoolReader::open(file));
  bool has_end = false;
  while (const auto record = spool.next()) has_end = is_end(record->kind);
  spool.rewind();
  if (!has_end) {
    owned->add({.kind = SpoolKind::failed, .at = SystemClock().now(), .bytes = std::string(kRecorderGone)});
    FLOWSTONE_TRY_VOID(owned->commit());
  }
  auto client_options = options;
  client_options.attempts = 1;
  auto client = Client::make(client_options);
  if (!client) return failure(client.error().sentence);
  Delivery delivery(std::move(spool), *std::move(client));
  std::uint64_t sent = 0;
  auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto progress = delivery.advance();
    if (progress) {
      sent += progress->sent;
      if (progress->ended) break;
      deadline = std::chrono::steady_clock::now() + patience;
      continue;
    }
    if (std::chrono::steady_clock::now() > deadline) return failure(progress.error().sentence);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  std::error_code failed;
  std::filesystem::remove(file, failed);
  return sent;
}

}  // namespace flowstone::cli
