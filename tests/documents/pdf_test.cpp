#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "documents/pdf_boxes.hpp"
#include "tests/documents/read.hpp"

namespace flowstone::documents {
namespace {

using testing::ElementsAre;

std::string fixture(const std::string& name) {
  std::ifstream file(std::string(FLOWSTONE_SOURCE) + "/tests/documents/fixtures/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Pdf, ParagraphsAreReadAndHyphenatedWordsJoined) {
  const Parsed parsed = read(fixture("contract.pdf"), MediaType::pdf);
  EXPECT_THAT(blocks_of(parsed),
              ElementsAre("11 1. Payment terms",
                          "00 The fee is EUR 1,250.00 and is payable on 31 March 2030. It is due in full at "
                          "the end of each quarter.",
                          "00 Second paragraph here & there.", "00 Page two."));
  EXPECT_TRUE(parsed.warnings.empty());
  EXPECT_THAT(parsed.parser, testing::StartsWith("pdf pdftotext 2"));
  EXPECT_EQ(parsed.parser, parser_of(MediaType::pdf));
}

TEST(Pdf, EachWordHasItsPageAndBox) {
  const Parsed parsed = read(fixture("contract.pdf"), MediaType::pdf);
  const auto at = static_cast<std::uint32_t>(parsed.text.utf8().find("payable"));
  const auto words = parsed.source.words_in({at, at + 7});
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(parsed.text.slice(words[0].span), "pay");
  EXPECT_EQ(parsed.text.slice(words[1].span), "able");
  EXPECT_LT(words[0].box.top, words[1].box.top);
  const Place place = parsed.source.place(parsed.text, static_cast<std::uint32_t>(parsed.text.utf8().find("two")));
  EXPECT_EQ(place.page, 2U);
  EXPECT_EQ(place.box->left, 10'074U);
  EXPECT_FALSE(place.byte.has_value());
}

TEST(Pdf, EncryptedAndDamagedFilesAreToldApart) {
  EXPECT_EQ(refusal(fixture("encrypted.pdf"), MediaType::pdf), ParseErrorCode::encrypted);
  EXPECT_EQ(refusal(fixture("damaged.pdf"), MediaType::pdf), ParseErrorCode::broken);
  EXPECT_EQ(refusal("%PDF-1.4\n", MediaType::pdf), ParseErrorCode::broken);
}

TEST(Pdf, PagesTimeAndTextAreBounded) {
  ParseLimits limits;
  limits.pages = 2;
  EXPECT_EQ(read(fixture("contract.pdf"), MediaType::pdf, limits).blocks.size(), 4U);
  limits.pages = 1;
  EXPECT_EQ(refusal(fixture("contract.pdf"), MediaType::pdf, limits), ParseErrorCode::too_large);
  limits = {};
  limits.time = std::chrono::milliseconds(1);
  EXPECT_EQ(refusal(fixture("contract.pdf"), MediaType::pdf, limits), ParseErrorCode::timed_out);
  limits = {};
  limits.characters = 100;
  EXPECT_EQ(refusal(fixture("contract.pdf"), MediaType::pdf, limits), ParseErrorCode::too_large);
}

TEST(PdfBoxes, WhatPdftotextWritesIsRead) {
  const PdfPages pages = read_pdf_boxes(
      "<doc><page width=\"1\"><block xMin=\"1\"><line xMin=\"1.5\" yMin=\"2\" xMax=\"3\" yMax=\"4.25\">"
      "<word xMin=\"-7\" yMin=\"nan\" xMax=\"1e300\" yMax=\"2\">A&amp;B &lt;</word></line></block></page></doc>");
  ASSERT_EQ(pages.blocks.size(), 1U);
  ASSERT_EQ(pages.blocks[0].lines.size(), 1U);
  EXPECT_EQ(pages.blocks[0].lines[0].box, (Box{150, 200, 300, 425}));
  ASSERT_EQ(pages.blocks[0].lines[0].words.size(), 1U);
  EXPECT_EQ(pages.blocks[0].lines[0].words[0].text, "A&B <");
  EXPECT_EQ(pages.blocks[0].lines[0].words[0].box, (Box{0, 0, 10'000'000, 200}));
  EXPECT_TRUE(pages.complete);
  EXPECT_FALSE(read_pdf_boxes("<doc><page ><line ><word >x").complete);
}

}  // namespace
}  // namespace flowstone::documents
