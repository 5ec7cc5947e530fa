// What holds for every aggregate over random histories of commands, through bytes as the rooms above use them.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/api_key.hpp"
#include "domain/automation.hpp"
#include "domain/binding.hpp"
#include "domain/bundle.hpp"
#include "domain/canvas.hpp"
#include "domain/evidence.hpp"
#include "domain/extractor.hpp"
#include "domain/insight.hpp"
#include "domain/intent.hpp"
#include "domain/notification.hpp"
#include "domain/run.hpp"
#include "domain/task.hpp"
#include "domain/trigger.hpp"
#include "domain/workflow.hpp"
#include "domain/workspace.hpp"
#include "tests/domain/random_commands.hpp"
#include "tests/domain/random_document_commands.hpp"
#include "tests/domain/random_trigger_commands.hpp"
#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

struct Happened {
  DecidedEvent event;
  Timestamp time;
};

// An entity with all that has happened to it.
class History {
 public:
  explicit History(const AggregateType& type) : type_(type), entity_(type.start()) {}

  template <class Union>
  Result<std::vector<DecidedEvent>, Rejection> decide(const Union& command, Timestamp now) const {
    return entity_->decide(member_of(command), schemas::pack_member(command),
                           {.now = now, .actor = "key:tester", .id = kId});
  }

  void fold(const std::vector<DecidedEvent>& events, Timestamp now) {
    for (const auto& event : events) {
      happened_.push_back({event, now});
      RC_ASSERT(evolve(*entity_, happened_.back()));
      RC_ASSERT(entity_->revision() == Revision{happened_.size()});
    }
  }

  [[nodiscard]] std::unique_ptr<Entity> replayed() const {
    auto entity = type_.start();
    for (const auto& happened : happened_) RC_ASSERT(evolve(*entity, happened));
    return entity;
  }

  [[nodiscard]] const Entity& entity() const { return *entity_; }

 private:
  template <class Union>
  const schemas::Member& member_of(const Union& command) const {
    for (const auto& member : type_.contract().commands) {
      if (member.discriminator == static_cast<std::uint8_t>(command.type)) return member;
    }
    RC_FAIL("a command of this aggregate");
  }

  static bool evolve(Entity& entity, const Happened& happened) {
    const EventMeta meta{.time = happened.time, .actor = "key:tester", .revision = entity.revision().next(), .id = kId};
    return entity.evolve(happened.event.type, happened.event.schema_version, happened.event.payload, meta).has_value();
  }

  const AggregateType& type_;
  std::unique_ptr<Entity> entity_;
  std::vector<Happened> happened_;
};

// Once more changes nothing: either nothing is recorded, or the entity exists already.
template <class Union>
void deciding_again_records_nothing(const History& history, const Union& command, Timestamp now) {
  const auto again = history.decide(command, now);
  if (again) {
    RC_ASSERT(again->empty());
  } else {
    RC_ASSERT(again.error().code.ends_with("_exists"));
  }
}

void rows_carry_the_whole_state(const History& history, const AggregateType& type) {
  const Bytes row = history.entity().pack();
  RC_ASSERT(type.load(row)->pack() == row);
  RC_ASSERT(history.entity().clone()->pack() == row);
  RC_ASSERT(history.replayed()->pack() == row);
}

template <class D, class AnyCommand>
void holds_over_histories(AnyCommand any_command) {
  const auto& type = *find_aggregate_type(D::kName);
  History history(type);
  Timestamp now = kNow;
  const int commands = *rc::gen::inRange(1, 25);
  for (int i = 0; i < commands; ++i) {
    now.micros += *rc::gen::inRange(0, 2'000'000);
    const auto command = any_command(now);
    const Bytes before = history.entity().pack();
    const auto decided = history.decide(command, now);
    RC_ASSERT(history.entity().pack() == before);
    if (!decided) continue;
    history.fold(*decided, now);
    deciding_again_records_nothing(history, command, now);
    rows_carry_the_whole_state(history, type);
  }
}

RC_GTEST_PROP(History, HoldsForTasks, ()) { holds_over_histories<Task>(any_task_command); }
RC_GTEST_PROP(History, HoldsForIntents, ()) { holds_over_histories<Intent>(any_intent_command); }
RC_GTEST_PROP(History, HoldsForBundles, ()) { holds_over_histories<Bundle>(any_bundle_command); }
RC_GTEST_PROP(History, HoldsForCanvases, ()) { holds_over_histories<Canvas>(any_canvas_command); }
RC_GTEST_PROP(History, HoldsForEvidence, ()) { holds_over_histories<Evidence>(any_evidence_command); }
RC_GTEST_PROP(History, HoldsForExtractors, ()) { holds_over_histories<Extractor>(any_extractor_command); }
RC_GTEST_PROP(History, HoldsForInsights, ()) { holds_over_histories<Insight>(any_insight_command); }
RC_GTEST_PROP(History, HoldsForNotifications, ()) { holds_over_histories<Notification>(any_notification_command); }
RC_GTEST_PROP(History, HoldsForRuns, ()) { holds_over_histories<Run>(any_run_command); }
RC_GTEST_PROP(History, HoldsForApiKeys, ()) { holds_over_histories<ApiKey>(any_api_key_command); }
RC_GTEST_PROP(History, HoldsForAutomations, ()) { holds_over_histories<Automation>(any_automation_command); }
RC_GTEST_PROP(History, HoldsForTriggers, ()) { holds_over_histories<Trigger>(any_trigger_command); }
RC_GTEST_PROP(History, HoldsForWorkflows, ()) { holds_over_histories<Workflow>(any_workflow_command); }
RC_GTEST_PROP(History, HoldsForWorkspaces, ()) { holds_over_histories<Workspace>(any_workspace_command); }

}  // namespace
}  // namespace flowstone::domain
