#include "api/websocket_frames.hpp"

#include <gtest/gtest.h>

namespace flowstone::api {
namespace {

using Kind = ClientFrame::Kind;

std::string masked(std::uint8_t first, std::string_view payload) {
  std::string frame(1, static_cast<char>(first));
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    frame.push_back(static_cast<char>(0x80 | 126));
    frame.push_back(static_cast<char>(payload.size() >> 8));
    frame.push_back(static_cast<char>(payload.size() & 0xff));
  }
  const std::string mask = "\x01\x02\x03\x04";
  frame += mask;
  for (std::size_t at = 0; at < payload.size(); ++at) frame.push_back(static_cast<char>(payload[at] ^ mask[at % 4]));
  return frame;
}

TEST(ClientFrames, PingIsUnmasked) {
  const auto frame = read_client_frame(masked(0x89, "hello"));
  EXPECT_EQ(frame.kind, Kind::ping);
  EXPECT_EQ(frame.payload, "hello");
}

TEST(ClientFrames, PartOfAFrameNeedsMore) {
  const std::string whole = masked(0x8a, std::string(100, 'x'));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto frame = read_client_frame(std::string_view(whole).substr(0, size));
    ASSERT_EQ(frame.kind, Kind::need_more) << size;
    ASSERT_EQ(frame.consumed, 0U);
  }
  EXPECT_EQ(read_client_frame(whole).kind, Kind::pong);
}

TEST(ClientFrames, CloseHasCodeAndReason) {
  const auto frame = read_client_frame(masked(0x88, std::string("\x03\xe9", 2) + "going"));
  EXPECT_EQ(frame.kind, Kind::close);
  EXPECT_EQ(frame.code, 1001);
  EXPECT_EQ(frame.payload, "going");
}

TEST(ClientFrames, EmptyCloseIsNormal) { EXPECT_EQ(read_client_frame(masked(0x88, "")).code, close_code::kNormal); }

TEST(ClientFrames, MessagesOf4096BytesAreTheLargest) {
  EXPECT_EQ(read_client_frame(masked(0x81, std::string(4096, 'x'))).kind, Kind::message);
  EXPECT_EQ(read_client_frame(masked(0x81, std::string(4097, 'x'))).kind, Kind::too_big);
}

TEST(ClientFrames, LengthsOf64BitsAreTooBigBeforeTheyCome) {
  const auto frame = read_client_frame(std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 10));
  EXPECT_EQ(frame.kind, Kind::too_big);
  EXPECT_EQ(frame.code, close_code::kTooBig);
}

class BrokenFrames : public testing::TestWithParam<std::string> {};
TEST_P(BrokenFrames, AreProtocolErrors) {
  const auto frame = read_client_frame(GetParam());
  EXPECT_EQ(frame.kind, Kind::protocol_error);
  EXPECT_FALSE(frame.payload.empty());
}
INSTANTIATE_TEST_SUITE_P(Frames, BrokenFrames,
                         testing::Values(std::string("\x81\x05hello", 7), masked(0xc1, "x"), masked(0x83, "x"),
                                         masked(0x8b, "x"), masked(0x09, "x"), masked(0x88, "x"),
                                         masked(0x88, std::string("\x03\xed", 2)),
                                         masked(0x88, std::string("\x03\xe8\xff", 3)),
                                         masked(0x89, std::string(126, 'x'))));

TEST(Handshake, AcceptKeyIsThatOfTheRfc) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, KeyOfAnotherSizeIsRefused) {
  EXPECT_FALSE(accept_key("dGhlIHNhbXBsZQ=="));
  EXPECT_FALSE(accept_key("not base64"));
}

TEST(ServerFrames, LengthTakesTheShortestForm) {
  EXPECT_EQ(make_frame(opcode::kPing, "ab"), std::string("\x89\x02"
                                                         "ab"));
  EXPECT_EQ(make_frame(opcode::kText, std::string(126, 'x')).substr(0, 4), std::string("\x81\x7e\x00\x7e", 4));
  EXPECT_EQ(make_frame(opcode::kText, std::string(70'000, 'x')).substr(0, 10),
            std::string("\x81\x7f\0\0\0\0\0\x01\x11\x70", 10));
}

TEST(ServerFrames, LongCloseReasonIsCut) { EXPECT_EQ(make_close(1013, std::string(500, 'x')).size(), 2U + 125U); }

TEST(Utf8, FollowsRfc3629) {
  EXPECT_TRUE(is_utf8("z\xc3\x9f\xe6\xb0\xb4\xf0\x9f\x8d\x8c"));
  for (const char* text : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe6\xb0", "\x80", "\xff"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

}  // namespace
}  // namespace flowstone::api
