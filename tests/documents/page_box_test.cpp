#include "documents/page_box.hpp"

#include <fstream>
#include <iterator>

#include "documents/quote.hpp"
#include "tests/documents/read.hpp"

namespace flowstone::documents {
namespace {

Parsed contract() {
  std::ifstream file(std::string(FLOWSTONE_SOURCE) + "/tests/documents/fixtures/contract.pdf", std::ios::binary);
  return read(std::string(std::istreambuf_iterator<char>(file), {}), MediaType::pdf);
}

TEST(PageBox, IsReadAndWrittenInPoints) {
  const auto box = parse_page_box("page=2&viewrect=72,90.5,200,14.25");
  ASSERT_TRUE(box);
  EXPECT_EQ(box->page, 2U);
  EXPECT_EQ(box->box, (Box{.left = 7200, .top = 9050, .right = 27200, .bottom = 10475}));
  EXPECT_EQ(to_text(*box), "page=2&viewrect=72,90.5,200,14.25");
  EXPECT_EQ(parse_page_box("page=2&xywh=72,90.5,200,14.25"), box);
  EXPECT_EQ(parse_page_box("viewrect=72,90.5,200,14.25&page=2"), box);
}

TEST(PageBox, WhatIsNoBoxOfAPageIsNone) {
  for (const char* fragment :
       {"", "page=2", "viewrect=1,2,3,4", "page=0&viewrect=1,2,3,4", "page=1&viewrect=1,2,3",
        "page=1&viewrect=1,2,3,4,5", "page=1&viewrect=1,2,0,4", "page=1&viewrect=-1,2,3,4", "page=1&viewrect=1,2,3,nan",
        "page=1&viewrect=1,2,3,inf", "page=1&viewrect=1,2,3,1e9", "page=1&page=2&viewrect=1,2,3,4",
        "page=x&viewrect=1,2,3,4", "page=1&zoom=3", "page=1&viewrect=1,2,3,999999999", "page=1&viewrect",
        "page=99999999999&viewrect=1,2,3,4"})
    EXPECT_FALSE(parse_page_box(fragment)) << fragment;
}

TEST(PageBox, AroundASpanHoldsItsWordsAndNoOthers) {
  const Parsed parsed = contract();
  ASSERT_FALSE(parsed.source.words.empty());
  for (const Block& block : parsed.blocks) {
    const auto around = box_around(parsed.source, block.span);
    ASSERT_TRUE(around);
    const auto back = parse_page_box(to_text(*around));
    ASSERT_EQ(back, around);
    const auto runs = words_in_box(parsed.source, *back);
    ASSERT_FALSE(runs.empty()) << parsed.text.slice(block.span);
    EXPECT_EQ(runs.front().start, block.span.start);
  }
}

TEST(PageBox, WordsThatDoNotFollowEachOtherAreSeveralRuns) {
  const SourceMap source{.bytes = {},
                         .lines = {},
                         .words = {{.span = {0, 3}, .page = 1, .box = {0, 0, 100, 100}},
                                   {.span = {4, 7}, .page = 1, .box = {500, 0, 600, 100}},
                                   {.span = {8, 11}, .page = 1, .box = {0, 200, 100, 300}},
                                   {.span = {12, 15}, .page = 2, .box = {0, 0, 100, 100}}}};
  const PageBox left{.page = 1, .box = {0, 0, 200, 400}};
  EXPECT_EQ(words_in_box(source, left), (std::vector<Span>{{0, 3}, {8, 11}}));
  EXPECT_EQ(words_in_box(source, {.page = 1, .box = {0, 0, 600, 150}}), (std::vector<Span>{{0, 7}}));
  EXPECT_TRUE(words_in_box(source, {.page = 3, .box = {0, 0, 600, 600}}).empty());
  EXPECT_EQ(box_around(source, {8, 15})->page, 1U);
  EXPECT_FALSE(box_around(SourceMap{}, {0, 3}));
}

}  // namespace
}  // namespace flowstone::documents
