// What was read before is known again: by its bytes, its type, its parser and the extractors.
#include "projections/known_documents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventstore/scratch_directory.hpp"
#include "projections/document_reading.hpp"
#include "schemas/packed.hpp"

namespace flowstone::projections {
namespace {

const std::string kWorkspace = "01920000-0000-7000-8000-00000000000a";
const std::string kMarkdown = "# Contract\n\nThe fee is 12 %.\n";

class KnownDocumentsTest : public testing::Test {
 protected:
  // Reads the file and stores what was read, as an ingest does.
  schemas::BundleDocumentT ingested(const std::string& path, const std::string& bytes) {
    auto read = std::move(read_document(path, "", bytes)).value();
    EXPECT_TRUE(blobs_->put(kWorkspace, read.parsed.text.utf8()));
    EXPECT_TRUE(blobs_->put(kWorkspace, read.structure));
    EXPECT_TRUE(blobs_->put(kWorkspace, read.extractions));
    read.document.document_id = "01920000-0000-7000-8000-00000000000d";
    return read.document;
  }
  std::optional<schemas::BundleDocumentT> found(const schemas::BundleDocumentT& before, const std::string& path,
                                                const std::string& bytes = kMarkdown, const std::string& type = "") {
    auto manifest = std::make_shared<schemas::BundleManifestT>();
    manifest->documents.push_back(std::make_unique<schemas::BundleDocumentT>(before));
    KnownDocuments known(library_, kWorkspace, {manifest});
    return known.find(path, type, digest_text(sha256(bytes)), bytes);
  }

  const eventstore::ScratchDirectory directory_{"flowstone-known"};
  std::unique_ptr<eventstore::Blobs> blobs_ = std::move(eventstore::open_blobs(directory_.path() / "blobs")).value();
  Library library_{*blobs_};
};

TEST_F(KnownDocumentsTest, SameBytesAreWhatReadingThemAgainGives) {
  const auto before = ingested("a.md", kMarkdown);
  for (const std::string path : {"a.md", "renamed.md"}) {
    const auto known = found(before, path);
    ASSERT_TRUE(known) << path;
    const auto again = std::move(read_document(path, "", kMarkdown)).value().document;
    EXPECT_EQ(schemas::pack(*known), schemas::pack(again)) << path;
  }
}

TEST_F(KnownDocumentsTest, OtherBytesAndOtherTypesAreReadAgain) {
  const auto before = ingested("a.md", kMarkdown);
  EXPECT_FALSE(found(before, "a.md", kMarkdown + "More.\n"));
  EXPECT_FALSE(found(before, "a.txt")) << "the same bytes are plain text under this name";
  EXPECT_FALSE(found(before, "a", kMarkdown, "text/plain"));
}

TEST_F(KnownDocumentsTest, AnotherParserReadsAgain) {
  auto before = ingested("a.md", kMarkdown);
  before.parser += "0";
  EXPECT_FALSE(found(before, "a.md"));
}

TEST_F(KnownDocumentsTest, OtherExtractorsReadAgain) {
  auto before = ingested("a.md", kMarkdown);
  auto extractions = *library_.extractions(kWorkspace, before);
  extractions->extractors = "extract / 0";
  before.extractions = digest_text(*blobs_->put(kWorkspace, schemas::pack(*extractions)));
  EXPECT_FALSE(found(before, "a.md"));
  extractions->extractors.clear();  // of a program that did not say so yet
  before.extractions = digest_text(*blobs_->put(kWorkspace, schemas::pack(*extractions)));
  EXPECT_FALSE(found(before, "a.md"));
}

TEST_F(KnownDocumentsTest, WhatIsNotThereAnyMoreIsReadAgain) {
  auto before = ingested("a.md", kMarkdown);
  before.structure = std::string(64, 'a');
  EXPECT_FALSE(found(before, "a.md"));
}

TEST_F(KnownDocumentsTest, WarningsAreThoseOfThisPath) {
  const std::string latin = "# Caf\xe9\n\nThe fee.\n";
  const auto before = ingested("a.md", latin);
  const auto again = std::move(read_document("a.md", "text/html", latin)).value().document;
  const auto known = found(before, "a.md", latin, "text/html");
  if (known) EXPECT_EQ(known->warnings, again.warnings);
  const auto same = found(before, "a.md", latin);
  ASSERT_TRUE(same);
  EXPECT_EQ(same->warnings, before.warnings);
}

}  // namespace
}  // namespace flowstone::projections
