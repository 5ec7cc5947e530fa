// Where things come from, over HTTP: from an insight down to the bytes and who brought them, and back up.
#include "base/digest.hpp"
#include "projections/library.hpp"
#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {
namespace {

constexpr std::string_view kFee = "The fee is 12 % of the net price.";

class ProvenanceOverHttp : public Documents {
 protected:
  void conclude() {
    publish(kContract);
    evidence = quote(kFee).member("id");
    insight = insight_on("The fee is 12 %", evidence);
    canvas = post("/v1/canvases", R"({"title":"Fees"})").member("id");
    EXPECT_EQ(pin(fmt::format(R"({{"entity":"insight-{}","revision":1}})", insight)).status, 200);
  }
  Answer pin(std::string_view json) { return post("/v1/canvases/" + canvas + "/pins", json); }
  Answer ask(std::string_view entity, std::string_view query = "") {
    return get(fmt::format("/v1/provenance/{}{}", entity, query));
  }
  // The part of the answer about one node.
  static std::string node(const Answer& answer, std::string_view entity) {
    const auto at = answer.body.find(fmt::format(R"({{"entity":"{}","kind")", entity));
    return at == std::string::npos ? std::string() : answer.body.substr(at, answer.body.find('}', at) - at);
  }
  static bool has_edge(const Answer& answer, std::string_view from, std::string_view to) {
    return answer.body.find(fmt::format(R"("from":"{}","to":"{}")", from, to)) != std::string::npos;
  }
  [[nodiscard]] std::string version(int number) const { return fmt::format("bundle-{}/versions/{}", bundle, number); }

  std::string evidence, insight, canvas;
};

TEST_F(ProvenanceOverHttp, AnInsightLeadsDownToTheBytesAndWhoBroughtThem) {
  conclude();
  const auto answer = ask("insight-" + insight, "?direction=up");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto document = version(1) + "/documents/contract.md";
  const auto start = kContract.find(kFee);
  const auto span = fmt::format("{}#char={},{}", document, start, start + kFee.size());
  const auto sha256 = projections::digest_text(flowstone::sha256({kContract}));
  EXPECT_TRUE(has_edge(answer, "insight-" + insight, "evidence-" + evidence)) << answer.body;
  EXPECT_TRUE(has_edge(answer, "evidence-" + evidence, span)) << answer.body;
  EXPECT_TRUE(has_edge(answer, span, document));
  EXPECT_TRUE(has_edge(answer, document, version(1)));
  EXPECT_TRUE(has_edge(answer, document, "file/" + sha256)) << answer.body;
  const auto upload = answer.body.find(fmt::format(R"("from":"file/{}","to":"event/)", sha256));
  ASSERT_NE(upload, std::string::npos) << answer.body;
  const auto event = member_of(answer.body.substr(upload), "to");
  EXPECT_EQ(member_of(node(answer, event), "title"), "bundle.version_added");
  EXPECT_EQ("event/" + member_of(node(answer, event), "position"), event);
  EXPECT_TRUE(member_of(node(answer, event), "created_by").starts_with("key:"));
  EXPECT_EQ(member_of(node(answer, span), "side"), "source");
  EXPECT_EQ(answer.member("truncated"), "false");
  EXPECT_EQ(answer.body.find("canvas-"), std::string::npos);
  const auto read = get(fmt::format("/v1/events?from={0}&until={0}", event.substr(event.find('/') + 1)));
  EXPECT_EQ(read.member("type"), "bundle.version_added");
}

TEST_F(ProvenanceOverHttp, WhatRestsOnAVersionIsListedFromEitherEnd) {
  conclude();
  for (const auto& entity : {version(1), version(1) + "/documents/contract.md", "bundle-" + bundle}) {
    std::string path;
    for (const char c : entity) path += c == '/' ? std::string("%2F") : std::string(1, c);
    const auto answer = ask(path, "?direction=down");
    ASSERT_EQ(answer.status, 200) << answer.body;
    for (const auto& rests : {"evidence-" + evidence, "insight-" + insight, "canvas-" + canvas})
      EXPECT_EQ(member_of(node(answer, rests), "side"), "dependent") << entity << ": " << answer.body;
  }
  EXPECT_EQ(ask(fmt::format("bundle-{}%2Fversions%2F2", bundle)).status, 404);
  EXPECT_EQ(ask(fmt::format("bundle-{}%2Fversions%2F1%2Fdocuments%2Fother.md", bundle)).status, 404);
}

TEST_F(ProvenanceOverHttp, APinnedDiffLeadsToItsVersionsAndARunToWhatItLeft) {
  conclude();
  publish(replaced(std::string(kContract), "12 %", "15 %"));
  EXPECT_EQ(pin(fmt::format(R"({{"diff":{{"bundle_id":"{}","from":1,"to":2,"kind":"document"}}}})", bundle)).status,
            200);
  const auto shown = ask("canvas-" + canvas, "?direction=up");
  const auto diff = fmt::format("bundle-{}/diff?from=1&to=2&kind=document", bundle);
  EXPECT_TRUE(has_edge(shown, "canvas-" + canvas, diff)) << shown.body;
  EXPECT_TRUE(has_edge(shown, diff, version(1)));
  EXPECT_TRUE(has_edge(shown, diff, version(2)));
  const auto taken_in = get(fmt::format("/v1/bundles/{}/versions/2", bundle)).member("run_id");
  const auto of_run = ask("run-" + taken_in, "?direction=down");
  EXPECT_TRUE(has_edge(of_run, version(2), "run-" + taken_in)) << of_run.body;
  const auto run = post("/v1/runs", R"({"name":"make report"})").member("id");
  const auto left = post("/v1/runs/" + run + "/events",
                         R"({"events":[{"sequence":1,"kind":"started"},{"sequence":2,"kind":"artifact","artifact":)"
                         R"({"name":"report.xml","size_bytes":3}}]})");
  EXPECT_EQ(left.status, 200) << left.body;
  const auto of_other = ask("run-" + run, "?direction=down");
  EXPECT_EQ(member_of(node(of_other, "run-" + run + "/artifacts/report.xml"), "kind"), "artifact") << of_other.body;
}

TEST_F(ProvenanceOverHttp, AsOfThePastNothingThatCameLaterIsThere) {
  conclude();
  const auto then = server.store().state().durable.value;
  const auto later = insight_on("It is a lot", evidence);
  const auto now = ask("evidence-" + evidence, "?direction=down");
  EXPECT_FALSE(node(now, "insight-" + later).empty()) << now.body;
  const auto before = ask("evidence-" + evidence, fmt::format("?direction=down&as_of={}", then));
  EXPECT_TRUE(node(before, "insight-" + later).empty()) << before.body;
  EXPECT_FALSE(node(before, "insight-" + insight).empty()) << before.body;
  EXPECT_EQ(before.member("position"), std::to_string(then));
  EXPECT_EQ(ask("insight-" + later, fmt::format("?as_of={}", then)).status, 404);
  EXPECT_EQ(ask("evidence-" + evidence, "?as_of=2001-01-01T00:00:00Z").status, 404);
}

TEST_F(ProvenanceOverHttp, WhatIsLeftOutIsSaid) {
  conclude();
  const auto near = ask("insight-" + insight, "?depth=1");
  EXPECT_EQ(near.member("truncated"), "true");
  EXPECT_FALSE(node(near, "evidence-" + evidence).empty());
  EXPECT_TRUE(node(near, version(1)).empty()) << near.body;
  EXPECT_EQ(ask("insight-" + insight, "?limit=2").member("truncated"), "true");
  EXPECT_EQ(ask("insight-" + insight, "?depth=33").member("field"), "depth");
  EXPECT_EQ(ask("insight-" + insight, "?limit=0").member("field"), "limit");
  EXPECT_EQ(ask("insight-" + insight, "?direction=sideways").member("field"), "direction");
  EXPECT_EQ(ask("insight-" + insight, "?format=xml").member("field"), "format");
  EXPECT_EQ(ask("insight-" + insight, "?as_of=99999999").member("code"), "position_beyond_head");
}

TEST_F(ProvenanceOverHttp, AsProvJsonTheUploadIsAnActivityOfItsActor) {
  conclude();
  const auto answer = ask("insight-" + insight, "?direction=up&format=prov-json");
  ASSERT_EQ(answer.status, 200) << answer.body;
  for (const std::string_view part : {R"("prefix":)", R"("prov:Quotation")", R"("wasInfluencedBy":)",
                                      R"("flowstone:sha256":)", R"("wasAssociatedWith":)"})
    EXPECT_NE(answer.body.find(part), std::string::npos) << part << answer.body;
}

TEST_F(ProvenanceOverHttp, WhatIsNotThereOrOfAnotherWorkspaceIsNotFound) {
  conclude();
  for (const std::string_view entity :
       {"insight-01920000-0000-7000-8000-0000000000ff", "insight-x", "nothing", "nonsense-01920000", "event%2F1"})
    EXPECT_EQ(ask(entity).status, 404) << entity;
  const auto other = stranger();
  for (const auto& entity : {"insight-" + insight, "bundle-" + bundle, "bundle-" + bundle + "%2Fversions%2F1"})
    EXPECT_EQ(other->request("GET", "/v1/provenance/" + entity).status, 404) << entity;
}

TEST_F(ProvenanceOverHttp, AKeyWithScopesReadsWhatIsInsideThem) {
  conclude();
  Client narrow(server.port());
  narrow.key = server.make_key(R"(["member"])", kWorkspace, R"(,"scopes":["evidence:read","insight:read"])");
  for (int tries = 0; tries < 500 && narrow.request("GET", "/v1/insights").status == 401; ++tries) usleep(10'000);
  EXPECT_EQ(narrow.request("GET", "/v1/provenance/insight-" + insight + "?direction=down").status, 403);
  EXPECT_EQ(narrow.request("GET", "/v1/provenance/insight-" + insight + "?direction=up&depth=1").status, 200);
}

TEST_F(ProvenanceOverHttp, AWithdrawalListsAllThatRestsOnTheVersion) {
  publish(kContract);
  const auto fee = quote("The fee is 12 % of the net price.").member("id");
  const auto insight = insight_on("The fee is 12 %", fee);
  const auto above = insight_on("Too much", quote("Partial deliveries are allowed.").member("id"),
                                fmt::format(R"(,"insight_ids":["{}"])", insight));
  canvas = post("/v1/canvases", R"({"title":"Fees"})").member("id");
  EXPECT_EQ(post("/v1/canvases/" + canvas + "/pins", fmt::format(R"({{"entity":"insight-{}"}})", above)).status, 200);
  const auto withdrawn = post(fmt::format("/v1/bundles/{}/versions/1/withdraw", bundle), R"({"reason":"draft"})");
  ASSERT_EQ(withdrawn.status, 200) << withdrawn.body;
  for (const auto& rests : {"evidence-" + fee, "insight-" + insight, "insight-" + above, "canvas-" + canvas})
    EXPECT_NE(withdrawn.body.find(fmt::format(R"({{"entity":"{}")", rests)), std::string::npos) << withdrawn.body;
  EXPECT_EQ(withdrawn.member("resting_truncated"), "false");
  EXPECT_EQ(get(fmt::format("/v1/bundles/{}/versions/1", bundle)).body.find("resting"), std::string::npos);
}

}  // namespace
}  // namespace flowstone::tests
