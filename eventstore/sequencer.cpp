#include "eventstore/sequencer.hpp"

#include <algorithm>
#include <chrono>
#include <sys/prctl.h>

#include <fmt/format.h>

#include "base/check.hpp"
#include "eventstore/merkle.hpp"
#include "eventstore/record.hpp"

namespace flowstone::eventstore {
namespace {

// One synced write takes about so much; what waits beyond it comes with the next, so that its answers are not late.
constexpr std::size_t kCommitBytes = 4 << 20;
constexpr std::size_t kCommandsRemembered = 1 << 16;

AppendError error(AppendErrorCode code, std::string detail) {
  return {.code = code, .write = 0, .actual = {}, .detail = std::move(detail)};
}

bool fits(const ExpectedRevision& expected, Revision actual) {
  if (std::holds_alternative<AnyRevision>(expected)) return true;
  if (std::holds_alternative<NoStream>(expected)) return actual == Revision{};
  return std::get<Revision>(expected) == actual;
}

}  // namespace

void Acceptance::refuse(std::string why) {
  failure_.with([&](std::string& kept) {
    if (kept.empty()) kept = std::move(why);
  });
  accepting_.store(false, std::memory_order_release);
}

std::string Acceptance::failure() const {
  return failure_.with([](const std::string& kept) { return kept; });
}

Sequencer::Sequencer(Parts parts, Start start, std::size_t queue_bytes, std::size_t stream_heads)
    : journal_(parts.journal),
      index_(parts.index),
      tail_(parts.tail),
      high_water_(parts.high_water),
      acceptance_(parts.acceptance),
      clock_(parts.clock),
      queue_(queue_bytes),
      block_number_(start.block),
      tree_(std::move(start.tree)),
      last_{tree_.size()},
      time_(start.time),
      heads_(stream_heads, tail_),
      commands_(kCommandsRemembered, tail_),
      block_first_(last_.next()),
      thread_([this] { run(); }) {}

Sequencer::~Sequencer() {
  queue_.close();
  thread_.join();
}

void Sequencer::submit(Submission submission) {
  const auto put = acceptance_.accepting() ? queue_.put(submission) : SubmissionQueue::Put::closed;
  if (put == SubmissionQueue::Put::queued) return;
  refused_.fetch_add(1, std::memory_order_relaxed);
  if (!acceptance_.accepting()) {
    submission.done(failure(error(AppendErrorCode::storage_failed, acceptance_.failure())));
  } else if (put == SubmissionQueue::Put::full) {
    submission.done(failure(error(AppendErrorCode::queue_full, "too many appends are waiting for the disk")));
  } else {
    submission.done(failure(error(AppendErrorCode::stopped, "the store is shutting down")));
  }
}

void Sequencer::run() {
  prctl(PR_SET_NAME, "sequencer");
  prctl(PR_SET_TIMERSLACK, 1UL);  // the gather window is as long as the default slack
  std::vector<Submission> batch;
  while (queue_.take(batch)) {
    const std::span<Submission> all(batch);
    for (std::size_t begin = 0; begin < all.size();) {
      std::size_t end = begin;
      for (std::size_t bytes = 0; end < all.size() && bytes < kCommitBytes; ++end) bytes += all[end].cost();
      commit(all.subspan(begin, end - begin));
      begin = end;
    }
  }
}

void Sequencer::commit(std::span<Submission> batch) {
  tail_.wait_for_room();
  if (!acceptance_.accepting()) return refuse_all(batch, AppendErrorCode::storage_failed, acceptance_.failure());
  heads_.tidy(block_number_);
  commands_.tidy(block_number_);
  answers_.clear();
  digest_payloads(batch);
  for (Submission& submission : batch) answers_.push_back(decide(submission));
  if (!builder_.empty()) close_block();
  hash_blocks();
  if (!blocks_.empty()) {
    if (const auto written = write_journal(); !written) {
      const std::string why = "the log could not be written: " + written.error().detail;
      acceptance_.refuse(why);
      const auto code =
          written.error().outcome_unknown ? AppendErrorCode::outcome_unknown : AppendErrorCode::storage_failed;
      return refuse_all(batch, code, why);
    }
    high_water_.set({.block = block_number_, .head = {.size = last_, .root = blocks_.back()->root}});
    tail_.publish(std::exchange(blocks_, {}));
  }
  complete(batch);
  tell_listeners();
}

Result<void, JournalFailure> Sequencer::write_journal() {
  std::vector<JournalBlock> blocks;
  blocks.reserve(blocks_.size());
  for (const SharedBlock& block : blocks_)
    blocks.push_back({.first = block->first, .number = block->number, .bytes = block->bytes});
  const auto begin = std::chrono::steady_clock::now();
  auto written = journal_.append(blocks);
  const auto took = std::chrono::steady_clock::now() - begin;
  syncs_.fetch_add(1, std::memory_order_relaxed);
  sync_nanoseconds_.fetch_add(static_cast<std::uint64_t>(std::chrono::nanoseconds(took).count()),
                              std::memory_order_relaxed);
  return written;
}

AppendResult Sequencer::decide(Submission& submission) {
  if (!submission.command_id.empty()) {
    auto answer = find_answer(submission);
    if (!answer) return failure(error(AppendErrorCode::storage_failed, answer.error().detail));
    if (*answer && submission.positioned) {
      return failure(error(AppendErrorCode::invalid, "the command id is in the log already"));
    }
    if (*answer) {
      if ((*answer)->fingerprint == submission.fingerprint) return std::move((*answer)->answer);
      return failure(error(AppendErrorCode::command_id_reused, "the command id came before with another request"));
    }
  }
  FLOWSTONE_TRY_VOID(check_parts_unknown(submission));
  if (submission.positioned) FLOWSTONE_TRY_VOID(check_positioned(submission));
  FLOWSTONE_TRY_VOID(advance_heads(submission));
  return stage(submission);
}

Result<std::optional<Store::StoredAnswer>, StoreError> Sequencer::find_answer(const Submission& submission) {
  if (submission.known_answer) return submission.known_answer;
  command_key_.clear();
  append_stream_key(command_key_, submission.workspace, submission.command_id);
  if (const auto* remembered = commands_.find(command_key_)) return *remembered;
  if (submission.command_checked >= commands_.forgotten_until()) return std::nullopt;
  return index_.find_command(command_key_);
}

Result<void, AppendError> Sequencer::check_parts_unknown(const Submission& submission) {
  std::size_t write = 0;
  for (const AppendPart& part : submission.parts) {
    if (!part.command_id.empty()) {
      command_key_.clear();
      append_stream_key(command_key_, submission.workspace, part.command_id);
      const auto indexed = index_.find_command(command_key_);
      if (!indexed) return failure(error(AppendErrorCode::storage_failed, indexed.error().detail));
      if (*indexed || commands_.find(command_key_) != nullptr) {
        auto refusal = error(AppendErrorCode::command_id_reused, "the command id of a part came before");
        refusal.write = write;
        return failure(std::move(refusal));
      }
    }
    write += part.writes;
  }
  return {};
}

Result<Sequencer::Head*, AppendError> Sequencer::head_of(const Submission::Write& write) {
  if (Head* const head = heads_.find(write.stream_key)) return head;
  const auto revision = index_.stream_head(write.stream_key);
  if (!revision) return failure(error(AppendErrorCode::storage_failed, revision.error().detail));
  return &heads_.put(write.stream_key, {*revision});
}

// Checks every write's expectation against the streams as the writes before it leave them. Advances all or none.
Result<void, AppendError> Sequencer::advance_heads(const Submission& submission) {
  spans_.clear();
  advanced_.clear();
  for (std::size_t at = 0; at < submission.writes.size(); ++at) {
    const Submission::Write& write = submission.writes[at];
    if (write.stream_key.empty()) {
      spans_.push_back({});  // of an import: the write had no events, and its stream is not known
      continue;
    }
    auto head = head_of(write);
    if (!head || !fits(write.expected, (*head)->revision)) {
      auto refusal =
          head ? error(AppendErrorCode::wrong_expected_revision, "the stream is at another revision") : head.error();
      for (const auto& [other, events] : advanced_) other->revision.value -= events;
      refusal.write = at;
      if (head) refusal.actual = (*head)->revision;
      return failure(std::move(refusal));
    }
    (*head)->revision.value += write.events;
    advanced_.emplace_back(*head, write.events);
    spans_.push_back({.events = write.events, .revision = (*head)->revision});
  }
  return {};
}

// An import brings its own positions, revisions and times: they must be exactly the next ones.
Result<void, AppendError> Sequencer::check_positioned(const Submission& submission) const {
  const Position position = record_position(submission.records);
  if (position != last_.next()) {
    return failure(error(AppendErrorCode::invalid,
                         fmt::format("position {} does not follow the log's head {}", position.value, last_.value)));
  }
  if (record_time(submission.records) < time_) {
    return failure(error(AppendErrorCode::invalid, "the time is before that of the event before it"));
  }
  return {};
}

AppendResult Sequencer::stage(Submission& submission) {
  Appended appended{.first = last_.next(), .last = {last_.value + submission.events}, .revisions = {}, .time = {}};
  time_ = submission.positioned ? record_time(submission.records) : std::max(time_, clock_.now());
  appended.time = time_;
  char* record = submission.records.data();
  for (std::size_t at = 0; at < submission.writes.size(); ++at) {
    const Submission::Write& write = submission.writes[at];
    Revision revision{spans_[at].revision.value - write.events};
    for (std::uint32_t event = 0; event < write.events; ++event) {
      const std::size_t size = encoded_size(record);
      revision = revision.next();
      last_ = last_.next();
      stamp_record(record, last_, revision, time_);
      streams_.push_back(write.stream_hash);
      record += size;
    }
    appended.revisions.push_back(spans_[at].revision);
  }
  if (submission.parts.empty()) {
    const AppendEntry entry{.first = appended.first,
                            .last = appended.last,
                            .writes = spans_,
                            .is_command = !submission.command_id.empty(),
                            .fingerprint = submission.fingerprint,
                            .workspace = submission.workspace,
                            .command_id = submission.command_id,
                            .time = time_};
    place(entry, submission.records);
  } else {
    place_parts(submission, appended.first);
  }
  if (builder_.size() >= BlockLayout::kTarget) close_block();
  return appended;
}

// Puts an append into the open block and remembers its command.
void Sequencer::place(const AppendEntry& entry, BytesView records) {
  // An append that leaves no trace needs no place in a block.
  if (records.empty() && entry.command_id.empty()) return;
  builder_.add(entry, records);
  if (entry.command_id.empty()) return;
  command_key_.clear();
  append_stream_key(command_key_, entry.workspace, entry.command_id);
  Store::StoredAnswer& remembered = commands_.put(command_key_, {.answer = {}, .fingerprint = entry.fingerprint});
  remembered.answer = {.first = entry.first, .last = entry.last, .revisions = {}, .time = entry.time, .repeated = true};
  for (const WriteSpan& write : entry.writes) remembered.answer.revisions.push_back(write.revision);
}

// One entry a part; they are in one block, so they are on disk together or not at all.
void Sequencer::place_parts(const Submission& submission, Position first) {
  BytesView left(submission.records);
  std::span<const WriteSpan> writes(spans_);
  for (const AppendPart& part : submission.parts) {
    AppendEntry entry{.first = first,
                      .last = {},
                      .writes = writes.first(part.writes),
                      .is_command = !part.command_id.empty(),
                      .fingerprint = part.fingerprint,
                      .workspace = submission.workspace,
                      .command_id = part.command_id,
                      .time = time_};
    writes = writes.subspan(part.writes);
    std::size_t size = 0;
    for (const WriteSpan& write : entry.writes) {
      for (std::uint32_t event = 0; event < write.events; ++event) size += encoded_size(left.data() + size);
      first.value += write.events;
    }
    entry.last = {first.value - 1};
    place(entry, left.substr(0, size));
    left.remove_prefix(size);
  }
}

void Sequencer::close_block() {
  auto block = std::make_shared<CommittedBlock>();
  block->number = ++block_number_;
  block->first = block_first_;
  block->events = builder_.events();
  block->bytes = builder_.finish(block->number, block->first);
  block->streams = std::exchange(streams_, {});
  block_first_ = last_.next();
  appended_.store(last_.value, std::memory_order_release);
  staged_.push_back(std::move(block));
}

// Whatever the batch holds is digested, also what is refused afterwards: that is rare, and side by side is cheap.
void Sequencer::digest_payloads(std::span<Submission> batch) {
  hashed_.clear();
  digested_.clear();
  for (Submission& submission : batch) {
    if (submission.digested) continue;
    submission.digested = true;
    char* const end = submission.records.data() + submission.records.size();
    for (char* record = submission.records.data(); record != end; record += encoded_size(record)) {
      hashed_.push_back(digested_bytes({record, encoded_size(record)}));
      digested_.push_back(record);
    }
  }
  digests_.resize(hashed_.size());
  sha256_each(hashed_, digests_);
  for (std::size_t at = 0; at < digested_.size(); ++at) put_payload_digest(digested_[at], digests_[at]);
}

// The leaves of everything staged side by side; then block after block its part of the tree.
void Sequencer::hash_blocks() {
  hashed_.clear();
  for (const auto& block : staged_) {
    const char* record = block->bytes.data() + BlockLayout::kHeader;
    for (std::uint32_t event = 0; event < block->events; ++event) {
      const std::size_t size = encoded_size(record);
      hashed_.push_back(record_header({record, size}));
      record += size;
    }
  }
  leaf_hashes(hashed_, digests_);
  auto leaf = digests_.begin();
  for (const auto& block : staged_) {
    block->leaves.assign(leaf, leaf + block->events);
    leaf += block->events;
    tree_.push(block->leaves);
    block->root = tree_.root();
    seal_block(block->bytes, block->root);
    blocks_.push_back(block);
  }
  staged_.clear();
}

void Sequencer::complete(std::span<Submission> batch) {
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < batch.size(); ++at) {
    bytes += batch[at].cost();
    if (!answers_[at]) {
      refused_.fetch_add(1, std::memory_order_relaxed);
    } else if (!answers_[at]->repeated) {
      appends_.fetch_add(1, std::memory_order_relaxed);
      events_.fetch_add(batch[at].events, std::memory_order_relaxed);
      payload_bytes_.fetch_add(batch[at].payload_bytes, std::memory_order_relaxed);
    }
    batch[at].done(std::move(answers_[at]));
  }
  queue_.release(bytes);
}

void Sequencer::refuse_all(std::span<Submission> batch, AppendErrorCode code, const std::string& why) {
  std::size_t bytes = 0;
  for (Submission& submission : batch) {
    bytes += submission.cost();
    refused_.fetch_add(1, std::memory_order_relaxed);
    submission.done(failure(error(code, why)));
  }
  queue_.release(bytes);
}

void Sequencer::tell_listeners() {
  const std::lock_guard guard(listeners_->mutex);
  for (const auto& tell : listeners_->list) (*tell)(tail_.durable());
}

std::shared_ptr<void> Sequencer::listen(Store::Listener tell) {
  auto entry = std::make_shared<Store::Listener>(std::move(tell));
  const std::lock_guard guard(listeners_->mutex);
  listeners_->list.push_back(entry);
  return {entry.get(), [listeners = listeners_, entry](void*) {
            const std::lock_guard inner(listeners->mutex);
            std::erase(listeners->list, entry);
          }};
}

Store::Metrics Sequencer::metrics() const {
  return {.appends = appends_.load(std::memory_order_relaxed),
          .events = events_.load(std::memory_order_relaxed),
          .payload_bytes = payload_bytes_.load(std::memory_order_relaxed),
          .syncs = syncs_.load(std::memory_order_relaxed),
          .refused = refused_.load(std::memory_order_relaxed),
          .sync_seconds = static_cast<double>(sync_nanoseconds_.load(std::memory_order_relaxed)) * 1e-9,
          .queued_bytes = queue_.bytes()};
}

}  // namespace flowstone::eventstore
