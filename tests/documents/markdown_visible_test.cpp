// Two ways to what a reader of Markdown sees: the source without what is invisible, and the text of its HTML.
#include <algorithm>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/documents/read.hpp"

namespace flowstone::documents {
namespace {

std::string html_of(const std::string& source) {
  cmark_gfm_core_extensions_ensure_registered();
  cmark_parser* const parser = cmark_parser_new(CMARK_OPT_DEFAULT);
  cmark_llist* extensions = nullptr;
  for (const char* const name : {"table", "strikethrough", "tasklist"}) {
    cmark_syntax_extension* const extension = cmark_find_syntax_extension(name);
    cmark_parser_attach_syntax_extension(parser, extension);
    extensions = cmark_llist_append(cmark_get_default_mem_allocator(), extensions, extension);
  }
  cmark_parser_feed(parser, source.data(), source.size());
  cmark_node* const document = cmark_parser_finish(parser);
  char* const rendered = cmark_render_html(document, CMARK_OPT_UNSAFE, extensions);
  std::string html(rendered);
  std::free(rendered);
  cmark_llist_free(cmark_get_default_mem_allocator(), extensions);
  cmark_node_free(document);
  cmark_parser_free(parser);
  return html;
}

std::string without_white_space(std::string text) {
  std::erase_if(text, [](char byte) { return byte == ' ' || byte == '\n' || byte == '\t'; });
  return text;
}

// Character references stay in the source as they were written.
std::string without_references(std::string text) {
  for (const auto& [reference, meant] : {std::pair("&#124;", "|"), {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    for (std::size_t at = text.find(reference); at != std::string::npos; at = text.find(reference, at)) {
      text.replace(at, std::string_view(reference).size(), meant);
    }
  }
  return text;
}

void expect_same(const std::string& source) {
  const Parsed parsed = read(source, MediaType::markdown);
  std::string seen;
  for (const Block& block : parsed.blocks) seen += visible_text(parsed, block.span);
  const Parsed page = read(html_of(source), MediaType::html);
  EXPECT_EQ(without_references(without_white_space(seen)),
            without_references(without_white_space(std::string(page.text.utf8()))));
}

TEST(MarkdownVisible, IsWhatItsHtmlShows) {
  expect_same(
      "# Head *x* line #\n\n- one `code` **bold** \\*star\n  more [link](http://x.y \"t\") tail\n  > quote\n  > "
      "next\n");
  expect_same("| A | B |\n|---|:-:|\n| a1 **b** | `x \\| y` |\n| a2 |\n\nSetext\ntwo lines\n===\n\n1. one\n2. two\n");
  expect_same(
      "```js\ncode *not*\n```\n\n    indented\n\n<div>\nhtml <b>x</b>\n</div>\n\ntext ~~gone~~ <b>x</b> <!-- c --> "
      "y\n");
  expect_same(
      "[a]: http://x.y\n\nsee [a] and <http://z.example>\n\n- [ ] open\n- [x] done\n\n***bold and "
      "italic***\n");
  expect_same("`` a`b `` *a*b*c* __x__y_ \\\\ \\` **not closed\n");
}

TEST(MarkdownVisible, IsWhatItsHtmlShowsInRealDocuments) {
  const char* const folder = std::getenv("FLOWSTONE_CORPORA");
  std::filesystem::path corpora = folder != nullptr ? folder : std::string(FLOWSTONE_SOURCE) + "/../shared/corpora";
  corpora /= "document-versions";
  if (!std::filesystem::is_directory(corpora)) GTEST_SKIP() << "there are no documents in " << corpora;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpora)) {
    if (entry.path().extension() != ".md") continue;
    SCOPED_TRACE(entry.path());
    std::ifstream file(entry.path(), std::ios::binary);
    expect_same({std::istreambuf_iterator<char>(file), {}});
  }
}

}  // namespace
}  // namespace flowstone::documents
