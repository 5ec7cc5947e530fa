// A server with a bundle, and what tests of documents do with it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "schemas/json.hpp"
#include "tests/integration/running_server.hpp"

namespace flowstone::tests {

inline constexpr std::string_view kContract =
    "# Supplier contract\n\n"
    "The fee is 12 % of the net price.\n\n"
    "## Delivery\n\n"
    "Goods must be delivered within 30 days of the order. Partial deliveries are allowed.\n\n"
    "## Liability\n\n"
    "The supplier is liable for damage caused by gross negligence.\n";

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

inline std::string in_json(std::string_view text) {
  std::string json;
  schemas::append_json_string(text, json);
  return json;
}

class Documents : public testing::Test {
 protected:
  void SetUp() override {
    client = server.client();
    bundle = post("/v1/bundles", R"({"name":"Contract"})").member("id");
  }

  Answer post(std::string_view target, std::string_view body) { return client->request("POST", target, body); }
  Answer get(std::string_view target) { return client->request("GET", target); }

  Answer upload(std::string_view text, std::string_view path = "contract.md") {
    return post(fmt::format("/v1/bundles/{}/versions", bundle),
                fmt::format(R"({{"documents":[{{"path":{},"text":{}}}]}})", in_json(path), in_json(text)));
  }

  // The status that the run ended with.
  std::string end_of(const std::string& run) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto answer = get(fmt::format("/v1/runs/{}?min_position={}", run, server.store().state().durable.value));
      const auto status = answer.member("status");
      if (status == "completed" || status == "failed" || status == "cancelled") return status;
      server.store().wait_beyond(server.store().state().durable, std::chrono::milliseconds(50), {});
    }
    return "still running: " + get("/v1/runs/" + run).body;
  }

  void publish(std::string_view text, std::string_view path = "contract.md") {
    const auto answer = upload(text, path);
    ASSERT_EQ(answer.status, 202) << answer.body;
    ASSERT_EQ(end_of(answer.member("run_id")), "completed");
  }

  Answer quote(std::string_view exact, int version = 1, std::string_view more = "") {
    return post(
        "/v1/evidence",
        fmt::format(
            R"({{"source":{{"bundle_id":"{}","version":{},"document":"contract.md","selector":{{"exact":{}{}}}}}}})",
            bundle, version, in_json(exact), more));
  }

  std::string insight_on(std::string_view title, std::string_view evidence, std::string_view more = "") {
    const auto answer =
        post("/v1/insights", fmt::format(R"({{"title":{},"evidence_ids":["{}"]{}}})", in_json(title), evidence, more));
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.member("id");
  }

  Answer fresh_read(std::string_view kind, std::string_view id) {
    return get(fmt::format("/v1/{}/{}?min_position={}", kind, id, server.store().state().durable.value));
  }

  // The insight's flags once they are these, or what they are after ten seconds.
  std::string flags(std::string_view insight, std::string_view wanted) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::string seen;
    do {
      const auto answer = fresh_read("insights", insight);
      const auto freshness = answer.body.substr(answer.body.find("\"freshness\":"));
      seen = member_of(freshness, "value") + "/" + member_of(freshness, "support");
      if (seen == wanted) return seen;
      server.store().wait_beyond(server.store().state().durable, std::chrono::milliseconds(50), {});
    } while (std::chrono::steady_clock::now() < deadline);
    return seen;
  }

  // A client of another workspace, whose key is known to the server.
  std::unique_ptr<Client> stranger() {
    auto other = std::make_unique<Client>(server.port());
    other->key = server.make_key(R"(["admin"])", kOtherWorkspace);
    for (int tries = 0; tries < 500 && other->request("GET", "/v1/tasks").status == 401; ++tries) usleep(10'000);
    return other;
  }

  RunningServer server;
  std::unique_ptr<Client> client;
  std::string bundle;
};

}  // namespace flowstone::tests
