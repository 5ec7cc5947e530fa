// Follows the log for what happens to bundles, evidence and insights: takes versions in, looks for quotes that a
// version missed, and keeps freshness true. At its start it takes up what was left undone.
//
// Threads: two of its own; the destructor stops and joins them. What was under way then is taken up at the next start.
// Limits: one version at a time. Work that fails for the server's sake is tried again after 1 s, then twice as long each
// time, up to a minute.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "workers/ingest.hpp"

namespace flowstone::workers {

class DocumentWorker {
 public:
  explicit DocumentWorker(IngestServices services, documents::ParseLimits limits = {});

 private:
  struct Job {
    std::string workspace, bundle_id;
    std::chrono::seconds delay{0};  // before it was tried the last time
    std::chrono::steady_clock::time_point due{};
  };

  void follow(const std::stop_token& stop);
  void take_up(const std::stop_token& stop);
  void assess_everything(const std::stop_token& stop);
  Result<Position, std::string> read_on(Position from, const std::stop_token& stop);
  void react(const std::string& workspace, std::string_view type, const std::string& id);
  void assess(const std::string& workspace, std::set<std::string> insights);

  void enqueue(Job job);
  std::optional<Job> next_job(const std::stop_token& stop);
  void take_in(const std::stop_token& stop);

  IngestServices services_;
  Ingest ingest_;     // of the thread that takes in
  Ingest straggler_;  // of the thread that follows
  std::mutex mutex_;
  std::condition_variable_any queued_;
  std::deque<Job> jobs_;   // one a bundle
  std::jthread follower_;  // last: joined first
  std::jthread taker_;
};

}  // namespace flowstone::workers
