// html5lib's own cases: of every document all that a reader sees is found, and nothing else.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/documents/read.hpp"
#include "tests/fuzz/parsed_promises.hpp"

namespace flowstone::documents {
namespace {

struct Case {
  std::string name;  // file and number
  std::string html;
  std::vector<std::string> tree;
  bool whole = true;  // a document, and read without scripts
};

// Lines of a tree go on while a text within quotation marks does.
void add_to_tree(Case& read, const std::string& line) {
  if (line.starts_with("| ") || read.tree.empty()) {
    read.tree.push_back(line);
  } else {
    read.tree.back() += "\n" + line;
  }
}

std::vector<Case> cases_in(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<Case> cases;
  std::string section;
  for (std::string line; std::getline(file, line);) {
    if (line == "#data") {
      cases.push_back({.name = path.stem().string() + " " + std::to_string(cases.size() + 1), .html = {}, .tree = {}});
      section = line;
    } else if (line.starts_with("#errors") || line.starts_with("#document") || line.starts_with("#script-on")) {
      section = line;
      if (line == "#document-fragment" || line == "#script-on") cases.back().whole = false;
    } else if (section == "#data") {
      cases.back().html += (cases.back().html.empty() ? "" : "\n") + line;
    } else if (section == "#document") {
      add_to_tree(cases.back(), line);
    }
  }
  return cases;
}

std::vector<Case> all_cases() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(FLOWSTONE_SOURCE) + "/tests/documents/html5lib")) {
    if (entry.path().extension() == ".dat") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Case> all;
  for (const auto& file : files) std::ranges::move(cases_in(file), std::back_inserter(all));
  return all;
}

// Elements that a reader sees nothing of, or that are no part of the text.
constexpr std::array<std::string_view, 16> kUnseen{"head",   "script", "style",   "template", "noscript", "svg svg",
                                                   "iframe", "object", "canvas",  "audio",    "video",    "textarea",
                                                   "select", "title",  "noembed", "noframes"};

std::string without_white(std::string text) {
  for (const std::string_view space : {" ", "\n", "\t", "\f", "\r", "\u00a0", "\u205f", "\u200a"}) {
    for (auto at = text.find(space); at != std::string::npos; at = text.find(space)) text.erase(at, space.size());
  }
  return text;
}

// The texts of the tree, without those that nobody sees.
std::string shown(const Case& read) {
  std::string letters;
  std::size_t hidden = std::string::npos;  // depth of the element that hides what is within it
  for (const std::string& line : read.tree) {
    if (!line.starts_with("| ")) continue;
    const auto depth = line.find_first_not_of(' ', 2);
    if (depth == std::string::npos) continue;
    const std::string_view node = std::string_view(line).substr(depth);
    if (hidden != std::string::npos && depth > hidden) continue;
    hidden = std::string::npos;
    if (node.starts_with('"')) {
      letters += node.substr(1, node.rfind('"') - 1);
    } else if (node.starts_with('<') && !node.starts_with("<!")) {
      const std::string_view name = node.substr(1, node.rfind('>') - 1);
      if (std::ranges::find(kUnseen, name) != kUnseen.end()) hidden = depth;
    }
  }
  return without_white(letters);
}

std::string seen(const Parsed& parsed) {
  std::string letters;
  for (const Block& block : parsed.blocks) letters += parsed.text.slice(block.span);
  return without_white(letters);
}

TEST(Html5lib, EveryCaseIsReadAndKeepsWhatParsersPromise) {
  const auto all = all_cases();
  ASSERT_GT(all.size(), 1'000U);
  for (const Case& read : all) {
    const auto parsed = parse(read.html, MediaType::html, {});
    ASSERT_TRUE(parsed) << read.name << ": " << parsed.error().sentence;
    check_result(*parsed);
  }
}

TEST(Html5lib, WhatIsSeenIsWhatTheTreeShows) {
  std::set<std::string> differ;
  for (const Case& read : all_cases()) {
    if (!read.whole) continue;
    const auto parsed = parse(read.html, MediaType::html, {});
    if (!parsed || seen(*parsed) != shown(read)) differ.insert(read.name);
  }
  // An element that is no longer in HTML.
  EXPECT_THAT(differ, testing::ElementsAre("isindex 1", "isindex 2", "isindex 4", "tests19 8"));
}

}  // namespace
}  // namespace flowstone::documents
