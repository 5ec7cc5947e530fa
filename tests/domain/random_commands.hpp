// Commands by chance, from so few values that they meet each other often.
#pragma once

#include <string>
#include <vector>

#include <rapidcheck.h>

#include "base/time.hpp"
#include "schemas/api_key_generated.h"
#include "schemas/bundle_generated.h"
#include "schemas/canvas_generated.h"
#include "schemas/insight_generated.h"
#include "schemas/intent_generated.h"
#include "schemas/run_generated.h"
#include "schemas/task_generated.h"
#include "schemas/workspace_generated.h"
#include "tests/domain/quotes.hpp"

namespace flowstone::domain {

template <class Value>
Value any_of(std::vector<Value> values) {
  return *rc::gen::elementOf(values);
}

inline bool by_chance() { return *rc::gen::arbitrary<bool>(); }

inline std::string any_word() { return any_of<std::string>({"", "a", "b", "long words with spaces, and \xC3\xA4"}); }
inline std::string any_name() { return any_of<std::string>({"a", "b", "c"}); }

inline std::vector<std::string> any_words() {
  return any_of<std::vector<std::string>>({{}, {"x"}, {"x", "y"}, {"y", "x"}});
}

template <class Value>
flatbuffers::Optional<Value> maybe(std::vector<Value> values) {
  return by_chance() ? flatbuffers::Optional<Value>(any_of(std::move(values))) : flatbuffers::nullopt;
}

inline std::vector<std::string> some_of(const std::vector<std::string>& names) {
  std::vector<std::string> some;
  for (const auto& name : names) {
    if (*rc::gen::inRange(0, 5) == 0) some.push_back(name);
  }
  return some;
}

inline std::int64_t near(Timestamp now) { return now.micros + *rc::gen::inRange<std::int64_t>(-3, 4) * 1'000'000; }

inline schemas::TaskCommandUnion any_task_command(Timestamp now) {
  using namespace schemas;  // NOLINT: the tables' names
  TaskCommandUnion command;
  switch (*rc::gen::inRange(0, 8)) {
    case 0: {
      CreateTaskT create;
      create.title = any_name();
      create.description = any_word();
      create.priority = any_of<std::uint8_t>({1, 3, 5});
      create.labels = any_words();
      create.effort_minutes = maybe<std::uint32_t>({0, 90});
      create.preferred_time = maybe<TimeOfDay>({TimeOfDay::morning, TimeOfDay::evening});
      command.Set(std::move(create));
      break;
    }
    case 1:
      command.Set(CompleteTaskT{});
      break;
    case 2:
      command.Set(ReopenTaskT{});
      break;
    case 3: {
      CancelTaskT cancel;
      cancel.reason = any_word();
      command.Set(std::move(cancel));
      break;
    }
    case 4: {
      SnoozeTaskT snooze;
      if (by_chance()) {
        snooze.until = near(now);
      } else {
        snooze.cleared = some_of({"until", "until"});
      }
      command.Set(std::move(snooze));
      break;
    }
    default: {
      UpdateTaskT update;
      update.title = any_word();
      update.description = any_word();
      update.status = maybe<TaskStatus>({TaskStatus::todo, TaskStatus::in_progress, TaskStatus::completed});
      update.progress = maybe<std::uint8_t>({0, 40, 100});
      update.priority = maybe<std::uint8_t>({1, 3, 5});
      update.labels = any_words();
      update.due_at = maybe<std::int64_t>({0, near(now)});
      update.cleared = some_of({"description", "labels", "due_at", "effort_minutes", "preferred_time", "title"});
      command.Set(std::move(update));
    }
  }
  return command;
}

inline schemas::IntentCommandUnion any_intent_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  IntentCommandUnion command;
  switch (*rc::gen::inRange(0, 5)) {
    case 0: {
      CreateIntentT create;
      create.code = any_name();
      create.name = any_name();
      create.description = any_word();
      command.Set(std::move(create));
      break;
    }
    case 1:
      command.Set(ArchiveIntentT{});
      break;
    case 2:
      command.Set(RestoreIntentT{});
      break;
    default: {
      UpdateIntentT update;
      update.code = any_word();
      update.name = any_word();
      update.description = any_word();
      update.cleared = some_of({"description", "name"});
      command.Set(std::move(update));
    }
  }
  return command;
}

inline std::unique_ptr<schemas::RunEventInputT> any_run_input(std::uint64_t sequence) {
  auto input = std::make_unique<schemas::RunEventInputT>();
  using Kind = schemas::RunEventKind;
  input->sequence = sequence;
  // Ends are rare, so that histories grow.
  input->kind = any_of<Kind>({Kind::started, Kind::step_started, Kind::step_started, Kind::step_output,
                              Kind::step_output, Kind::step_output, Kind::step_finished, Kind::artifact,
                              Kind::heartbeat, static_cast<Kind>(*rc::gen::inRange(0, 9))});
  const bool of_step =
      input->kind == Kind::step_started || input->kind == Kind::step_output || input->kind == Kind::step_finished;
  if (of_step) input->step = any_of<std::string>({"a", "b"});
  if (input->kind == Kind::step_output) {
    input->text = any_word();
    input->partial = by_chance();
  }
  if (input->kind == Kind::step_finished || input->kind == Kind::failed) input->exit_code = maybe<std::int32_t>({0, 1});
  if (input->kind == Kind::artifact) {
    input->artifact = std::make_unique<schemas::RunArtifactT>();
    input->artifact->name = any_name();
  }
  return input;
}

inline schemas::RunCommandUnion any_run_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  RunCommandUnion command;
  switch (*rc::gen::inRange(0, 10)) {
    case 0: {
      CreateRunT create;
      create.name = any_name();
      create.labels = any_words();
      command.Set(std::move(create));
      break;
    }
    case 1: {
      CancelRunT cancel;
      cancel.reason = any_word();
      command.Set(std::move(cancel));
      break;
    }
    case 2: {
      LoseRunT lose;
      lose.seen_revision = *rc::gen::inRange<std::uint64_t>(1, 20);
      command.Set(lose);
      break;
    }
    default: {
      RecordRunEventsT batch;
      const auto first = *rc::gen::inRange<std::uint64_t>(1, 12);
      const auto count = *rc::gen::inRange<std::uint64_t>(1, 4);
      for (std::uint64_t i = 0; i < count; ++i) batch.events.push_back(any_run_input(first + i));
      command.Set(std::move(batch));
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

inline schemas::ApiKeyCommandUnion any_api_key_command(Timestamp now) {
  schemas::ApiKeyCommandUnion command;
  if (by_chance()) {
    command.Set(schemas::RevokeApiKeyT{});
    return command;
  }
  schemas::CreateApiKeyT create;
  create.name = any_name();
  create.roles = {schemas::Role::member};
  create.scopes = some_of({"run:write", "task:read", "nothing"});
  create.expires_at = maybe<std::int64_t>({near(now)});
  create.secret_digest = std::string(64, 'a');
  command.Set(std::move(create));
  return command;
}

inline schemas::WorkspaceCommandUnion any_workspace_command(Timestamp) {
  schemas::WorkspaceCommandUnion command;
  schemas::CreateWorkspaceT create;
  create.name = any_name();
  command.Set(std::move(create));
  return command;
}

}  // namespace flowstone::domain
