// Who is spoken to over TLS: a host whose certificate an authority has signed, for its name, for today; and nobody
// else.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "outside/fetcher.hpp"
#include "tests/outside/tls_server.hpp"
#include "tests/outside/web_server.hpp"

namespace flowstone::outside {
namespace {

using testing::HasSubstr;
using tests::Authority;
using tests::page;
using tests::redirect;
using tests::TlsServer;
using tests::WebServer;
using Code = FetchError::Code;

constexpr const char* kHost = "site.example";

class FetcherOverTls : public testing::Test {
 protected:
  FetcherOverTls() {
    std::string path = testing::TempDir() + "/flowstone-authority-XXXXXX";
    const int file = ::mkstemp(path.data());
    EXPECT_GE(file, 0);
    ::close(file);
    std::ofstream(path) << authority_.pem();
    options_.authorities = path;
    options_.allowed_hosts = {kHost, "127.0.0.1"};
    options_.time = std::chrono::seconds(20);
    options_.threads = 1;
    options_.look_up = [](const std::string&) { return Addresses{boost::asio::ip::make_address("127.0.0.1")}; };
  }
  ~FetcherOverTls() override { std::filesystem::remove(options_.authorities); }

  static std::string url_of(const TlsServer& server, const std::string& host = kHost) {
    return "https://" + host + ":" + std::to_string(server.port()) + "/";
  }
  // The server is refused before anything is asked of it.
  static void expect_unsafe(const FetcherOptions& options, const TlsServer& server) {
    const auto result = Fetcher(options).fetch(url_of(server));
    ASSERT_FALSE(result) << result->body;
    EXPECT_EQ(result.error().code, Code::unsafe) << result.error().detail;
    EXPECT_THAT(result.error().detail, HasSubstr("has no certificate that can be trusted"));
    EXPECT_EQ(server.visits(), 0);
  }

  const Authority authority_;
  FetcherOptions options_;
};

TEST_F(FetcherOverTls, HostWithACertificateOfATrustedAuthorityIsRead) {
  const TlsServer server(authority_.issue(kHost, -1, 1), page("over TLS"));
  const auto fetched = Fetcher(options_).fetch(url_of(server));
  ASSERT_TRUE(fetched) << fetched.error().detail;
  EXPECT_EQ(fetched->body, "over TLS");
  EXPECT_EQ(fetched->url, url_of(server));
}

TEST_F(FetcherOverTls, AuthorityThatNobodyTrustsIsRefused) {
  const TlsServer server(Authority().issue(kHost, -1, 1), page("no"));
  expect_unsafe(options_, server);
  const TlsServer trusted(authority_.issue(kHost, -1, 1), page("no"));
  auto without = options_;
  without.authorities.clear();
  expect_unsafe(without, trusted);
}

TEST_F(FetcherOverTls, CertificateForAnotherHostIsRefused) {
  const TlsServer server(authority_.issue("other.example", -1, 1), page("no"));
  expect_unsafe(options_, server);
  const TlsServer above(authority_.issue("example", -1, 1), page("no"));
  expect_unsafe(options_, above);
}

TEST_F(FetcherOverTls, AddressIsNoNameThatACertificateIsFor) {
  const TlsServer server(authority_.issue(kHost, -1, 1), page("no"));
  const auto result = Fetcher(options_).fetch(url_of(server, "127.0.0.1"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unsafe);
  EXPECT_EQ(server.visits(), 0);
}

TEST_F(FetcherOverTls, ExpiredCertificateIsRefusedAndOneThatIsNotYetValid) {
  const TlsServer expired(authority_.issue(kHost, -20, -10), page("no"));
  expect_unsafe(options_, expired);
  const TlsServer early(authority_.issue(kHost, 10, 20), page("no"));
  expect_unsafe(options_, early);
}

TEST_F(FetcherOverTls, RedirectAwayFromTlsIsRefused) {
  const WebServer plain([](const std::string&) { return page("in the open"); });
  const TlsServer server(authority_.issue(kHost, -1, 1), redirect(plain.url("/")));
  const auto result = Fetcher(options_).fetch(url_of(server));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unsafe);
  EXPECT_THAT(result.error().detail, HasSubstr("which is not https"));
  EXPECT_EQ(plain.visits(), 0);
}

TEST_F(FetcherOverTls, RedirectToTlsIsFollowedAndItsCertificateIsJudged) {
  const TlsServer good(authority_.issue(kHost, -1, 1), page("arrived"));
  const TlsServer bad(authority_.issue("other.example", -1, 1), page("no"));
  const WebServer plain([&](const std::string& path) { return redirect(url_of(path == "/good" ? good : bad)); });
  Fetcher fetcher(options_);
  const auto fetched = fetcher.fetch(plain.url("/good"));
  ASSERT_TRUE(fetched) << fetched.error().detail;
  EXPECT_EQ(fetched->body, "arrived");
  const auto refused = fetcher.fetch(plain.url("/bad"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unsafe);
}

TEST_F(FetcherOverTls, PlainHttpOnATlsPortHasNoAnswer) {
  const TlsServer server(authority_.issue(kHost, -1, 1), page("no"));
  const auto open = Fetcher(options_).fetch("http://" + std::string(kHost) + ":" + std::to_string(server.port()) + "/");
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, Code::bad_answer);
}

}  // namespace
}  // namespace flowstone::outside
