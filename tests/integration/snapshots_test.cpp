// Pages of the web as evidence: given by the client or got by the server, in versions, and found again in the next one.
#include <atomic>

#include "tests/integration/documents_fixture.hpp"
#include "tests/outside/web_server.hpp"

namespace flowstone::tests {
namespace {

class Snapshots : public Documents {
 protected:
  // The server may get pages from this host.
  void allow(const WebServer& web) {
    server.set_fetching({.allowed_hosts = {web.host()}});
    server.restart();
    client = server.client();
  }
  Answer snapshot(std::string_view url, std::string_view exact, std::string_view more = "",
                  std::string_view headers = {}) {
    return client->request(
        "POST", "/v1/evidence",
        fmt::format(R"({{"source":{{"url":"{}","selector":{{"exact":{}}}{}}}}})", url, in_json(exact), more), headers);
  }
  static std::string html(std::string_view words) { return fmt::format("<html><body><p>{}</p></body></html>", words); }
};

TEST_F(Snapshots, BytesThatAreGivenAreAVersionLikeAnyOther) {
  const auto content = fmt::format(R"(,"content":{},"media_type":"text/html")", in_json(html("The fee is 12 %.")));
  const auto taken = snapshot("HTTPS://Example.org/terms.html#fees", "The fee is 12 %.", content);
  ASSERT_EQ(taken.status, 201) << taken.body;
  EXPECT_EQ(taken.member("url"), "https://example.org/terms.html");
  EXPECT_EQ(taken.member("document"), "terms.html");
  EXPECT_EQ(taken.body.find("<html>"), std::string::npos);
  const auto base = fmt::format("/v1/bundles/{}/versions/1", taken.member("bundle_id"));
  EXPECT_EQ(get(base + "/documents/terms.html/content").body, html("The fee is 12 %."));
  EXPECT_EQ(get(base + "/documents/terms.html").member("media_type"), "text/html");
  EXPECT_EQ(get("/v1/bundles/" + taken.member("bundle_id")).member("name"), "https://example.org/terms.html");
  // The same page is the same version.
  const auto again = snapshot("https://example.org/terms.html", "12 %", content);
  EXPECT_EQ(again.status, 201) << again.body;
  EXPECT_EQ(again.member("version"), "1");
}

TEST_F(Snapshots, ALaterPageIsTheNextVersionAndQuotesAreLookedForInIt) {
  std::atomic<int> fee{12};
  const WebServer web(
      [&](const std::string&) { return page(html(fmt::format("The fee is {} %. Paid at once.", fee.load()))); });
  allow(web);
  const auto first = snapshot(web.url("/fees"), "The fee is 12 %.");
  ASSERT_EQ(first.status, 201) << first.body;
  const auto insight = insight_on("The fee is 12 %", first.member("id"));
  fee = 15;
  const auto second = snapshot(web.url("/fees"), "Paid at once.");
  ASSERT_EQ(second.status, 201) << second.body;
  EXPECT_EQ(second.member("bundle_id"), first.member("bundle_id"));
  EXPECT_EQ(second.member("version"), "2");
  EXPECT_EQ(flags(insight, "stale/stale"), "stale/stale");
  EXPECT_EQ(fresh_read("insights", insight).member("new_quote"), "The fee is 15 %.");
}

TEST_F(Snapshots, ARepeatedRequestDoesNotLookAgain) {
  const WebServer web([](const std::string&) { return page(html("As it is.")); });
  allow(web);
  const auto first = snapshot(web.url("/"), "As it is.", "", "Idempotency-Key: \"one\"\r\n");
  ASSERT_EQ(first.status, 201) << first.body;
  const auto second = snapshot(web.url("/"), "As it is.", "", "Idempotency-Key: \"one\"\r\n");
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(web.visits(), 1);
}

TEST_F(Snapshots, NothingInsideIsGotAndNothingIsWritten) {
  const WebServer web([](const std::string&) { return page("secret"); });
  const auto head = server.store().state().durable;
  for (const auto& url :
       {web.url("/"), std::string("http://169.254.169.254/latest/meta-data"),
        fmt::format("http://localhost:{}/", web.port()), fmt::format("http://[::1]:{}/", web.port())}) {
    const auto refused = snapshot(url, "secret");
    EXPECT_EQ(refused.status, 422) << url << refused.body;
    EXPECT_EQ(refused.member("code"), "url_not_public") << url;
    EXPECT_EQ(refused.member("field"), "source.url");
  }
  EXPECT_EQ(web.visits(), 0);
  EXPECT_EQ(server.store().state().durable, head);
}

TEST_F(Snapshots, WhatCannotBeGotOrReadIsSaid) {
  const WebServer web([](const std::string& path) -> std::string {
    if (path == "/gone") return "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n";
    if (path == "/inside") return redirect("http://127.0.0.2/");
    return page("%PDF-1.4\nthis is no pdf", "application/pdf");
  });
  allow(web);
  EXPECT_EQ(snapshot(web.url("/gone"), "x").member("code"), "page_not_fetched");
  EXPECT_EQ(snapshot(web.url("/inside"), "x").member("code"), "url_not_public");
  const auto unreadable = snapshot(web.url("/broken.pdf"), "x");
  EXPECT_EQ(unreadable.status, 422) << unreadable.body;
  EXPECT_EQ(unreadable.member("code"), "page_unreadable");
}

TEST_F(Snapshots, AnUrlStandsInPlaceOfABundle) {
  for (const std::string_view url : {"ftp://example.org/", "not a url", "http://me:secret@example.org/"}) {
    const auto refused = snapshot(url, "x", R"(,"content":"x")");
    EXPECT_EQ(refused.status, 422) << refused.body;
    EXPECT_EQ(refused.member("field"), "source.url");
  }
  EXPECT_EQ(snapshot("https://example.org/", "x", R"(,"content":"x","document":"a.md")").member("field"),
            "source.document");
  EXPECT_EQ(snapshot("https://example.org/", "x", R"(,"content":"x","base64":"eA==")").member("field"), "source");
  EXPECT_EQ(snapshot("https://example.org/", "x", R"(,"base64":"?")").status, 422);
}

TEST_F(Snapshots, EachWorkspaceHasItsOwn) {
  const auto mine = snapshot("https://example.org/", "x", R"(,"content":"x y z")");
  ASSERT_EQ(mine.status, 201) << mine.body;
  client = stranger();
  EXPECT_EQ(get("/v1/bundles/" + mine.member("bundle_id")).status, 404);
  const auto theirs = snapshot("https://example.org/", "x", R"(,"content":"x y z")");
  ASSERT_EQ(theirs.status, 201) << theirs.body;
  EXPECT_NE(theirs.member("bundle_id"), mine.member("bundle_id"));
}

}  // namespace
}  // namespace flowstone::tests
