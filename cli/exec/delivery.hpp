// Carries a spool to the server, in order and each record once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/client.hpp"
#include "cli/exec/spool.hpp"

namespace flowstone::cli {

// Code of the refusal where the run's id was taken by another recording, known by when it started. Final.
inline constexpr std::string_view kAnotherRecording = "another_recording";

// Once: records are numbered, and the server takes each number once; what it has is asked before anything is sent, and
// again after each refusal. So a delivery may be broken off anywhere and begun again by anybody.
// Threads: one thread at a time.
class Delivery {
 public:
  // `client` should make a single attempt at each request: whoever calls `advance` decides when to try again.
  Delivery(SpoolReader spool, Client client) : spool_(std::move(spool)), client_(std::move(client)) {}

  struct Progress {
    std::uint64_t sent = 0;  // records taken by the server in this step; 0: it has all there are for now
    bool ended = false;      // the server has the record of the run's end
    bool cancel_requested = false;
  };
  // Opens the run if need be and sends one batch.
  Result<Progress, Refusal> advance();
  // Asks the server how the run is, where nothing is to be sent.
  Result<Progress, Refusal> look();

  [[nodiscard]] const SpoolHeading& heading() const { return spool_.heading(); }
  // Up to here the spool file was read.
  [[nodiscard]] std::uint64_t consumed_bytes() const { return spool_.consumed_bytes(); }

 private:
  Result<void, Refusal> open_run();
  void collect_batch();
  Progress progress_of(const boost::json::value& run) const;

  SpoolReader spool_;
  Client client_;
  bool open_ = false;
  std::string batch_;  // body under way; empty: none
  std::uint64_t batch_records_ = 0;
  std::size_t batch_limit_ = 1000;
  bool batch_ends_run_ = false;
  bool ended_ = false;
};

// Delivers a spool whose recorder is gone, then deletes it. A spool without an end gets one that says so.
// `patience` bounds the time in which the server may be away.
Result<std::uint64_t, std::string> deliver_spool(const std::filesystem::path& file, const ClientOptions& options,
                                                 std::chrono::milliseconds patience);

}  // namespace flowstone::cli
