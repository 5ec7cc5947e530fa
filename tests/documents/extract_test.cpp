#include "documents/extract.hpp"

#include <gmock/gmock.h>

#include "documents/values.hpp"
#include "tests/documents/read.hpp"

namespace flowstone::documents {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "key = normalised" of what one extractor found.
std::vector<std::string> found(const Parsed& parsed, std::string_view extractor,
                               const std::vector<ExtractorDefinition>& definitions = {}) {
  std::vector<std::string> lines;
  for (const Extraction& each : (definitions.empty() ? extract(parsed) : extract_defined(parsed, definitions)).all) {
    EXPECT_EQ(visible_text(parsed, each.spans.at(0)), each.value);
    if (each.extractor == extractor)
      lines.push_back(each.key + " = " + (each.normalised.empty() ? each.value : each.normalised));
  }
  return lines;
}

std::vector<std::string> found(std::string_view markdown, std::string_view extractor,
                               const std::vector<ExtractorDefinition>& definitions = {}) {
  return found(read(markdown, MediaType::markdown), extractor, definitions);
}

std::vector<std::string> values(std::string_view text) {
  std::vector<std::string> lines;
  for (const FoundValue& value : find_values(text)) {
    lines.push_back(std::string(name_of(value.type)) + " " + value.normalised + " <" +
                    std::string(text.substr(value.begin, value.end - value.begin)) + ">");
  }
  return lines;
}

TEST(Values, DatesAreIso) {
  EXPECT_THAT(values("on 2030-03-31, 31 March 2030, March 31st, 2030 and the 1st day of Sept 2029"),
              ElementsAre("date 2030-03-31 <2030-03-31>", "date 2030-03-31 <31 March 2030>",
                          "date 2030-03-31 <March 31st, 2030>", "date 2029-09-01 <1st day of Sept 2029>"));
  EXPECT_THAT(values("2030-02-30 and 31 June 2030 and 12345-01-01"), IsEmpty());
}

TEST(Values, AmountsHaveCurrencyAndPlainNumber) {
  EXPECT_THAT(values("EUR 1,250.00 or $5 or \u20ac 1.250,50 or 3.5 million USD or US$1'000 or 12 345 CHF"),
              ElementsAre("amount EUR 1250 <EUR 1,250.00>", "amount USD 5 <$5>", "amount EUR 1250.5 <\u20ac 1.250,50>",
                          "amount USD 3500000 <3.5 million USD>", "amount USD 1000 <US$1'000>",
                          "amount CHF 12345 <12 345 CHF>"));
  EXPECT_THAT(values("EUROPE 5 and 5 EURO"), IsEmpty());
}

TEST(Values, PercentagesAndAddresses) {
  EXPECT_THAT(values("12 %, 2.50%, 5 per cent; ask Legal.Team@Example.com."),
              ElementsAre("percent 12 <12 %>", "percent 2.5 <2.50%>", "percent 5 <5 per cent>",
                          "email legal.team@example.com <Legal.Team@Example.com>"));
  EXPECT_THAT(values("version 1.2.3 % of a@b"), IsEmpty());
}

TEST(Values, NumbersLoseWhatMeansNothing) {
  EXPECT_EQ(plain_number("1,250.00"), "1250");
  EXPECT_EQ(plain_number("1.250,00"), "1250");
  EXPECT_EQ(plain_number("1,250"), "1250");
  EXPECT_EQ(plain_number("1.250"), "1.25");
  EXPECT_EQ(plain_number("1.250.000"), "1250000");
  EXPECT_EQ(plain_number("0.50"), "0.5");
  EXPECT_EQ(plain_number("-007"), "-7");
  EXPECT_EQ(plain_number("0,0"), "0");
  EXPECT_EQ(plain_number("12a"), std::nullopt);
  EXPECT_EQ(plain_number(","), std::nullopt);
}

TEST(Extract, KeysAreSectionAndWordsBefore) {
  EXPECT_THAT(
      found("# 1. Terms\n\nThe monthly fee is **EUR 5**.\n\n## 1.1 Late\n\nInterest of EUR 6 and EUR 7.\n", "amount"),
      ElementsAre("Terms / the monthly fee is = EUR 5", "Terms / Late / interest of = EUR 6",
                  "Terms / Late / interest of eur 6 and = EUR 7"));
}

TEST(Extract, HeadingsLinksAndFields) {
  const std::string_view source =
      "---\nversion: 2.50\n---\n# 2 Parties\n\nBuyer: Example Ltd\nSigned on: 1 May 2029\n\n- **Fee:** EUR 5\n\nSee "
      "[terms](https://t.example) at 10:30 h\n";
  EXPECT_THAT(found(source, "heading"), ElementsAre("Parties = Parties"));
  EXPECT_THAT(found(source, "link"), ElementsAre("Parties / terms = https://t.example"));
  EXPECT_THAT(found(source, "field"), ElementsAre("version = 2.5", "Parties / Buyer = Example Ltd",
                                                  "Parties / Signed on = 2029-05-01", "Parties / Fee = EUR 5"));
}

TEST(Extract, CellsAreTheirRowAndColumn) {
  const std::string_view source =
      "# Prices\n\n| Plan | Fee | Note |\n|---|---|---|\n| Basic | EUR 5.00 | |\n| **Full** | 10 % | x |\n";
  EXPECT_THAT(found(source, "cell"),
              ElementsAre("Prices / Basic / Fee = EUR 5", "Prices / Full / Fee = 10", "Prices / Full / Note = x"));
  EXPECT_THAT(found(read("1,2\n3,4\n", MediaType::csv), "cell"),
              ElementsAre("column 1 = 1", "1 / column 2 = 2", "column 1 #2 = 3", "3 / column 2 = 4"));
}

TEST(Extract, NormsAreSentences) {
  EXPECT_THAT(found("Some words. The seller SHALL deliver\n*within* 30 days. Nothing here.\n\n    code MUST\n", "norm"),
              ElementsAre("the seller shall deliver within 30 = The seller SHALL deliver within 30 days."));
}

TEST(Extract, DefinitionsAreTermAndMeaning) {
  EXPECT_THAT(found("\"Service\" means the service of annex A.\n\n**Fee**: what is paid each month\n\n\u201cTerm\u201d "
                    "shall mean one year.\n",
                    "definition"),
              ElementsAre("Service = the service of annex A.", "Term = one year.", "Fee = what is paid each month"));
}

TEST(Extract, AUsersPatternsAndPlaces) {
  const std::string_view source =
      "# Scope\n\nOrder no. A-17 and B-18.\n\n# Annex\n\n| Item | Price |\n|---|---|\n| x | EUR 3.50 |\n\nC-19\n";
  const ExtractorDefinition order{
      .name = "order", .type = ValueType::text, .pattern = R"(([A-Z]-\d+))", .heading = {}, .column = {}};
  EXPECT_THAT(found(source, "order", {order}), ElementsAre("Scope = A-17", "Scope #2 = B-18", "Annex = C-19"));
  ExtractorDefinition in_scope = order;
  in_scope.heading = "scope";
  EXPECT_THAT(found(source, "order", {in_scope}), ElementsAre("Scope = A-17", "Scope #2 = B-18"));
  const ExtractorDefinition price{
      .name = "price", .type = ValueType::amount, .pattern = {}, .heading = {}, .column = "PRICE"};
  EXPECT_THAT(found(source, "price", {price}), ElementsAre("Annex / PRICE = EUR 3.5"));
  const ExtractorDefinition section{
      .name = "scope", .type = ValueType::text, .pattern = {}, .heading = "Scope", .column = {}};
  EXPECT_THAT(found(source, "scope", {section}), ElementsAre("Scope = Order no. A-17 and B-18."));
}

TEST(Extract, DefinitionsThatAreNotValidNameTheirField) {
  const auto field_of = [](const ExtractorDefinition& definition) {
    const auto valid = validate(definition);
    return valid ? std::string() : valid.error().field;
  };
  const ExtractorDefinition good{
      .name = "mine", .type = ValueType::text, .pattern = "a(b)", .heading = {}, .column = {}};
  EXPECT_EQ(field_of(good), "");
  for (const std::string name : {"", "Mine", "1a", "date", "a b"}) {
    ExtractorDefinition bad = good;
    bad.name = name;
    EXPECT_EQ(field_of(bad), "name") << name;
  }
  for (const std::string& pattern :
       {std::string(), std::string("a("), std::string("(a{1000}){1000}"), std::string(4'001, 'a')}) {
    ExtractorDefinition bad = good;
    bad.pattern = pattern;
    EXPECT_EQ(field_of(bad), "pattern") << pattern;
  }
  ExtractorDefinition none = good;
  none.pattern.reset();
  EXPECT_EQ(field_of(none), "pattern");
  none.column = "";
  EXPECT_EQ(field_of(none), "column");
  EXPECT_EQ(extract_defined(read("ab", MediaType::markdown), {none}).refused.size(), 1U);
}

TEST(Extract, HowManyIsBounded) {
  std::string source;
  for (int at = 0; at < 100; ++at) source += "EUR 5 and more\n\n";
  const Parsed parsed = read(source, MediaType::markdown);
  const Extractions all = extract(parsed, {.extractions = 100});
  EXPECT_EQ(all.all.size(), 100U);
  EXPECT_FALSE(all.truncated);
  const Extractions some = extract(parsed, {.extractions = 99});
  EXPECT_EQ(some.all.size(), 99U);
  EXPECT_TRUE(some.truncated);
}

}  // namespace
}  // namespace flowstone::documents
