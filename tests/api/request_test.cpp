#include "api/request.hpp"

#include <gtest/gtest.h>

namespace flowstone::api {
namespace {

using Outcome = RequestParser::Outcome;

constexpr std::string_view kPost =
    "POST /v1/tasks?x=1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nIdempotency-Key: "
    "\"k\"\r\nContent-Length: 4\r\n\r\n{ }\n";

TEST(RequestParser, CompleteRequestIsRead) {
  Request request;
  RequestParser parser(request, {});
  const auto step = parser.feed(kPost);
  EXPECT_EQ(step.outcome, Outcome::complete);
  EXPECT_EQ(step.consumed, kPost.size());
  EXPECT_EQ(request.method, Method::post);
  EXPECT_EQ(request.target, "/v1/tasks?x=1");
  EXPECT_EQ(request.body, "{ }\n");
  EXPECT_EQ(request.header(Header::idempotency_key), "\"k\"");
  EXPECT_TRUE(request.keep_alive);
}

TEST(RequestParser, BytesMayComeOneByOne) {
  Request request;
  RequestParser parser(request, {});
  std::string unread;
  Outcome outcome = Outcome::need_more;
  for (const char c : kPost) {
    unread += c;
    const auto step = parser.feed(unread);
    unread.erase(0, step.consumed);
    outcome = step.outcome;
  }
  EXPECT_EQ(outcome, Outcome::complete);
  EXPECT_EQ(request.body, "{ }\n");
}

TEST(RequestParser, NextRequestStaysUnread) {
  Request request;
  RequestParser parser(request, {});
  const std::string two = std::string(kPost) + "GET /livez HTTP/1.1\r\n";
  EXPECT_EQ(parser.feed(two).consumed, kPost.size());
}

TEST(RequestParser, ChunkedBodyIsJoined) {
  Request request;
  RequestParser parser(request, {});
  const auto step =
      parser.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n1\r\n \r\n0\r\n\r\n");
  EXPECT_EQ(step.outcome, Outcome::complete);
  EXPECT_EQ(request.body, "{} ");
}

TEST(RequestParser, BodyBeyondTheLimitIsRefusedBeforeItIsSent) {
  Request request;
  RequestParser parser(request, {.header_bytes = 1024, .body_bytes = 10});
  EXPECT_EQ(parser.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n").outcome, Outcome::body_too_large);
}

TEST(RequestParser, ChunkedBodyBeyondTheLimitIsRefused) {
  Request request;
  RequestParser parser(request, {.header_bytes = 1024, .body_bytes = 10});
  EXPECT_EQ(parser.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n").outcome,
            Outcome::body_too_large);
}

TEST(RequestParser, HeadBeyondTheLimitIsRefused) {
  Request request;
  RequestParser parser(request, {.header_bytes = 100, .body_bytes = 10});
  EXPECT_EQ(parser.feed("GET / HTTP/1.1\r\nHost: " + std::string(200, 'a') + "\r\n\r\n").outcome,
            Outcome::head_too_large);
}

TEST(RequestParser, RepeatedFieldsAreJoined) {
  Request request;
  RequestParser parser(request, {});
  parser.feed("GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nAccept: application/json\r\n\r\n");
  EXPECT_EQ(request.header(Header::accept), "text/html, application/json");
}

class BrokenRequests : public testing::TestWithParam<const char*> {};
TEST_P(BrokenRequests, AreMalformed) {
  Request request;
  RequestParser parser(request, {});
  EXPECT_EQ(parser.feed(GetParam()).outcome, Outcome::malformed);
  EXPECT_FALSE(parser.reason().empty());
}
INSTANTIATE_TEST_SUITE_P(
    Texts, BrokenRequests,
    testing::Values("hello there\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nBad Field: x\r\n\r\n",
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"));

TEST(RequestParser, Http10ClosesUnlessAsked) {
  Request request;
  RequestParser parser(request, {});
  parser.feed("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(request.is_http_1_0);
  EXPECT_FALSE(request.keep_alive);
}

}  // namespace
}  // namespace flowstone::api
