#include "outside/web_address.hpp"

#include <gtest/gtest.h>

namespace flowstone::outside {
namespace {

TEST(WebAddress, IsTakenApartAndPutTogether) {
  const auto plain = WebAddress::parse("HTTP://Example.ORG");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->secure);
  EXPECT_EQ(plain->host, "example.org");
  EXPECT_EQ(plain->port, 80);
  EXPECT_EQ(plain->text(), "http://example.org/");
  const auto full = WebAddress::parse("https://[2606:4700::1]:8443/a/b?q=1#part");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->host, "2606:4700::1");
  EXPECT_EQ(full->text(), "https://[2606:4700::1]:8443/a/b?q=1");
  EXPECT_EQ(WebAddress::parse("https://example.org:443?q")->text(), "https://example.org/?q");
}

TEST(WebAddress, WhatIsNoWebAddressIsRefused) {
  for (const char* url :
       {"", "example.org", "ftp://example.org", "file:///etc/passwd", "http://", "http:///x", "http://a b/",
        "http://[::1", "http://user:secret@example.org/", "http://user@10.0.0.1/", "http://example.org:0/",
        "http://example.org:65536/", "http://example.org:8x/", "http://exam\xc3\xa4ple.org/", "http://a\\b/",
        "http://example.org\r\nX: y/", "gopher://x", "http://[1.2.3.4]/", "javascript:alert(1)"}) {
    const auto parsed = WebAddress::parse(url);
    EXPECT_FALSE(parsed) << url;
    if (!parsed) EXPECT_TRUE(parsed.error().starts_with("must ")) << parsed.error();
  }
  EXPECT_FALSE(WebAddress::parse("http://example.org/" + std::string(2'000, 'x')));
  EXPECT_FALSE(WebAddress::parse("http://" + std::string(254, 'x') + "/"));
}

// The cases of RFC 3986, section 5.4, for http.
TEST(WebAddress, LeadsWhereAReferenceLeads) {
  const auto base = WebAddress::parse("http://a/b/c/d;p?q");
  ASSERT_TRUE(base);
  const std::pair<const char*, const char*> cases[] = {{"https://x/y", "https://x/y"},
                                                       {"g", "http://a/b/c/g"},
                                                       {"./g", "http://a/b/c/g"},
                                                       {"g/", "http://a/b/c/g/"},
                                                       {"/g", "http://a/g"},
                                                       {"//g", "http://g/"},
                                                       {"?y", "http://a/b/c/d;p?y"},
                                                       {"g?y", "http://a/b/c/g?y"},
                                                       {"#s", "http://a/b/c/d;p?q"},
                                                       {"g#s", "http://a/b/c/g"},
                                                       {";x", "http://a/b/c/;x"},
                                                       {"", "http://a/b/c/d;p?q"},
                                                       {".", "http://a/b/c/"},
                                                       {"./", "http://a/b/c/"},
                                                       {"..", "http://a/b/"},
                                                       {"../g", "http://a/b/g"},
                                                       {"../..", "http://a/"},
                                                       {"../../g", "http://a/g"},
                                                       {"../../../g", "http://a/g"},
                                                       {"/./g", "http://a/g"},
                                                       {"/../g", "http://a/g"},
                                                       {"g/./h", "http://a/b/c/g/h"},
                                                       {"g?y/../x", "http://a/b/c/g?y/../x"}};
  for (const auto& [reference, wanted] : cases) {
    const auto led = base->follow(reference);
    ASSERT_TRUE(led) << reference;
    EXPECT_EQ(led->text(), wanted) << reference;
  }
  EXPECT_FALSE(base->follow("mailto:someone@example.org"));
  EXPECT_FALSE(base->follow("//user@x/"));
}

}  // namespace
}  // namespace flowstone::outside
