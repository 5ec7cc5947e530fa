// Commands to documents and what rests on them, by chance, from so few values that they meet each other often.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include "base/time.hpp"
#include "schemas/bundle_generated.h"
#include "schemas/canvas_generated.h"
#include "schemas/extractor_generated.h"
#include "schemas/insight_generated.h"
#include "schemas/workflow_generated.h"
#include "tests/domain/quotes.hpp"
#include "tests/domain/random_values.hpp"

namespace flowstone::domain {

inline schemas::ExtractorCommandUnion any_extractor_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  ExtractorCommandUnion command;
  switch (*rc::gen::inRange(0, 5)) {
    case 0: {
      CreateExtractorT create;
      create.name = any_name();
      create.pattern = any_word();
      create.heading = any_word();
      create.type = any_of<ExtractedType>({ExtractedType::text, ExtractedType::date});
      command.Set(std::move(create));
      break;
    }
    case 1:
      command.Set(ArchiveExtractorT{});
      break;
    case 2:
      command.Set(RestoreExtractorT{});
      break;
    default: {
      UpdateExtractorT update;
      update.name = any_word();
      update.type = maybe<ExtractedType>({ExtractedType::text, ExtractedType::date});
      update.pattern = any_word();
      update.column = any_word();
      update.cleared = some_of({"name", "pattern", "heading", "column"});
      command.Set(std::move(update));
    }
  }
  return command;
}

inline schemas::BundleCommandUnion any_bundle_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  BundleCommandUnion command;
  const auto set_numbered = [&]<class Table>(Table table) {
    table.number = *rc::gen::inRange<std::uint32_t>(1, 4);
    command.Set(std::move(table));
  };
  switch (*rc::gen::inRange(0, 9)) {
    case 0: {
      CreateBundleT create;
      create.name = any_name();
      create.description = any_word();
      command.Set(std::move(create));
      break;
    }
    case 1: {
      UpdateBundleT update;
      update.name = any_word();
      update.description = any_word();
      update.cleared = some_of({"description", "name"});
      command.Set(std::move(update));
      break;
    }
    case 2:
      set_numbered(FailBundleVersionT{});
      break;
    case 3:
      set_numbered(CompleteBundleAnchoringT{});
      break;
    case 4:
      set_numbered(WithdrawBundleVersionT{});
      break;
    case 5:
    case 6:
      set_numbered(PublishBundleVersionT{});
      break;
    default: {
      AddBundleVersionT add;
      add.run_id = any_name();
      add.label = any_word();
      command.Set(std::move(add));
    }
  }
  return command;
}

inline schemas::AnchorT any_anchor() {
  using schemas::Materiality, schemas::Verdict;
  return anchor_at(*rc::gen::inRange<std::uint32_t>(1, 5), any_word(),
                   any_of<Verdict>({Verdict::same, Verdict::changed, Verdict::lost}),
                   any_of<Materiality>({Materiality::none, Materiality::cosmetic, Materiality::material}));
}

inline std::vector<schemas::AnchorT> any_anchors() {
  std::vector<schemas::AnchorT> anchors;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) anchors.push_back(any_anchor());
  return anchors;
}

inline schemas::EvidenceCommandUnion any_evidence_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  EvidenceCommandUnion command;
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
    case 1: {
      CreateEvidenceT create;
      create.source = source_of(any_name(), *rc::gen::inRange<std::uint32_t>(1, 3));
      command.Set(with_anchors(std::move(create), any_anchors()));
      break;
    }
    case 2: {
      WithdrawEvidenceT withdraw;
      withdraw.reason = any_word();
      command.Set(std::move(withdraw));
      break;
    }
    case 3:
    case 4: {
      PlaceEvidenceT place;
      place.anchor = std::make_unique<AnchorT>(any_anchor());
      command.Set(std::move(place));
      break;
    }
    default:
      command.Set(with_anchors(AnchorEvidenceT{}, any_anchors()));
  }
  return command;
}

inline std::vector<std::unique_ptr<schemas::TraceT>> any_trace() {
  std::vector<std::unique_ptr<schemas::TraceT>> trace;
  if (by_chance()) {
    trace.push_back(std::make_unique<schemas::TraceT>());
    trace[0]->entity = any_of<std::string>({"evidence-x", "evidence-y", "insight-x", "evidence-z"});
    trace[0]->digest = any_word();
  }
  return trace;
}

inline schemas::InsightCommandUnion any_insight_change() {
  using namespace schemas;  // NOLINT: the tables' names
  InsightCommandUnion command;
  if (by_chance()) {
    AssessInsightT assess;
    assess.value = any_of<FreshnessFlag>({FreshnessFlag::fresh, FreshnessFlag::stale});
    assess.support = any_of<FreshnessFlag>({FreshnessFlag::fresh, FreshnessFlag::review});
    if (by_chance()) {
      assess.causes.push_back(std::make_unique<CauseT>());
      assess.causes[0]->entity = any_name();
    }
    command.Set(std::move(assess));
    return command;
  }
  AmendInsightT amend;
  amend.title = any_word();
  amend.evidence_ids = any_words();
  amend.insight_ids = any_words();
  amend.confidence = maybe<double>({0, 0.5});
  if (by_chance()) {
    amend.claim = std::make_unique<ClaimT>();
    amend.claim->value = any_name();
  }
  amend.trace = any_trace();
  amend.cleared = some_of({"body", "insight_ids", "confidence", "claim", "evidence_ids"});
  command.Set(std::move(amend));
  return command;
}

inline schemas::InsightCommandUnion any_insight_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  InsightCommandUnion command;
  switch (*rc::gen::inRange(0, 14)) {
    case 0:
    case 1: {
      CreateInsightT create;
      create.title = any_name();
      create.evidence_ids = any_words();
      create.insight_ids = any_words();
      command.Set(std::move(create));
      break;
    }
    case 2:
    case 3:
      command.Set(ReviewInsightT{});
      break;
    case 4:
      command.Set(PublishInsightT{});
      break;
    case 5: {
      // Rare, so that histories grow.
      if (*rc::gen::inRange(0, 5) != 0) break;
      SupersedeInsightT supersede;
      supersede.superseded_by = any_name();
      command.Set(std::move(supersede));
      break;
    }
    case 6:
      if (*rc::gen::inRange(0, 5) == 0) command.Set(WithdrawInsightT{});
      break;
    case 7:
    case 8: {
      ConfirmInsightT confirm;
      confirm.trace = any_trace();
      command.Set(std::move(confirm));
      break;
    }
    default:
      return any_insight_change();
  }
  return command.type == InsightCommand::NONE ? any_insight_change() : command;
}

inline schemas::PinToCanvasT any_pin() {
  schemas::PinToCanvasT pin;
  if (by_chance()) pin.entity = any_of<std::string>({"task-1", "task-2"});
  if (by_chance()) pin.revision = *rc::gen::inRange<std::uint64_t>(1, 3);
  if (by_chance()) {
    pin.diff = std::make_unique<schemas::PinnedDiffT>();
    pin.diff->bundle_id = any_name();
  }
  pin.note = any_word();
  pin.x = any_of<double>({0, 120});
  return pin;
}

inline schemas::CanvasCommandUnion any_canvas_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  CanvasCommandUnion command;
  switch (*rc::gen::inRange(0, 12)) {
    case 0: {
      CreateCanvasT create;
      create.title = any_name();
      create.description = any_word();
      command.Set(std::move(create));
      break;
    }
    case 1: {
      UpdateCanvasT update;
      update.title = any_word();
      update.description = any_word();
      update.cleared = some_of({"description", "title"});
      command.Set(std::move(update));
      break;
    }
    case 2:
      command.Set(ArchiveCanvasT{});
      break;
    case 3:
    case 4:
      command.Set(RestoreCanvasT{});
      break;
    case 5: {
      UnpinFromCanvasT unpin;
      unpin.number = *rc::gen::inRange<std::uint32_t>(0, 4);
      command.Set(unpin);
      break;
    }
    case 6:
    case 7: {
      UpdatePinT update;
      update.number = maybe<std::uint32_t>({1, 2, 3});
      update.revision = maybe<std::uint64_t>({1, 2});
      update.note = any_word();
      update.x = maybe<double>({0, 120});
      update.cleared = some_of({"note", "x"});
      command.Set(std::move(update));
      break;
    }
    default:
      command.Set(any_pin());
  }
  return command;
}

inline schemas::WorkflowCommandUnion any_workflow_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  const auto any_source = [] {
    return any_of<std::string>({R"({"StartAt":"A","States":{"A":{"Type":"Succeed"}}})",
                                R"({"StartAt":"B","States":{"B":{"Type":"Succeed"}}})", "no definition"});
  };
  WorkflowCommandUnion command;
  switch (*rc::gen::inRange(0, 8)) {
    case 0: {
      CreateWorkflowT create;
      create.name = any_name();
      create.labels = any_words();
      (by_chance() ? create.definition : create.source) = any_source();
      command.Set(std::move(create));
      break;
    }
    case 1:
      command.Set(ArchiveWorkflowT{});
      break;
    case 2:
      command.Set(RestoreWorkflowT{});
      break;
    case 3:
    case 4: {
      PublishWorkflowT publish;
      publish.note = any_word();
      command.Set(std::move(publish));
      break;
    }
    default: {
      UpdateWorkflowT update;
      update.name = any_word();
      update.description = any_word();
      update.labels = any_words();
      if (by_chance()) (by_chance() ? update.definition : update.source) = any_source();
      update.cleared = some_of({"name", "description", "labels"});
      command.Set(std::move(update));
    }
  }
  return command;
}

}  // namespace flowstone::domain
