#include "cli/exec/line_splitter.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flowstone::cli {
namespace {

struct Piece {
  std::string bytes;
  bool partial = false;
  bool operator==(const Piece&) const = default;
};

class Collector {
 public:
  LineSplitter::Take take() {
    return [this](LinePiece piece) { pieces.push_back({std::string(piece.bytes), piece.partial}); };
  }
  [[nodiscard]] std::string joined() const {
    std::string out;
    for (const auto& piece : pieces) out += piece.bytes + (piece.partial ? "" : "\n");
    return out;
  }
  std::vector<Piece> pieces;
};

TEST(LineSplitter, LinesComeWithoutTheirEnds) {
  Collector seen;
  LineSplitter splitter;
  splitter.put("one\ntw", seen.take());
  splitter.put("o\n\nlast", seen.take());
  splitter.finish(seen.take());
  EXPECT_EQ(seen.pieces, (std::vector<Piece>{{"one"}, {"two"}, {""}, {"last"}}));
}

TEST(LineSplitter, ACarriageReturnBelongsToTheLine) {
  Collector seen;
  LineSplitter splitter;
  splitter.put("10%\r20%\r\n", seen.take());
  EXPECT_EQ(seen.pieces, (std::vector<Piece>{{"10%\r20%\r"}}));
}

TEST(LineSplitter, ALongLineComesInPiecesBetweenCharacters) {
  Collector seen;
  LineSplitter splitter;
  std::string line;
  while (line.size() < 3 * LineSplitter::kPieceBytes) line += "€";
  splitter.put(line + "\n", seen.take());
  ASSERT_GE(seen.pieces.size(), 3U);
  for (const auto& piece : seen.pieces) {
    EXPECT_TRUE(is_plain_text(piece.bytes));
    EXPECT_LE(piece.bytes.size(), LineSplitter::kPieceBytes);
  }
  EXPECT_EQ(seen.joined(), line + "\n");
}

TEST(LineSplitter, APromptIsHandedOutByFlushAndItsLineIsClosed) {
  Collector seen;
  LineSplitter splitter;
  splitter.put("Password: ", seen.take());
  splitter.flush(seen.take());
  splitter.finish(seen.take());
  EXPECT_EQ(seen.pieces, (std::vector<Piece>{{"Password: ", true}, {"", false}}));
}

TEST(LineSplitter, FlushKeepsHalfACharacterBack) {
  Collector seen;
  LineSplitter splitter;
  splitter.put("ab\xE2\x82", seen.take());
  splitter.flush(seen.take());
  splitter.put("\xAC\n", seen.take());
  EXPECT_EQ(seen.pieces, (std::vector<Piece>{{"ab", true}, {"€", false}}));
}

TEST(LineSplitter, NothingGivesNothing) {
  Collector seen;
  LineSplitter splitter;
  splitter.flush(seen.take());
  splitter.finish(seen.take());
  EXPECT_TRUE(seen.pieces.empty());
}

TEST(LineSplitter, PiecesJoinedAreTheBytesHoweverTheyArrive) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::string bytes;
    const std::size_t size = random() % 100'000;
    while (bytes.size() < size)
      bytes += random() % 40 == 0 ? '\n' : static_cast<char>(random() % 200 == 0 ? random() : 'a' + random() % 26);
    Collector seen;
    LineSplitter splitter;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t length = std::min<std::size_t>(bytes.size() - at, 1 + random() % 5000);
      splitter.put(std::string_view(bytes).substr(at, length), seen.take());
      if (random() % 10 == 0) splitter.flush(seen.take());
      at += length;
    }
    splitter.finish(seen.take());
    auto expected = bytes;
    if (!expected.empty() && expected.back() != '\n') expected += '\n';
    EXPECT_EQ(seen.joined(), expected);
  }
}

TEST(PlainText, KnowsWhatUtf8Is) {
  EXPECT_TRUE(is_plain_text("plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_plain_text(std::string("a\0b", 3)));
  EXPECT_FALSE(is_plain_text("\xFF"));
  EXPECT_FALSE(is_plain_text("\xC0\xAF"));          // overlong
  EXPECT_FALSE(is_plain_text("\xED\xA0\x80"));      // a surrogate
  EXPECT_FALSE(is_plain_text("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(is_plain_text("\xE2\x82"));          // cut
}

}  // namespace
}  // namespace flowstone::cli
