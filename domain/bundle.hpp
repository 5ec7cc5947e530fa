// A bundle: documents that belong together, in immutable versions.
//
//   ingesting --> published --> withdrawn
//       |
//       +-------> failed        (the version before it goes on serving)
//
// One version is ingested at a time; its number is one more than that of the version before it, whatever became of
// that one. A version is known by the run that ingests it: adding the version of a run again changes nothing.
//
// Limits: kMaxVersions versions a bundle.
#pragma once

#include <string_view>
#include <vector>

#include "base/decider.hpp"
#include "schemas/bundle_generated.h"

namespace flowstone::domain {

struct Bundle {
  static constexpr std::size_t kMaxVersions = 1'000;

  static constexpr std::string_view kName = "bundle";
  static constexpr auto kVerifyCommand = schemas::VerifyBundleCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyBundleEvent;
  using State = schemas::BundleT;
  using Command = schemas::BundleCommandUnion;
  using Event = schemas::BundleEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
  static std::vector<std::string>* removals(Command& command);
};

}  // namespace flowstone::domain
