// An extractor: a rule that reads values from documents. Its name is unique in the workspace, which commands/ keeps; it
// is never deleted, only archived, and an archived extractor takes no change but restoring.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "base/decider.hpp"
#include "schemas/extractor_generated.h"

namespace flowstone::domain {

// The extractors that every workspace has, whose names are taken.
inline constexpr std::array<std::string_view, 10> kBuiltInExtractors{
    "heading", "date", "amount", "percent", "email", "link", "field", "cell", "norm", "definition"};

struct Extractor {
  static constexpr std::string_view kName = "extractor";
  static constexpr auto kVerifyCommand = schemas::VerifyExtractorCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyExtractorEvent;
  using State = schemas::ExtractorT;
  using Command = schemas::ExtractorCommandUnion;
  using Event = schemas::ExtractorEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
  static std::vector<std::string>* removals(Command& command);
};

}  // namespace flowstone::domain
