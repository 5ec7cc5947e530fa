#include "documents/materiality.hpp"

#include <gtest/gtest.h>

namespace flowstone::documents {
namespace {

Materiality between(const std::string& before, const std::string& after) {
  const auto old_text = Text::from_utf8(before).value(), new_text = Text::from_utf8(after).value();
  return materiality_of(word_changes(old_text, words_of(old_text), new_text, words_of(new_text)));
}

TEST(Materiality, OfWhiteSpaceIsNone) { EXPECT_EQ(between("a  b", "a\nb"), Materiality::none); }

TEST(Materiality, OfCaseAndPunctuationIsCosmetic) {
  EXPECT_EQ(between("The server, then.", "the server then!"), Materiality::cosmetic);
  EXPECT_EQ(between("\u201cquoted\u201d \u00c9tat", "\"quoted\" \u00e9tat"), Materiality::cosmetic);
}

TEST(Materiality, OfOtherWordsIsReworded) {
  EXPECT_EQ(between("A large house stands there.", "A big house stands there."), Materiality::reworded);
}

TEST(Materiality, OfNumbersDatesAndMoneyIsMaterial) {
  EXPECT_EQ(between("within 30 days", "within 60 days"), Materiality::material);
  EXPECT_EQ(between("on 3 March", "on 3 April"), Materiality::material);
  EXPECT_EQ(between("\u20ac500", "$500"), Materiality::material);
  EXPECT_EQ(between("500 EUR", "500 USD"), Materiality::material);
  EXPECT_EQ(between("a rise of 5", "a rise of 5 %"), Materiality::material);
  EXPECT_EQ(between("within ten days", "within six days"), Materiality::material);
  EXPECT_EQ(between("a balance of 5", "a balance of -5"), Materiality::material);
}

TEST(Materiality, OfNegationsAndModalsIsMaterial) {
  EXPECT_EQ(between("It is allowed here.", "It is not allowed here."), Materiality::material);
  EXPECT_EQ(between("Clients MAY retry.", "Clients MUST retry."), Materiality::material);
  EXPECT_EQ(between("They can do it.", "They can't do it."), Materiality::material);
  EXPECT_EQ(between("Das ist erlaubt.", "Das ist nicht erlaubt."), Materiality::material);
}

TEST(Materiality, OfCapitalsIsMaterialWhereTheyBind) {
  for (const std::string word : {"MUST", "SHALL", "SHOULD", "MAY", "REQUIRED", "RECOMMENDED", "OPTIONAL"}) {
    std::string small = word;
    for (char& letter : small) letter = static_cast<char>(letter - 'A' + 'a');
    const std::string capital = word.substr(0, 1) + small.substr(1);
    EXPECT_EQ(between("That " + word + " be done.", "That " + small + " be done."), Materiality::material) << word;
    EXPECT_EQ(between("That " + small + " be done.", "That " + word + " be done."), Materiality::material) << word;
    EXPECT_EQ(between("That " + small + " be done.", "That " + capital + " be done."), Materiality::cosmetic) << word;
  }
  EXPECT_EQ(between("It MUST NOT fail.", "It MUST not fail."), Materiality::material);
  EXPECT_EQ(between("It MUST NOT fail.", "It must not fail."), Materiality::material);
}

TEST(Materiality, CapitalsThatEverythingIsSetInBindNobody) {
  EXPECT_EQ(between("THE SUPPLIER MAY TERMINATE.", "The supplier may terminate."), Materiality::cosmetic);
  EXPECT_EQ(between("the supplier must not sell.", "THE SUPPLIER MUST NOT SELL."), Materiality::cosmetic);
  EXPECT_EQ(between("DER LIEFERANT \u00dcBERGIBT MAY", "Der Lieferant \u00fcbergibt may"), Materiality::cosmetic);
  EXPECT_EQ(between("THE SUPPLIER MAY TERMINATE.", "The supplier must terminate."), Materiality::material);
  EXPECT_EQ(between("THE SUPPLIER MAY TERMINATE.", "THE SUPPLIER MUST TERMINATE."), Materiality::material);
  EXPECT_EQ(between("MUST NOT", "must not"), Materiality::material) << "there is nothing else to be in capitals";
  EXPECT_EQ(between("A JSON value MUST exist.", "A JSON value must exist."), Materiality::material);
}

TEST(Materiality, OfOtherCapitalsIsCosmetic) {
  EXPECT_EQ(between("CAN it be? WILL it?", "can it be? will it?"), Materiality::cosmetic);
  EXPECT_EQ(between("THE PARTIES AGREE", "The parties agree"), Materiality::cosmetic);
  EXPECT_EQ(between("the Supplier delivers on 3 MARCH", "the supplier delivers on 3 March"), Materiality::cosmetic);
  EXPECT_EQ(between("It never ends.", "It NEVER ends."), Materiality::cosmetic);
}

TEST(Materiality, WhatIsGraveIsSoWhereItWasInsertedOrDeleted) {
  EXPECT_EQ(between("The fee is due.", "The fee is never due."), Materiality::material);
  EXPECT_EQ(between("It applies unless agreed.", "It applies if agreed."), Materiality::material);
  EXPECT_EQ(between("The fee of 1,000 is due.", "The fee is due."), Materiality::material);
  EXPECT_EQ(between("until 2026-03-01", "until 2026-04-01"), Materiality::material);
  EXPECT_EQ(between("a rate of 3.5 %", "a rate of 35 %"), Materiality::material);
  EXPECT_EQ(between("The fee is due.", "The fee is payable."), Materiality::reworded);
}

TEST(Materiality, TheGravestChangeCounts) {
  EXPECT_EQ(between("The big house has 3 doors.", "the large house has 4 doors."), Materiality::material);
  EXPECT_EQ(between("pages 3-5, then", "pages 3\u20135 then"), Materiality::cosmetic);
}

TEST(Materiality, ChangesSayWhatWasAndWhatIs) {
  const auto old_text = Text::from_utf8("It takes ten days at most.").value();
  const auto new_text = Text::from_utf8("It takes six working days at most.").value();
  const auto changes = word_changes(old_text, words_of(old_text), new_text, words_of(new_text));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].before, "ten");
  EXPECT_EQ(changes[0].after, "six working");
  EXPECT_EQ(changes[0].old_span, (Span{9, 12}));
  EXPECT_EQ(changes[0].new_span, (Span{9, 20}));
}

}  // namespace
}  // namespace flowstone::documents
