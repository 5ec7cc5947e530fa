// Evidence by its words, by its place in the text, and by a box on a page.
#include <fstream>
#include <iterator>

#include "base/bytes.hpp"
#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {
namespace {

class Selectors : public Documents {
 protected:
  Answer select(std::string_view selector, std::string_view document = "contract.md") {
    return post("/v1/evidence",
                fmt::format(R"({{"source":{{"bundle_id":"{}","version":1,"document":"{}","selector":{}}}}})", bundle,
                            document, selector));
  }
};

TEST_F(Selectors, APlaceInTheTextIsAsGoodAsItsWords) {
  publish(kContract);
  const auto start = kContract.find("The fee");
  const auto chosen = select(fmt::format(R"({{"start":{},"end":{}}})", start, start + 15));
  ASSERT_EQ(chosen.status, 201) << chosen.body;
  EXPECT_EQ(chosen.member("exact"), "The fee is 12 %");
  EXPECT_EQ(chosen.member("suffix"), " of the net price.\\n\\n## Delivery\\n");
  EXPECT_EQ(chosen.number("start"), start);
  EXPECT_EQ(select(R"({"start":5,"end":5})").member("field"), "source.selector.end");
  EXPECT_EQ(select(R"({"start":5,"end":99999})").member("field"), "source.selector.end");
  EXPECT_EQ(select(R"({"start":5})").member("field"), "source.selector");
  EXPECT_EQ(select("{}").member("field"), "source.selector");
  EXPECT_EQ(select(R"({"exact":""})").status, 422);
}

TEST_F(Selectors, NoCharacterIsCut) {
  publish("A family: \xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 and a flag.\n");
  for (const std::string_view selector :
       {R"({"start":0,"end":11})", R"({"start":11,"end":20})", R"({"exact":"A family: 👨"})"}) {
    const auto refused = select(selector);
    EXPECT_EQ(refused.status, 422) << selector << refused.body;
    EXPECT_EQ(refused.member("code"), "quote_cuts_character") << selector;
    EXPECT_EQ(refused.member("field"), "source.selector");
  }
  EXPECT_EQ(select(R"({"start":10,"end":15})").status, 201);
}

TEST_F(Selectors, ABoxOnAPageIsWhatStandsInIt) {
  std::ifstream file(std::string(FLOWSTONE_SOURCE) + "/tests/documents/fixtures/contract.pdf", std::ios::binary);
  const std::string pdf(std::istreambuf_iterator<char>(file), {});
  const auto uploaded =
      post(fmt::format("/v1/bundles/{}/versions", bundle),
           fmt::format(R"({{"documents":[{{"path":"contract.pdf","base64":"{}"}}]}})", to_base64(pdf)));
  ASSERT_EQ(end_of(uploaded.member("run_id")), "completed");
  const auto text = get(fmt::format("/v1/bundles/{}/versions/1/documents/contract.pdf/text", bundle)).body;
  const auto line = text.substr(0, text.find('\n'));
  const auto by_words = select(fmt::format(R"({{"exact":{}}})", in_json(line)), "contract.pdf");
  ASSERT_EQ(by_words.status, 201) << by_words.body;
  const auto fragment = by_words.member("fragment");
  EXPECT_TRUE(fragment.starts_with("page=1&viewrect=")) << by_words.body;
  const auto by_box = select(fmt::format(R"({{"fragment":"{}"}})", fragment), "contract.pdf");
  ASSERT_EQ(by_box.status, 201) << by_box.body;
  EXPECT_EQ(by_box.member("exact"), line);
  EXPECT_EQ(by_box.member("fragment"), fragment);
  EXPECT_EQ(select(R"({"fragment":"page=1"})", "contract.pdf").member("field"), "source.selector.fragment");
  EXPECT_EQ(select(R"({"fragment":"page=9&viewrect=0,0,9,9"})", "contract.pdf").member("code"), "quote_not_found");
  EXPECT_EQ(select(R"({"exact":"x","fragment":"page=1&viewrect=0,0,9,9"})", "contract.pdf").member("field"),
            "source.selector.fragment");
}

TEST_F(Selectors, OnlyDocumentsWithPagesHaveBoxes) {
  publish(kContract);
  const auto refused = select(R"({"fragment":"page=1&viewrect=0,0,600,800"})");
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.member("field"), "source.selector.fragment");
}

TEST_F(Selectors, ASourceIsNamedWhole) {
  const auto refused = post("/v1/evidence", R"({"source":{"selector":{"exact":"x"}}})");
  EXPECT_EQ(refused.status, 422) << refused.body;
  for (const std::string_view field : {"source.bundle_id", "source.version", "source.document"})
    EXPECT_NE(refused.body.find(fmt::format(R"("field":"{}")", field)), std::string::npos) << refused.body;
}

}  // namespace
}  // namespace flowstone::tests
