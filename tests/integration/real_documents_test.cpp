// Real documents over HTTP: what became of quotes, held against a look into the texts that knows nothing of anchors.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <simdjson.h>

#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {
namespace {

// White space counts for nothing.
std::string collapsed(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    const bool white = letter == ' ' || letter == '\n' || letter == '\t';
    if (!white) {
      out += letter;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

std::size_t occurrences(std::string_view text, std::string_view words) {
  std::size_t count = 0;
  for (auto at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

// Lines of prose that stand in the text once; every third of them.
std::vector<std::string> quotes_from(const std::string& text) {
  const std::string all = collapsed(text);
  std::vector<std::string> quotes;
  std::istringstream lines(text);
  std::size_t seen = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool prose = line.size() > 40 && line.find_first_of("|`[#<") == std::string::npos && line.front() != ' ';
    if (prose && occurrences(all, collapsed(line)) == 1 && seen++ % 3 == 0) quotes.push_back(line);
  }
  return quotes;
}

class RealDocuments : public Documents {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("FLOWSTONE_CORPORA");
    const std::filesystem::path corpora =
        folder != nullptr ? folder : std::string(FLOWSTONE_SOURCE) + "/../shared/corpora";
    const auto versions = corpora / "document-versions/cloudevents-spec";
    if (!std::filesystem::exists(versions)) GTEST_SKIP() << "there are no documents at " << versions;
    for (const auto& entry : std::filesystem::directory_iterator(versions)) {
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      texts_[entry.path().filename().string().substr(0, 3)] = text.str();
    }
    Documents::SetUp();
  }

  struct Judged {
    std::string verdict, exact;
  };
  // What an evidence shows for each version, from the second on.
  std::vector<Judged> anchors_of(const std::string& evidence) {
    const auto answer = fresh_read("evidence", evidence);
    simdjson::dom::parser parser;
    std::vector<Judged> all;
    for (const auto anchor : parser.parse(answer.body)["anchors"].get_array()) {
      const std::uint64_t version = anchor["version"];
      std::string_view exact;
      if (anchor["exact"].get(exact) != simdjson::SUCCESS) exact = {};
      if (version > 1) all.push_back({std::string(std::string_view(anchor["verdict"])), std::string(exact)});
    }
    return all;
  }

  // Runs that have ended have judged: nothing is waited for.
  bool is_fresh(const std::string& insight) {
    const auto answer = fresh_read("insights", insight);
    const auto freshness = answer.body.substr(answer.body.find("\"freshness\":"));
    return member_of(freshness, "value") == "fresh" && member_of(freshness, "support") == "fresh";
  }

  std::map<std::string, std::string> texts_;  // by "v01"
};

TEST_F(RealDocuments, AQuoteHoldsExactlyWhereItsWordsStillStand) {
  const std::vector<std::string> later{"v15", "v16", "v17"};
  publish(texts_.at("v14"));
  const auto quotes = quotes_from(texts_.at("v14"));
  ASSERT_GT(quotes.size(), 20U);
  std::vector<std::string> evidence;
  std::vector<std::string> insights;
  for (const std::string& words : quotes) {
    const auto answer = quote(words);
    ASSERT_EQ(answer.status, 201) << words << '\n' << answer.body;
    evidence.push_back(answer.member("id"));
    insights.push_back(insight_on(words.substr(0, 60), evidence.back()));
  }
  for (const std::string& version : later) publish(texts_.at(version));
  std::size_t held = 0;
  std::size_t lost = 0;
  for (std::size_t at = 0; at < quotes.size(); ++at) {
    const auto anchors = anchors_of(evidence[at]);
    ASSERT_EQ(anchors.size(), later.size()) << quotes[at];
    for (std::size_t version = 0; version < later.size(); ++version) {
      const auto count = occurrences(collapsed(texts_.at(later[version])), collapsed(quotes[at]));
      const bool same = anchors[version].verdict == "same" || anchors[version].verdict == "moved";
      SCOPED_TRACE(later[version] + ": " + quotes[at] + " is " + anchors[version].verdict);
      if (count == 1) EXPECT_TRUE(same);
      if (count == 0) EXPECT_FALSE(same);
      if (same) EXPECT_EQ(collapsed(anchors[version].exact), collapsed(quotes[at]));
    }
    const bool stands = occurrences(collapsed(texts_.at("v17")), collapsed(quotes[at])) > 0;
    ++(stands ? held : lost);
    EXPECT_EQ(is_fresh(insights[at]), stands) << quotes[at];
  }
  EXPECT_GT(held, 10U);
  EXPECT_GT(lost, 2U);
  publish(texts_.at("v14"));
  for (const std::string& insight : insights) EXPECT_TRUE(is_fresh(insight)) << insight;
}

}  // namespace
}  // namespace flowstone::tests
