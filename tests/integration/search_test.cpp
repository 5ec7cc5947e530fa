// Search over HTTP: the best first, with spans that are true, inside one's own workspace.
#include <algorithm>

#include "documents/text.hpp"
#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {
namespace {

class SearchOverHttp : public Documents {
 protected:
  Answer search(std::string_view query) {
    return get(fmt::format("/v1/search?min_position={}&{}", server.store().state().durable.value, query));
  }
  static std::size_t hits(const Answer& answer) {
    std::size_t count = 0;
    for (auto at = answer.body.find("\"snippet\":"); at != std::string::npos;
         at = answer.body.find("\"snippet\":", at + 1))
      ++count;
    return count;
  }
};

constexpr std::string_view kNotes =
    "# Café notes 🙂\n\nDelivery is discussed.\n\n## Delivery\n\nThe delivery of goods: delivery takes thirty days.\n";

TEST_F(SearchOverHttp, TheBestPassageComesFirstWithSpansThatAreTrue) {
  publish(kNotes, "notes.md");
  const auto answer = search("q=delivery");
  ASSERT_EQ(answer.status, 200) << answer.body;
  ASSERT_GE(hits(answer), 1U) << answer.body;
  EXPECT_EQ(answer.member("document"), "notes.md");
  EXPECT_NE(answer.member("section").find("Delivery"), std::string::npos) << answer.body;
  const auto text =
      documents::Text::from_utf8(get(fmt::format("/v1/bundles/{}/versions/1/documents/notes.md/text", bundle)).body);
  ASSERT_TRUE(text);
  const auto snippet = answer.body.substr(answer.body.find("\"snippet\":"));
  const auto span_in = [](std::string_view json) {
    return documents::Span{static_cast<std::uint32_t>(std::stoul(member_of(json, "start"))),
                           static_cast<std::uint32_t>(std::stoul(member_of(json, "end")))};
  };
  EXPECT_EQ(in_json(text->slice(span_in(snippet))), "\"" + member_of(snippet, "text") + "\"");
  auto marked = snippet.substr(snippet.find("\"highlights\":"));
  marked = marked.substr(0, marked.find(']'));
  std::size_t words = 0;
  for (auto at = marked.find("{"); at != std::string::npos; at = marked.find("{", at + 1), ++words) {
    std::string word(text->slice(span_in(marked.substr(at))));
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_EQ(word, "delivery");
  }
  EXPECT_GE(words, 1U) << snippet;
  double before = 1e9;
  for (auto at = answer.body.find("\"score\":"); at != std::string::npos; at = answer.body.find("\"score\":", at + 1)) {
    const double score = std::stod(member_of(answer.body.substr(at), "score"));
    EXPECT_LE(score, before);
    before = score;
  }
}

TEST_F(SearchOverHttp, WordsPhrasesAndBeginningsAreUnderstoodAndMarksDoNotMatter) {
  publish(kNotes, "notes.md");
  for (const std::string_view query :
       {"cafe", "caf%C3%A9", "deliv*", "%22thirty+days%22", "days+thirty", "q%28uote", "goods+OR"})
    EXPECT_EQ(search(fmt::format("q={}", query)).status, 200) << query;
  EXPECT_GE(hits(search("q=cafe")), 1U);
  EXPECT_GE(hits(search("q=deliv*")), 1U);
  EXPECT_GE(hits(search("q=%22thirty+days%22")), 1U);
  EXPECT_EQ(hits(search("q=%22days+thirty%22")), 0U);
  EXPECT_EQ(hits(search("q=delivery+zebra")), 0U);
}

TEST_F(SearchOverHttp, ABundleAndAVersionCanBeNamed) {
  publish(kContract);
  publish(replaced(std::string(kContract), "12 %", "fifteen %"));
  EXPECT_EQ(search("q=fifteen").member("version"), "2");
  EXPECT_EQ(hits(search(fmt::format("q=fifteen&bundle_id={}&version=1", bundle))), 0U);
  EXPECT_EQ(hits(search(fmt::format("q=12&bundle_id={}&version=1", bundle))), 1U);
  EXPECT_EQ(hits(search("q=12")), 0U);
  const auto other = post("/v1/bundles", R"({"name":"Empty"})").member("id");
  EXPECT_EQ(search("q=fee&bundle_id=" + other).member("field"), "bundle_id");
  EXPECT_EQ(search("q=fee&version=1").member("field"), "version");
  EXPECT_EQ(search(fmt::format("q=fee&bundle_id={}&version=9", bundle)).member("field"), "version");
  EXPECT_EQ(search("q=fee&bundle_id=x").member("field"), "bundle_id");
}

TEST_F(SearchOverHttp, QueriesWithoutAWordAreRefusedByName) {
  for (const std::string_view query : {"", "q=", "q=%22%22", "q=*", "q=-+%28%29", "q=%FF"}) {
    const auto refused = search(query);
    EXPECT_EQ(refused.status, 400) << query << refused.body;
    EXPECT_EQ(refused.member("field"), "q") << query;
  }
  EXPECT_EQ(search("q=" + std::string(1'001, 'x')).member("field"), "q");
  EXPECT_EQ(search("q=x&colour=red").member("code"), "unknown_parameter");
  EXPECT_EQ(search("q=x&limit=0").member("field"), "limit");
}

TEST_F(SearchOverHttp, PagesFollowEachOtherWithoutGapsOrDoubles) {
  std::string documents;
  for (int n = 0; n < 7; ++n)
    documents += fmt::format(R"({}{{"path":"{}.md","text":"The harbour number {}.\n"}})", n == 0 ? "" : ",", n, n);
  const auto uploaded =
      post(fmt::format("/v1/bundles/{}/versions", bundle), fmt::format(R"({{"documents":[{}]}})", documents));
  ASSERT_EQ(end_of(uploaded.member("run_id")), "completed");
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const auto answer = search("q=harbour&limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(answer.status, 200) << answer.body;
    for (auto at = answer.body.find("\"document\":"); at != std::string::npos;
         at = answer.body.find("\"document\":", at + 1))
      seen.push_back(member_of(answer.body.substr(at), "document"));
    cursor = answer.member("next_cursor");
  } while (cursor != "null" && seen.size() < 20);
  std::ranges::sort(seen);
  EXPECT_EQ(seen, (std::vector<std::string>{"0.md", "1.md", "2.md", "3.md", "4.md", "5.md", "6.md"}));
  EXPECT_EQ(search("q=harbour&cursor=nonsense").member("code"), "foreign_cursor");
}

TEST_F(SearchOverHttp, AnotherWorkspaceSeesNothing) {
  publish(kContract);
  const auto other = stranger();
  const auto answer =
      other->request("GET", fmt::format("/v1/search?min_position={}&q=fee", server.store().state().durable.value));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(hits(answer), 0U) << answer.body;
  EXPECT_EQ(other->request("GET", "/v1/search?q=fee&bundle_id=" + bundle).member("field"), "bundle_id");
}

}  // namespace
}  // namespace flowstone::tests
