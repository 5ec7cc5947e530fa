#include <gmock/gmock.h>

#include "tests/documents/read.hpp"

namespace flowstone::documents {
namespace {

using testing::ElementsAre;

std::vector<std::string> cells_of(const Parsed& parsed) {
  std::vector<std::string> found;
  for (const TableCell& cell : parsed.cells) found.emplace_back(parsed.text.slice(cell.span));
  return found;
}

TEST(Csv, CellsAreReadAsRfc4180Writes) {
  const Parsed parsed = read("plan,fee,note\r\nbasic,5,\"a \"\"b\"\", c\r\nd\"\r\nfull,10,\r\n", MediaType::csv);
  EXPECT_THAT(cells_of(parsed), ElementsAre("plan", "fee", "note", "basic", "5", "a \"b\", c d", "full", "10", ""));
  EXPECT_EQ(header_of(parsed, parsed.cells[4]), "fee");
  EXPECT_EQ(parsed.cells[7].row, 2U);
  EXPECT_EQ(parsed.text.utf8(), "plan\tfee\tnote\nbasic\t5\ta \"b\", c d\nfull\t10\t");
  EXPECT_EQ(parsed.blocks.size(), 3U);
  EXPECT_TRUE(parsed.warnings.empty());
}

TEST(Csv, TheSeparatorIsFound) {
  EXPECT_THAT(cells_of(read("a;b\n1,5;2\n", MediaType::csv)), ElementsAre("a", "b", "1,5", "2"));
  EXPECT_THAT(cells_of(read("a\tb\n1\t2", MediaType::csv)), ElementsAre("a", "b", "1", "2"));
}

TEST(Csv, ARowOfNumbersIsNoHeader) {
  const Parsed parsed = read("1,2\n3,4\n", MediaType::csv);
  EXPECT_TRUE(parsed.tables[0].header.empty());
  EXPECT_EQ(header_of(parsed, parsed.cells[3]), "");
}

TEST(Csv, RowsOfOtherLengthsAreSaid) {
  const Parsed parsed = read("a,b\n1\n2,3,4\n", MediaType::csv);
  ASSERT_EQ(parsed.warnings.size(), 1U);
  EXPECT_EQ(parsed.warnings[0], "Row 2 has another number of fields than the first.");
  EXPECT_EQ(parsed.cells.size(), 6U);
}

TEST(Csv, AQuoteThatIsNeverClosedIsBroken) {
  const auto parsed = parse("a,b\n1,\"2\n3,4\n", MediaType::csv, {});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ParseErrorCode::broken);
  EXPECT_EQ(parsed.error().sentence, "A quoted field of the record in line 2 is never closed.");
}

TEST(Csv, PlacesInTheFileAreThoseOfTheCells) {
  const std::string source = "name,value\nalpha,\"x\"\"y\"\n";
  const Parsed parsed = read(source, MediaType::csv);
  const Place place = parsed.source.place(parsed.text, parsed.cells[3].span.start + 2);
  EXPECT_EQ(place.byte, source.find("y\"\n"));
  EXPECT_EQ(place.line, 2U);
}

TEST(Csv, CellsAreBounded) {
  ParseLimits limits;
  limits.cells = 6;
  EXPECT_EQ(read("a,b\n1,2\n3,4\n", MediaType::csv, limits).cells.size(), 6U);
  EXPECT_EQ(refusal("a,b\n1,2\n3,4\n5,6\n", MediaType::csv, limits), ParseErrorCode::too_large);
}

}  // namespace
}  // namespace flowstone::documents
