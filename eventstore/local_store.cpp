#include "eventstore/local_store.hpp"

#include <algorithm>
#include <latch>
#include <semaphore>

#include <fmt/format.h>

#include "base/locked.hpp"
#include "eventstore/import.hpp"
#include "eventstore/record.hpp"
#include "eventstore/storage_error.hpp"
#include "eventstore/verify.hpp"

namespace flowstone::eventstore {
namespace {

constexpr std::chrono::seconds kIndexPatience{10};
constexpr std::size_t kImportBytes = 4 << 20;

LogTail::Start tail_start(const LogEnd& end) {
  return {.block = end.block,
          .indexed = end.indexed,
          .indexed_block = end.indexed_block,
          .head = {.size = end.position(), .root = end.tree.root()}};
}

// The durable part of what was asked for.
PositionRange range_of(const ReadOptions& options, Position durable) {
  PositionRange range{.from = options.from, .to = options.to, .direction = options.direction};
  const std::uint64_t steps = std::max<std::uint64_t>(options.examine_at_most, 1) - 1;
  if (options.direction == Direction::forward) {
    range.from = std::max(range.from, Position{1});
    range.to = range.to == Position{} ? durable : std::min(range.to, durable);
    if (steps < UINT64_MAX - range.from.value) range.to = std::min(range.to, Position{range.from.value + steps});
  } else {
    range.from = range.from == Position{} ? durable : std::min(range.from, durable);
    range.to = std::max(range.to, Position{1});
    if (steps < range.from.value) range.to = std::max(range.to, Position{range.from.value - steps});
  }
  return range;
}

}  // namespace

AppendResult Store::append(Append append) {
  struct Answer {
    std::binary_semaphore here{0};
    AppendResult result;
  };
  const auto answer = std::make_shared<Answer>();
  this->append(std::move(append), [answer](AppendResult result) {
    answer->result = std::move(result);
    answer->here.release();
  });
  answer->here.acquire();
  return std::move(answer->result);
}

LocalStore::LocalStore(Parts parts, const StoreOptions& options)
    : owner_(std::move(parts.owner)),
      journal_(std::move(parts.journal)),
      index_(std::move(parts.index)),
      tail_(options.recent_bytes, tail_start(parts.end)) {
  if (!owner_) {
    acceptance_.refuse("the store was opened for reading");
    return;
  }
  indexer_ = std::make_unique<Indexer>(*index_, tail_, acceptance_);
  const Sequencer::Parts sequencer{.journal = *journal_,
                                   .index = *index_,
                                   .tail = tail_,
                                   .high_water = owner_->high_water,
                                   .acceptance = acceptance_,
                                   .clock = options.clock != nullptr ? *options.clock : system_clock_};
  sequencer_ = std::make_unique<Sequencer>(
      sequencer, Sequencer::Start{.block = parts.end.block, .tree = std::move(parts.end.tree), .time = parts.end.time},
      options.queue_bytes, options.stream_heads);
}

LocalStore::~LocalStore() {
  sequencer_.reset();
  tail_.close();
  indexer_.reset();
}

void LocalStore::append(Append append, Completion done) {
  auto prepared = prepare(append);
  if (!prepared) return done(failure(std::move(prepared).error()));
  if (sequencer_ == nullptr) {
    return done(failure(AppendError{
        .code = AppendErrorCode::storage_failed, .write = 0, .actual = {}, .detail = acceptance_.failure()}));
  }
  look_up_command(*prepared);
  prepared->done = std::move(done);
  sequencer_->submit(*std::move(prepared));
}

// On the caller's thread, so that the sequencer only needs to remember the commands that are not in the index yet.
void LocalStore::look_up_command(Submission& submission) {
  if (submission.command_id.empty()) return;
  const std::uint64_t indexed = tail_.indexed_block();
  auto known = index_->find_command(submission.workspace + '\0' + submission.command_id);
  if (!known) return;
  submission.command_checked = indexed;
  submission.known_answer = *std::move(known);
}

Result<void, StoreError> LocalStore::import(std::span<const RecordedEvent> events) {
  FLOWSTONE_TRY(auto submissions, prepare_import(events));
  const std::span<Submission> all(submissions);
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin;
    for (std::size_t bytes = 0; end < all.size() && bytes < kImportBytes; ++end) bytes += all[end].cost();
    FLOWSTONE_TRY_VOID(import_group(all.subspan(begin, end - begin)));
    begin = end;
  }
  return {};
}

// Appends after one that failed fail too: their positions do not follow the head.
Result<void, StoreError> LocalStore::import_group(std::span<Submission> group) {
  struct Outcome {
    explicit Outcome(std::ptrdiff_t appends) : open(appends) {}
    std::latch open;
    Locked<std::optional<StoreError>> first_error;
  };
  const auto outcome = std::make_shared<Outcome>(static_cast<std::ptrdiff_t>(group.size()));
  for (Submission& submission : group) {
    look_up_command(submission);
    const auto position = record_position(submission.records);
    submission.done = [outcome, position](AppendResult result) {
      if (!result) {
        const bool misfit = result.error().code == AppendErrorCode::invalid ||
                            result.error().code == AppendErrorCode::wrong_expected_revision;
        const auto code = misfit ? StoreError::Code::mismatch : StoreError::Code::io;
        outcome->first_error.with([&](auto& kept) {
          if (!kept) kept = StoreError{.code = code, .position = position, .detail = result.error().detail};
        });
      }
      outcome->open.count_down();
    };
    if (sequencer_ != nullptr) {
      sequencer_->submit(std::move(submission));
    } else {
      submission.done(failure(AppendError{
          .code = AppendErrorCode::storage_failed, .write = 0, .actual = {}, .detail = acceptance_.failure()}));
    }
  }
  outcome->open.wait();
  auto error = outcome->first_error.with([](auto& kept) { return std::move(kept); });
  if (error) return failure(*std::move(error));
  return {};
}

Result<std::optional<Store::StoredAnswer>, StoreError> LocalStore::find_command(std::string_view workspace,
                                                                                std::string_view command_id) {
  Bytes key;
  append_stream_key(key, workspace, command_id);
  // What is durable and not in the index yet is in the tail; what left the tail meanwhile is in the index.
  for (const SharedBlock& block : tail_.unindexed()) {
    BlockReader reader;
    if (!reader.open(block->bytes, BlockReader::Trust::as_is)) continue;
    for (const AppendEntry& unnamed : reader.appends()) {
      if (!unnamed.is_command) continue;
      const AppendEntry append = reader.named(unnamed).value_or(unnamed);
      if (append.command_id != command_id || append.workspace != workspace) continue;
      StoredAnswer stored{.answer = {.first = append.first,
                                     .last = append.last,
                                     .revisions = {},
                                     .time = append.time,
                                     .repeated = true},
                          .fingerprint = append.fingerprint};
      for (const WriteSpan& write : append.writes) stored.answer.revisions.push_back(write.revision);
      return stored;
    }
  }
  return index_->find_command(key);
}

Result<std::unique_ptr<Reader>, StoreError> LocalStore::read(const Filter& filter, const ReadOptions& options) {
  PositionRange range = range_of(options, tail_.durable());
  if (filter.until) {
    FLOWSTONE_TRY(const Position last, last_position_at(view(), *index_, *filter.until));
    if (options.direction == Direction::forward) {
      range.to = std::min(range.to, last);
    } else {
      range.from = std::min(range.from, last);
    }
  }
  return make_reader(view(), filter, range);
}

Result<std::unique_ptr<Reader>, StoreError> LocalStore::read_stream(std::string_view workspace, std::string_view stream,
                                                                    Revision from, Direction direction) {
  if (from == Revision{}) from = {direction == Direction::forward ? 1 : UINT64_MAX};
  return make_stream_reader(view(), workspace, stream, from, direction);
}

Result<Revision, StoreError> LocalStore::stream_head(std::string_view workspace, std::string_view stream) {
  FLOWSTONE_TRY(const auto reader, read_stream(workspace, stream, {}, Direction::backward));
  FLOWSTONE_TRY(const RecordedEvent* const last, reader->next());
  return last != nullptr ? last->revision : Revision{};
}

Result<Position, StoreError> LocalStore::position_at(Timestamp time) { return last_position_at(view(), *index_, time); }

LogState LocalStore::state() const {
  const bool accepting = acceptance_.accepting();
  const Position durable = tail_.durable();
  return {.appended = sequencer_ != nullptr ? std::max(sequencer_->appended(), durable) : durable,
          .durable = durable,
          .indexed = tail_.indexed(),
          .accepting = accepting,
          .failure = accepting ? std::string() : acceptance_.failure()};
}

Position LocalStore::wait_beyond(Position position, std::chrono::milliseconds timeout, std::stop_token stop) {
  return tail_.wait_beyond(position, timeout, std::move(stop));
}

std::shared_ptr<void> LocalStore::on_commit(Listener tell) {
  if (sequencer_ == nullptr) return std::make_shared<Listener>(std::move(tell));
  return sequencer_->listen(std::move(tell));
}

TreeHead LocalStore::tree_head() const { return tail_.tree_head(); }

// Proofs are made from tiles, which come with the index: waits for it where it lags.
Result<void, StoreError> LocalStore::reach(Position size) {
  if (size > tail_.durable()) {
    return failure(StoreError{.code = StoreError::Code::io,
                              .position = size,
                              .detail = fmt::format("the log ends at position {}", tail_.durable().value)});
  }
  if (size.value <= index_->tiles().size() || tail_.wait_indexed(size, kIndexPatience)) return {};
  return failure(StoreError{.code = StoreError::Code::io, .position = size, .detail = "the index lags behind the log"});
}

Result<TreeHead, StoreError> LocalStore::tree_head_at(Position size) {
  FLOWSTONE_TRY_VOID(reach(size));
  FLOWSTONE_TRY(const Digest root, root_at(index_->tiles(), size.value));
  return TreeHead{.size = size, .root = root};
}

Result<std::vector<Digest>, StoreError> LocalStore::inclusion_proof(Position position, Position size) {
  if (position == Position{} || position > size) {
    return failure(
        StoreError{.code = StoreError::Code::io, .position = position, .detail = "the position is not in the tree"});
  }
  FLOWSTONE_TRY_VOID(reach(size));
  return inclusion_path(index_->tiles(), position.value - 1, size.value);
}

Result<std::vector<Digest>, StoreError> LocalStore::consistency_proof(Position first, Position second) {
  if (first > second) {
    return failure(StoreError{
        .code = StoreError::Code::io, .position = first, .detail = "the first tree is larger than the second"});
  }
  FLOWSTONE_TRY_VOID(reach(second));
  return consistency_path(index_->tiles(), first.value, second.value);
}

Result<Store::Verification, StoreError> LocalStore::verify(const std::function<void(Position)>& progress) {
  return verify_log(*journal_, tail_.tree_head(), progress);
}

Store::Metrics LocalStore::metrics() const { return sequencer_ != nullptr ? sequencer_->metrics() : Metrics{}; }

}  // namespace flowstone::eventstore
