#include <gmock/gmock.h>

#include "documents/archive.hpp"
#include "documents/detect.hpp"
#include "tests/documents/archives.hpp"
#include "tests/documents/read.hpp"

namespace flowstone::documents {
namespace {

using testing::ElementsAre;

constexpr const char* kStyles =
    "<w:styles><w:style w:styleId=\"H2\"><w:name w:val=\"heading 2\"/></w:style>"
    "<w:style w:styleId=\"Mine\"><w:name w:val=\"My own\"/><w:basedOn w:val=\"H2\"/></w:style>"
    "<w:style w:styleId=\"Q\"><w:name w:val=\"Quote\"/></w:style></w:styles>";

std::string paragraph(const std::string& text, const std::string& properties = "") {
  return "<w:p><w:pPr>" + properties + "</w:pPr><w:r><w:t>" + text + "</w:t></w:r></w:p>";
}

TEST(Docx, ParagraphsAreWhatTheirStylesSay) {
  const Parsed parsed =
      read(word_file(paragraph("Terms", "<w:pStyle w:val=\"H2\"/>") + paragraph("Based", "<w:pStyle w:val=\"Mine\"/>") +
                         paragraph("Plain &amp; simple") +
                         paragraph("Item", "<w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"3\"/></w:numPr>") +
                         paragraph("Said", "<w:pStyle w:val=\"Q\"/>") + paragraph("Top", "<w:outlineLvl w:val=\"0\"/>"),
                     {{"word/styles.xml", kStyles}}),
           MediaType::docx);
  EXPECT_THAT(blocks_of(parsed),
              ElementsAre("12 Terms", "12 Based", "00 Plain & simple", "22 Item", "41 Said", "11 Top"));
  EXPECT_EQ(parsed.outline.size(), 3U);
}

TEST(Docx, RunsMakeTheTextThatAReaderSees) {
  const Parsed parsed =
      read(word_file(
               "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Bold</w:t></w:r><w:r><w:t xml:space=\"preserve\"> one</w:t><w:tab/>"
               "<w:t>two</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t> "
               "new</w:t></w:r></w:ins>"
               "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:hyperlink r:id=\"r1\"><w:r><w:t "
               "xml:space=\"preserve\"> the site</w:t>"
               "</w:r></w:hyperlink></w:p>",
               {{"word/_rels/document.xml.rels",
                 "<Relationships><Relationship Id=\"r1\" Target=\"https://x.example/\"/></Relationships>"}}),
           MediaType::docx);
  EXPECT_EQ(parsed.text.utf8(), "Bold one two new the site");
  ASSERT_EQ(parsed.strong.size(), 1U);
  EXPECT_EQ(parsed.text.slice(parsed.strong[0]), "Bold");
  ASSERT_EQ(parsed.links.size(), 1U);
  EXPECT_EQ(parsed.text.slice(parsed.links[0].span), "the site");
  EXPECT_EQ(parsed.links[0].target, "https://x.example/");
}

TEST(Docx, TablesHaveCellsAndFootnotesFollow) {
  const auto cell = [](const std::string& text) { return "<w:tc>" + paragraph(text) + "</w:tc>"; };
  const Parsed parsed =
      read(word_file("<w:tbl><w:tblPr><w:tblLook w:firstRow=\"1\"/></w:tblPr><w:tr>" + cell("Plan") + cell("Fee") +
                         "</w:tr><w:tr>" + cell("Basic") + "<w:tc>" + paragraph("EUR") + paragraph("5") +
                         "</w:tc></w:tr></w:tbl>" + paragraph("after"),
                     {{"word/footnotes.xml",
                       "<w:footnotes><w:footnote w:type=\"separator\"><w:p/></w:footnote><w:footnote w:id=\"2\">" +
                           paragraph("A note") + "</w:footnote></w:footnotes>"}}),
           MediaType::docx);
  EXPECT_THAT(blocks_of(parsed), ElementsAre("50 Plan\tFee", "50 Basic\tEUR 5", "00 after", "70 A note"));
  ASSERT_EQ(parsed.cells.size(), 4U);
  EXPECT_EQ(header_of(parsed, parsed.cells[3]), "Fee");
}

constexpr const char* kPageParts =
    "<Relationships><Relationship Id=\"r1\" Target=\"header1.xml\"/><Relationship Id=\"r2\" "
    "Target=\"/word/footer1.xml\"/>"
    "<Relationship Id=\"r3\" Target=\"header2.xml\"/><Relationship Id=\"r4\" Target=\"missing.xml\"/></Relationships>";

TEST(Docx, HeadersFootersAndCommentsAreOfTheirOwnKinds) {
  const std::string sections =
      "<w:p><w:pPr><w:sectPr><w:headerReference r:id=\"r1\"/><w:footerReference "
      "r:id=\"r2\"/></w:sectPr></w:pPr></w:p>" +
      paragraph("The text") +
      "<w:sectPr><w:headerReference r:id=\"r3\"/><w:headerReference r:id=\"r1\"/><w:footerReference "
      "r:id=\"r4\"/></w:sectPr>";
  const Parsed parsed = read(
      word_file(
          sections,
          {{"word/_rels/document.xml.rels", kPageParts},
           {"word/header1.xml", "<w:hdr>" + paragraph("Confidential", "<w:pStyle w:val=\"H2\"/>") + "</w:hdr>"},
           {"word/header2.xml", "<w:hdr><w:tbl><w:tr><w:tc>" + paragraph("Draft") + "</w:tc></w:tr></w:tbl></w:hdr>"},
           {"word/footer1.xml", "<w:ftr>" + paragraph("Acme Ltd") + "</w:ftr>"},
           {"word/comments.xml", "<w:comments><w:comment w:id=\"1\" w:author=\"A\">" + paragraph("Is this so?") +
                                     "</w:comment></w:comments>"},
           {"word/footnotes.xml",
            "<w:footnotes><w:footnote w:id=\"2\">" + paragraph("A note") + "</w:footnote></w:footnotes>"},
           {"word/endnotes.xml",
            "<w:endnotes><w:endnote w:id=\"2\">" + paragraph("At the end") + "</w:endnote></w:endnotes>"}}),
      MediaType::docx);
  EXPECT_THAT(blocks_of(parsed), ElementsAre("80 Confidential", "80 Draft", "00 The text", "90 Acme Ltd", "70 A note",
                                             "70 At the end", "100 Is this so?"));
  EXPECT_TRUE(parsed.outline.empty());
}

TEST(Docx, NumbersOfPagesAreNotText) {
  const auto mark = [](const std::string& type) { return "<w:r><w:fldChar w:fldCharType=\"" + type + "\"/></w:r>"; };
  const auto shown = [](const std::string& text) { return "<w:r><w:t>" + text + "</w:t></w:r>"; };
  const auto instruction = [](const std::string& text) { return "<w:r><w:instrText>" + text + "</w:instrText></w:r>"; };
  const Parsed parsed =
      read(word_file("<w:p>" + shown("Page") + mark("begin") + instruction(" PAGE \\* MERGEFORMAT") + mark("separate") +
                     shown("3") + mark("end") + shown(" of") + "<w:fldSimple w:instr=\" NUMPAGES \">" + shown("7") +
                     "</w:fldSimple>" + mark("begin") + instruction(" DATE ") + mark("separate") +
                     shown(" 1 May 2030") + mark("end") + mark("end") + "</w:p>"),
           MediaType::docx);
  EXPECT_EQ(parsed.text.utf8(), "Page of 1 May 2030");
}

TEST(Docx, HeadersAndFootersTogetherAreBounded) {
  ParseLimits limits;
  limits.memory_bytes = 64'000;
  std::string body = paragraph("x") + "<w:sectPr>";
  std::string relations = "<Relationships>";
  Parts more;
  for (const std::string id : {"a", "b", "c"}) {
    body += "<w:headerReference r:id=\"" + id + "\"/>";
    relations += "<Relationship Id=\"" + id + "\" Target=\"" + id + ".xml\"/>";
    more.emplace_back("word/" + id + ".xml", "<w:hdr>" + paragraph(std::string(1'500, 'x')) + "</w:hdr>");
  }
  more.emplace_back("word/_rels/document.xml.rels", relations + "</Relationships>");
  EXPECT_EQ(refusal(word_file(body + "</w:sectPr>", more), MediaType::docx, limits), ParseErrorCode::too_large);
  limits.memory_bytes = 128'000;
  EXPECT_EQ(blocks_of(read(word_file(body + "</w:sectPr>", more), MediaType::docx, limits)).size(), 4U);
}

TEST(Docx, TextBoxesFollowTheirParagraph) {
  const Parsed parsed =
      read(word_file("<w:p><w:r><w:t>Before</w:t><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent>" +
                     paragraph("Boxed") +
                     "</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>" +
                     paragraph("Boxed") + "</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"),
           MediaType::docx);
  EXPECT_THAT(blocks_of(parsed), ElementsAre("00 Before", "00 Boxed"));
}

TEST(Docx, WhatIsNoWordFileIsBroken) {
  EXPECT_EQ(refusal("PK\x03\x04 nothing", MediaType::docx), ParseErrorCode::broken);
  EXPECT_EQ(refusal(archive_of({{"a", "b"}}), MediaType::docx), ParseErrorCode::broken);
  EXPECT_EQ(refusal(archive_of({{"word/document.xml", "<w:document><w:body>"}}), MediaType::docx),
            ParseErrorCode::broken);
  std::string cut = word_file(paragraph("x"));
  cut.resize(cut.size() / 2);
  EXPECT_EQ(refusal(cut, MediaType::docx), ParseErrorCode::broken);
}

TEST(Docx, EncryptedFilesAreSaidToBe) {
  EXPECT_EQ(refusal(archive_of({{"word/document.xml", "<w:document/>"}}, "secret"), MediaType::docx),
            ParseErrorCode::encrypted);
  std::string compound = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + std::string(500, '\0');
  for (const char letter : std::string_view("EncryptedPackage")) (compound += letter) += '\0';
  EXPECT_EQ(refusal(compound, MediaType::docx), ParseErrorCode::encrypted);
}

TEST(Docx, BombsAreRefused) {
  ParseLimits limits;
  const std::string spaces(std::size_t{8} << 20, ' ');
  const std::string bomb = archive_of({{"word/document.xml", spaces}});
  EXPECT_LT(bomb.size(), 20'000U);
  EXPECT_EQ(refusal(bomb, MediaType::docx, limits), ParseErrorCode::too_large);
  limits.unpacked_ratio = 100'000;
  limits.unpacked_bytes = spaces.size() - 1;
  EXPECT_EQ(refusal(bomb, MediaType::docx, limits), ParseErrorCode::too_large);
  limits = {};
  limits.archive_entries = 2;
  EXPECT_EQ(read(word_file(paragraph("x")), MediaType::docx, limits).text.utf8(), "x");
  EXPECT_EQ(refusal(word_file(paragraph("x"), {{"more", ""}}), MediaType::docx, limits), ParseErrorCode::too_large);
}

TEST(Docx, ADeclaredSizeThatIsALieIsFound) {
  std::string bytes = word_file(paragraph(std::string(1'000, 'x')));
  const auto declared = bytes.find("word/document.xml", bytes.find("PK\x01\x02")) - 46 + 24;
  bytes[declared] = static_cast<char>(bytes[declared] - 5);
  EXPECT_EQ(refusal(bytes, MediaType::docx), ParseErrorCode::broken);
}

TEST(Docx, DepthAndTreeAreBounded) {
  std::string deep = paragraph("x");
  for (int at = 0; at < 500; ++at) deep = "<w:sdt>" + deep + "</w:sdt>";
  EXPECT_EQ(refusal(word_file(deep), MediaType::docx), ParseErrorCode::too_deep);
  ParseLimits limits;
  limits.memory_bytes = 16'000;
  EXPECT_EQ(refusal(word_file(paragraph(std::string(1'000, 'x'))), MediaType::docx, limits), ParseErrorCode::too_large);
}

TEST(Docx, IsDetectedByWhatIsInIt) {
  const Detected detected = detect(word_file(paragraph("x")), "x.docx", "");
  EXPECT_EQ(detected.type, MediaType::docx);
  EXPECT_EQ(detected.mismatch, "");
  EXPECT_EQ(detect(archive_of({{"a.txt", "b"}}), "x.docx", "").type, MediaType::unsupported);
  EXPECT_EQ(detect(archive_of({{"a.txt", "b"}}), "x.docx", "").mismatch,
            "The file's name ends in .docx, but its content is application/zip.");
}

}  // namespace
}  // namespace flowstone::documents
