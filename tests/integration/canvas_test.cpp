// Canvases over HTTP: what was pinned at which revision, and whether it still is what it was.
#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {
namespace {

class CanvasOverHttp : public Documents {
 protected:
  void SetUp() override {
    Documents::SetUp();
    canvas = post("/v1/canvases", R"({"title":"Fees"})").member("id");
  }
  Answer pin(std::string_view json) { return post("/v1/canvases/" + canvas + "/pins", json); }
  Answer pin_entity(std::string_view entity, std::string_view more = "") {
    return pin(fmt::format(R"({{"entity":"{}"{}}})", entity, more));
  }
  // What is said of the only pin's drift.
  std::string drift(std::string_view query = "") {
    const auto answer =
        get(fmt::format("/v1/canvases/{}?min_position={}{}", canvas, server.store().state().durable.value, query));
    const auto at = answer.body.find("\"drift\":");
    return at == std::string::npos ? answer.body : answer.body.substr(at, answer.body.find('}', at) - at);
  }
  std::string make_task() { return post("/v1/tasks", R"({"title":"Write"})").member("id"); }

  std::string canvas;
};

TEST_F(CanvasOverHttp, APinRemembersThePresentRevisionUnlessAnotherIsGiven) {
  const auto task = make_task();
  EXPECT_EQ(client->request("PATCH", "/v1/tasks/" + task, R"({"title":"Write it"})").status, 200);
  const auto pinned = pin_entity("task-" + task);
  ASSERT_EQ(pinned.status, 200) << pinned.body;
  EXPECT_EQ(member_of(pinned.body.substr(pinned.body.find("\"pins\"")), "revision"), "2");
  EXPECT_EQ(pin_entity("task-" + task, R"(,"revision":1)").status, 200);
  const auto beyond = pin_entity("task-" + task, R"(,"revision":3)");
  EXPECT_EQ(beyond.status, 422) << beyond.body;
  EXPECT_EQ(beyond.member("field"), "revision");
  const auto missing = pin_entity("task-01920000-0000-7000-8000-0000000000ff");
  EXPECT_EQ(missing.status, 422) << missing.body;
  EXPECT_EQ(missing.member("field"), "entity");
}

TEST_F(CanvasOverHttp, DriftNamesWhatHasChangedSince) {
  const auto task = make_task();
  EXPECT_EQ(pin_entity("task-" + task).status, 200);
  const auto still = drift();
  EXPECT_EQ(member_of(still, "drifted"), "false") << still;
  EXPECT_EQ(member_of(still, "current_revision"), "1");
  const auto then = server.store().state().durable.value;
  EXPECT_EQ(client->request("PATCH", "/v1/tasks/" + task, R"({"title":"Write it"})").status, 200);
  const auto changed = drift();
  EXPECT_EQ(member_of(changed, "drifted"), "true") << changed;
  EXPECT_EQ(member_of(changed, "current_revision"), "2");
  EXPECT_NE(changed.find(R"("changed":["title"])"), std::string::npos) << changed;
  EXPECT_EQ(member_of(drift(fmt::format("&as_of={}", then)), "drifted"), "false");
  EXPECT_EQ(client->request("PATCH", "/v1/tasks/" + task, R"({"title":"Write"})").status, 200);
  const auto back = drift();
  EXPECT_EQ(member_of(back, "drifted"), "false") << back;
  EXPECT_EQ(member_of(back, "current_revision"), "3");
}

TEST_F(CanvasOverHttp, AnInsightShowsWhetherItStillHolds) {
  publish(kContract);
  const auto evidence = quote("The fee is 12 % of the net price.").member("id");
  const auto insight = insight_on("The fee is 12 %", evidence);
  EXPECT_EQ(flags(insight, "fresh/fresh"), "fresh/fresh");
  EXPECT_EQ(pin_entity("insight-" + insight).status, 200);
  EXPECT_EQ(member_of(drift(), "freshness"), "fresh");
  publish(replaced(std::string(kContract), "12 %", "15 %"));
  EXPECT_EQ(flags(insight, "stale/stale"), "stale/stale");
  const auto now = drift();
  EXPECT_EQ(member_of(now, "freshness"), "stale") << now;
  EXPECT_EQ(member_of(now, "drifted"), "true");
}

TEST_F(CanvasOverHttp, AVersionHasDriftedOnceAnotherOneHasComeOrItIsWithdrawn) {
  publish(kContract);
  EXPECT_EQ(pin_entity("bundle-" + bundle, R"(,"version":7)").member("field"), "version");
  EXPECT_EQ(pin_entity("task-" + make_task(), R"(,"version":1)").member("field"), "version");
  EXPECT_EQ(pin_entity("bundle-" + bundle, R"(,"version":1)").status, 200);
  EXPECT_EQ(member_of(drift(), "drifted"), "false") << drift();
  publish(replaced(std::string(kContract), "12 %", "15 %"));
  EXPECT_EQ(member_of(drift(), "reason"), "Version 2 has come since.");
  EXPECT_EQ(post(fmt::format("/v1/bundles/{}/versions/1/withdraw", bundle), "{}").status, 200);
  EXPECT_EQ(member_of(drift(), "reason"), "Version 1 was withdrawn.");
}

TEST_F(CanvasOverHttp, ADiffHasDriftedOnceOneOfItsVersionsIsWithdrawn) {
  publish(kContract);
  publish(replaced(std::string(kContract), "12 %", "15 %"));
  const auto pinned = pin(fmt::format(R"({{"diff":{{"bundle_id":"{}","from":1,"to":2,"kind":"impact"}}}})", bundle));
  EXPECT_EQ(pinned.status, 200) << pinned.body;
  EXPECT_EQ(member_of(drift(), "drifted"), "false");
  EXPECT_EQ(post(fmt::format("/v1/bundles/{}/versions/2/withdraw", bundle), "{}").status, 200);
  EXPECT_EQ(member_of(drift(), "reason"), "Version 2 was withdrawn.");
}

TEST_F(CanvasOverHttp, WhatARunLeftBehindDriftsWhenItIsLeftAgain) {
  const auto run = post("/v1/runs", R"({"name":"make report"})").member("id");
  const auto leave = [&](int sequence, int size, std::string_view name) {
    return post("/v1/runs/" + run + "/events",
                fmt::format(
                    R"({{"events":[{{"sequence":{},"kind":"artifact","artifact":{{"name":"{}","size_bytes":{}}}}}]}})",
                    sequence, name, size))
        .status;
  };
  EXPECT_EQ(post("/v1/runs/" + run + "/events", R"({"events":[{"sequence":1,"kind":"started"}]})").status, 200);
  EXPECT_EQ(leave(2, 3, "report.xml"), 200);
  EXPECT_EQ(pin_entity("run-" + run, R"(,"artifact":"other.xml")").member("field"), "artifact");
  EXPECT_EQ(pin_entity("run-" + run, R"(,"artifact":"report.xml")").status, 200);
  EXPECT_EQ(leave(3, 9, "other.xml"), 200);
  EXPECT_EQ(member_of(drift(), "drifted"), "false") << drift();
  EXPECT_EQ(leave(4, 4, "report.xml"), 200);
  EXPECT_EQ(member_of(drift(), "drifted"), "true") << drift();
}

}  // namespace
}  // namespace flowstone::tests
