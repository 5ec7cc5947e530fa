// Brings one build of a projection along the log: reads, folds, commits.
//
// Order: events are folded in the order of their positions, each once; rows and checkpoint are one batch.
// Cost: far behind, batches are large and one reader serves many of them. Where nothing changed, only the position moves on,
// and it is written now and then.
#pragma once

#include <memory>
#include <string>

#include "projections/projection.hpp"

namespace flowstone::projections {

class BuildFollower final : public Follower {
 public:
  BuildFollower(Projection& projection, const Shared& shared, BuildId build, const Checkpoint& checkpoint);

  [[nodiscard]] std::string_view name() const override { return name_; }
  bool step(std::chrono::milliseconds patience, std::stop_token stop) override;

 private:
  struct Stop {
    Position position;
    std::string reason;
  };
  using Done = Result<void, Stop>;

  bool step_or_throw(std::chrono::milliseconds patience, const std::stop_token& stop);
  Done begin(Position durable);
  Done fold_some(Position to, const std::stop_token& stop);
  // Folds events of the open reader until the batch is full. An event that cannot be folded leaves `stop_at_`.
  Position take_batch(const std::stop_token& stop);
  Done commit(Position position);
  Done finish_bulk();
  void wait(Position durable, std::chrono::milliseconds patience, const std::stop_token& stop);

  Projection& projection_;
  const Shared& shared_;
  const BuildId build_;
  const std::string name_;

  Checkpoint checkpoint_;
  Position written_;  // position of the checkpoint in the database
  std::unique_ptr<Fold> fold_;
  std::unique_ptr<eventstore::Reader> reader_;
  Position reader_to_;
  std::optional<Stop> stop_at_;
};

}  // namespace flowstone::projections
