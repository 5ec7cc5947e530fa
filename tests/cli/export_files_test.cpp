// The files of documents travel with the log.
#include <fstream>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/portable_blob.hpp"
#include "cli/run_events.hpp"
#include "eventstore/scratch_directory.hpp"
#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

using testing::HasSubstr;

constexpr std::string_view kPiece = R"({"type":"flowstone.export.blob",)";

class ExportOfDocuments : public testing::Test {
 protected:
  void SetUp() override {
    // Two pieces of incompressible bytes, and a text.
    std::filesystem::create_directories(scratch_ / "files");
    std::ofstream(scratch_ / "files" / "contract.md", std::ios::binary) << "# Contract\n\nThe fee is 12 %.\n";
    std::ofstream(scratch_ / "files" / "long.txt", std::ios::binary) << std::string(kMostPieceBytes + 5, 'x');
    const auto pushed = run(scratch_.path(), {"bundle", "push", (scratch_ / "files").string(), "--name", "Contract"},
                            server_.environment());
    ASSERT_EQ(pushed.status, 0) << pushed.err;
    const auto exported = run(scratch_.path(), {"export", "--data", server_.data().string(), file()});
    ASSERT_EQ(exported.status, 0) << exported.err;
    text_ = read_file(file());
  }
  std::string file() { return (scratch_ / "log.ndjson").string(); }
  Ran import(const std::string& text) {
    std::ofstream(file(), std::ios::binary) << text;
    return run(scratch_.path(), {"import", "--data", (scratch_ / "copy").string(), file()});
  }
  void expect_refused(const std::string& text, const std::string& words) {
    const auto refused = import(text);
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr(words));
  }
  // The n-th line that is a piece of a file: where it begins, and its length with its end.
  std::pair<std::size_t, std::size_t> piece(int number) {
    std::size_t at = text_.find(kPiece);
    for (; number > 0; --number) at = text_.find(kPiece, at + 1);
    return {at, text_.find('\n', at) + 1 - at};
  }

  ScratchDirectory scratch_;
  DemoServer server_{scratch_ / "data"};
  std::string text_;
};

TEST_F(ExportOfDocuments, ImportsIntoACopyThatServesThem) {
  ASSERT_EQ(import(text_).status, 0);
  const auto again = (scratch_ / "again.ndjson").string();
  ASSERT_EQ(run(scratch_.path(), {"export", "--data", (scratch_ / "copy").string(), again}).status, 0);
  EXPECT_TRUE(text_ == read_file(again)) << "the same file, byte for byte";
  std::filesystem::copy_file(server_.data() / "demo.key", scratch_ / "copy" / "demo.key");
  DemoServer copy(scratch_ / "copy");
  EXPECT_EQ(copy.ask({"bundle", "show", "Contract"}), server_.ask({"bundle", "show", "Contract"}));
  EXPECT_EQ(copy.ask({"list", "bundles"}).at("items"), server_.ask({"list", "bundles"}).at("items"));
}

TEST_F(ExportOfDocuments, ImportThatWasBrokenOffGoesOn) {
  const auto half = text_.rfind(R"({"specversion")", text_.size() * 9 / 10);
  expect_refused(text_.substr(0, half), "not whole");
  const auto whole = import(text_);
  EXPECT_EQ(whole.status, 0) << whole.err;
  EXPECT_THAT(whole.err, HasSubstr("events were there already"));
  EXPECT_THAT(import(text_).err, HasSubstr("0 events, "));
}

TEST_F(ExportOfDocuments, AnotherLogIsNotPassedOver) {
  ASSERT_EQ(import(text_).status, 0);
  const std::regex salt("\"salt\":\".{4}");
  expect_refused(std::regex_replace(text_, salt, "\"salt\":\"AAAA", std::regex_constants::format_first_only),
                 "the directory has another event at position 1");
}

TEST_F(ExportOfDocuments, FileWithOtherBytesIsRefusedByItsDigest) {
  auto text = text_;
  const auto at = text.find("\"bytes\":\"", piece(0).first) + 9;
  text[at] = text[at] == 'A' ? 'B' : 'A';
  expect_refused(text, "does not have its digest");
}

TEST_F(ExportOfDocuments, MissingFileIsNamedWithTheEventThatNamesIt) {
  auto text = text_;
  text.erase(piece(1).first, piece(1).second);
  expect_refused(text, "names the file ");
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "copy" / "views"));
}

TEST_F(ExportOfDocuments, FileThatIsCutShortIsNamed) {
  auto text = text_;
  const auto second = text.find("\"offset\":262144");
  ASSERT_NE(second, std::string::npos);
  const auto begin = text.rfind('\n', second) + 1;
  expect_refused(text.substr(0, begin), "is cut short: only 262144 of its 262149 bytes");
  text.erase(begin, text.find('\n', begin) + 1 - begin);
  expect_refused(text, "is cut short");
}

TEST_F(ExportOfDocuments, OfEventsAloneSaysWhatACopyLacks) {
  const auto alone = (scratch_ / "events.ndjson").string();
  ASSERT_EQ(run(scratch_.path(), {"export", "--events-only", "--data", server_.data().string(), alone}).status, 0);
  EXPECT_THAT(read_file(alone), Not(HasSubstr(std::string(kPiece))));
  const auto imported = import(read_file(alone));
  EXPECT_EQ(imported.status, 0) << imported.err;
  EXPECT_THAT(imported.err, HasSubstr("The export has no files"));
  expect_refused(text_.substr(0, text_.rfind("\"blobs\"")) + R"("blobs":1,)" +
                     text_.substr(text_.find("\"root\"", text_.rfind("\"blobs\""))),
                 "the seal is of 1 files");
}

// --- pieces by themselves ---

class Pieces : public testing::Test {
 protected:
  static PortablePiece piece(const std::string& whole, std::uint64_t offset, std::size_t count,
                             const std::string& workspace = "01920000-0000-7000-8000-000000000001") {
    return {.workspace = workspace,
            .digest = sha256(whole),
            .size = whole.size(),
            .offset = offset,
            .bytes = whole.substr(offset, count)};
  }
  static std::string line_of(const PortablePiece& piece) {
    std::string line;
    append_portable(piece.workspace, piece.digest, {.size = piece.size, .offset = piece.offset, .bytes = piece.bytes},
                    line);
    line.pop_back();
    return line;
  }

  const eventstore::ScratchDirectory directory_{"flowstone-pieces"};
  std::unique_ptr<eventstore::Blobs> blobs_ = std::move(eventstore::open_blobs(directory_.path() / "blobs")).value();
  BlobAssembly assembly_{*blobs_};
};

TEST_F(Pieces, AreReadAsTheyWereWritten) {
  const auto written = piece("some bytes", 3, 4);
  const auto line = line_of(written);
  EXPECT_TRUE(is_piece(line));
  const auto read = parse_piece(line);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->workspace, written.workspace);
  EXPECT_EQ(read->digest, written.digest);
  EXPECT_EQ(read->offset, 3U);
  EXPECT_EQ(read->bytes, "e by");
}

TEST_F(Pieces, ThatGoBeyondTheirFileOrHaveNothingAreRefused) {
  auto wrong = piece("some bytes", 8, 2);
  wrong.offset = 9;
  EXPECT_THAT(parse_piece(line_of(wrong)).error(), HasSubstr("beyond the size"));
  wrong.offset = 1'000;
  EXPECT_THAT(parse_piece(line_of(wrong)).error(), HasSubstr("beyond the size"));
  wrong.bytes.clear();
  EXPECT_THAT(parse_piece(line_of(wrong)).error(), HasSubstr("bytes are missing"));
  EXPECT_THAT(parse_piece(line_of(piece(std::string(kMostPieceBytes + 1, 'x'), 0, kMostPieceBytes + 1))).error(),
              HasSubstr("the most of a piece"));
  EXPECT_FALSE(parse_piece(R"({"type":"flowstone.export.blob","source":"/workspaces/x"})"));
}

TEST_F(Pieces, AreFoundOnceTheyAreKept) {
  const std::string first = "first file";
  const std::string empty;
  ASSERT_TRUE(assembly_.take(piece(first, 0, 5)));
  EXPECT_THAT(assembly_.keep().error(), HasSubstr("only 5 of its 10 bytes"));
  ASSERT_TRUE(assembly_.take(piece(first, 5, 5)));
  ASSERT_TRUE(assembly_.take(piece(empty, 0, 0)));
  ASSERT_TRUE(assembly_.keep());
  EXPECT_EQ(assembly_.taken(), 2U);
  for (const auto& bytes : {first, empty})
    EXPECT_EQ(blobs_->get(piece(first, 0, 1).workspace, sha256(bytes))->value(), bytes);
}

TEST_F(Pieces, OutOfTheirOrderAreRefused) {
  const std::string file = "first file";
  EXPECT_THAT(assembly_.take(piece(file, 3, 2)).error(), HasSubstr("begins in its middle"));
  ASSERT_TRUE(assembly_.take(piece(file, 0, 4)));
  EXPECT_THAT(assembly_.take(piece(file, 0, 4)).error(), HasSubstr("cut short"));
  EXPECT_THAT(assembly_.take(piece("another one", 4, 4)).error(), HasSubstr("cut short"));
}

TEST_F(Pieces, OfAnotherWorkspaceAreKeptThere) {
  const std::string file = "a file";
  const std::string other = "01920000-0000-7000-8000-000000000002";
  ASSERT_TRUE(assembly_.take(piece(file, 0, 6)));
  ASSERT_TRUE(assembly_.take(piece("another", 0, 7, other)));
  ASSERT_TRUE(assembly_.keep());
  EXPECT_TRUE(blobs_->contains(other, sha256("another")).value());
  EXPECT_FALSE(blobs_->contains(other, sha256(file)).value());
}

}  // namespace
}  // namespace flowstone::cli
