// The index of passages by itself: what is found, where, in which order, and by whom.
#include "projections/search.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventstore/scratch_directory.hpp"
#include "projections/search/build_file.hpp"

namespace flowstone::projections {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr BuildId kBuild = 7;

// Documents by path; each paragraph is a passage.
using Files = std::map<std::string, std::string>;

std::vector<SearchChunk> paragraphs_of(const std::string& utf8) {
  const auto text = *documents::Text::from_utf8(utf8);
  std::vector<SearchChunk> chunks;
  for (std::size_t begin = 0; begin < utf8.size();) {
    const std::size_t end = std::min(utf8.find("\n\n", begin), utf8.size());
    const documents::Span span{text.code_point_of(static_cast<std::uint32_t>(begin)),
                               text.code_point_of(static_cast<std::uint32_t>(end))};
    chunks.push_back({.span = span, .section = "Clauses", .text = std::string(text.slice(span))});
    begin = end + 2;
  }
  return chunks;
}

class Search : public testing::Test {
 protected:
  void SetUp() override {
    index_ = std::move(SearchIndex::open(directory_.path())).value();
    writer_.emplace(std::move(SearchWriter::open(index_->file_of(kBuild))).value());
  }

  void change(const std::function<Result<void, std::string>()>& work) {
    ASSERT_TRUE(writer_->begin());
    const auto done = work();
    ASSERT_TRUE(done) << done.error();
    checkpoint_.position = checkpoint_.position.next();
    ASSERT_TRUE(writer_->commit(checkpoint_));
  }
  void publish(std::uint32_t number, const Files& files, const std::string& bundle = "b1",
               const std::string& workspace = "w1") {
    std::vector<SearchDocument> documents;
    std::vector<std::string> texts;
    for (const auto& [path, text] : files) {
      documents.push_back({.path = path, .text = sha256(text)});
      texts.push_back(text);
      texts_[sha256(text)] = text;
    }
    change([&] {
      return writer_->publish(
          {workspace, bundle, number}, documents,
          [&](std::size_t at) -> Result<std::vector<SearchChunk>, std::string> {
            ++taken_apart_;
            return paragraphs_of(texts[at]);
          },
          checkpoint_);
    });
  }
  void withdraw(std::uint32_t number, const std::string& bundle = "b1") {
    change([&] { return writer_->withdraw({"w1", bundle, number}, checkpoint_); });
  }

  Result<std::optional<SearchPage>, QueryError> ask(SearchQuery query) {
    if (query.workspace.empty()) query.workspace = "w1";
    return index_->search(kBuild, query);
  }
  std::vector<SearchHit> hits(SearchQuery query) {
    auto page = ask(std::move(query));
    if (!page || !*page) {
      ADD_FAILURE() << (page ? "no build" : page.error().detail);
      return {};
    }
    return (*page)->hits;
  }
  std::vector<SearchHit> hits(std::string words) { return hits(SearchQuery{.words = std::move(words)}); }
  std::vector<std::string> places(SearchQuery query) {
    std::vector<std::string> found;
    for (const SearchHit& hit : hits(std::move(query)))
      found.push_back(hit.bundle + "/" + std::to_string(hit.version) + "/" + hit.path);
    return found;
  }
  std::vector<std::string> places(std::string words) { return places(SearchQuery{.words = std::move(words)}); }
  // The words that are highlighted, read from the document at their spans.
  std::vector<std::string> highlighted(const SearchHit& hit, const std::string& document) {
    const auto text = *documents::Text::from_utf8(document);
    std::vector<std::string> words;
    for (const auto& span : hit.highlights) words.emplace_back(text.slice(span));
    return words;
  }

  const eventstore::ScratchDirectory directory_{"flowstone-search"};
  std::unique_ptr<SearchIndex> index_;
  std::optional<SearchWriter> writer_;
  Checkpoint checkpoint_;
  std::map<Digest, std::string> texts_;
  int taken_apart_ = 0;
};

const std::string kContract =
    "# Contract\n\nThe fee is 12 % of the net price.\n\nPayment is due within 30 days, naïve Überweisung included.\n\n"
    "Late payment costs 8 % a year.";

TEST_F(Search, WordsAreFoundWhereverTheyAreAndAllOfThem) {
  publish(1, {{"a.md", kContract}, {"b.md", "Nothing is due here."}});
  EXPECT_THAT(places("payment due"), ElementsAre("b1/1/a.md"));
  EXPECT_THAT(places("due"), UnorderedElementsAre("b1/1/a.md", "b1/1/b.md"));
  EXPECT_THAT(places("payment nowhere"), IsEmpty());
}

TEST_F(Search, SpansPointAtTheWordsInTheDocument) {
  publish(1, {{"a.md", kContract}});
  const auto found = hits("uberweisung NAIVE");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(highlighted(found[0], kContract), ElementsAre("naïve", "Überweisung"));
  EXPECT_EQ(documents::Text::from_utf8(kContract)->slice(found[0].span), found[0].text);
}

TEST_F(Search, PhrasesAreOneRangeAndInTheirOrder) {
  publish(1, {{"a.md", kContract}});
  const auto found = hits("\"late payment\"");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(highlighted(found[0], kContract), ElementsAre("Late payment"));
  EXPECT_THAT(places("\"payment late\""), IsEmpty());
}

TEST_F(Search, BeginningsOfWordsAreFound) {
  publish(1, {{"a.md", kContract}});
  EXPECT_THAT(highlighted(hits("incl*")[0], kContract), ElementsAre("included"));
  EXPECT_THAT(places("\"30 da\"*"), ElementsAre("b1/1/a.md"));
  EXPECT_THAT(places("incl"), IsEmpty());
}

TEST_F(Search, NothingThatPeopleWriteIsAnOperator) {
  publish(1, {{"a.md", kContract}});
  for (const char* words :
       {"payment AND",   "NOT payment",   "payment OR",       "NEAR(payment due)", "text: payment", "-payment",
        "payment)",      "(payment",      "^payment",         "pay\"ment",         "\"payment",     "payment\"",
        "{payment} :",   "payment + due", "'payment'",        "payment * *",       "*payment",      "\"\" payment",
        "\"*\" payment", "payment – due", "\xff\xfe payment", "; DROP TABLE"}) {
    const auto page = ask({.words = words});
    EXPECT_TRUE(page) << words << ": " << page.error().detail;
  }
  EXPECT_THAT(places("payment – due !!!"), ElementsAre("b1/1/a.md"));
}

TEST_F(Search, WhatHoldsNoWordIsRefused) {
  publish(1, {{"a.md", kContract}});
  for (const char* words : {"", "  ", "***", "\"\"", "– !", "\""}) {
    const auto page = ask({.words = words});
    ASSERT_FALSE(page) << words;
    EXPECT_EQ(page.error().code, QueryError::Code::no_words) << words;
  }
}

TEST_F(Search, TitlesAboveAPassageAreFoundToo) {
  publish(1, {{"a.md", "The fee."}});
  const auto found = hits("clauses fee");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].section, "Clauses");
  EXPECT_EQ(found[0].highlights.size(), 1U);
}

TEST_F(Search, RarerWordsAndShorterPassagesComeFirst) {
  publish(1, {{"long.md", "price " + std::string(200, 'x') + " and many other words about something else entirely"},
              {"short.md", "price price"}});
  EXPECT_THAT(places("price"), ElementsAre("b1/1/short.md", "b1/1/long.md"));
  const auto found = hits("price");
  EXPECT_GT(found[0].score, found[1].score);
}

TEST_F(Search, SnippetIsAPartOfALongPassageAroundItsMatches) {
  std::string passage;
  for (int word = 0; word < 200; ++word) passage += "größer ";
  passage += "needle in hay";
  for (int word = 0; word < 200; ++word) passage += " kleiner";
  publish(1, {{"a.md", passage}});
  const auto found = hits("needle");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_LE(found[0].text.size(), 400U);
  EXPECT_EQ(documents::Text::from_utf8(passage)->slice(found[0].span), found[0].text);
  EXPECT_THAT(highlighted(found[0], passage), ElementsAre("needle"));
}

TEST_F(Search, LatestVersionIsSearchedUnlessOneIsNamed) {
  publish(1, {{"a.md", "The fee is ten."}});
  publish(2, {{"a.md", "The fee is twelve."}});
  EXPECT_THAT(places("fee"), ElementsAre("b1/2/a.md"));
  EXPECT_THAT(places("ten"), IsEmpty());
  EXPECT_THAT(places({.words = "ten", .bundle = "b1", .version = 1}), ElementsAre("b1/1/a.md"));
  EXPECT_THAT(places({.words = "twelve", .bundle = "b1", .version = 1}), IsEmpty());
}

TEST_F(Search, TextThatStayedIsSearchedInEachVersionAndTakenApartOnce) {
  publish(1, {{"a.md", "The fee is ten."}, {"b.md", "Changes."}});
  publish(2, {{"c.md", "The fee is ten."}, {"b.md", "Changed."}});
  EXPECT_EQ(taken_apart_, 3);
  EXPECT_THAT(places("fee"), ElementsAre("b1/2/c.md"));
  EXPECT_THAT(places({.words = "fee", .bundle = "b1", .version = 1}), ElementsAre("b1/1/a.md"));
}

TEST_F(Search, OneTextUnderTwoPathsIsTwoHits) {
  publish(1, {{"a.md", "The fee."}, {"b.md", "The fee."}});
  EXPECT_THAT(places("fee"), ElementsAre("b1/1/a.md", "b1/1/b.md"));
}

TEST_F(Search, WithdrawnVersionDisappearsAndTheOneBeforeItIsTheLatest) {
  publish(1, {{"a.md", "The fee is ten."}});
  publish(2, {{"a.md", "The fee is twelve."}});
  withdraw(2);
  EXPECT_THAT(places("fee"), ElementsAre("b1/1/a.md"));
  EXPECT_THAT(places("twelve"), IsEmpty());
  const auto gone = ask({.words = "twelve", .bundle = "b1", .version = 2});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, QueryError::Code::no_such_version);
  withdraw(1);
  EXPECT_THAT(places("fee"), IsEmpty());
  EXPECT_EQ(checkpoint_.rows, 0U);
  EXPECT_EQ(checkpoint_.digest, RowDigest());
}

TEST_F(Search, WithdrawingAnOlderVersionChangesNothingForReadersOfTheLatest) {
  publish(1, {{"a.md", "The fee is ten."}});
  publish(2, {{"a.md", "The fee is twelve."}, {"b.md", "Kept."}});
  withdraw(1);
  EXPECT_THAT(places("fee"), ElementsAre("b1/2/a.md"));
  EXPECT_EQ(checkpoint_.rows, 2U);
}

TEST_F(Search, WorkspacesSeeTheirOwnAloneAndWeighTheirOwnAlone) {
  publish(1, {{"a.md", "The fee is rare."}, {"b.md", "Nothing."}});
  const double alone = hits("fee")[0].score;
  for (std::uint32_t number = 1; number < 20; ++number)
    publish(number, {{"x.md", "fee fee fee " + std::to_string(number)}}, "b9", "w2");
  EXPECT_THAT(places("fee"), ElementsAre("b1/1/a.md"));
  EXPECT_EQ(hits("fee")[0].score, alone);
  EXPECT_THAT(places({.workspace = "w3", .words = "fee"}), IsEmpty());
  const auto foreign = ask({.words = "fee", .bundle = "b9"});
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, QueryError::Code::no_such_version);
}

TEST_F(Search, BundleRestrictsTheSearch) {
  publish(1, {{"a.md", "The fee."}}, "b1");
  publish(1, {{"a.md", "A fee."}}, "b2");
  EXPECT_THAT(places({.words = "fee", .bundle = "b2"}), ElementsAre("b2/1/a.md"));
}

TEST_F(Search, PagesFollowTheCursorToTheEndWithoutGapOrDouble) {
  Files files;
  for (int file = 0; file < 23; ++file) {
    // Some texts are alike, some scores too.
    files["f" + std::to_string(100 + file)] = "fee " + std::string(static_cast<std::size_t>(file % 5 + 1), 'x');
  }
  publish(1, files);
  const auto all = places({.words = "fee", .limit = 100});
  ASSERT_EQ(all.size(), 23U);
  std::vector<std::string> paged;
  SearchQuery query{.workspace = "w1", .words = "fee", .limit = 4};
  while (true) {
    const auto page = index_->search(kBuild, query);
    ASSERT_TRUE(page && *page);
    for (const SearchHit& hit : (*page)->hits) paged.push_back(hit.bundle + "/1/" + hit.path);
    query.cursor = (*page)->next_cursor;
    if (query.cursor.empty()) break;
  }
  EXPECT_EQ(paged, all);
}

TEST_F(Search, CursorOfAnotherSearchIsRefused) {
  publish(1, {{"a.md", "fee"}, {"b.md", "a fee"}});
  const auto first = ask({.words = "fee", .limit = 1});
  ASSERT_TRUE(first && *first);
  const auto foreign = ask({.words = "a", .limit = 1, .cursor = (*first)->next_cursor});
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, QueryError::Code::foreign_cursor);
}

TEST_F(Search, WhatIsNotCommittedIsNeitherSeenNorKept) {
  publish(1, {{"a.md", "The fee."}});
  const Checkpoint before = checkpoint_;
  ASSERT_TRUE(writer_->begin());
  const std::vector<SearchDocument> documents = {{.path = "b.md", .text = sha256("unseen")}};
  ASSERT_TRUE(writer_->publish(
      {"w1", "b1", 2}, documents,
      [](std::size_t) -> Result<std::vector<SearchChunk>, std::string> { return paragraphs_of("unseen"); },
      checkpoint_));
  EXPECT_THAT(places("unseen"), IsEmpty());
  EXPECT_THAT(places("fee"), ElementsAre("b1/1/a.md"));
  writer_.reset();
  EXPECT_EQ((*index_->checkpoint(kBuild))->position, before.position);
  EXPECT_THAT(places("fee"), ElementsAre("b1/1/a.md"));
}

TEST_F(Search, DroppedBuildIsGoneFromDiskAndFromAnswers) {
  publish(1, {{"a.md", "The fee."}});
  EXPECT_THAT(places("fee"), ElementsAre("b1/1/a.md"));
  EXPECT_THAT(index_->builds(), ElementsAre(kBuild));
  writer_.reset();
  ASSERT_TRUE(index_->drop(kBuild));
  EXPECT_THAT(index_->builds(), IsEmpty());
  const auto gone = ask({.words = "fee"});
  ASSERT_TRUE(gone);
  EXPECT_FALSE(*gone);
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

}  // namespace
}  // namespace flowstone::projections
