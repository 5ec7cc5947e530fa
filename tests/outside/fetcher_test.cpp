#include "outside/fetcher.hpp"

#include <chrono>
#include <future>

#include <gtest/gtest.h>

#include "tests/outside/web_server.hpp"

namespace flowstone::outside {
namespace {

using tests::page;
using tests::redirect;
using tests::WebServer;
using Code = FetchError::Code;

FetcherOptions allowing(const WebServer& server) {
  FetcherOptions options;
  options.allowed_hosts = {server.host()};
  options.time = std::chrono::seconds(5);
  return options;
}

Code code_of(const FetchResult& result) {
  EXPECT_FALSE(result) << result->body;
  return result ? Code::bad_url : result.error().code;
}

TEST(Fetcher, GetsWhatIsThereWithItsType) {
  const WebServer server([](const std::string&) { return page("<p>Hello</p>"); });
  Fetcher fetcher(allowing(server));
  const auto fetched = fetcher.fetch(server.url("/a?b=c#part"));
  ASSERT_TRUE(fetched) << fetched.error().detail;
  EXPECT_EQ(fetched->body, "<p>Hello</p>");
  EXPECT_EQ(fetched->media_type, "text/html; charset=utf-8");
  EXPECT_EQ(fetched->url, server.url("/a?b=c"));
}

TEST(Fetcher, SpeaksToNoPrivateAddressUnlessTheOperatorSaysSo) {
  const WebServer server([](const std::string&) { return page("secret"); });
  Fetcher fetcher;
  const auto port = std::to_string(server.port());
  for (const auto& host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254"})
    EXPECT_EQ(code_of(fetcher.fetch("http://" + std::string(host) + ":" + port + "/")), Code::not_public) << host;
  FetcherOptions other_port;
  other_port.allowed_hosts = {"127.0.0.1:1"};
  EXPECT_EQ(code_of(Fetcher(other_port).fetch(server.url("/"))), Code::not_public);
  EXPECT_EQ(server.visits(), 0);
}

TEST(Fetcher, ANameIsLookedUpOnceAndJudgedByItsAddress) {
  const WebServer server([](const std::string&) { return page("inside"); });
  FetcherOptions options;
  int asked = 0;
  options.look_up = [&asked](const std::string&) {
    ++asked;
    return Addresses{boost::asio::ip::make_address("127.0.0.1"), boost::asio::ip::make_address("10.0.0.1")};
  };
  const auto url = "http://rebinding.example:" + std::to_string(server.port()) + "/";
  EXPECT_EQ(code_of(Fetcher(options).fetch(url)), Code::not_public);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(server.visits(), 0);
  options.allowed_hosts = {"rebinding.example"};
  const auto fetched = Fetcher(options).fetch(url);
  ASSERT_TRUE(fetched) << fetched.error().detail;
  EXPECT_EQ(asked, 2);
}

TEST(Fetcher, FollowsRedirectsAndJudgesEachOfThem) {
  const WebServer server([](const std::string& path) -> std::string {
    if (path == "/start") return redirect("next?x=1");
    if (path == "/next?x=1") return page("arrived");
    if (path == "/private") return redirect("http://127.0.0.2/");
    if (path == "/metadata") return redirect("//169.254.169.254/latest/meta-data");
    if (path == "/file") return redirect("file:///etc/passwd");
    if (path == "/nowhere") return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n";
    return redirect(path + "x");
  });
  Fetcher fetcher(allowing(server));
  const auto fetched = fetcher.fetch(server.url("/start"));
  ASSERT_TRUE(fetched) << fetched.error().detail;
  EXPECT_EQ(fetched->body, "arrived");
  EXPECT_EQ(fetched->url, server.url("/next?x=1"));
  EXPECT_EQ(code_of(fetcher.fetch(server.url("/private"))), Code::not_public);
  EXPECT_EQ(code_of(fetcher.fetch(server.url("/metadata"))), Code::not_public);
  EXPECT_EQ(code_of(fetcher.fetch(server.url("/file"))), Code::bad_answer);
  EXPECT_EQ(code_of(fetcher.fetch(server.url("/nowhere"))), Code::bad_answer);
  const int before = server.visits();
  EXPECT_EQ(code_of(fetcher.fetch(server.url("/round"))), Code::too_many_redirects);
  EXPECT_EQ(server.visits() - before, 6);
}

TEST(Fetcher, WhatIsTooLargeIsNotTaken) {
  const std::string body(2'000, 'x');
  const WebServer server([&](const std::string& path) -> std::string {
    if (path == "/told") return page(body);
    if (path == "/claimed") return "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx";
    if (path == "/chunked")
      return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + body + "\r\n0\r\n\r\n";
    if (path == "/headers") return "HTTP/1.1 200 OK\r\nX: " + std::string(8'000, 'x') + "\r\n\r\n";
    return "HTTP/1.1 200 OK\r\n\r\n" + body;  // until the end of the connection
  });
  auto options = allowing(server);
  options.bytes = 1'999;
  options.header_bytes = 4'096;
  Fetcher fetcher(options);
  for (const auto& path : {"/told", "/claimed", "/chunked", "/headers", "/endless"})
    EXPECT_EQ(code_of(fetcher.fetch(server.url(path))), Code::too_large) << path;
  options.bytes = 2'000;
  for (const auto& path : {"/told", "/chunked", "/endless"})
    EXPECT_TRUE(Fetcher(options).fetch(server.url(path))) << path;
}

TEST(Fetcher, LiesAboutTheLengthAreNotBelieved) {
  const WebServer server([](const std::string& path) -> std::string {
    if (path == "/short") return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this";
    if (path == "/long") return "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour and more";
    if (path == "/two") return "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\nfour";
    if (path == "/gzip") return "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz";
    return "SSH-2.0-OpenSSH_9.2\r\n\r\n";
  });
  Fetcher fetcher(allowing(server));
  for (const auto& path : {"/short", "/two", "/gzip", "/ssh"})
    EXPECT_EQ(code_of(fetcher.fetch(server.url(path))), Code::bad_answer) << path;
  const auto fetched = fetcher.fetch(server.url("/long"));
  ASSERT_TRUE(fetched) << fetched.error().detail;
  EXPECT_EQ(fetched->body, "four");
}

TEST(Fetcher, WhatDoesNotAnswerInTimeIsLeft) {
  const WebServer server([](const std::string&) { return std::nullopt; });
  auto options = allowing(server);
  options.time = std::chrono::milliseconds(150);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of(Fetcher(options).fetch(server.url("/"))), Code::too_slow);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST(Fetcher, OtherAnswersThanSuccessAreNoPage) {
  const WebServer server([](const std::string&) { return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"; });
  const auto result = Fetcher(allowing(server)).fetch(server.url("/"));
  EXPECT_EQ(code_of(result), Code::not_found);
  EXPECT_NE(result.error().detail.find("404"), std::string::npos);
  EXPECT_EQ(code_of(Fetcher().fetch("nonsense")), Code::bad_url);
}

TEST(Fetcher, WhenItEndsWhatWaitsIsTold) {
  const WebServer server([](const std::string&) { return std::nullopt; });
  auto options = allowing(server);
  options.threads = 1;
  options.queue = 1;
  std::promise<FetchResult> under_way, waiting;
  {
    Fetcher fetcher(options);
    fetcher.fetch(server.url("/1"), [&](FetchResult result) { under_way.set_value(std::move(result)); });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (server.visits() == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    fetcher.fetch(server.url("/2"), [&](FetchResult result) { waiting.set_value(std::move(result)); });
    EXPECT_EQ(code_of(fetcher.fetch(server.url("/3"))), Code::busy);
  }
  EXPECT_EQ(code_of(under_way.get_future().get()), Code::stopped);
  EXPECT_EQ(code_of(waiting.get_future().get()), Code::stopped);
}

}  // namespace
}  // namespace flowstone::outside
