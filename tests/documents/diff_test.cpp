#include "documents/diff.hpp"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "documents/diff_render.hpp"

namespace flowstone::documents {
namespace {

Text text_of(const std::string& utf8) { return Text::from_utf8(utf8).value(); }

void expect_covers(const DocumentDiff& found, const Text& old_text, const Text& new_text) {
  std::uint32_t old_at = 0, new_at = 0;
  for (const auto& operation : found.operations) {
    EXPECT_EQ(operation.old_span.start, old_at);
    EXPECT_EQ(operation.new_span.start, new_at);
    old_at = operation.old_span.end;
    new_at = operation.new_span.end;
  }
  EXPECT_EQ(old_at, old_text.size());
  EXPECT_EQ(new_at, new_text.size());
}

// "=text", "+text", "-text", "~text" (white space), "<1 text" (departure), ">1 text" (arrival), "[edits]".
std::string shown(const std::string& old_utf8, const std::string& new_utf8) {
  const auto old_text = text_of(old_utf8), new_text = text_of(new_utf8);
  const auto found = diff(old_text, new_text);
  expect_covers(found, old_text, new_text);
  EXPECT_EQ(accept_all(found, old_text, new_text), new_utf8);
  EXPECT_EQ(reject_all(found, old_text, new_text), old_utf8);
  std::string out;
  const auto add = [&](ChangeKind kind, Span old_span, Span new_span) {
    const auto before = std::string(old_text.slice(old_span)), after = std::string(new_text.slice(new_span));
    if (kind == ChangeKind::equal) out += "{=" + before + "}";
    if (kind == ChangeKind::formatting) out += "{~" + after + "}";
    if (kind == ChangeKind::deletion || kind == ChangeKind::replacement) out += "{-" + before + "}";
    if (kind == ChangeKind::insertion || kind == ChangeKind::replacement) out += "{+" + after + "}";
  };
  for (const auto& operation : found.operations) {
    const auto move = std::to_string(operation.move);
    if (operation.kind == ChangeKind::departure)
      out += "{<" + move + " " + std::string(old_text.slice(operation.old_span)) + "}";
    if (operation.edits.empty()) add(operation.kind, operation.old_span, operation.new_span);
    if (operation.kind == ChangeKind::arrival) out += ">" + move;
    if (!operation.edits.empty()) {
      out += "[";
      for (const auto& edit : operation.edits) add(edit.kind, edit.old_span, edit.new_span);
      out += "]";
    }
  }
  return out;
}

TEST(Diff, OfEqualTextsIsEmpty) {
  const auto text = text_of("One. Two.\n");
  EXPECT_TRUE(diff(text, text).empty());
  EXPECT_EQ(shown("One. Two.\n", "One. Two.\n"), "{=One. Two.\n}");
  EXPECT_EQ(shown("", ""), "");
}

TEST(Diff, AChangedSentenceShowsItsWords) {
  EXPECT_EQ(shown("It is so. The limit is ten days. End.", "It is so. The limit is six days. End."),
            "{=It is so. }[{=The limit is }{-ten }{+six }{=days. }]{=End.}");
}

TEST(Diff, SentencesComeAndGo) {
  EXPECT_EQ(shown("One is here.\n\nTwo goes.\n", "One is here.\n"), "{=One is here.}{~\n}{-Two goes.\n}");
  EXPECT_EQ(shown("", "New."), "{+New.}");
  EXPECT_EQ(shown("Old.", ""), "{-Old.}");
}

TEST(Diff, WhiteSpaceAloneIsFormatting) {
  EXPECT_EQ(shown("One two.", "One\ntwo."), "{=One}{~\n}{=two.}");
  EXPECT_EQ(shown(" ", "\n"), "{~\n}");
  EXPECT_EQ(shown("  One", "One"), "{~}{=One}");
}

TEST(Diff, MovesAreShownAtBothEndsWithTheirEdits) {
  EXPECT_EQ(
      shown("The quick cat sat on that old mat today.\n\nDogs run far away.\n\nBirds fly high up.\n\n",
            "Dogs run far away.\n\nBirds fly high up.\n\nThe quick cat sat on that new mat today.\n\n"),
      "{<1 The quick cat sat on that old mat today.\n\n}{=Dogs run far away.\n\nBirds fly high up.\n\n}>1[{=The quick "
      "cat sat on that }{-old }{+new }{=mat today.\n\n}]");
}

TEST(Diff, CountsWords) {
  const auto old_text = text_of("Stay here. Old words go."), new_text = text_of("Stay here. New words come now.");
  const auto counts = diff(old_text, new_text).statistics;
  EXPECT_EQ(counts.words_kept + counts.words_deleted, 7U);
  EXPECT_EQ(counts.words_kept + counts.words_inserted, 8U);
  EXPECT_EQ(counts.words_moved, 0U);
}

// Sentences of few words, so that they are equal, alike, moved and repeated often.
rc::Gen<std::string> texts() {
  static const auto kParts = std::vector<std::string>{"the limit is ten days. ",
                                                      "the cat sat on a mat. ",
                                                      "Clients must retry. ",
                                                      "\n\n",
                                                      "\n",
                                                      " ",
                                                      "- item ",
                                                      "| a | b |\n",
                                                      "word ",
                                                      "other ",
                                                      "caf\u00e9 ",
                                                      "cafe\u0301 ",
                                                      "\u4e2d\u6587\u3002",
                                                      ". ",
                                                      "# Head\n",
                                                      "```\n",
                                                      "not "};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kParts)),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const auto& part : parts) text += part;
                        return text;
                      });
}

RC_GTEST_PROP(Diff, AcceptedIsTheNewTextAndRejectedTheOld, ()) {
  const auto old_text = text_of(*texts()), new_text = text_of(*texts());
  const auto found = diff(old_text, new_text);
  expect_covers(found, old_text, new_text);
  RC_ASSERT(accept_all(found, old_text, new_text) == new_text.utf8());
  RC_ASSERT(reject_all(found, old_text, new_text) == old_text.utf8());
  RC_ASSERT(found.empty() == (old_text.utf8() == new_text.utf8()));
  RC_ASSERT(found == diff(old_text, new_text));
}

RC_GTEST_PROP(Diff, InvertedTakesTheNewTextBack, ()) {
  const auto old_text = text_of(*texts()), new_text = text_of(*texts());
  const auto found = diff(old_text, new_text);
  const auto back = inverted(found);
  RC_ASSERT(accept_all(back, new_text, old_text) == old_text.utf8());
  RC_ASSERT(reject_all(back, new_text, old_text) == new_text.utf8());
  RC_ASSERT(inverted(back) == found);
}

TEST(DiffRender, UnifiedIsWhatDiffWrites) {
  const auto old_text = text_of("one\ntwo\nthree\nfour\nfive\nsix\n"),
             new_text = text_of("one\ntwo\nthree\n4\nfive\nsix");
  EXPECT_EQ(unified(diff(old_text, new_text), old_text, new_text, "a", "b"),
            "--- a\n+++ b\n@@ -1,6 +1,6 @@\n one\n two\n three\n-four\n+4\n five\n-six\n+six\n\\ No newline at end of "
            "file\n");
  EXPECT_EQ(unified(diff(old_text, old_text), old_text, old_text, "a", "a"), "");
}

// The old text with a unified diff applied.
std::string patched(const std::string& old_utf8, const std::string& patch) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < old_utf8.size();) {
    const auto end = std::min(old_utf8.find('\n', at), old_utf8.size() - 1) + 1;
    lines.push_back(old_utf8.substr(at, end - at));
    at = end;
  }
  std::string out;
  std::size_t next = 0, at = 0;
  while (at < patch.size()) {
    const auto end = patch.find('\n', at) + 1;
    auto line = patch.substr(at, end - at);
    at = end;
    if (line.starts_with("--- ") || line.starts_with("+++ ")) continue;
    if (line.starts_with("@@ -")) {
      const auto first = std::stoul(line.substr(4));
      const auto comma = line.find(','), plus = line.find(" +");
      const bool none = comma < plus && std::stoul(line.substr(comma + 1)) == 0;
      while (next < (none ? first : first - 1)) out += lines.at(next++);
      continue;
    }
    if (line.starts_with("\\")) {
      continue;
    }
    const bool cut = patch.compare(at, 2, "\\ ") == 0;
    if (cut) line.pop_back();
    if (line[0] != '+') EXPECT_EQ(lines.at(next++), line.substr(1));
    if (line[0] != '-') out += line.substr(1);
  }
  while (next < lines.size()) out += lines[next++];
  return out;
}

RC_GTEST_PROP(DiffRender, UnifiedAppliesToTheOldText, ()) {
  const auto old_text = text_of(*texts()), new_text = text_of(*texts());
  const auto patch = unified(diff(old_text, new_text), old_text, new_text, "a", "b");
  RC_ASSERT(patched(std::string(old_text.utf8()), patch) == new_text.utf8());
}

TEST(DiffRender, HtmlEscapesEverythingAndMarksMoves) {
  const auto old_text =
      text_of("The quick cat sat on that old mat today.\n\nDogs run <b>far</b> away.\n\nBirds fly high up.\n\n");
  const auto new_text =
      text_of("Dogs run <b>far</b> away.\n\nBirds fly \"high\" up.\n\nThe quick cat sat on that new mat today.\n\n");
  const auto page = html(diff(old_text, new_text), old_text, new_text);
  EXPECT_THAT(page, testing::HasSubstr("run &lt;b&gt;far&lt;/b&gt; away"));
  EXPECT_THAT(page, testing::HasSubstr("<ins>&quot;"));
  EXPECT_THAT(page, testing::HasSubstr("<del class=\"moved\" id=\"move-from-0\""));
  EXPECT_THAT(page, testing::HasSubstr("<a href=\"#move-from-0\">"));
  EXPECT_THAT(page, testing::HasSubstr("<del>old </del><ins>new </ins>"));
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("<b>")));
}

}  // namespace
}  // namespace flowstone::documents
