// The contracts only grow: nothing that was released is read otherwise, or refused, by the present ones.
#include "tests/schemas/compatibility.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/schemas/compile.hpp"

namespace flowstone::schemas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Compatibility, ThePresentContractsGrewFromTheReleasedOnes) {
  CompiledContracts released;
  for (const auto& entry : std::filesystem::directory_iterator(FLOWSTONE_SOURCE_DIR "/schemas/baseline")) {
    if (entry.path().extension() == ".fbs") released.add_file(entry.path().string());
  }
  const auto baseline = released.schemas();
  ASSERT_GE(baseline.size(), 10U);
  EXPECT_THAT(incompatibilities(baseline, binary_schemas()), IsEmpty());
}

const std::string kReleased = R"(
  enum Colour : byte { red, green }
  table Note { text: string; size: int = 3; colour: Colour; due: long = null; })";

std::vector<std::string> found_after(const std::string& current) {
  CompiledContracts before;
  before.add("note", kReleased);
  CompiledContracts after;
  after.add("note", current);
  const auto released = before.schemas();
  const auto now = after.schemas();
  return incompatibilities(released, now);
}

TEST(Compatibility, NewFieldsAtTheEndAreGrowth) {
  EXPECT_THAT(found_after(R"(enum Colour : byte { red, green, blue }
    table Note { text: string; size: int = 3; colour: Colour; due: long = null; more: string; } table Other { a: int; })"),
              IsEmpty());
}

struct Change {
  std::string source;
  std::string sentence;
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.sentence; }

class IncompatibleChanges : public testing::TestWithParam<Change> {};

TEST_P(IncompatibleChanges, AreFound) {
  EXPECT_THAT(found_after(GetParam().source), testing::Contains(HasSubstr(GetParam().sentence)));
}

const std::string kEnum = "enum Colour : byte { red, green } ";

INSTANTIATE_TEST_SUITE_P(
    Compatibility, IncompatibleChanges,
    testing::Values(
        Change{kEnum + "table Memo { text: string; }", "test.Note was removed"},
        Change{kEnum + "table Note { text: string; size: int = 3; colour: Colour; }", "test.Note.due was removed"},
        Change{kEnum + "table Note { size: int = 3; text: string; colour: Colour; due: long = null; }",
               "test.Note.text moved"},
        Change{kEnum + "table Note { text: string; size: long = 3; colour: Colour; due: long = null; }",
               "test.Note.size changed its type"},
        Change{kEnum + "table Note { text: string; size: int = 4; colour: Colour; due: long = null; }",
               "test.Note.size changed its default"},
        Change{kEnum + "table Note { text: string; size: int = 3; colour: Colour; due: long; }",
               "test.Note.due became optional"},
        Change{kEnum + "table Note { text: string (mandatory); size: int = 3; colour: Colour; due: long = null; }",
               "test.Note.text became mandatory"},
        Change{kEnum + "table Note { text: string; size: int = 3; colour: Colour; due: long = null; more: string "
                       "(mandatory); }",
               "test.Note.more is new and mandatory"},
        Change{
            "enum Colour : byte { red } table Note { text: string; size: int = 3; colour: Colour; due: long = null; }",
            "test.Colour.green was removed"},
        Change{"enum Colour : byte { green, red } table Note { text: string; size: int = 3; colour: Colour; due: long "
               "= null; }",
               "test.Colour.red changed its number"}));

}  // namespace
}  // namespace flowstone::schemas
