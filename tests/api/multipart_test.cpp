// Forms: what their parts are, wherever the pieces are cut; and what is no form.
#include "api/multipart.hpp"

#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowstone::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Each part as "name|filename|type|bytes".
struct Parts final : PartReceiver {
  bool begin(PartHead head) override {
    parts.push_back(fmt::format("{}|{}|{}|", head.name, head.filename.value_or("-"), head.content_type));
    return true;
  }
  bool take(BytesView bytes) override {
    parts.back() += bytes;
    return parts.back().size() <= most;
  }
  bool end() override {
    ++ended;
    return true;
  }
  std::vector<std::string> parts;
  std::size_t ended = 0, most = SIZE_MAX;
};

// The sentence on what is wrong, or nothing.
std::string read(std::string_view body, Parts& parts, std::size_t step = SIZE_MAX) {
  MultipartParser parser("b", parts);
  while (!body.empty()) {
    const auto piece = body.substr(0, step);
    body.remove_prefix(piece.size());
    if (const auto fed = parser.feed(piece); !fed) return fed.error().stopped ? "stopped" : fed.error().sentence;
  }
  const auto finished = parser.finish();
  return finished ? std::string() : finished.error().sentence;
}

std::string part(std::string_view disposition, std::string_view bytes) {
  return fmt::format("--b\r\nContent-Disposition: form-data; {}\r\n\r\n{}\r\n", disposition, bytes);
}

std::string problem(std::string_view body) {
  Parts parts;
  return read(body, parts);
}

PartHead head_of(std::string_view disposition) {
  const auto head = parse_part_head(fmt::format("Content-Disposition: form-data; {}", disposition));
  EXPECT_TRUE(head) << (head ? "" : head.error());
  return head.value_or(PartHead{});
}

TEST(Multipart, PartsAreTheSameWhereverThePiecesAreCut) {
  const auto body = part(R"(name="label")", "signed") +
                    part(R"(name="f"; filename="a/b.md")", "one\r\n--\r\n--a\r\n-- b\r\n\r") +
                    part(R"(name="f"; filename="empty")", "") + "--b--\r\n";
  for (std::size_t step = 1; step <= body.size(); ++step) {
    Parts parts;
    EXPECT_EQ(read(body, parts, step), "");
    EXPECT_THAT(parts.parts, ElementsAre("label|-||signed", "f|a/b.md||one\r\n--\r\n--a\r\n-- b\r\n\r", "f|empty||"));
    EXPECT_EQ(parts.ended, 3U);
  }
}

TEST(Multipart, WhatStandsBeforeAndBehindIsPassedOver) {
  Parts parts;
  EXPECT_EQ(read("to whom\r\nit concerns\r\n" + part("name=f", "x") + "--b--\r\n--b\r\nnothing", parts), "");
  EXPECT_THAT(parts.parts, ElementsAre("f|-||x"));
}

TEST(Multipart, BlanksBehindABoundaryAndFoldedHeadersAreRead) {
  Parts parts;
  EXPECT_EQ(read("--b \t \r\nContent-Disposition: form-data;\r\n name=f;\r\n\tfilename=n\r\nContent-Type:  text/plain "
                 "\r\n\r\nx\r\n--b--",
                 parts),
            "");
  EXPECT_THAT(parts.parts, ElementsAre("f|n|text/plain|x"));
}

TEST(Multipart, APartWithoutBytesMayShareItsLineEndWithTheBoundary) {
  Parts parts;
  EXPECT_EQ(read("--b\r\nContent-Disposition: form-data; name=f\r\n\r\n--b--", parts), "");
  EXPECT_THAT(parts.parts, ElementsAre("f|-||"));
}

TEST(Multipart, AFormInAFormIsTheBytesOfItsPart) {
  Parts parts;
  const std::string inner = "--in\r\nContent-Disposition: file; filename=y\r\n\r\n1\r\n--in--";
  EXPECT_EQ(read(part("name=f; filename=x", inner) + "--b--", parts), "");
  EXPECT_THAT(parts.parts, ElementsAre("f|x||" + inner));
}

TEST(Multipart, WhatHasNoEndIsRefused) {
  EXPECT_THAT(problem(part("name=f", "x")), HasSubstr("has no end"));
  EXPECT_THAT(problem("--b\r\nContent-Disposition: form-data; name=f\r\n\r\nx"),
              HasSubstr("Part 1 of the form has no end"));
  EXPECT_THAT(problem("--b\r\nContent-Dispo"), HasSubstr("has no end"));
  EXPECT_THAT(problem(""), HasSubstr("no part that begins with its boundary"));
  EXPECT_THAT(problem("--other\r\n"), HasSubstr("no part that begins with its boundary"));
}

TEST(Multipart, PartsAreNamedInProblems) {
  EXPECT_EQ(problem(part("name=f", "x") + "--b\r\n\r\nx\r\n--b--"),
            "Part 2 of the form must have a Content-Disposition.");
  EXPECT_EQ(problem("--b\r\nContent-Disposition: attachment; name=f\r\n\r\nx\r\n--b--"),
            "Part 1 of the form must have the Content-Disposition `form-data`.");
  EXPECT_EQ(problem(part("filename=f", "x") + "--b--"),
            "Part 1 of the form must have a `name` in its Content-Disposition.");
  EXPECT_THAT(problem("--b\r\nContent-Disposition: form-data; name=f\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
              HasSubstr("send the bytes as they are"));
  EXPECT_THAT(problem("--bx\r\n"), HasSubstr("must have a line end"));
}

TEST(Multipart, HeadsAndPreamblesAreBounded) {
  const std::string fits(MultipartParser::kMostHeadBytes - 60, 'x');
  const auto with = [](std::string_view filler) {
    return fmt::format("--b\r\nContent-Disposition: form-data; name=f\r\nX: {}\r\n\r\n1\r\n--b--", filler);
  };
  EXPECT_EQ(problem(with(fits)), "");
  EXPECT_THAT(problem(with(fits + fits)), HasSubstr("more than 16384 bytes of header lines"));
  const std::string preamble(MultipartParser::kMostPreambleBytes - 10, 'x');
  EXPECT_EQ(problem(preamble + "\r\n" + part("name=f", "1") + "--b--"), "");
  EXPECT_THAT(problem(preamble + preamble), HasSubstr("more than 65536 bytes before its first part"));
  EXPECT_THAT(problem("--b" + std::string(300, ' ')), HasSubstr("more than 256 blanks"));
}

TEST(Multipart, AReceiverStopsTheForm) {
  Parts parts;
  parts.most = 10;
  EXPECT_EQ(read(part("name=f", "far too many bytes") + "--b--", parts), "stopped");
}

TEST(PartHead, NamesAreReadAsBrowsersAndCurlWriteThem) {
  EXPECT_EQ(head_of(R"(name="f"; filename="a %22b%22.md")").filename, "a \"b\".md");
  EXPECT_EQ(head_of(R"(name="f"; filename="a \"b\".md")").filename, "a \"b\".md");
  EXPECT_EQ(head_of(R"(name="f"; filename="100%.md")").filename, "100%.md");
  EXPECT_EQ(head_of(R"(name="f"; filename="a;b.md")").filename, "a;b.md");
  EXPECT_EQ(head_of("name=\"f\"; filename=\"Verträge/1.md\"").filename, "Verträge/1.md");
  EXPECT_EQ(head_of(R"(name="f"; filename="C:\dir\b.md")").filename, R"(C:\dir\b.md)");
  EXPECT_EQ(head_of(R"(name="f"; filename="")").filename, "");
  EXPECT_FALSE(head_of(R"(name="f")").filename);
}

TEST(PartHead, TheExtendedFilenameIsTaken) {
  EXPECT_EQ(head_of(R"(name=f; filename="EUR.md"; filename*=UTF-8''%e2%82%ac.md)").filename, "€.md");
  EXPECT_EQ(head_of(R"(name=f; filename*=utf-8'en'a%20b)").filename, "a b");
  for (const std::string_view bad : {"iso-8859-1''%e4", "UTF-8''%zz", "UTF-8''%4", "plain"})
    EXPECT_FALSE(parse_part_head(fmt::format("Content-Disposition: form-data; name=f; filename*={}", bad))) << bad;
}

TEST(PartHead, WhatIsMalformedIsRefused) {
  for (const std::string_view bad :
       {"no colon", ": value", "Content-Disposition: form-data; name=\"f",
        "Content-Disposition: form-data; name=f; name=g", "Content-Disposition: form-data; name=\"f\"x",
        "Content-Disposition: form-data; noequals",
        "Content-Disposition: form-data; name=f\r\nContent-Disposition: form-data; name=f"})
    EXPECT_FALSE(parse_part_head(bad)) << bad;
}

TEST(Boundary, IsReadFromTheContentType) {
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(boundary_of("multipart/form-data; charset=utf-8; Boundary=\"a b:c\""), "a b:c");
  EXPECT_EQ(boundary_of("multipart/form-data;boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW"),
            "----WebKitFormBoundary7MA4YWxkTrZu0gW");
  for (const std::string& bad :
       {std::string("multipart/form-data"), std::string("multipart/form-data; boundary="),
        std::string("multipart/form-data; boundary=\"a@b\""), "multipart/form-data; boundary=" + std::string(71, 'x')})
    EXPECT_FALSE(boundary_of(bad)) << bad;
}

}  // namespace
}  // namespace flowstone::api
