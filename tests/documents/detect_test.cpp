#include "documents/detect.hpp"

#include <gtest/gtest.h>

namespace flowstone::documents {
namespace {

constexpr std::string_view kPng{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89", 33};

TEST(Detect, KindsOfTextAreToldByTheClaimOrThePath) {
  EXPECT_EQ(detect("# Head\n\ntext\n", "a/b.md", "").type, MediaType::markdown);
  EXPECT_EQ(detect("# Head\n\ntext\n", "a/b", "text/markdown; charset=utf-8").type, MediaType::markdown);
  EXPECT_EQ(detect("a,b\n1,2\n", "b.CSV", "").type, MediaType::csv);
  EXPECT_EQ(detect("some words\n", "README", "").type, MediaType::plain_text);
  EXPECT_EQ(detect("<p>some words</p>\n", "x.html", "application/octet-stream").type, MediaType::html);
  EXPECT_EQ(detect("", "x.md", "").type, MediaType::markdown);
}

TEST(Detect, HtmlSaysSoItself) {
  const Detected detected = detect("<!DOCTYPE html><html><body>x</body></html>", "x.txt", "");
  EXPECT_EQ(detected.type, MediaType::html);
  EXPECT_EQ(detected.mismatch, "The file's name ends in .txt, but its content is text/html.");
}

TEST(Detect, ALyingExtensionIsNamed) {
  const Detected detected = detect("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "report.docx", "");
  EXPECT_EQ(detected.type, MediaType::pdf);
  EXPECT_EQ(detected.mismatch, "The file's name ends in .docx, but its content is application/pdf.");
  EXPECT_EQ(detect("just words, no more\n", "report.pdf", "").type, MediaType::plain_text);
  EXPECT_FALSE(detect("just words, no more\n", "report.pdf", "").mismatch.empty());
  EXPECT_EQ(detect("just words\n", "x.txt", "application/pdf").mismatch,
            "The file is said to be application/pdf, but its content is text/plain.");
}

TEST(Detect, WhatIsNotSupportedIsNamed) {
  const Detected detected = detect(kPng, "picture.md", "");
  EXPECT_EQ(detected.type, MediaType::unsupported);
  EXPECT_EQ(detected.found, "image/png");
  EXPECT_EQ(detected.sentence, "The file is image/png, which cannot be read as a document.");
  EXPECT_EQ(detected.mismatch, "The file's name ends in .md, but its content is image/png.");
  EXPECT_EQ(detect("{\\rtf1 words}", "x.txt", "").type, MediaType::unsupported);
  EXPECT_EQ(detect(std::string("\x7f"
                               "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0",
                               20),
                   "x", "")
                .type,
            MediaType::unsupported);
}

}  // namespace
}  // namespace flowstone::documents
