#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/outside/web_server.hpp"
#include "tests/workers/task_calls.hpp"
#include "workers/tasks/http_task.hpp"

namespace flowstone::workers {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::page;
using tests::redirect;
using tests::WebServer;

std::string answer(std::string_view status, std::string_view media_type, std::string_view body) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: " + std::string(media_type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::unique_ptr<HttpTask> task_that_may_call(const WebServer& server, LaneLimits limits = {}) {
  return std::make_unique<HttpTask>(outside::WayOutOptions{.allowed_hosts = {server.host()}}, limits);
}

TaskCall ask(std::string_view arguments, std::string key = "run-1/T/1") {
  return call_of("flowstone:http", arguments, std::move(key));
}

std::string get(const WebServer& server, const std::string& path, const std::string& more = "") {
  static HttpTask task({.allowed_hosts = {"127.0.0.1"}}, {});
  return told(outcome_of(task, ask(R"({"Url": ")" + server.url(path) + "\"" + more + "}")));
}

// Until a request has arrived.
void wait_for_visit(const WebServer& server, int count = 1) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (server.visits() < count && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  ASSERT_GE(server.visits(), count);
}

TEST(HttpTask, JsonIsReadAndTextIsText) {
  const WebServer server([](const std::string& path) {
    if (path == "/json") return answer("200 OK", "application/problem+json; charset=utf-8", R"({"a":[1,"x"]})");
    if (path == "/text") return answer("201 Created", "text/plain", "h\xc3\xa9");
    if (path == "/bytes") return answer("200 OK", "application/octet-stream", "\xff\xfe");
    return std::string("HTTP/1.1 204 No Content\r\nX-A: 1\r\nx-a: 2\r\nX-Old: caf\xe9\r\n\r\n");
  });
  EXPECT_EQ(get(server, "/json"),
            R"({"StatusCode":200,"Headers":{"content-type":"application/problem+json; charset=utf-8",)"
            R"("content-length":"13"},"Body":{"a":[1,"x"]}})");
  EXPECT_THAT(get(server, "/text"), HasSubstr(R"("StatusCode":201)"));
  EXPECT_THAT(get(server, "/text"), HasSubstr("\"Body\":\"h\xc3\xa9\""));
  EXPECT_THAT(get(server, "/bytes"), HasSubstr(R"("BodyBase64":"//4=")"));
  EXPECT_EQ(get(server, "/none"), "{\"StatusCode\":204,\"Headers\":{\"x-a\":\"1, 2\",\"x-old\":\"caf\xc3\xa9\"}}");
}

TEST(HttpTask, SendsMethodHeadersQueryBodyAndItsKey) {
  const WebServer server([](const std::string&) { return answer("200 OK", "text/plain", "ok"); });
  const auto task = task_that_may_call(server);
  const auto url = server.url("/orders?x=1#there");
  const auto outcome = outcome_of(*task, ask(R"({"Method": "POST", "Url": ")" + url +
                                                 R"(", "Headers": {"X-Token": "t"},)"
                                                 R"("Query": {"q": "a b&c", "n": 2, "t": true}, "Body": {"a": 1}})",
                                             "the-key"));
  ASSERT_FALSE(outcome.error) << told(outcome);
  const auto request = server.requests().at(0);
  EXPECT_THAT(request, StartsWith("POST /orders?x=1&q=a%20b%26c&n=2&t=true HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nIdempotency-Key: the-key\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nX-Token: t\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"a\":1}")) << request;
}

TEST(HttpTask, ABodyThatIsTextIsSentAsItIs) {
  const WebServer server([](const std::string&) { return answer("200 OK", "text/plain", "ok"); });
  get(server, "/1", R"(, "Method": "PUT", "Body": "a\"b")");
  get(server, "/2", R"(, "Method": "PUT", "Body": "a=b", "Headers": {"content-type": "application/x-form"})");
  EXPECT_THAT(server.requests().at(0), HasSubstr("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_TRUE(server.requests().at(0).ends_with("\r\n\r\na\"b"));
  EXPECT_THAT(server.requests().at(1), HasSubstr("\r\ncontent-type: application/x-form\r\n"));
  EXPECT_THAT(server.requests().at(1), Not(HasSubstr("text/plain")));
}

TEST(HttpTask, TheHeadOfAnAnswerHasNoBody) {
  const WebServer server([](const std::string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n"; });
  EXPECT_EQ(get(server, "/", R"(, "Method": "HEAD")"), R"({"StatusCode":200,"Headers":{"content-length":"9999999"}})");
}

TEST(HttpTask, AnErrorOfTheServerIsAnErrorWithTheBeginningOfItsBody) {
  const std::string wide = "\xc3\xa9" + std::string(600, 'x');
  const WebServer server([&](const std::string& path) {
    if (path == "/404") return answer("404 Not Found", "text/plain", "no such order");
    if (path == "/500") return answer("500 Oh", "text/html", wide);
    if (path == "/binary") return answer("502 Bad", "text/html", "\xff\xff");
    if (path == "/large") return answer("503 Busy", "text/plain", std::string(300'000, 'y'));
    return std::string("HTTP/1.1 429 Slow\r\nContent-Length: 100\r\n\r\ncut sho");
  });
  EXPECT_EQ(get(server, "/404"), "Http.Status.404: 404 Not Found: no such order");
  EXPECT_EQ(get(server, "/500"), "Http.Status.500: 500 Oh: \xc3\xa9" + std::string(499, 'x'));
  EXPECT_EQ(get(server, "/binary"), "Http.Status.502: 502 Bad: 2 bytes that are no text");
  EXPECT_EQ(get(server, "/large"), "Http.Status.503: 503 Busy: " + std::string(500, 'y'));
  EXPECT_EQ(get(server, "/cut"), "Http.Status.429: 429 Slow: cut sho");
}

TEST(HttpTask, GarbageIsMalformed) {
  const WebServer server([](const std::string& path) {
    if (path == "/ssh") return std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    if (path == "/json") return answer("200 OK", "application/json", "{\"a\":");
    if (path == "/deep") return answer("200 OK", "application/json", std::string(100, '[') + std::string(100, ']'));
    if (path == "/latin") return answer("200 OK", "application/json", "\"\xe9\"");
    if (path == "/gzip") return std::string("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nzz");
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
  });
  for (const auto* path : {"/ssh", "/json", "/deep", "/latin", "/gzip", "/short"})
    EXPECT_THAT(get(server, path), StartsWith("Http.Malformed: ")) << path;
}

TEST(HttpTask, WhatIsTooLargeIsNotTaken) {
  const WebServer server([](const std::string& path) {
    if (path == "/told") return answer("200 OK", "text/plain", std::string(101, 'x'));
    if (path == "/just") return answer("200 OK", "text/plain", std::string(100, 'x'));
    return "HTTP/1.1 200 OK\r\n\r\n" + std::string(200'000, 'x');
  });
  const std::string most = R"(, "MaxBytes": 100)";
  EXPECT_THAT(get(server, "/told", most), StartsWith("Http.TooLarge: "));
  EXPECT_THAT(get(server, "/endless", most), StartsWith("Http.TooLarge: "));
  EXPECT_THAT(get(server, "/just", most), HasSubstr(R"("StatusCode":200)"));
}

TEST(HttpTask, PrivateAddressesAreRefusedUnlessTheOperatorNamesThem) {
  const WebServer server([](const std::string& path) {
    return path == "/leads" ? redirect("http://127.0.0.2/secret") : answer("200 OK", "text/plain", "secret");
  });
  HttpTask task({}, {});
  EXPECT_THAT(told(outcome_of(task, ask(R"({"Url": ")" + server.url("/") + "\"}"))),
              StartsWith("Http.Refused: 127.0.0.1 is not on the public internet"));
  EXPECT_EQ(server.visits(), 0);
  EXPECT_THAT(get(server, "/leads"), StartsWith("Http.Refused: 127.0.0.2 is not on the public internet"));
}

TEST(HttpTask, WhatMayNotBeSentIsRefused) {
  const WebServer server([](const std::string&) { return answer("200 OK", "text/plain", "ok"); });
  for (const auto* more : {R"(, "Headers": {"Host": "x"})", R"(, "Headers": {"content-length": 5})",
                           R"(, "Headers": {"A B": "x"})", R"(, "Headers": {"A": "x\r\nB: y"})",
                           R"(, "Headers": {"idempotency-key": "x"})", R"(, "Method": "CONNECT")", R"(, "Body": "x")"})
    EXPECT_THAT(get(server, "/", more), StartsWith("Http.Refused: ")) << more;
  HttpTask task({}, {});
  for (const auto* url : {"ftp://example.org/", "example.org", "http://user:word@example.org/"})
    EXPECT_THAT(told(outcome_of(task, ask(R"({"Url": ")" + std::string(url) + "\"}"))), StartsWith("Http.Refused: "))
        << url;
  EXPECT_EQ(server.visits(), 0);
}

TEST(HttpTask, ArgumentsThatAreNoneAreNamed) {
  HttpTask task({}, {});
  for (const auto& [arguments, name] : std::vector<std::pair<std::string, std::string>>{
           {R"({})", "Url"},
           {R"([])", "object"},
           {R"({"Url": 7})", "Url"},
           {R"({"Url": "http://a/", "Verb": "GET"})", "Verb"},
           {R"({"Url": "http://a/", "Headers": ["a"]})", "Headers"},
           {R"({"Url": "http://a/", "Query": {"a": {}}})", "Query"},
           {R"({"Url": "http://a/", "TimeoutSeconds": 3601})", "TimeoutSeconds"},
           {R"({"Url": "http://a/", "MaxBytes": -1})", "MaxBytes"}}) {
    const auto outcome = outcome_of(task, ask(arguments));
    EXPECT_EQ(outcome.error, "Task.Invalid") << arguments;
    EXPECT_THAT(outcome.cause.value_or(""), HasSubstr(name)) << arguments;
  }
}

TEST(HttpTask, GetFollowsRedirectsAndPostDoesNot) {
  const WebServer server([](const std::string& path) {
    return path == "/from" ? redirect("/to") : answer("200 OK", "text/plain", "arrived");
  });
  EXPECT_THAT(get(server, "/from"), HasSubstr("arrived"));
  EXPECT_THAT(get(server, "/from", R"(, "Method": "POST", "Body": "x")"), HasSubstr(R"("StatusCode":302)"));
  EXPECT_EQ(server.visits(), 3);
}

TEST(HttpTask, ToAnotherOriginNoHeadersGoAlong) {
  const WebServer other([](const std::string&) { return answer("200 OK", "text/plain", "other"); });
  const WebServer server(
      [&](const std::string& path) { return path == "/here" ? redirect("/there") : redirect(other.url("/")); });
  HttpTask task({.allowed_hosts = {"127.0.0.1"}}, {});
  const auto outcome =
      outcome_of(task, ask(R"({"Url": ")" + server.url("/here") + R"(", "Headers": {"Authorization": "Bearer s"}})"));
  EXPECT_THAT(told(outcome), HasSubstr("other"));
  EXPECT_THAT(server.requests().at(1), HasSubstr("Authorization: Bearer s"));
  EXPECT_THAT(other.requests().at(0), Not(HasSubstr("Bearer")));
}

TEST(HttpTask, NobodyListeningIsUnreachable) {
  std::string url;
  {
    const WebServer gone([](const std::string&) { return std::nullopt; });
    url = gone.url("/");
  }
  HttpTask task({.allowed_hosts = {"127.0.0.1"}}, {});
  EXPECT_THAT(told(outcome_of(task, ask(R"({"Url": ")" + url + "\"}"))), StartsWith("Http.Unreachable: "));
}

TEST(HttpTask, WhoeverHangsIsLeftInTime) {
  const WebServer server([](const std::string&) { return std::nullopt; });
  EXPECT_THAT(get(server, "/", R"(, "TimeoutSeconds": 0.1)"), StartsWith("Http.Timeout: "));
}

TEST(HttpTask, AnswersOfThe100sAreWaitedPast) {
  const WebServer server([](const std::string& path) {
    const std::string early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    if (path == "/once") return early + answer("200 OK", "text/plain", "ok");
    std::string all;
    for (int n = 0; n < 20; ++n) all += early;
    return all;
  });
  EXPECT_THAT(get(server, "/once"), HasSubstr(R"("Body":"ok")"));
  EXPECT_THAT(get(server, "/always"), StartsWith("Http.Malformed: "));
}

TEST(HttpTask, WhatIsCancelledHasNoOutcomeAndGivesItsPlaceAway) {
  const WebServer server([](const std::string& path) -> std::optional<std::string> {
    if (path == "/hang") return std::nullopt;
    return answer("200 OK", "text/plain", "ok");
  });
  const auto task = task_that_may_call(server, {.at_once = 1});
  const auto url = [&](const std::string& path) { return R"({"Url": ")" + server.url(path) + "\"}"; };
  Pending hanging(*task, ask(url("/hang"), "a"));
  wait_for_visit(server);
  Pending waiting(*task, ask(url("/never"), "b"));
  Pending next(*task, ask(url("/next"), "c"));
  task->cancel("b");
  task->cancel("a");
  EXPECT_FALSE(next.outcome().error);
  EXPECT_FALSE(hanging.was_told());
  EXPECT_FALSE(waiting.was_told());
  EXPECT_EQ(server.visits(), 2);
}

TEST(HttpTask, BeyondItsQueueATaskIsRefused) {
  const WebServer server([](const std::string&) { return std::nullopt; });
  const auto task = task_that_may_call(server, {.at_once = 1, .waiting = 1});
  const auto arguments = R"({"Url": ")" + server.url("/") + "\"}";
  Pending under_way(*task, ask(arguments, "a"));
  wait_for_visit(server);
  Pending waiting(*task, ask(arguments, "b"));
  EXPECT_EQ(outcome_of(*task, ask(arguments, "c")).error, "Task.Busy");
}

TEST(HttpTask, WhenItEndsNothingIsTold) {
  const WebServer server([](const std::string&) { return std::nullopt; });
  auto task = task_that_may_call(server);
  const auto arguments = R"({"Url": ")" + server.url("/") + "\"}";
  Pending one(*task, ask(arguments, "a"));
  Pending other(*task, ask(arguments, "b"));
  wait_for_visit(server, 2);
  task.reset();
  EXPECT_FALSE(one.was_told());
  EXPECT_FALSE(other.was_told());
}

// Wherever the answer breaks off, the outcome is one of a few, and no other.
TEST(HttpTask, AnAnswerThatIsCutAtAnyByteIsMalformed) {
  const auto whole = answer("200 OK", "application/json", R"({"a":[1,2],"b":"text"})");
  const WebServer server([&](const std::string& path) { return whole.substr(0, std::stoul(path.substr(1))); });
  const auto task = task_that_may_call(server);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const auto outcome = outcome_of(*task, ask(R"({"Url": ")" + server.url("/" + std::to_string(cut)) + "\"}"));
    EXPECT_EQ(outcome.error, "Http.Malformed") << cut << " " << told(outcome);
  }
  const auto last = outcome_of(*task, ask(R"({"Url": ")" + server.url("/" + std::to_string(whole.size())) + "\"}"));
  EXPECT_FALSE(last.error) << told(last);
}

TEST(HttpTask, AChunkedAnswerThatIsCutAtAnyByteIsMalformed) {
  const std::string whole =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
  const WebServer server([&](const std::string& path) { return whole.substr(0, std::stoul(path.substr(1))); });
  const auto task = task_that_may_call(server);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const auto outcome = outcome_of(*task, ask(R"({"Url": ")" + server.url("/" + std::to_string(cut)) + "\"}"));
    EXPECT_EQ(outcome.error, "Http.Malformed") << cut << " " << told(outcome);
  }
  const auto last = outcome_of(*task, ask(R"({"Url": ")" + server.url("/" + std::to_string(whole.size())) + "\"}"));
  EXPECT_THAT(told(last), HasSubstr(R"("Body":"abcde")"));
}

// A server that says anything at all: a good answer with a few bytes changed, gone or twice there.
TEST(HttpTask, WhateverTheAnswerTheOutcomeIsOneOfAFew) {
  const std::vector<std::string> good = {
      answer("200 OK", "application/json", R"({"a":[1,2],"b":"text"})"), answer("500 Oh", "text/plain", "went wrong"),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n",
      "HTTP/1.1 103 Early Hints\r\n\r\n" + page("x")};
  constexpr unsigned kSeed = 20'261'121;
  std::mt19937 chance(kSeed);
  const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(chance); };
  std::vector<std::string> answers;
  for (int n = 0; n < 400; ++n) {
    auto bytes = good[below(good.size())];
    for (auto changes = 1 + below(4); changes > 0; --changes) {
      const auto at = below(bytes.size());
      const auto what = below(3);
      if (what == 0) bytes[at] = static_cast<char>(below(256));
      if (what == 1) bytes.erase(at, 1 + below(3));
      if (what == 2) bytes.insert(at, bytes.substr(at, 1 + below(8)));
      if (bytes.empty()) bytes = "x";
    }
    answers.push_back(bytes);
  }
  const WebServer server([&](const std::string& path) -> std::string {
    const auto number = path.find_first_not_of("/0123456789") == std::string::npos ? path.substr(1) : "";
    return number.empty() ? page("elsewhere") : answers[std::stoul(number) % answers.size()];
  });
  for (std::size_t n = 0; n < answers.size(); ++n) {
    const auto outcome = get(server, "/" + std::to_string(n), R"(, "TimeoutSeconds": 20)");
    EXPECT_THAT(outcome, testing::AnyOf(StartsWith("{\"StatusCode\":"), StartsWith("Http.Malformed: "),
                                        StartsWith("Http.Status."), StartsWith("Http.Refused: "),
                                        StartsWith("Http.TooLarge: "), StartsWith("Http.Unreachable: ")))
        << "seed " << kSeed << ", answer " << n << ": " << answers[n];
  }
}

}  // namespace
}  // namespace flowstone::workers
