#include "projections/follower.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

namespace flowstone::projections {
namespace {

constexpr std::uint64_t kBatchEvents = 32'768;
constexpr std::uint64_t kBulkBatchEvents = 262'144;
constexpr std::size_t kBatchBytes = 8 << 20;
constexpr std::size_t kBulkBatchBytes = 32 << 20;
constexpr std::uint64_t kStopEvery = 1'024;  // events between two looks at the stop token
constexpr std::uint64_t kQuietPositions =
    50'000;  // without a changed row, after which the checkpoint is written all the same

}  // namespace

BuildFollower::BuildFollower(Projection& projection, const Shared& shared, BuildId build, const Checkpoint& checkpoint)
    : projection_(projection),
      shared_(shared),
      build_(build),
      name_(projection.definition().name),
      checkpoint_(checkpoint),
      written_(checkpoint.position) {}

bool BuildFollower::step(std::chrono::milliseconds patience, std::stop_token stop) {
  try {
    return step_or_throw(patience, stop);
  } catch (const std::exception& error) {
    projection_.broke(build_, checkpoint_.position.next(), error.what());
    return false;
  }
}

bool BuildFollower::step_or_throw(std::chrono::milliseconds patience, const std::stop_token& stop) {
  const Position durable = shared_.store.state().durable;
  const std::optional<Position> allowed = projection_.allowance(build_, durable);
  if (!allowed) return false;
  Done done;
  if (!fold_) done = begin(durable);
  if (done) {
    if (checkpoint_.position < *allowed) {
      done = fold_some(*allowed, stop);
    } else {
      wait(durable, patience, stop);
    }
    if (done && !checkpoint_.bulk && checkpoint_.position >= durable) projection_.at_the_end(build_);
    const bool nearly_there = allowed->value - checkpoint_.position.value <= projection_.definition().bulk_events;
    if (done && checkpoint_.bulk && nearly_there) done = finish_bulk();
  }
  if (!done) {
    Stop& failed = done.error();
    projection_.broke(build_, failed.position, std::move(failed.reason));
  }
  return done.has_value();
}

BuildFollower::Done BuildFollower::begin(Position durable) {
  if (checkpoint_.position == Position{}) checkpoint_.bulk = durable.value > projection_.definition().bulk_events;
  auto fold = projection_.definition().make_fold(build_, checkpoint_.bulk);
  if (!fold) return failure(Stop{checkpoint_.position.next(), std::move(fold.error())});
  fold_ = *std::move(fold);
  return {};
}

void BuildFollower::wait(Position durable, std::chrono::milliseconds patience, const std::stop_token& stop) {
  if (checkpoint_.position < durable) {
    projection_.wait_for_change(std::min(patience, std::chrono::milliseconds(10)), stop);
  } else {
    shared_.store.wait_beyond(checkpoint_.position, patience, stop);
  }
}

BuildFollower::Done BuildFollower::fold_some(Position to, const std::stop_token& stop) {
  if (reader_ == nullptr || reader_to_ > to) {
    auto reader = shared_.store.read(projection_.definition().filter, {.from = checkpoint_.position.next(), .to = to});
    if (!reader) return failure(Stop{checkpoint_.position.next(), reader.error().detail});
    reader_ = *std::move(reader);
    reader_to_ = to;
  }
  FLOWSTONE_TRY_VOID(commit(take_batch(stop)));
  if (stop_at_) return failure(*std::move(stop_at_));
  return {};
}

Position BuildFollower::take_batch(const std::stop_token& stop) {
  const std::uint64_t most = checkpoint_.bulk ? kBulkBatchEvents : kBatchEvents;
  const std::size_t most_bytes = checkpoint_.bulk ? kBulkBatchBytes : kBatchBytes;
  Position position = checkpoint_.position;
  for (std::uint64_t taken = 1; taken <= most && fold_->pending_bytes() < most_bytes; ++taken) {
    const auto event = reader_->next();
    if (!event) {
      stop_at_ = Stop{event.error().position, "the log cannot be read: " + event.error().detail};
      return position;
    }
    if (*event == nullptr) {
      reader_.reset();
      return reader_to_;
    }
    if (auto folded = fold_->take(**event); !folded) {
      stop_at_ = Stop{(*event)->position,
                      fmt::format("{} at position {}: {}", (*event)->type, (*event)->position.value, folded.error())};
      return Position{(*event)->position.value - 1};
    }
    position = (*event)->position;
    if (taken % kStopEvery == 0 && stop.stop_requested()) break;
  }
  return position;
}

BuildFollower::Done BuildFollower::commit(Position position) {
  checkpoint_.position = position;
  const bool quiet = fold_->pending_bytes() == 0 && position.value - written_.value < kQuietPositions;
  if (!quiet) {
    if (auto written = fold_->commit(checkpoint_); !written) return failure(Stop{written_.next(), written.error()});
    written_ = position;
  }
  projection_.committed(build_, checkpoint_);
  return {};
}

BuildFollower::Done BuildFollower::finish_bulk() {
  reader_.reset();
  Checkpoint finished;
  finished.position = checkpoint_.position;
  if (auto made = fold_->finish_bulk(finished); !made) return failure(Stop{checkpoint_.position.next(), made.error()});
  checkpoint_ = finished;
  written_ = checkpoint_.position;
  projection_.committed(build_, checkpoint_);
  return {};
}

}  // namespace flowstone::projections
