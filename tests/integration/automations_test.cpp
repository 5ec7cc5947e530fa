// Rules over HTTP: they act, they can be tried before, and both are the same.
#include "commands/backtest.hpp"
#include "jsonata/json_text.hpp"
#include "tests/integration/triggers_fixture.hpp"

namespace flowstone::tests {
namespace {

class Automations : public Triggered {
 protected:
  Answer make(std::string_view more = "", std::string_view when = R"({"kind":"event","types":["intent.created"]})",
              std::string_view name = "Urgent") {
    return post("/v1/automations", fmt::format(R"({{"name":"{}","when":{},"actions":[{{"do":"create_task","with":)"
                                               R"({{"title":"{{% 'Look at ' & event.data.name %}}"}}}}]{}}})",
                                               name, when, more));
  }
  void create_intent(std::string_view name) {
    const auto made = post("/v1/intents", fmt::format(R"({{"name":"{}","code":"I-{}"}})", name, ++number_));
    ASSERT_EQ(made.status, 201) << made.body;
  }
  Answer try_rule(const std::string& id, std::string_view body = "{}") {
    return post(fmt::format("/v1/automations/{}/backtest", id), body);
  }

 private:
  int number_ = 0;
};

TEST_F(Automations, BacktestIsWhatWouldHaveRun) {
  const auto twin =
      make(R"(,"condition":"$contains(event.data.name, 'go') and event.data.code != 'I-4'","enabled":false)",
           R"({"kind":"event","types":["intent.created"]})", "Twin");
  ASSERT_EQ(twin.status, 201) << twin.body;
  const auto acting = make(R"(,"condition":"$contains(event.data.name, 'go') and event.data.code != 'I-4'")");
  ASSERT_EQ(acting.status, 201) << acting.body;
  settle();
  for (const char* name : {"go 1", "stop", "go 2", "go 3", "go 4"}) create_intent(name);
  settle();
  const auto tried = try_rule(twin.member("id"), R"({"days":1,"limit":2})");
  ASSERT_EQ(tried.status, 200) << tried.body;
  EXPECT_EQ(tried.number("looked_at"), 5U);
  EXPECT_EQ(tried.number("acted"), 3U);
  EXPECT_EQ(tried.number("acted"), count_of("run.requested"));
  EXPECT_EQ(tried.member("complete"), "true");
  EXPECT_NE(tried.body.find("Look at go 4"), std::string::npos) << tried.body;
  EXPECT_EQ(tried.body.find("Look at go 1"), std::string::npos) << tried.body;
  EXPECT_NE(tried.body.find(R"j({"condition":"$contains(event.data.name, 'go')","count":1})j"), std::string::npos)
      << tried.body;
  EXPECT_NE(tried.body.find(R"({"condition":"event.data.code != 'I-4'","count":1})"), std::string::npos) << tried.body;
}

TEST_F(Automations, DisabledOneDoesNothingAndAChangedOneDoesTheNewThing) {
  const auto made = make();
  const auto id = made.member("id");
  EXPECT_EQ(made.member("enabled"), "true");
  EXPECT_EQ(post(fmt::format("/v1/automations/{}/disable", id), "{}").member("enabled"), "false");
  settle();
  create_intent("one");
  settle();
  EXPECT_EQ(count_of("run.requested"), 0U);
  const auto changed =
      client->request("PATCH", "/v1/automations/" + id, R"({"condition":"event.data.name = 'three'"})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(post(fmt::format("/v1/automations/{}/enable", id), "{}").member("enabled"), "true");
  settle();
  create_intent("two");
  create_intent("three");
  settle();
  EXPECT_EQ(count_of("run.requested"), 1U);
  const auto read = get(fmt::format("/v1/automations/{}?min_position={}", id, server.store().state().durable.value));
  EXPECT_EQ(read.member("condition"), "event.data.name = 'three'");
}

TEST_F(Automations, RuleAndWorkflowAreOneAppendAndOneKeyMakesOne) {
  const auto body =
      R"({"name":"Urgent","when":{"kind":"schedule","every":"1h"},"actions":[{"do":"create_task","with":{"title":"a"}}]})";
  const auto send = [&] { return client->request("POST", "/v1/automations", body, "Idempotency-Key: \"k\"\r\n"); };
  const auto first = send();
  ASSERT_EQ(first.status, 201) << first.body;
  const auto durable = server.store().state().durable;
  EXPECT_EQ(send().member("id"), first.member("id"));
  settle();
  EXPECT_EQ(count_of("automation.created"), 1U);
  EXPECT_EQ(count_of("workflow.published"), 1U);
  EXPECT_GE(server.store().state().durable, durable);
  const auto tried = try_rule(first.member("id"), R"({"days":2})");
  EXPECT_EQ(tried.number("looked_at"), 48U) << tried.body;
}

TEST_F(Automations, BacktestLooksAtTheNewestAndSaysThatThereWasMore) {
  for (const char* name : {"one", "two", "three"}) create_intent(name);
  const auto looked_at = [this](std::size_t most) {
    const auto rule = workflows::read_start_rule(
        jsonata::read_json(R"({"id":"a","kind":"event","types":["intent.created"]})").value());
    return commands::backtest(
               server.store(), *rule,
               {.workspace = std::string(kWorkspace), .since = {}, .until = SystemClock().now(), .looked = most})
        .value();
  };
  EXPECT_TRUE(looked_at(3).complete);
  const auto cut = looked_at(2);
  EXPECT_FALSE(cut.complete);
  EXPECT_EQ(cut.looked_at, 2U);
  EXPECT_GT(cut.since, Timestamp{});
  EXPECT_NE(cut.occasions.front().input.find("three"), std::string::npos);
}

TEST_F(Automations, WhatIsWrongIsNamedAndNothingIsMade) {
  const auto wrong = make("", R"({"kind":"event","types":["nothing"]})");
  EXPECT_EQ(wrong.status, 422) << wrong.body;
  EXPECT_NE(wrong.body.find("when.types.0"), std::string::npos) << wrong.body;
  make();
  const auto twice = make();
  EXPECT_EQ(twice.status, 409) << twice.body;
  EXPECT_EQ(count_of("automation.created"), 1U);
  EXPECT_EQ(try_rule("01920000-0000-7000-8000-000000000001").status, 404);
  EXPECT_EQ(client->request("PATCH", "/v1/automations/01920000-0000-7000-8000-000000000001", R"({"name":"x"})").status,
            404);
}

TEST_F(Automations, RuleOfAnotherRevisionIsNotChanged) {
  const auto made = make();
  const auto target = "/v1/automations/" + made.member("id");
  EXPECT_EQ(client->request("PATCH", target, R"({"name":"a"})", "If-Match: \"1\"\r\n").status, 200);
  EXPECT_EQ(client->request("PATCH", target, R"({"name":"b"})", "If-Match: \"1\"\r\n").status, 412);
}

}  // namespace
}  // namespace flowstone::tests
