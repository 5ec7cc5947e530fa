// What workflows and rules tell people, and what these do with it, over HTTP.
#include "tests/integration/triggers_fixture.hpp"

namespace flowstone::tests {
namespace {

class Notifications : public Triggered {
 protected:
  Answer list(std::string_view query) {
    return get(fmt::format("/v1/notifications?{}&min_position={}", query, server.store().state().durable.value));
  }
  // Titles of a list, with commas.
  std::string titles(std::string_view query) {
    const auto answer = list(query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::string all;
    for (std::size_t at = answer.body.find("{\"id\""); at != std::string::npos;
         at = answer.body.find("{\"id\"", at + 1))
      all += (all.empty() ? "" : ",") + member_of(std::string_view(answer.body).substr(at), "title");
    return all;
  }
  std::string tell(std::string_view title, std::string_view more = "") {
    const auto made = post("/v1/notifications", fmt::format(R"({{"title":"{}"{}}})", title, more));
    EXPECT_EQ(made.status, 201) << made.body;
    return made.member("id");
  }
  Answer say(const std::string& id, std::string_view word) {
    return post(fmt::format("/v1/notifications/{}/{}", id, word), "");
  }
  // The key's actor: what it is told by.
  static std::string actor_of(const Answer& made) { return made.member("created_by"); }
  std::string publish(std::string_view definition) {
    const auto id = post("/v1/workflows", fmt::format(R"({{"name":"Tell","definition":{}}})", definition)).member("id");
    EXPECT_EQ(post(fmt::format("/v1/workflows/{}/publish", id), "{}").status, 200);
    return id;
  }
  std::string begin(const std::string& workflow, std::string_view input = "{}") {
    const auto started = post(fmt::format("/v1/workflows/{}/runs", workflow), fmt::format(R"({{"input":{}}})", input));
    EXPECT_EQ(started.status, 201) << started.body;
    return started.member("id");
  }
};

constexpr std::string_view kTellAndWait = R"({"QueryLanguage":"JSONata","StartAt":"Tell","States":{
  "Tell":{"Type":"Task","Resource":"flowstone:notify","Arguments":{"Title":"{% $states.input.title %}","Urgency":"high",
    "Recipient":"{% $states.input.to %}","About":"{% 'run-' & $states.context.Execution.Id %}"},
    "Assign":{"told":"{% $states.result.Notifications[0].Id %}"},"Next":"Wait"},
  "Wait":{"Type":"Task","Resource":"flowstone:signal","Arguments":{"Name":"go"},"Output":"{% $told %}","End":true}}})";

TEST_F(Notifications, ARunTellsAndItIsReadAndNobodyIsToldAgainAfterARestart) {
  const auto me = actor_of(post("/v1/tasks", R"({"title":"a"})"));
  const auto run = begin(publish(kTellAndWait), fmt::format(R"({{"title":"Order 7","to":"{}"}})", me));
  const auto mine = fmt::format("recipient=everyone,{}&read=false", me);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (titles(mine).empty() && std::chrono::steady_clock::now() < deadline)
    server.store().wait_beyond(server.store().state().durable, std::chrono::milliseconds(50), {});
  const auto told = list(mine);
  EXPECT_EQ(told.member("title"), "Order 7");
  EXPECT_EQ(told.member("recipient"), me);
  EXPECT_EQ(told.member("urgency"), "high");
  EXPECT_EQ(told.member("about"), "run-" + run);
  EXPECT_EQ(told.member("created_by"), "run:" + run);
  const auto id = told.member("id");
  const auto read = say(id, "read");
  EXPECT_EQ(read.status, 200) << read.body;
  EXPECT_EQ(read.member("read_by"), me);
  server.restart();
  client = server.client();
  EXPECT_EQ(titles(mine), "");
  EXPECT_EQ(titles("created_by=run:" + run), "Order 7");
  Answer went;
  do {
    went = post(fmt::format("/v1/runs/{}/signal", run), R"({"name":"go"})");
  } while (went.status == 503);
  EXPECT_EQ(end_of(run), "completed");
  EXPECT_NE(get("/v1/runs/" + run).body.find(id), std::string::npos);
  EXPECT_EQ(count_of("notification.created"), 1U);
}

TEST_F(Notifications, AreListedUnreadFirst) {
  const auto first = tell("first");
  const auto second = tell("second", R"(,"urgency":"high")");
  tell("third");
  EXPECT_EQ(say(first, "read").member("read"), "true");
  EXPECT_EQ(titles("dismissed=false&sort=read"), "second,third,first");
  EXPECT_EQ(titles("sort=-urgency&limit=1"), "second");
  const auto away = say(second, "dismiss");
  EXPECT_EQ(away.member("dismissed"), "true");
  EXPECT_EQ(away.member("read"), "true");
  EXPECT_EQ(titles("dismissed=false&sort=read"), "third,first");
  const auto unread = say(second, "unread");
  EXPECT_EQ(unread.status, 409);
  EXPECT_EQ(unread.member("code"), "notification_dismissed");
  EXPECT_EQ(say(second, "restore").member("dismissed"), "false");
  EXPECT_EQ(say(second, "unread").member("read"), "false");
  EXPECT_EQ(titles("read=false"), "second,third");
}

TEST_F(Notifications, AreReadTogetherInABatch) {
  const auto first = tell("first"), second = tell("second");
  const auto item = [](std::string_view id) {
    return fmt::format(R"({{"command":"mark_notification_read","command_id":"read-{0}","id":"{0}"}})", id);
  };
  const auto answer = post("/v1/commands", fmt::format(R"({{"commands":[{},{}]}})", item(first), item(second)));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(titles("read=true"), "first,second") << answer.body;
}

TEST_F(Notifications, WhoIsNotThereIsRefusedByName) {
  const auto refused = [this](std::string_view recipient) {
    return post("/v1/notifications", fmt::format(R"({{"title":"a","recipient":"{}"}})", recipient));
  };
  const auto gone = refused("key:01920000-0000-7000-8000-000000000001");
  EXPECT_EQ(gone.status, 422) << gone.body;
  EXPECT_EQ(gone.member("field"), "recipient");
  EXPECT_NE(gone.body.find("no key with the id 01920000"), std::string::npos) << gone.body;
  const auto run = refused("run:01920000-0000-7000-8000-000000000001");
  EXPECT_EQ(run.status, 422) << run.body;
  EXPECT_EQ(run.member("field"), "recipient");
  const auto about = post("/v1/notifications", R"({"title":"a","about":"task-01920000-0000-7000-8000-000000000001"})");
  EXPECT_EQ(about.status, 422) << about.body;
  EXPECT_EQ(about.member("field"), "about");
  EXPECT_EQ(count_of("notification.created"), 0U);
}

TEST_F(Notifications, AKeyOfAnotherWorkspaceIsNotToldAndSeesNothing) {
  tell("ours");
  const auto other = stranger();
  const auto theirs = other->request("POST", "/v1/notifications", R"({"title":"theirs"})");
  ASSERT_EQ(theirs.status, 201) << theirs.body;
  const auto refused = post("/v1/notifications", fmt::format(R"({{"title":"a","recipient":"{}"}})", actor_of(theirs)));
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(titles("sort=id"), "ours");
}

TEST_F(Notifications, ARuleTellsWhoDidIt) {
  const auto made =
      post("/v1/automations", R"({"name":"Tell","when":{"kind":"event","types":["task.created"]},"actions":[
    {"do":"notify","with":{"Title":"{% 'New: ' & event.data.title %}","Recipient":"{% event.actor %}","About":"{% event.stream %}"}},
    {"do":"create_notification","with":{"title":"{% event.data.title & ', too' %}"}}]})");
  ASSERT_EQ(made.status, 201) << made.body;
  settle();
  const auto task = post("/v1/tasks", R"({"title":"Order 7"})");
  settle();
  const auto runs = get(
      fmt::format("/v1/workflows/{}/runs?min_position={}", made.member("id"), server.store().state().durable.value));
  EXPECT_EQ(end_of(runs.member("id")), "completed") << runs.body;
  EXPECT_EQ(titles("sort=id"), "New: Order 7,Order 7, too");
  const auto told = list("recipient=" + task.member("created_by"));
  EXPECT_EQ(told.member("title"), "New: Order 7");
  EXPECT_EQ(told.member("about"), "task-" + task.member("id"));
}

TEST_F(Notifications, TheyAreAsTheyWere) {
  const auto id = tell("first");
  const auto before = server.store().state().durable.value;
  say(id, "read");
  EXPECT_EQ(get(fmt::format("/v1/notifications/{}?as_of={}", id, before)).member("read"), "false");
  EXPECT_EQ(get(fmt::format("/v1/notifications/{}", id)).status, 200);
  const auto timeline = get(fmt::format("/v1/audit?entity=notification-{}", id));
  EXPECT_EQ(timeline.status, 200) << timeline.body;
  EXPECT_NE(timeline.body.find("notification.read"), std::string::npos) << timeline.body;
}

}  // namespace
}  // namespace flowstone::tests
