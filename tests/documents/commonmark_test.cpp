// CommonMark's own examples: what a reader of the Markdown sees is what a reader of its HTML sees.
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/documents/read.hpp"
#include "tests/fuzz/parsed_promises.hpp"

namespace flowstone::documents {
namespace {

struct Example {
  int number = 0;
  std::string markdown, html;
};

std::string with_tabs(std::string text) {
  constexpr std::string_view kArrow = "\u2192";
  for (auto at = text.find(kArrow); at != std::string::npos; at = text.find(kArrow))
    text.replace(at, kArrow.size(), "\t");
  return text;
}

std::vector<Example> examples() {
  std::ifstream file(std::string(FLOWSTONE_SOURCE) + "/tests/documents/commonmark/examples.txt");
  const std::string fence(32, '`');
  std::vector<Example> all;
  std::string* part = nullptr;
  for (std::string line; std::getline(file, line);) {
    if (line == fence + " example") {
      all.push_back({.number = static_cast<int>(all.size()) + 1, .markdown = {}, .html = {}});
      part = &all.back().markdown;
    } else if (line == fence) {
      part = nullptr;
    } else if (part != nullptr && line == "." && part == &all.back().markdown) {
      part = &all.back().html;
    } else if (part != nullptr) {
      *part += with_tabs(line) + "\n";
    }
  }
  return all;
}

// All that a reader sees, without white space.
std::string seen(const Parsed& parsed) {
  std::string letters;
  for (const Block& block : parsed.blocks) letters += visible_text(parsed, block.span);
  std::erase_if(letters, [](char letter) { return letter == ' ' || letter == '\n' || letter == '\t'; });
  return letters;
}

std::vector<std::string> targets(const Parsed& parsed) {
  std::vector<std::string> all;
  for (const Link& link : parsed.links) all.push_back(link.target);
  return all;
}

std::vector<std::string> titles(const Parsed& parsed) {
  std::vector<std::string> all;
  for (const OutlineEntry& entry : parsed.outline) all.push_back(std::to_string(entry.level) + " " + entry.title);
  return all;
}

std::string joined(const std::set<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += std::to_string(number) + ", ";
  return text;
}

std::set<int> all_of(const std::vector<std::set<int>>& sets) {
  std::set<int> all;
  for (const std::set<int>& some : sets) all.insert(some.begin(), some.end());
  return all;
}

class CommonMark : public testing::Test {
 protected:
  // The examples of which the two readings differ.
  template <class View>
  static std::set<int> differing(const View& view) {
    std::set<int> numbers;
    for (const Example& example : examples()) {
      const auto markdown = parse(example.markdown, MediaType::markdown, {});
      const auto html = parse("<body>" + example.html, MediaType::html, {});
      EXPECT_TRUE(markdown && html) << example.number;
      if (markdown && html && view(*markdown) != view(*html)) numbers.insert(example.number);
    }
    return numbers;
  }
};

TEST_F(CommonMark, EveryExampleIsReadAndKeepsWhatParsersPromise) {
  const auto all = examples();
  ASSERT_EQ(all.size(), 649U);
  for (const Example& example : all) {
    const auto parsed = parse(example.markdown, MediaType::markdown, {});
    ASSERT_TRUE(parsed) << example.number << ": " << parsed.error().sentence;
    check_result(*parsed);
  }
}

TEST_F(CommonMark, WhatIsSeenIsWhatItsHtmlShows) {
  const std::set<int> html_blocks{143, 146, 147, 149, 626};
  const std::set<int> entities{311, 312, 313, 323, 324, 325, 326, 327};  // are shown as they are written
  const std::set<int> images{513, 516, 527, 568, 569, 570, 571, 572, 573, 574, 575,
                             576, 578, 579, 580, 581, 582, 583, 584, 585, 587};  // show what is said of them
  EXPECT_EQ(joined(differing(seen)), joined(all_of({html_blocks, entities, images})));
}

TEST_F(CommonMark, HeadingsAreThoseOfItsHtml) {
  const std::set<int> without_text{49};
  EXPECT_EQ(joined(differing(titles)), joined(without_text));
}

TEST_F(CommonMark, LinksLeadWhereItsHtmlLeads) {
  const std::set<int> html{129, 132, 156, 344};
  const std::set<int> escaped{164, 171, 175, 306, 318, 319, 345, 346,
                              486, 498, 499, 500, 503, 522, 534, 599};  // with % in HTML, and here as they are written
  const std::set<int> images{513, 516, 527, 571};
  EXPECT_EQ(joined(differing(targets)), joined(all_of({html, escaped, images})));
}

}  // namespace
}  // namespace flowstone::documents
