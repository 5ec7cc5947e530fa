// Documents over HTTP, end to end: versions are taken in, quotes are found again, and exactly what rests on changed
// words goes stale.
#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {
namespace {

TEST_F(Documents, AVersionIsTakenInAndRead) {
  publish(kContract);
  const auto base = fmt::format("/v1/bundles/{}/versions/1", bundle);
  EXPECT_EQ(get(base).member("status"), "published");
  EXPECT_EQ(get(base + "/documents/contract.md").member("media_type"), "text/markdown");
  EXPECT_EQ(get(base + "/documents/contract.md/text").body, kContract);
  EXPECT_EQ(get(base + "/documents/contract.md/content").body, kContract);
  const auto outline = get(base + "/documents/contract.md/outline");
  EXPECT_NE(outline.body.find("\"Liability\""), std::string::npos) << outline.body;
  const auto values = get(base + "/documents/contract.md/extractions");
  EXPECT_NE(values.body.find("12 %"), std::string::npos) << values.body;
}

TEST_F(Documents, ExactlyWhatRestsOnChangedWordsGoesStale) {
  publish(kContract);
  const auto fee = quote("The fee is 12 % of the net price.");
  ASSERT_EQ(fee.status, 201) << fee.body;
  const auto delivery = quote("Goods must be delivered within 30 days of the order.");
  const auto fee_insight = insight_on("The fee is 12 %", fee.member("id"));
  const auto delivery_insight = insight_on("Delivery takes a month", delivery.member("id"));
  publish("A new preamble that moves everything.\n\n" + replaced(std::string(kContract), "12 %", "15 %"));
  EXPECT_EQ(flags(fee_insight, "stale/stale"), "stale/stale");
  EXPECT_EQ(flags(delivery_insight, "fresh/fresh"), "fresh/fresh");
  const auto why = fresh_read("insights", fee_insight);
  EXPECT_EQ(why.member("old_quote"), "The fee is 12 % of the net price.");
  EXPECT_EQ(why.member("new_quote"), "The fee is 15 % of the net price.");
  EXPECT_EQ(why.member("materiality"), "material");
}

TEST_F(Documents, EvidenceHasAnAnchorForEachVersionAlsoWhereNothingChanged) {
  publish(kContract);
  const auto evidence = quote("The fee is 12 % of the net price.").member("id");
  publish(kContract);
  publish(replaced(std::string(kContract), "12 %", "15 %"));
  const auto shown = fresh_read("evidence", evidence).body;
  const auto second = shown.find(R"({"version":2)");
  const auto third = shown.find(R"({"version":3)");
  ASSERT_NE(second, std::string::npos) << shown;
  ASSERT_NE(third, std::string::npos) << shown;
  EXPECT_EQ(member_of(shown.substr(second), "verdict"), "same");
  EXPECT_EQ(member_of(shown.substr(second), "reason"), "The document has not changed since version 1.");
  EXPECT_EQ(member_of(shown.substr(third), "verdict"), "changed");
}

TEST_F(Documents, ARevertMakesFreshAgain) {
  publish(kContract);
  const auto insight = insight_on("The fee is 12 %", quote("The fee is 12 % of the net price.").member("id"));
  publish(replaced(std::string(kContract), "12 %", "15 %"));
  EXPECT_EQ(flags(insight, "stale/stale"), "stale/stale");
  const auto stale_at = server.store().state().durable.value;
  publish(kContract);
  EXPECT_EQ(flags(insight, "fresh/fresh"), "fresh/fresh");
  const auto then = get(fmt::format("/v1/insights/{}?as_of={}", insight, stale_at));
  EXPECT_EQ(then.member("freshness_flag"), "stale");
}

TEST_F(Documents, ConfirmingHoldsUntilTheWordsChangeAgain) {
  publish(kContract);
  const auto insight = insight_on("There is a fee", quote("The fee is 12 % of the net price.").member("id"));
  publish(replaced(std::string(kContract), "12 %", "15 %"));
  EXPECT_EQ(flags(insight, "stale/stale"), "stale/stale");
  EXPECT_EQ(post("/v1/insights/" + insight + "/confirm", "{}").status, 200);
  EXPECT_EQ(flags(insight, "fresh/fresh"), "fresh/fresh");
  publish(replaced(std::string(kContract), "12 %", "18 %"));
  EXPECT_EQ(flags(insight, "stale/stale"), "stale/stale");
}

TEST_F(Documents, StalenessReachesInsightsOnInsights) {
  publish(kContract);
  const auto evidence = quote("The fee is 12 % of the net price.").member("id");
  const auto base = insight_on("The fee is 12 %", evidence);
  const auto other = quote("Partial deliveries are allowed.").member("id");
  const auto above = insight_on("The margin is 8 %", other, fmt::format(R"(,"insight_ids":["{}"])", base));
  publish(replaced(std::string(kContract), "12 %", "15 %"));
  EXPECT_EQ(flags(above, "fresh/stale"), "fresh/stale");
  const auto report = get("/v1/freshness/insight-" + above);
  EXPECT_NE(report.body.find("insight-" + base), std::string::npos) << report.body;
  EXPECT_NE(report.body.find("evidence-" + evidence), std::string::npos) << report.body;
}

TEST_F(Documents, AWithdrawnVersionTakesItsSupportAlong) {
  publish(kContract);
  const auto insight = insight_on("The fee is 12 %", quote("The fee is 12 % of the net price.").member("id"));
  EXPECT_EQ(post(fmt::format("/v1/bundles/{}/versions/1/withdraw", bundle), R"({"reason":"draft"})").status, 200);
  EXPECT_EQ(flags(insight, "fresh/stale"), "fresh/stale");
}

TEST_F(Documents, AQuoteThatIsNotThereIsRefused) {
  publish(kContract);
  const auto refused = quote("The fee is 99 gold coins.");
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.member("code"), "quote_not_found");
  EXPECT_EQ(refused.member("field"), "source.selector.exact");
}

TEST_F(Documents, AQuoteThatIsThereTwiceShowsItsPlaces) {
  publish("# A\n\nSigned by both parties.\n\n# B\n\nSigned by both parties.\n");
  const auto refused = quote("Signed by both parties.");
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.member("code"), "quote_ambiguous");
  EXPECT_NE(refused.body.find("\"candidates\":[{"), std::string::npos) << refused.body;
  EXPECT_EQ(quote("Signed by both parties.", 1, R"(,"start":5)").status, 201);
}

TEST_F(Documents, SourcesThatDoNotExistAreNamed) {
  publish(kContract);
  const auto version = quote("The fee is 12 % of the net price.", 7);
  EXPECT_EQ(version.status, 422) << version.body;
  EXPECT_EQ(version.member("field"), "source.version");
  const auto foreign = stranger()->request(
      "POST", "/v1/evidence",
      fmt::format(
          R"({{"source":{{"bundle_id":"{}","version":1,"document":"contract.md","selector":{{"exact":"The fee"}}}}}})",
          bundle));
  EXPECT_EQ(foreign.status, 422) << foreign.body;
  EXPECT_EQ(foreign.member("field"), "source.bundle_id");
}

TEST_F(Documents, PathsAndDoublesAreRefusedByPlace) {
  for (const std::string_view path : {"../secret", "/etc/passwd", "a//b", "a/./b", "a\\b"}) {
    const auto refused = upload(kContract, path);
    EXPECT_EQ(refused.status, 422) << path;
    EXPECT_EQ(refused.member("field"), "documents[0].path") << path;
  }
  const auto doubled = post(fmt::format("/v1/bundles/{}/versions", bundle),
                            R"({"documents":[{"path":"a.md","text":"x"},{"path":"a.md","text":"y"}]})");
  EXPECT_EQ(doubled.status, 422);
  EXPECT_EQ(doubled.member("field"), "documents[1].path");
  EXPECT_EQ(get(fmt::format("/v1/bundles/{}/versions", bundle)).body.find("\"number\""), std::string::npos);
}

TEST_F(Documents, AFailedIngestLeavesTheVersionBeforeServing) {
  publish(kContract);
  const auto broken = post(fmt::format("/v1/bundles/{}/versions", bundle),
                           R"({"documents":[{"path":"contract.pdf","base64":"JVBERi0xLjQKdGhpcyBpcyBubyBwZGY="}]})");
  ASSERT_EQ(broken.status, 202) << broken.body;
  EXPECT_EQ(end_of(broken.member("run_id")), "failed");
  const auto state = fresh_read("bundles", bundle);
  EXPECT_EQ(state.member("latest_version"), "1");
  const auto version = get(fmt::format("/v1/bundles/{}/versions/2", bundle));
  EXPECT_EQ(version.member("status"), "failed");
  EXPECT_NE(version.member("error").find("contract.pdf"), std::string::npos) << version.body;
}

TEST_F(Documents, ARepeatedUploadNamesTheFirstRun) {
  const auto target = fmt::format("/v1/bundles/{}/versions", bundle);
  const std::string_view body = R"({"documents":[{"path":"a.md","text":"x"}]})";
  const auto first = client->request("POST", target, body, "Idempotency-Key: \"v1\"\r\n");
  ASSERT_EQ(end_of(first.member("run_id")), "completed");
  const auto second = client->request("POST", target, body, "Idempotency-Key: \"v1\"\r\n");
  EXPECT_EQ(second.status, 202);
  EXPECT_EQ(second.body, first.body);
}

TEST_F(Documents, InsightsNeedEvidenceAndReview) {
  publish(kContract);
  EXPECT_EQ(post("/v1/insights", R"({"title":"No ground"})").status, 422);
  EXPECT_EQ(post("/v1/insights", R"({"title":"No ground","evidence_ids":[]})").status, 422);
  const auto missing = post("/v1/insights", R"({"title":"x","evidence_ids":["01920000-0000-7000-8000-0000000000ff"]})");
  EXPECT_EQ(missing.status, 422) << missing.body;
  const auto insight = insight_on("Fee", quote("The fee is 12 % of the net price.").member("id"));
  EXPECT_EQ(post("/v1/insights/" + insight + "/publish", "").status, 409);
  EXPECT_EQ(post("/v1/insights/" + insight + "/review", "{}").member("status"), "reviewed");
  EXPECT_EQ(post("/v1/insights/" + insight + "/publish", "").member("status"), "published");
}

TEST_F(Documents, WhatWouldChangeIsToldBeforeItIsCommitted) {
  publish(kContract);
  const auto insight = insight_on("Fee", quote("The fee is 12 % of the net price.").member("id"));
  const auto head = server.store().state().durable;
  const auto preview = post(fmt::format("/v1/bundles/{}/impact-preview", bundle),
                            fmt::format(R"({{"documents":[{{"path":"contract.md","text":{}}}]}})",
                                        in_json(replaced(std::string(kContract), "12 %", "15 %"))));
  EXPECT_EQ(preview.status, 200) << preview.body;
  EXPECT_NE(preview.body.find("insight-" + insight), std::string::npos) << preview.body;
  EXPECT_EQ(server.store().state().durable, head);
  EXPECT_EQ(flags(insight, "fresh/fresh"), "fresh/fresh");
}

TEST_F(Documents, TwoVersionsAreComparedInThreeWays) {
  publish(kContract);
  const auto insight = insight_on("Fee", quote("The fee is 12 % of the net price.").member("id"));
  publish(replaced(std::string(kContract), "12 %", "15 %"));
  const auto diff = fmt::format("/v1/bundles/{}/diff?from=1&to=2", bundle);
  const auto text = get(diff + "&kind=document");
  EXPECT_EQ(text.status, 200) << text.body;
  EXPECT_NE(text.body.find(R"("kind":"replacement")"), std::string::npos) << text.body;
  EXPECT_NE(text.body.find(R"("status":"changed")"), std::string::npos);
  const auto values = get(diff + "&kind=extraction");
  EXPECT_NE(values.body.find(R"("old_value":"12 %")"), std::string::npos) << values.body;
  EXPECT_NE(values.body.find(R"("new_value":"15 %")"), std::string::npos);
  const auto impact = get(diff + "&kind=impact");
  EXPECT_NE(impact.body.find("insight-" + insight), std::string::npos) << impact.body;
  EXPECT_NE(get(diff + "&format=unified").body.find("+The fee is 15 %"), std::string::npos);
  EXPECT_EQ(get(diff + "&format=html").header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(get(diff + "&kind=mood").member("field"), "kind");
  EXPECT_EQ(get(fmt::format("/v1/bundles/{}/diff?from=1&to=9", bundle)).status, 404);
}

TEST_F(Documents, WhatPeopleDefineIsReadFromEveryVersion) {
  publish(kContract);
  publish(replaced(std::string(kContract), "30 days", "45 days"));
  const auto defined = post("/v1/extractors", R"({"name":"term","type":"number","pattern":"within (\\d+) days"})");
  ASSERT_EQ(defined.status, 201) << defined.body;
  const auto base = fmt::format("/v1/bundles/{}/versions/", bundle);
  const auto values = [&](int version) {
    return get(fmt::format("{}{}/documents/contract.md/extractions", base, version)).body;
  };
  EXPECT_NE(
      values(1).find(
          R"("extractor":"term","key":"Supplier contract / Delivery","type":"number","value":"30","normalised":"30")"),
      std::string::npos)
      << values(1);
  EXPECT_NE(values(2).find(R"("value":"45")"), std::string::npos) << values(2);
  const auto diff = get(fmt::format("/v1/bundles/{}/diff?from=1&to=2&kind=extraction", bundle)).body;
  EXPECT_NE(diff.find(R"("change":"changed","extractor":"term")"), std::string::npos) << diff;
  const auto archived = post(fmt::format("/v1/extractors/{}/archive", defined.member("id")), "");
  ASSERT_EQ(archived.status, 200) << archived.body;
  EXPECT_EQ(values(1).find(R"("extractor":"term")"), std::string::npos) << values(1);
}

TEST_F(Documents, AnExtractorMustBeAbleToFindSomething) {
  const auto refused = [this](std::string_view body) {
    const auto answer = post("/v1/extractors", body);
    EXPECT_EQ(answer.status, 422) << answer.body;
    return answer.member("field");
  };
  EXPECT_EQ(refused(R"({"name":"term"})"), "pattern");
  EXPECT_EQ(refused(R"({"name":"term","pattern":"a("})"), "pattern");
  EXPECT_EQ(refused(R"({"name":"term","pattern":"(a{1000}){1000}"})"), "pattern");
  EXPECT_EQ(refused(R"({"name":"date","pattern":"a"})"), "name");
  EXPECT_EQ(refused(R"({"name":"A b","pattern":"a"})"), "name");
  EXPECT_EQ(refused(R"({"name":"term","pattern":"a","bundle_id":"01920000-0000-7000-8000-00000000ffff"})"),
            "bundle_id");
  EXPECT_EQ(post("/v1/extractors", R"({"name":"term","column":"Price"})").status, 201);
  EXPECT_EQ(post("/v1/extractors", R"({"name":"term","column":"Price"})").status, 409);
}

TEST_F(Documents, ReviewQueuesPutTheGravestFirst) {
  publish(kContract);
  const auto fee = quote("The fee is 12 % of the net price.").member("id");
  const auto stale =
      insight_on("Fee", fee, R"(,"confidence":0.2,"claim":{"subject":"Contract","field":"fee","value":"12 %"})");
  insight_on("Other fee", fee, R"(,"claim":{"subject":"contract","field":"Fee","value":"15 %"})");
  publish(replaced(std::string(kContract), "12 %", "15 %"));
  EXPECT_EQ(flags(stale, "stale/stale"), "stale/stale");
  const auto at = fmt::format("?min_position={}", server.store().state().durable.value);
  EXPECT_NE(get("/v1/review-queues/stale" + at).body.find(stale), std::string::npos);
  EXPECT_NE(get("/v1/review-queues/conflicts" + at).body.find(stale), std::string::npos);
  EXPECT_NE(get("/v1/review-queues/low-confidence" + at).body.find(stale), std::string::npos);
  EXPECT_EQ(get("/v1/review-queues/ambiguous" + at).member("id"), "");
  EXPECT_EQ(get("/v1/review-queues/nonsense").status, 404);
}

TEST_F(Documents, WhatWasUnderWayGoesOnAfterARestart) {
  const auto accepted = upload(kContract);
  server.restart();
  client = server.client();
  EXPECT_EQ(end_of(accepted.member("run_id")), "completed");
  EXPECT_EQ(get(fmt::format("/v1/bundles/{}/versions/1", bundle)).member("status"), "published");
}

}  // namespace
}  // namespace flowstone::tests
