// Whatever happens to a document and to the insights on it: what is recorded of their freshness is what somebody finds
// who looks at all versions from scratch.
#include <chrono>
#include <map>
#include <optional>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "schemas/json.hpp"
#include "tests/integration/running_server.hpp"

namespace flowstone::tests {
namespace {

constexpr int kClauses = 5;

// A contract as its clauses, each with a number; a clause that is not there was deleted.
struct Contract {
  std::map<int, int> fees;
  std::vector<int> order;
  int preambles = 0;

  bool operator==(const Contract&) const = default;

  static std::string clause(int number, int fee) {
    constexpr std::string_view kGoods[] = {"apples from the north", "bicycles for children", "certificates of origin",
                                           "deliveries by night", "engines without gear"};
    return fmt::format("For {} the buyer owes a fee of {} euro each month.", kGoods[number], fee);
  }
  [[nodiscard]] std::string text() const {
    std::string text = "# Contract of supply\n\n";
    for (int at = 0; at < preambles; ++at) text += fmt::format("Preamble {} says nothing that matters here.\n\n", at);
    for (const int number : order) {
      if (fees.contains(number)) text += clause(number, fees.at(number)) + "\n\n";
    }
    return text + "Signed by both parties in two copies.\n";
  }
};

struct Version {
  Contract contract;
  bool withdrawn = false;
};

// What an insight was checked against: a version, and the fee in it; no fee where the clause was gone.
struct Checked {
  std::size_t version = 1;
  std::optional<int> fee;
};

std::optional<int> fee_in(const Contract& contract, int clause) {
  const auto found = contract.fees.find(clause);
  return found == contract.fees.end() ? std::nullopt : std::optional(found->second);
}

class FreshnessHistory : public testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    client = server.client();
    bundle = post("/v1/bundles", R"({"name":"Contract"})").member("id");
    Contract first;
    for (int number = 0; number < kClauses; ++number) {
      first.fees[number] = 10 + number;
      first.order.push_back(number);
    }
    upload(first);
    for (int number = 0; number < kClauses; ++number) {
      const auto evidence = post(
          "/v1/evidence",
          fmt::format(
              R"({{"source":{{"bundle_id":"{}","version":1,"document":"contract.md","selector":{{"exact":"{}"}}}}}})",
              bundle, Contract::clause(number, first.fees[number])));
      ASSERT_EQ(evidence.status, 201) << evidence.body;
      insights.push_back(post("/v1/insights", fmt::format(R"({{"title":"Fee {}","evidence_ids":["{}"]}})", number,
                                                          evidence.member("id")))
                             .member("id"));
      checked.push_back({.version = 1, .fee = first.fees[number]});
    }
  }

  Answer post(std::string_view target, std::string_view body) { return client->request("POST", target, body); }

  void upload(const Contract& contract) {
    std::string json;
    schemas::append_json_string(contract.text(), json);
    const auto answer = post(fmt::format("/v1/bundles/{}/versions", bundle),
                             fmt::format(R"({{"documents":[{{"path":"contract.md","text":{}}}]}})", json));
    ASSERT_EQ(answer.status, 202) << answer.body;
    versions.push_back({.contract = contract});
    until("the version is taken in", [&] {
      const auto at = server.store().state().durable.value;
      const auto run = client->request("GET", fmt::format("/v1/runs/{}?min_position={}", answer.member("run_id"), at));
      return run.member("status") == "completed";
    });
  }

  template <class Condition>
  void until(std::string_view what, const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << what;
      server.store().wait_beyond(server.store().state().durable, std::chrono::milliseconds(20), {});
    }
  }

  // The newest version that serves, counted from 1; 0 if none does.
  [[nodiscard]] std::size_t serving() const {
    for (std::size_t number = versions.size(); number > 0; --number) {
      if (!versions[number - 1].withdrawn) return number;
    }
    return 0;
  }
  // The version in which what `number` says was said first: where quotes were looked for last.
  [[nodiscard]] std::size_t looked_for(std::size_t number) const {
    while (number > 1 && versions[number - 2].contract == versions[number - 1].contract) --number;
    return number;
  }

  // From scratch, by the words alone.
  [[nodiscard]] std::string expected(int clause) const {
    const auto& then = checked[static_cast<std::size_t>(clause)];
    if (versions[then.version - 1].withdrawn) return "fresh/stale";
    const std::size_t now = serving();
    if (now == 0) return "fresh/stale";
    const auto fee = fee_in(versions[now - 1].contract, clause);
    const bool still = fee ? fee == then.fee : !then.fee && looked_for(now) == looked_for(then.version);
    return still ? "fresh/fresh" : "stale/stale";
  }

  std::string recorded(int clause) {
    const auto answer = client->request(
        "GET", fmt::format("/v1/insights/{}?min_position={}", insights[static_cast<std::size_t>(clause)],
                           server.store().state().durable.value));
    const auto freshness = answer.body.substr(answer.body.find("\"freshness\":"));
    return member_of(freshness, "value") + "/" + member_of(freshness, "support");
  }

  Contract edited() {
    Contract next = versions.back().contract;
    switch (random() % 6) {
      case 0:
        next.fees[static_cast<int>(random() % kClauses)] = 10 + static_cast<int>(random() % 90);
        break;
      case 1:
        next.fees.erase(static_cast<int>(random() % kClauses));
        break;
      case 2:
        next = versions[random() % versions.size()].contract;  // back to what was
        break;
      case 3:
        std::ranges::shuffle(next.order, random);
        break;
      default:
        ++next.preambles;
    }
    return next;
  }

  // What an insight on this clause is checked against from now on.
  [[nodiscard]] Checked present(int clause) const {
    const std::size_t now = serving();
    const std::size_t since = looked_for(now);
    return {.version = versions[since - 1].withdrawn ? now : since, .fee = fee_in(versions[now - 1].contract, clause)};
  }

  void step() {
    const int clause = static_cast<int>(random() % kClauses);
    const auto& insight = insights[static_cast<std::size_t>(clause)];
    switch (random() % 6) {
      case 0:
        if (serving() == 0) return;
        history += fmt::format(" confirm {}", clause);
        EXPECT_EQ(post(fmt::format("/v1/insights/{}/confirm", insight), "{}").status, 200);
        checked[static_cast<std::size_t>(clause)] = present(clause);
        return;
      case 1:
        if (serving() == 0) return;
        history += fmt::format(" amend {}", clause);
        EXPECT_EQ(
            client->request("PATCH", "/v1/insights/" + insight, fmt::format(R"({{"body":"{}"}})", random())).status,
            200);
        checked[static_cast<std::size_t>(clause)] = present(clause);
        return;
      case 2: {
        const std::size_t number = 2 + random() % versions.size();
        if (number > versions.size()) return;
        history += fmt::format(" withdraw {}", number);
        EXPECT_EQ(post(fmt::format("/v1/bundles/{}/versions/{}/withdraw", bundle, number), "{}").status, 200);
        versions[number - 1].withdrawn = true;
        return;
      }
      default:
        history += " upload";
        upload(edited());
    }
  }

  RunningServer server;
  std::unique_ptr<Client> client;
  std::string bundle, history;
  std::vector<std::string> insights;
  std::vector<Version> versions;
  std::vector<Checked> checked;
  std::mt19937 random{GetParam()};
};

TEST_P(FreshnessHistory, WhatIsRecordedIsWhatALookFromScratchFinds) {
  for (int steps = 0; steps < 10; ++steps) {
    step();
    for (int clause = 0; clause < kClauses; ++clause) {
      std::string seen;
      until(fmt::format("seed {}:{}; clause {} is {}, not {}", GetParam(), history, clause, seen, expected(clause)),
            [&] { return (seen = recorded(clause)) == expected(clause); });
      ASSERT_EQ(seen, expected(clause)) << "seed " << GetParam() << ":" << history << "; clause " << clause;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, FreshnessHistory, testing::Values(1U, 2U, 3U, 4U));

}  // namespace
}  // namespace flowstone::tests
