#include "cli/exec/recorder.hpp"

#include <csignal>
#include <cstring>

#include <fmt/core.h>

namespace flowstone::cli {
namespace {

constexpr std::string_view kMarker = "::step ";
constexpr std::size_t kStepNameBytes = 180;

int signal_number(std::string_view name) {
  for (int number = 1; number < NSIG; ++number) {
    const char* abbreviation = ::sigabbrev_np(number);
    if (abbreviation != nullptr && name == fmt::format("SIG{}", abbreviation)) return number;
  }
  return 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\t')) text.remove_suffix(1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

std::string shortened(std::string_view name) {
  if (name.size() <= kStepNameBytes) return std::string(name);
  auto end = kStepNameBytes;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  return std::string(name.substr(0, end));
}

}  // namespace

int Ending::status() const {
  if (!signal.empty()) return 128 + signal_number(signal);
  return exit_code.value_or(1);
}

Recorder::Recorder(SpoolWriter spool, std::string default_step, bool step_markers, const Clock& clock)
    : clock_(clock),
      default_step_(shortened(default_step)),
      step_markers_(step_markers),
      spool_(std::move(spool)),
      last_record_(std::chrono::steady_clock::now()) {}

void Recorder::started() {
  const std::lock_guard guard(mutex_);
  add({.kind = SpoolKind::started, .at = clock_.now()});
  commit(0);
}

void Recorder::output(bool is_error_stream, std::string_view bytes) {
  const std::lock_guard guard(mutex_);
  taken_ += bytes.size();
  now_ = clock_.now();
  auto& splitter = is_error_stream ? err_ : out_;
  splitter.put(bytes, [&](LinePiece piece) { line(is_error_stream, piece); });
  commit(bytes.size());
}

void Recorder::flush_waiting() {
  const std::lock_guard guard(mutex_);
  now_ = clock_.now();
  if (taken_ == waiting_before_) {
    out_.flush([&](LinePiece piece) { line(false, piece); });
    err_.flush([&](LinePiece piece) { line(true, piece); });
    commit(0);
  }
  waiting_before_ = taken_;
}

void Recorder::heartbeat_after(std::chrono::milliseconds quiet) {
  const std::lock_guard guard(mutex_);
  if (std::chrono::steady_clock::now() - last_record_ < quiet) return;
  add({.kind = SpoolKind::heartbeat, .at = clock_.now()});
  commit(0);
}

void Recorder::ended(const Ending& ending) {
  const std::lock_guard guard(mutex_);
  now_ = clock_.now();
  out_.finish([&](LinePiece piece) { line(false, piece); });
  err_.finish([&](LinePiece piece) { line(true, piece); });
  if (loss_.bytes > 0) {
    const auto note = fmt::format("flowstone: {} bytes of output could not be recorded: {}", loss_.bytes, loss_.reason);
    line(true, {.bytes = note, .partial = false});
  }
  if (!step_open_ && ending.error.empty()) begin_step(default_step_);
  finish_step(&ending);
  const bool success = ending.signal.empty() && ending.exit_code == 0 && ending.error.empty();
  SpoolRecord record{.kind = success ? SpoolKind::completed : SpoolKind::failed, .at = now_};
  if (ending.cancelled) record.kind = SpoolKind::cancelled;
  record.bytes = ending.error;
  record.exit_code = ending.exit_code;
  record.signal = ending.signal;
  record.duration_ms = static_cast<std::uint64_t>(ending.duration.count());
  add(record);
  commit(0);
}

bool Recorder::wait_beyond(std::uint64_t bytes, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return grown_.wait_for(lock, timeout, [&] { return spool_.committed_bytes() > bytes; });
}

Recorder::Loss Recorder::loss() const {
  const std::lock_guard guard(mutex_);
  return loss_;
}

void Recorder::line(bool is_error_stream, LinePiece piece) {
  if (!is_error_stream) {
    const bool whole_line = !out_line_open_ && !piece.partial;
    out_line_open_ = piece.partial;
    if (whole_line && begins_step(piece.bytes)) return begin_step(trimmed(piece.bytes.substr(kMarker.size())));
  }
  if (!step_open_) begin_step(default_step_);
  add({.kind = SpoolKind::output,
       .at = now_,
       .is_error_stream = is_error_stream,
       .partial = piece.partial,
       .step = step_,
       .bytes = std::string(piece.bytes)});
}

bool Recorder::begins_step(std::string_view line) const {
  return step_markers_ && step_ < kSteps && line.starts_with(kMarker) && is_plain_text(line) &&
         !trimmed(line.substr(kMarker.size())).empty();
}

// Two steps of a run never share a name: the second "build" is "build (2)".
void Recorder::begin_step(std::string_view name) {
  finish_step(nullptr);
  auto unique = shortened(name);
  while (step_names_.contains(unique)) unique = fmt::format("{} ({})", shortened(name), ++step_names_[shortened(name)]);
  step_names_.emplace(unique, 1);
  ++step_;
  step_open_ = true;
  add({.kind = SpoolKind::step_started, .at = now_, .bytes = unique});
}

void Recorder::finish_step(const Ending* ending) {
  if (!step_open_) return;
  step_open_ = false;
  SpoolRecord record{.kind = SpoolKind::step_finished, .at = now_, .step = step_};
  if (ending != nullptr) {
    record.exit_code = ending->exit_code;
    record.signal = ending->signal;
  } else {
    record.exit_code = 0;
  }
  add(record);
}

void Recorder::add(const SpoolRecord& record) { spool_.add(record); }

void Recorder::commit(std::size_t output_bytes) {
  if (spool_.collected_bytes() == 0) return;
  last_record_ = std::chrono::steady_clock::now();
  if (const auto written = spool_.commit(); !written) {
    loss_.bytes += output_bytes;
    loss_.reason = written.error();
    return;
  }
  grown_.notify_all();
}

}  // namespace flowstone::cli
