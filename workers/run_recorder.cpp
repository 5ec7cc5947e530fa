#include "workers/run_recorder.hpp"

#include <algorithm>
#include <utility>

#include "domain/aggregate.hpp"
#include "schemas/packed.hpp"
#include "workers/requests.hpp"

namespace flowstone::workers {
namespace {

constexpr std::size_t kSendAfter = 200;  // recorded events

bool has_ended(schemas::RunStatus status) {
  return status == schemas::RunStatus::completed || status == schemas::RunStatus::failed ||
         status == schemas::RunStatus::cancelled;
}

}  // namespace

std::string sentence_of(const commands::CommandError& error) {
  return error.detail.empty() ? error.rejection.detail : error.detail;
}

RunRecorder::RunRecorder(commands::Executor& executor, const Clock& clock, std::string workspace, std::string run_id,
                         std::string actor)
    : executor_(executor),
      clock_(clock),
      workspace_(std::move(workspace)),
      run_id_(std::move(run_id)),
      actor_(std::move(actor)),
      began_(clock.now()) {}

Result<std::unique_ptr<schemas::RunT>, std::string> RunRecorder::read() {
  FLOWSTONE_TRY(auto state, read_state<schemas::RunT>(executor_, workspace_, "run", run_id_));
  if (!state) return failure("there is no run " + run_id_);
  return state;
}

Result<bool, std::string> RunRecorder::open() {
  FLOWSTONE_TRY(const auto run, read());
  ended_ = has_ended(run->status);
  if (ended_) return false;
  sequence_ = run->last_sequence;
  for (const auto& step : run->steps) {
    if (step->status == schemas::StepStatus::running) {
      running_ = step->name;
      told_lines_ = step->output_lines;
    } else {
      finished_.insert(step->name);
    }
  }
  if (run->started_at) {
    began_ = Timestamp{*run->started_at};
  } else {
    add(schemas::RunEventKind::started);
  }
  FLOWSTONE_TRY_VOID(flush());
  return true;
}

Result<bool, std::string> RunRecorder::cancel_requested() {
  FLOWSTONE_TRY(const auto run, read());
  return run->cancel_requested;
}

void RunRecorder::begin_step(std::string_view step) {
  step_ = step;
  told_ = finished_.contains(step);
  if (told_ || running_ == step) return;
  running_ = step;
  told_lines_ = 0;
  add(schemas::RunEventKind::step_started).step = step;
}

void RunRecorder::line(std::string text) {
  if (told_) return;
  if (told_lines_ > 0) {
    --told_lines_;
    return;
  }
  schemas::RunEventInputT& output = add(schemas::RunEventKind::step_output);
  output.step = step_;
  output.text = std::move(text);
  if (buffered_.size() < kSendAfter) return;
  if (const auto sent = flush(); !sent) broken_ = sent.error();
}

void RunRecorder::end_step() {
  if (told_) return;
  add(schemas::RunEventKind::step_finished).step = step_;
  finished_.insert(step_);
  running_.clear();
}

void RunRecorder::close(schemas::RunEventKind kind, std::string error) {
  schemas::RunEventInputT& last = add(kind);
  last.error = std::move(error);
  last.duration_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, (clock_.now() - began_).count() / 1000));
}

void RunRecorder::complete() { close(schemas::RunEventKind::completed, {}); }
void RunRecorder::fail(std::string error) { close(schemas::RunEventKind::failed, std::move(error)); }
void RunRecorder::cancel() { close(schemas::RunEventKind::cancelled, {}); }

schemas::RunEventInputT& RunRecorder::add(schemas::RunEventKind kind) {
  auto input = std::make_unique<schemas::RunEventInputT>();
  input->sequence = ++sequence_;
  input->kind = kind;
  input->at = clock_.now().micros;
  buffered_.push_back(std::move(input));
  return *buffered_.back();
}

std::optional<commands::Command> RunRecorder::take() {
  schemas::RecordRunEventsT record;
  record.id = run_id_;
  record.events = std::move(buffered_);
  buffered_.clear();
  if (ended_ || record.events.empty()) return std::nullopt;
  return request(workspace_, actor_, "run", "record_run_events", run_id_, schemas::pack(record));
}

Result<void, std::string> RunRecorder::flush() {
  if (!broken_.empty()) return failure(broken_);
  auto command = take();
  if (!command) return {};
  auto done = executor_.execute(*std::move(command));
  if (!done) return failure("run " + run_id_ + ": " + sentence_of(done.error()));
  return {};
}

}  // namespace flowstone::workers
