#include "documents/extraction_diff.hpp"

#include <gmock/gmock.h>

#include "tests/documents/read.hpp"

namespace flowstone::documents {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "class before > after" of the amounts and dates that are not unchanged.
std::vector<std::string> changes(std::string_view before, std::string_view after) {
  const Parsed old_version = read(before, MediaType::markdown);
  const Parsed new_version = read(after, MediaType::markdown);
  const auto old_values = extract(old_version).all;
  const auto new_values = extract(new_version).all;
  std::vector<std::string> lines;
  for (const ExtractionDelta& delta : diff_extractions(old_values, old_version.text, new_values, new_version.text)) {
    const Extraction& either = delta.after != nullptr ? *delta.after : *delta.before;
    if (delta.change == ExtractionChange::unchanged || (either.extractor != "amount" && either.extractor != "date"))
      continue;
    lines.push_back(std::string(name_of(delta.change)) + " " +
                    (delta.before != nullptr ? delta.before->normalised : "") + " > " +
                    (delta.after != nullptr ? delta.after->normalised : ""));
  }
  return lines;
}

TEST(ExtractionDiff, AChangedValueIsToldByItsKey) {
  EXPECT_THAT(changes("# Fee\n\nThe fee is EUR 5.\n", "# Fee\n\nThe fee is EUR 6.\n"),
              ElementsAre("changed EUR 5 > EUR 6"));
}

TEST(ExtractionDiff, TextElsewhereChangesNothing) {
  EXPECT_THAT(changes("# 1 Fee\n\nThe fee is EUR 5.\nMore.\n",
                      "# 1 New\n\nwords\n\n# 2 Fee\n\nOther. The fee\nis EUR 5.\n\nLess.\n"),
              IsEmpty());
}

TEST(ExtractionDiff, TheSameValueInOtherWordsIsNewEvidence) {
  EXPECT_THAT(changes("# Fee\n\nThe fee is EUR 1,250.00.\n", "# Fee\n\nThe fee is EUR 1250 a year.\n"),
              ElementsAre("same_value_new_evidence EUR 1250 > EUR 1250"));
  EXPECT_THAT(changes("# Fee\n\nDue on 2030-03-31.\n", "# Other\n\nPaid by 31 March 2030.\n"),
              ElementsAre("same_value_new_evidence 2030-03-31 > 2030-03-31"));
}

TEST(ExtractionDiff, AddedAndRemovedValues) {
  EXPECT_THAT(changes("# Fee\n\nThe fee is EUR 5.\n", "# Fee\n\nThe fee is EUR 5.\n\nA deposit of EUR 9.\n"),
              ElementsAre("added  > EUR 9"));
  EXPECT_THAT(changes("# Fee\n\nThe fee is EUR 5.\n\nA deposit of EUR 9.\n", "# Fee\n\nThe fee is EUR 5.\n"),
              ElementsAre("removed EUR 9 > "));
}

TEST(ExtractionDiff, AnInsertionAmongEqualKeysChangesNoneOfThem) {
  const std::string before = "# Fee\n\n- pay EUR 1\n- pay EUR 2\n- pay EUR 3\n";
  const std::string after = "# Fee\n\n- pay EUR 1\n- pay EUR 9\n- pay EUR 2\n- pay EUR 3\n";
  const auto found = changes(before, after);
  EXPECT_THAT(found, testing::Contains("added  > EUR 9"));
  for (const std::string& change : found) EXPECT_EQ(change.find("changed"), std::string::npos) << change;
}

}  // namespace
}  // namespace flowstone::documents
