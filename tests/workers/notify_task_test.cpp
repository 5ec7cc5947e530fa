// People are told once, whatever becomes of who tells them.
#include "workers/tasks/notify_task.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/notification_generated.h"
#include "tests/projections/world.hpp"
#include "tests/workers/engine_house.hpp"
#include "tests/workers/task_calls.hpp"

namespace flowstone::workers {
namespace {

using projections::kHome;
using projections::World;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kRun = "01900000-0000-7000-8000-000000000001";

class NotifyTaskTest : public testing::Test {
 protected:
  void open() {
    executor_.emplace(*world_.store, world_.clock, ids_, [](std::move_only_function<void()> work) { work(); });
    task_.emplace(*executor_);
  }
  void restart() {
    task_.reset();
    executor_.reset();
    open();
  }
  void SetUp() override { open(); }

  TaskOutcome notify(std::string_view arguments, std::string key = "k1") {
    return outcome_of(*task_, call_of("flowstone:notify", arguments, std::move(key)));
  }
  [[nodiscard]] std::uint64_t head() const { return world_.store->state().durable.value; }

  // A key of the workspace, as an actor.
  std::string key(const std::string& name) {
    const auto found = schemas::contracts().find_command("create_api_key");
    const auto json = fmt::format(R"({{"name":"{}","roles":["member"],"secret_digest":"{:064}"}})", name, 0);
    auto body = schemas::decode_json(*found->command->table, json, {.target = {}, .accept_hidden = true});
    const auto made =
        executor_->execute(request(kHome, "test", "api_key", "create_api_key", ids_.fresh(), body.value()));
    EXPECT_TRUE(made) << made.error().detail;
    return "key:" + made->id;
  }

  World world_;
  UuidV7Source ids_{world_.clock};
  std::optional<commands::Executor> executor_;
  std::optional<NotifyTask> task_;
};

// "RECIPIENT: TITLE (URGENCY)" of each that the log tells of, as their payloads have it.
std::vector<std::string> told_in(eventstore::Store& store) {
  eventstore::Filter filter;
  filter.types = {"notification.created"};
  auto reader = std::move(store.read(filter, {})).value();
  std::vector<std::string> all;
  for (const auto* event = reader->next().value(); event != nullptr; event = reader->next().value()) {
    const auto* created = flatbuffers::GetRoot<schemas::NotificationCreated>(event->payload.data());
    all.push_back(fmt::format("{}: {} ({})", created->recipient()->str(), created->title()->str(),
                              schemas::EnumNameUrgency(created->urgency())));
  }
  return all;
}

constexpr std::string_view kLate = R"({"Title": "Order 7 is late"})";

TEST_F(NotifyTaskTest, TellsEveryoneAsTheRun) {
  const auto outcome = notify(kLate);
  ASSERT_FALSE(outcome.error) << told(outcome);
  ASSERT_EQ(outcome.output.find("Notifications")->items().size(), 1U);
  const auto& notification = outcome.output.find("Notifications")->items().front();
  EXPECT_TRUE(is_uuid(notification.find("Id")->text()));
  EXPECT_EQ(notification.find("Recipient")->text(), "everyone");
  EXPECT_EQ(notification.find("Revision")->as_number(), 1);
  EXPECT_EQ(outcome.output.find("Position")->as_number(), 1);
  EXPECT_THAT(told_in(*world_.store), ElementsAre("everyone: Order 7 is late (normal)"));
  const auto reader = world_.store->read({}, {});
  const auto event = (*reader)->next();
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((**event).actor, fmt::format("run:{}", kRun));
  EXPECT_EQ((**event).causation, kRun);
  EXPECT_EQ((**event).correlation, kRun);
}

TEST_F(NotifyTaskTest, TellsEachOnceInOneAppend) {
  const auto ann = key("Ann"), bob = key("Bob");
  const auto before = head();
  const auto outcome =
      notify(fmt::format(R"({{"Title":"A","Urgency":"high","Recipient":["{0}","{1}","{0}"],"About":"api_key-{2}"}})",
                         ann, bob, ann.substr(4)));
  ASSERT_FALSE(outcome.error) << told(outcome);
  EXPECT_THAT(told_in(*world_.store), ElementsAre(ann + ": A (high)", bob + ": A (high)"));
  EXPECT_EQ(head(), before + 2);
  EXPECT_EQ(outcome.output.find("Position")->as_number(), static_cast<double>(head()));
  const auto& both = outcome.output.find("Notifications")->items();
  EXPECT_EQ(both.at(0).find("Recipient")->text(), ann);
  EXPECT_EQ(both.at(1).find("Recipient")->text(), bob);
  EXPECT_NE(both.at(0).find("Id")->text(), both.at(1).find("Id")->text());
}

TEST_F(NotifyTaskTest, TellsOnceHoweverOftenItIsAsked) {
  const auto many = fmt::format(R"({{"Title": "A", "Recipient": ["everyone", "{}"]}})", key("Ann"));
  const auto first = notify(many);
  EXPECT_EQ(first.output.find("Notifications")->items().size(), 2U) << told(first);
  EXPECT_EQ(told(notify(many)), told(first));
  restart();
  EXPECT_EQ(told(notify(many)), told(first));
  EXPECT_EQ(told_in(*world_.store).size(), 2U);
  EXPECT_NE(told(notify(many, "k2")), told(first));
  EXPECT_EQ(told_in(*world_.store).size(), 4U);
}

TEST_F(NotifyTaskTest, WhoIsNotThereIsNamedAndNobodyIsTold) {
  const auto ann = key("Ann");
  const auto before = head();
  EXPECT_THAT(
      told(notify(fmt::format(R"({{"Title":"A","Recipient":["{}","key:{}"]}})", ann, kRun))),
      StartsWith(fmt::format("Command.Rejected: missing_reference: recipient There is no key with the id {}", kRun)));
  for (const auto* nobody : {"Ann", "run:01900000-0000-7000-8000-000000000001", "key:7"})
    EXPECT_THAT(told(notify(fmt::format(R"({{"Title":"A","Recipient":["{}","{}"]}})", ann, nobody))),
                StartsWith("Command.Rejected: invalid_field: recipient must be `everyone`"))
        << nobody;
  EXPECT_THAT(told(notify(fmt::format(R"({{"Title":"A","About":"task-{}"}})", kRun))),
              StartsWith("Command.Rejected: missing_reference: about "));
  EXPECT_EQ(head(), before);
  // What was refused may be asked in other words.
  EXPECT_FALSE(notify(kLate).error);
}

TEST_F(NotifyTaskTest, ArgumentsThatCannotBeRightAreNamed) {
  EXPECT_THAT(told(notify(R"({"Body":"a"})")), StartsWith("Task.Invalid: `Title` must be"));
  EXPECT_THAT(told(notify(R"({"Title":7})")), StartsWith("Task.Invalid: `Title` must be"));
  EXPECT_THAT(told(notify(R"({"Title":"A","Text":"b"})")), StartsWith("Task.Invalid: `Text` is no argument"));
  EXPECT_THAT(told(notify(R"({"Title":"A","Body":["b"]})")), StartsWith("Task.Invalid: `Body` must be"));
  for (const auto* nobody : {"null", "[]", "\"\"", "7", "[\"everyone\",7]", "{}"})
    EXPECT_THAT(told(notify(fmt::format(R"({{"Title":"A","Recipient":{}}})", nobody))),
                StartsWith("Task.Invalid: `Recipient` must be"))
        << nobody;
  EXPECT_THAT(told(notify(R"({"Title":"A","Urgency":"loud"})")), StartsWith("Command.Invalid: urgency "));
  EXPECT_THAT(told(notify(R"({"Title":"A","About":"nothing"})")), StartsWith("Command.Invalid: about "));
  EXPECT_THAT(told(notify(R"({"Title":")" + std::string(201, 'a') + "\"}")), StartsWith("Command.Invalid: title "));
  EXPECT_EQ(head(), 0U);
}

TEST_F(NotifyTaskTest, AHundredRecipientsAreTheMost) {
  const auto to = [](const std::vector<std::string>& all) {
    return fmt::format(R"({{"Title":"A","Recipient":["{}"]}})", fmt::join(all, "\",\""));
  };
  std::vector<std::string> all;
  while (all.size() < NotifyTask::kMostRecipients) all.push_back(key(fmt::format("{}", all.size())));
  const auto before = head();
  EXPECT_FALSE(notify(to(all)).error);
  EXPECT_EQ(head(), before + NotifyTask::kMostRecipients);
  all.emplace_back("everyone");
  EXPECT_THAT(told(notify(to(all), "k2")), StartsWith("Task.Invalid: `Recipient` must be"));
}

// Does what it is asked and never says so: as if the server died in between.
class Speechless final : public TaskHandler {
 public:
  explicit Speechless(TaskHandler& inner) : inner_(inner) {}
  void perform(TaskCall call, Done) override {
    inner_.perform(std::move(call), [this](TaskOutcome) { done_ = true; });
  }
  [[nodiscard]] bool has_done_it() const { return done_; }

 private:
  TaskHandler& inner_;
  std::atomic<bool> done_ = false;
};

TEST(Notify, ARunWhoseEngineIsLostAfterItToldSomebodyTellsThemOnce) {
  EngineHouse house;
  NotifyTask task(*house.executor);
  Speechless speechless(task);
  house.handler = [&speechless](std::string_view) { return &speechless; };
  house.start_engine();
  const auto workflow = house.publish(R"({"QueryLanguage":"JSONata","StartAt":"Tell","States":{"Tell":{"Type":"Task",
    "Resource":"flowstone:notify","Arguments":{"Title":"{% 'Order ' & $states.input.order & ' is late' %}",
    "Recipient":["everyone"],"About":"{% 'run-' & $states.context.Execution.Id %}"},"End":true}}})");
  ASSERT_NE(workflow, nullptr);
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, R"({"order":7})", id));
  ASSERT_TRUE(EngineHouse::until([&] { return speechless.has_done_it(); }));
  house.lose_engine();
  EXPECT_THAT(told_in(*house.store), ElementsAre("everyone: Order 7 is late (normal)"));
  house.handler = [&task](std::string_view) { return &task; };
  house.start_engine();
  ASSERT_TRUE(house.run_to_end(id)) << house.description(id);
  EXPECT_EQ(house.run(id)->status, schemas::RunStatus::completed) << house.description(id);
  EXPECT_EQ(told_in(*house.store).size(), 1U);
  EXPECT_THAT(json_of(house.machine_events(id).back().output), HasSubstr(R"("Recipient":"everyone")"));
  house.lose_engine();
}

}  // namespace
}  // namespace flowstone::workers
