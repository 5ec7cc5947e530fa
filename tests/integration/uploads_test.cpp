// Versions that are sent as forms: stored as they come, bounded in everything, and nothing stays of what is refused.
#include <chrono>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "tests/integration/running_server.hpp"

namespace flowstone::tests {
namespace {

using testing::HasSubstr;

constexpr std::string_view kBoundary = "a-boundary";

std::string part(std::string_view disposition, std::string_view bytes) {
  return fmt::format("--{}\r\nContent-Disposition: form-data; {}\r\n\r\n{}\r\n", kBoundary, disposition, bytes);
}

std::string file(std::string_view path, std::string_view bytes) {
  return part(fmt::format(R"(name="documents"; filename="{}")", path), bytes);
}

std::string form(const std::vector<std::string>& parts) {
  std::string body;
  for (const std::string& one : parts) body += one;
  return body + fmt::format("--{}--\r\n", kBoundary);
}

api::ServerOptions patient_options() {
  auto options = quick_options();
  options.deadlines.body = std::chrono::seconds(30);
  return options;
}

api::ServerOptions small_options() {
  auto options = patient_options();
  options.uploads = {.document_bytes = 1'000'000, .version_bytes = 1'500'000, .documents = 3, .under_way = 1};
  options.request.streamed_bytes = 2'000'000;
  return options;
}

documents::ParseLimits small_reading() {
  documents::ParseLimits limits;
  limits.bytes = 500'000;
  return limits;
}

class Uploads : public testing::Test {
 protected:
  explicit Uploads(api::ServerOptions options = small_options()) : server(std::move(options), {}, small_reading()) {
    client = server.client();
    bundle = client->request("POST", "/v1/bundles", R"({"name":"Contract"})").member("id");
  }

  [[nodiscard]] std::string target() const { return fmt::format("/v1/bundles/{}/versions", bundle); }
  Answer get(std::string_view path) { return client->request("GET", path); }

  // The head of an upload, to send the body at will.
  [[nodiscard]] std::string head(std::string_view length, std::string_view more = {}) const {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: multipart/form-data; "
        "boundary={}\r\n{}\r\n{}\r\n",
        target(), server.admin_key(), kBoundary, length, more);
  }
  Answer upload(std::string_view body, std::string_view more = {}) {
    Client fresh(server.port());
    EXPECT_TRUE(fresh.send(head(fmt::format("Content-Length: {}", body.size()), more)));
    fresh.send(body);  // a refusal may come before its end
    return fresh.read();
  }

  std::string end_of(const std::string& run) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto durable = server.store().state().durable;
      const auto status = get(fmt::format("/v1/runs/{}?min_position={}", run, durable.value)).member("status");
      if (status == "completed" || status == "failed") return status;
      server.store().wait_beyond(durable, std::chrono::milliseconds(50), {});
    }
    return "still running";
  }
  [[nodiscard]] bool has_versions() { return get(target()).body.find("\"number\"") != std::string::npos; }

  void expect_refused(const Answer& answer, int status, std::string_view field, std::string_view detail) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.member("field"), field);
    EXPECT_THAT(answer.body, HasSubstr(detail));
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_FALSE(has_versions()) << "nothing is half written";
  }

  RunningServer server;
  std::unique_ptr<Client> client;
  std::string bundle;
};

TEST_F(Uploads, AFormIsAVersion) {
  const auto accepted = upload(form({part("name=label", "signed"), file("a/contract.md", "# Fee\n\n12 %\n"),
                                     part(R"(name=f; filename="x"; filename*=UTF-8''%c3%a4.txt)", "plain words")}));
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  ASSERT_EQ(end_of(accepted.member("run_id")), "completed");
  const auto version = get(target() + "/1");
  EXPECT_EQ(version.member("label"), "signed");
  EXPECT_EQ(version.member("status"), "published");
  EXPECT_EQ(get(target() + "/1/documents/a%2Fcontract.md/content").body, "# Fee\n\n12 %\n");
  EXPECT_EQ(get(target() + "/1/documents/%C3%A4.txt/text").body, "plain words");
}

TEST_F(Uploads, WhatComesInChunksIsReadTheSame) {
  const auto body = form({file("a.txt", std::string(300'000, 'x') + "\n"), file("b.txt", "short")});
  Client fresh(server.port());
  ASSERT_TRUE(fresh.send(head("Transfer-Encoding: chunked")));
  for (std::size_t at = 0; at < body.size(); at += 7'777) {
    const auto chunk = std::string_view(body).substr(at, 7'777);
    ASSERT_TRUE(fresh.send(fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk)));
  }
  ASSERT_TRUE(fresh.send("0\r\n\r\n"));
  const auto accepted = fresh.read();
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  ASSERT_EQ(end_of(accepted.member("run_id")), "completed");
  EXPECT_EQ(get(target() + "/1/documents/a.txt").member("sha256"),
            to_hex(view(sha256(std::string(300'000, 'x') + "\n"))));
  EXPECT_EQ(fresh.request("GET", "/livez").status, 200) << "the connection goes on";
}

TEST_F(Uploads, PathsThatNoDocumentHasAreRefusedByPart) {
  for (const std::string_view path : {"../secret", "/etc/passwd", "a//b", "a/./b", "", "a/"})
    expect_refused(upload(form({file("good.md", "x"), file(path, "y")})), 422, "documents[1].path", "must");
  expect_refused(upload(form({file("a.md", "x"), file("a.md", "y")})), 422, "documents[1].path", "`a.md`");
  expect_refused(upload(form({file("\xff.md", "x")})), 422, "documents[0].path", "must be UTF-8");
  expect_refused(upload(form({file(std::string(1001, 'x'), "x")})), 422, "documents[0].path",
                 "at most 1000 characters");
}

TEST_F(Uploads, FieldsThatTheFormDoesNotHaveAreRefusedByName) {
  expect_refused(upload(form({part("name=mood", "good"), file("a.md", "x")})), 422, "mood", "needs a filename");
  expect_refused(upload(form({part("name=documents", "good")})), 422, "documents", "must be a file");
  expect_refused(upload(form({part("name=label", "signed")})), 422, "documents", "must be given");
  expect_refused(upload(form({part("name=label", "a"), part("name=label", "b")})), 422, "label", "given once");
  expect_refused(upload(form({part("name=label", std::string(201, 'x'))})), 422, "label", "at most 200 characters");
  expect_refused(upload(form({part("name=_charset_", "latin1")})), 422, "_charset_", "must be UTF-8");
}

TEST_F(Uploads, LimitsAreExactAndNameThePart) {
  const std::string most(1'000'000, 'x');
  expect_refused(upload(form({file("small", "x"), file("large", most + "x")})), 413, "documents[1]",
                 "`large` must have at most 1000000 bytes.");
  expect_refused(upload(form({file("large", most), file("next", most.substr(0, 500'001))})), 413, "documents[1]",
                 "`next` does not fit: all documents of a version have at most 1500000 bytes.");
  expect_refused(upload(form({file("1", ""), file("2", ""), file("3", ""), file("4", "")})), 422, "documents",
                 "must have at most 3 items");
  EXPECT_EQ(upload(form({file("1", most), file("2", most.substr(0, 500'000)), file("3", "")})).status, 202);
}

TEST_F(Uploads, WhatIsAnnouncedAsTooLargeIsNotEvenRead) {
  Client fresh(server.port());
  ASSERT_TRUE(fresh.send(head("Content-Length: 2000001", "Expect: 100-continue\r\n")));
  EXPECT_EQ(fresh.read().status, 413);
  Client chunked(server.port());
  ASSERT_TRUE(chunked.send(head("Transfer-Encoding: chunked")));
  ASSERT_TRUE(chunked.send("1000000\r\n" + form({file("a.md", "x")})));
  const std::string filler(100'000, 'x');
  for (int at = 0; at < 30; ++at) chunked.send(filler);
  const auto refused = chunked.read();
  EXPECT_EQ(refused.status, 413) << refused.body;
  EXPECT_FALSE(has_versions());
}

TEST_F(Uploads, WhatIsNoFormIsRefused) {
  EXPECT_THAT(upload("no form at all").body, HasSubstr("no part that begins with its boundary"));
  EXPECT_EQ(upload(file("a.md", "x")).status, 400) << "it has no end";
  EXPECT_THAT(upload(file("a.md", "x")).body, HasSubstr("Part 1 of the form has no end"));
  const auto bare = client->request("POST", target(), "x", "Content-Type: multipart/form-data\r\n");
  EXPECT_EQ(bare.status, 400) << bare.body;
  EXPECT_THAT(bare.body, HasSubstr("boundary"));
  client = server.client();
  const auto elsewhere = client->request("POST", "/v1/tasks", "x", "Content-Type: multipart/form-data; boundary=b\r\n");
  EXPECT_EQ(elsewhere.status, 415);
  client = server.client();
  EXPECT_FALSE(has_versions());
}

TEST_F(Uploads, NobodySendsABodyForABundleThatIsNotThere) {
  bundle = "01920000-0000-7000-8000-0000000000ff";
  Client fresh(server.port());
  ASSERT_TRUE(fresh.send(head("Content-Length: 1000", "Expect: 100-continue\r\n")));
  EXPECT_EQ(fresh.read().status, 404);
}

TEST_F(Uploads, TheSameFilesUnderTheSameKeyAreOneVersion) {
  const std::string key = "Idempotency-Key: \"v1\"\r\n";
  const auto first = upload(form({file("a.md", "x"), file("b.md", "y")}), key);
  ASSERT_EQ(first.status, 202) << first.body;
  const auto second = upload(form({file("b.md", "y"), file("a.md", "x")}), key);
  EXPECT_EQ(second.status, 202) << second.body;
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.header("idempotent-replayed"), "true");
  const auto reused = upload(form({file("a.md", "x"), file("b.md", "z")}), key);
  EXPECT_EQ(reused.status, 422);
  EXPECT_EQ(reused.member("code"), "idempotency_key_reused");
}

TEST_F(Uploads, UploadsAtOneTimeAreBoundedAndABrokenOneMakesRoom) {
  auto first = std::make_unique<Client>(server.port());
  ASSERT_TRUE(first->send(head("Content-Length: 900000", "Expect: 100-continue\r\n")));
  ASSERT_EQ(first->take_line(), "HTTP/1.1 100 Continue");
  ASSERT_TRUE(first->send(form({file("a.md", "x")}).substr(0, 60)));
  const auto busy = upload(form({file("b.md", "y")}));
  EXPECT_EQ(busy.status, 503) << busy.body;
  EXPECT_EQ(busy.member("code"), "busy");
  EXPECT_EQ(busy.header("retry-after"), "1");
  first.reset();
  int status = 503;
  for (int tries = 0; tries < 1000 && status == 503; ++tries) status = upload(form({file("b.md", "y")})).status;
  EXPECT_EQ(status, 202);
  EXPECT_EQ(get(target() + "/1").member("document_count"), "1");
}

class SlowUploads : public Uploads {
 protected:
  SlowUploads() : Uploads(quick_options()) {}
};

TEST_F(SlowUploads, WhoSendsTooSlowlyIsCutOff) {
  Client fresh(server.port());
  ASSERT_TRUE(fresh.send(head("Content-Length: 900000")));
  ASSERT_TRUE(fresh.send(form({file("a.md", "x")}).substr(0, 60)));
  EXPECT_EQ(fresh.read().status, 408);
  EXPECT_FALSE(has_versions());
}

TEST_F(Uploads, WhatIsTooLargeToBeReadFailsItsRunAndTheVersionBeforeServes) {
  ASSERT_EQ(end_of(upload(form({file("a.txt", "good")})).member("run_id")), "completed");
  const auto large = upload(form({file("a.txt", "fine"), file("large.txt", std::string(600'000, 'x'))}));
  ASSERT_EQ(large.status, 202);
  EXPECT_EQ(end_of(large.member("run_id")), "failed");
  EXPECT_EQ(get(target() + "/2").member("status"), "failed");
  EXPECT_EQ(get(target() + "/2").member("error"),
            "large.txt: The file has 600000 bytes; the limit is 500000. (too_large)");
  EXPECT_EQ(get(target() + "/latest/documents/a.txt/text").body, "good");
}

class ManyFiles : public Uploads {
 protected:
  ManyFiles() : Uploads(patient_options()) {}
};

TEST_F(ManyFiles, TenThousandAreOneVersion) {
  std::vector<std::string> parts;
  for (int at = 0; at < 10'000; ++at) parts.push_back(file(fmt::format("{}/{}.txt", at % 100, at), std::to_string(at)));
  const auto accepted = upload(form(parts));
  EXPECT_EQ(accepted.status, 202) << accepted.body;
  EXPECT_EQ(get(target() + "/1").member("document_count"), "10000");
}

}  // namespace
}  // namespace flowstone::tests
