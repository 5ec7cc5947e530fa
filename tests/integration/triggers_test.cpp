// Workflows that start by themselves, over HTTP: events, times, and why nothing was started.
#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {
namespace {

using std::chrono::seconds;

constexpr std::string_view kBody = R"("body":{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}})";
constexpr std::string_view kOnCreated =
    R"({"id":"t","kind":"event","types":["task.created"],"condition":"event.data.title = 'go' and true"})";

class TriggersOverHttp : public Documents {
 protected:
  void SetUp() override { client = server.client(); }

  // A published workflow with this trigger; the trigger's id, once it is there.
  std::string publish(std::string_view trigger, std::string_view more = "") {
    const auto made = post("/v1/workflows", fmt::format(R"({{"name":"Intake","definition":{{"triggers":[{}],{}{}}}}})",
                                                        trigger, more, kBody));
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(post(fmt::format("/v1/workflows/{}/publish", made.member("id")), "{}").status, 200);
    settle();
    return list("/v1/triggers").member("id");
  }
  // Until the worker has seen what is in the log, and what it appended.
  void settle() {
    for (int round = 0; round < 3; ++round)
      EXPECT_TRUE(server.triggers().wait_for(server.store().state().durable, seconds(30)));
  }
  Answer list(std::string_view path) {
    return get(fmt::format("{}?min_position={}", path, server.store().state().durable.value));
  }
  Answer evaluations(const std::string& id, std::string_view query = "") {
    return get(fmt::format("/v1/triggers/{}/evaluations{}", id, query));
  }
  void create_task(std::string_view title) {
    EXPECT_EQ(post("/v1/tasks", fmt::format(R"({{"title":"{}"}})", title)).status, 201);
  }
  std::size_t count_of(std::string_view type) {
    eventstore::Filter filter;
    filter.types = {std::string(type)};
    auto reader = server.store().read(filter, {});
    std::size_t count = 0;
    while ((*reader)->next().value() != nullptr) ++count;
    return count;
  }
};

TEST_F(TriggersOverHttp, EventStartsARunAndEvaluationsSayWhatBecameOfTheOthers) {
  const auto id = publish(kOnCreated);
  create_task("stop");
  create_task("go");
  settle();
  EXPECT_EQ(count_of("run.requested"), 1U);
  const auto newest = evaluations(id, "?limit=1");
  ASSERT_EQ(newest.status, 200) << newest.body;
  EXPECT_EQ(newest.member("outcome"), "started");
  const auto before = evaluations(id, "?cursor=" + newest.member("next_cursor"));
  EXPECT_EQ(before.member("outcome"), "skipped");
  EXPECT_EQ(before.member("reason"), "condition_false");
  EXPECT_EQ(before.member("condition"), "event.data.title = 'go'");
  const auto started = list("/v1/runs/" + newest.member("run_id"));
  EXPECT_EQ(started.status, 200) << started.body;
}

TEST_F(TriggersOverHttp, PausedOneStartsNothingUntilItIsResumed) {
  const auto id = publish(kOnCreated);
  EXPECT_EQ(post(fmt::format("/v1/triggers/{}/pause", id), R"({"reason":"holiday"})").member("status"), "paused");
  create_task("go");
  settle();
  EXPECT_EQ(post(fmt::format("/v1/triggers/{}/resume", id), "{}").member("status"), "enabled");
  settle();
  EXPECT_EQ(count_of("run.requested"), 0U);
}

TEST_F(TriggersOverHttp, SchedulesAreListedWithTheirNextTimes) {
  publish(R"({"id":"nightly","kind":"schedule","cron":"0 2 * * *","time_zone":"Europe/Berlin"})");
  const auto schedules = list("/v1/schedules");
  ASSERT_EQ(schedules.status, 200) << schedules.body;
  EXPECT_EQ(schedules.member("name"), "nightly");
  EXPECT_NE(schedules.body.find("next_due_at"), std::string::npos);
}

TEST_F(TriggersOverHttp, EvaluationsOfNoTriggerAreNotFound) {
  EXPECT_EQ(evaluations("01920000-0000-7000-8000-000000000001").status, 404);
  EXPECT_EQ(evaluations("01920000-0000-7000-8000-000000000001", "?limit=0").status, 400);
}

}  // namespace
}  // namespace flowstone::tests
