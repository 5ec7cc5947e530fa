// Workflows over HTTP: drafts, versions, and what refuses them.
#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {
namespace {

constexpr std::string_view kDone = R"({"body":{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}})";
constexpr std::string_view kEnd = R"({"body":{"StartAt":"End","States":{"End":{"Type":"Succeed"}}}})";

class WorkflowsOverHttp : public Documents {
 protected:
  void SetUp() override { client = server.client(); }
  Answer create(std::string_view name, std::string_view definition) {
    return post("/v1/workflows", fmt::format(R"({{"name":"{}","definition":{}}})", name, definition));
  }
  std::string created() { return create("Intake", kDone).member("id"); }
  Answer change(const std::string& id, std::string_view body, std::string_view headers = {}) {
    return client->request("PATCH", "/v1/workflows/" + id, body, headers);
  }
  Answer publish(const std::string& id, std::string_view body = "{}") {
    return post(fmt::format("/v1/workflows/{}/publish", id), body);
  }
  Answer read(const std::string& id, std::string_view query = "") {
    return get(fmt::format("/v1/workflows/{}?min_position={}{}", id, server.store().state().durable.value, query));
  }
  Answer version(const std::string& id, std::string_view number) {
    return get(fmt::format("/v1/workflows/{}/versions/{}", id, number));
  }
};

TEST_F(WorkflowsOverHttp, ADraftIsShownWhereOneIsReadAndNotInLists) {
  const auto made = create("Intake", kDone);
  ASSERT_EQ(made.status, 201) << made.body;
  const auto id = made.member("id");
  const auto shown = read(id);
  EXPECT_NE(shown.body.find(R"("definition":{"body":{"StartAt":"Done")"), std::string::npos) << shown.body;
  EXPECT_NE(shown.body.find(R"("source":"{\n  \"body\": {)"), std::string::npos) << shown.body;
  EXPECT_EQ(shown.member("errors"), "0");
  const auto listed = get(fmt::format("/v1/workflows?min_position={}", server.store().state().durable.value));
  EXPECT_EQ(listed.body.find("StartAt"), std::string::npos) << listed.body;
  EXPECT_EQ(listed.member("name"), "Intake");
}

TEST_F(WorkflowsOverHttp, NamesAreUniqueInUpperAndLowerCase) {
  EXPECT_EQ(create("Intake", kDone).status, 201);
  const auto second = create("INTAKE", kDone);
  EXPECT_EQ(second.status, 409) << second.body;
  EXPECT_EQ(second.member("field"), "name");
}

TEST_F(WorkflowsOverHttp, ADraftChangesOnlyFromTheRevisionThatItsAuthorSaw) {
  const auto id = created();
  const auto body = fmt::format(R"({{"definition":{}}})", kEnd);
  EXPECT_EQ(change(id, body, "If-Match: \"1\"\r\n").status, 200);
  EXPECT_EQ(change(id, body, "If-Match: \"1\"\r\n").status, 412);
}

TEST_F(WorkflowsOverHttp, VersionsStayWhatTheyAre) {
  const auto id = created();
  ASSERT_EQ(publish(id, R"({"note":"first"})").member("latest_version"), "1");
  ASSERT_EQ(change(id, fmt::format(R"({{"definition":{}}})", kEnd)).status, 200);
  ASSERT_EQ(publish(id).member("latest_version"), "2");
  const auto first = version(id, "1");
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_NE(first.body.find(fmt::format(R"("definition":{})", kDone)), std::string::npos) << first.body;
  EXPECT_EQ(first.member("note"), "first");
  EXPECT_EQ(first.member("states"), "1");
  EXPECT_NE(version(id, "latest").body.find(fmt::format(R"("definition":{})", kEnd)), std::string::npos);
  const auto listed = get(fmt::format("/v1/workflows/{}/versions", id));
  EXPECT_EQ(listed.member("number"), "2") << listed.body;
  EXPECT_EQ(listed.body.find("definition"), std::string::npos) << listed.body;
  EXPECT_EQ(version(id, "3").status, 404);
  EXPECT_EQ(version(id, "x").status, 404);
}

TEST_F(WorkflowsOverHttp, PublishingTheSameAgainChangesNothing) {
  const auto id = created();
  const auto first = publish(id);
  const auto again = publish(id);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.header("etag"), first.header("etag"));
}

TEST_F(WorkflowsOverHttp, ADraftWithErrorsIsRefusedWithEachOfThem) {
  const auto id =
      create("Wrong", R"({"body":{"StartAt":"Gone","States":{"Done":{"Type":"Succeed","X":1}}}})").member("id");
  const auto refused = publish(id);
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_EQ(refused.member("code"), "definition_has_errors");
  for (const std::string_view field : {"/body/StartAt", "/body/States/Done", "/body/States/Done/X"})
    EXPECT_NE(refused.body.find(fmt::format(R"("field":"{}")", field)), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("line 7, column 9: "), std::string::npos) << refused.body;
  EXPECT_EQ(read(id).member("errors"), "3");
}

TEST_F(WorkflowsOverHttp, ADefinitionMayNestDeeperThanOtherBodies) {
  const auto nested = [](int levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_EQ(create("Deep", nested(63)).status, 201);
  EXPECT_EQ(create("Deeper", nested(64)).status, 400);
}

TEST_F(WorkflowsOverHttp, TheLongestDefinitionIsPublishedAndNoLongerOneIsTaken) {
  constexpr std::size_t kMost = 256U << 10U;
  std::string text = R"({"body":{"StartAt":"D","States":{"D":{"Type":"Succeed","Comment":")";
  const std::string_view end = "\"}}}}";
  text += std::string(kMost - text.size() - end.size(), 'c');
  text += end;
  const auto body = [](std::string_view name, std::string_view source) {
    return fmt::format(R"({{"name":"{}","source":{}}})", name, in_json(source));
  };
  const auto made = post("/v1/workflows", body("Long", text));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(publish(made.member("id")).status, 200);
  EXPECT_EQ(version(made.member("id"), "1").status, 200);
  EXPECT_EQ(post("/v1/workflows", body("Longer", text + " ")).status, 422);
}

TEST_F(WorkflowsOverHttp, LintTellsEachProblemWithItsPlaceAndKeepsNothing) {
  const auto answer = post("/v1/workflows/lint",
                           R"({"source":"body:\n  StartAt: Gone\n  States: {A: {Type: Succeed}}\n","format":"yaml"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.member("valid"), "false");
  EXPECT_EQ(answer.member("errors"), "2");
  EXPECT_EQ(answer.member("code"), "no_such_state");
  EXPECT_EQ(answer.member("line"), "2");
  EXPECT_EQ(answer.member("column"), "3");
  EXPECT_EQ(post("/v1/workflows/lint", fmt::format(R"({{"definition":{}}})", kDone)).member("valid"), "true");
  EXPECT_EQ(post("/v1/workflows/lint", "{}").member("field"), "definition");
  EXPECT_EQ(post("/v1/workflows/lint", R"({"definition":{},"source":"a"})").member("field"), "source");
  EXPECT_NE(get("/v1/workflows").body.find(R"("items":[])"), std::string::npos);
}

TEST_F(WorkflowsOverHttp, LintOfADraftHasTheLinesOfItsText) {
  const auto id = create("Wrong", R"({"body":{"StartAt":"Gone","States":{"Done":{"Type":"Succeed"}}}})").member("id");
  const auto answer = get(fmt::format("/v1/workflows/{}/lint", id));
  EXPECT_EQ(answer.member("line"), "3") << answer.body;
  EXPECT_EQ(answer.member("path"), "/body/StartAt");
}

TEST_F(WorkflowsOverHttp, YamlIsPublishedAsTheJsonThatRuns) {
  const auto made = post(
      "/v1/workflows",
      R"({"name":"Y","source":"body: # a\n  StartAt: Done\n  States: {Done: {Type: Succeed}}\n","format":"yaml"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto id = made.member("id");
  const auto published = publish(id);
  EXPECT_EQ(published.status, 200) << published.body;
  const auto shown = version(id, "1");
  EXPECT_NE(shown.body.find(fmt::format(R"("definition":{})", kDone)), std::string::npos) << shown.body;
  EXPECT_NE(shown.body.find("body: # a"), std::string::npos) << shown.body;
  EXPECT_EQ(shown.member("format"), "yaml");
  EXPECT_EQ(change(id, fmt::format(R"({{"definition":{}}})", kDone)).status, 200);
  EXPECT_EQ(publish(id).member("latest_version"), "1");
}

TEST_F(WorkflowsOverHttp, AVersionIsDrawnInThreeWays) {
  const auto id = created();
  publish(id);
  const auto graph = [&](std::string_view format) {
    return get(fmt::format("/v1/workflows/{}/versions/1/graph{}", id, format));
  };
  EXPECT_EQ(graph("").member("name"), "Done");
  EXPECT_EQ(graph("?format=dot").body.substr(0, 16), "digraph \"Intake\"");
  EXPECT_EQ(graph("?format=dot").header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(graph("?format=mermaid").body.substr(0, 12), "flowchart TD");
  EXPECT_EQ(graph("?format=svg").status, 400);
  EXPECT_EQ(get(fmt::format("/v1/workflows/{}/versions/2/graph", id)).status, 404);
}

TEST_F(WorkflowsOverHttp, TwoVersionsAreComparedInThreeWays) {
  const auto id = created();
  publish(id);
  change(id, fmt::format(R"({{"definition":{}}})", kEnd));
  publish(id);
  const auto diff = [&](std::string_view query) { return get(fmt::format("/v1/workflows/{}/diff{}", id, query)); };
  const auto found = diff("?from=1");
  EXPECT_EQ(found.member("same"), "false") << found.body;
  EXPECT_EQ(found.member("change"), "renamed");
  EXPECT_EQ(found.member("renamed_from"), "Done");
  EXPECT_EQ(found.number("to"), 2U);
  EXPECT_EQ(diff("?from=1&to=1").member("same"), "true");
  EXPECT_NE(diff("?from=1&format=unified").body.find("-    \"StartAt\": \"Done\",\n"), std::string::npos);
  EXPECT_EQ(diff("?from=1&format=html").body.substr(0, 8), "<section");
  EXPECT_EQ(diff("").status, 400);
  EXPECT_EQ(diff("?from=1&format=xml").status, 400);
  EXPECT_EQ(diff("?from=3").status, 404);
}

TEST_F(WorkflowsOverHttp, AnArchivedOneTakesNoDraftAndNoVersion) {
  const auto id = created();
  EXPECT_EQ(post(fmt::format("/v1/workflows/{}/archive", id), "").status, 200);
  EXPECT_EQ(publish(id).member("code"), "workflow_archived");
  EXPECT_EQ(change(id, R"({"name":"Other"})").status, 409);
  EXPECT_EQ(post(fmt::format("/v1/workflows/{}/restore", id), "").status, 200);
  EXPECT_EQ(publish(id).status, 200);
}

}  // namespace
}  // namespace flowstone::tests
