// What clients and operators are told when the disk fails, a command takes long, or a projection stops.
#include <atomic>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/eventstore/faulty_file_system.hpp"
#include "tests/eventstore/held_journal.hpp"
#include "tests/integration/running_server.hpp"

namespace flowstone::tests {
namespace {

using eventstore::FaultyFileSystem;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kTask = R"({"title":"Kept"})";

std::string idempotency(std::string_view key) { return fmt::format("Idempotency-Key: \"{}\"\r\n", key); }

void expect_problem(const Answer& answer, int status, std::string_view code) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  EXPECT_EQ(answer.member("code"), code);
}

// The part of a readiness with this name, as JSON.
std::string part_of(const Answer& readiness, std::string_view name) {
  const std::size_t begin = readiness.body.find(fmt::format("{{\"name\":\"{}\"", name));
  if (begin == std::string::npos) return {};
  return readiness.body.substr(begin, readiness.body.find('}', begin) + 1 - begin);
}

// --- a disk that fails ---

class FailingDisk : public testing::Test {
 protected:
  eventstore::StoreOptions on_faulty_disk() {
    eventstore::StoreOptions options;
    options.env = env_.get();
    return options;
  }

  void expect_read_only() {
    auto client = server_.client();
    const auto readiness = client->request("GET", "/readyz");
    EXPECT_EQ(readiness.status, 503);
    EXPECT_EQ(readiness.member("status"), "read_only");
    EXPECT_THAT(readiness.member("failure"), HasSubstr("the log could not be written"));
    EXPECT_THAT(part_of(readiness, "log"), HasSubstr("\"state\":\"read_only\""));
    EXPECT_THAT(part_of(readiness, "tasks"), HasSubstr("\"state\":\"live\""));
    EXPECT_EQ(client->request("GET", "/livez").status, 200);
  }

  void expect_reads_go_on(const std::string& id) {
    auto client = server_.client();
    EXPECT_EQ(client->request("GET", "/v1/tasks/" + id).member("title"), "Kept");
    EXPECT_EQ(client->request("GET", fmt::format("/v1/streams/task-{}/events", id)).member("type"), "task.created");
    EXPECT_EQ(client->request("GET", "/v1/audit/root").status, 200);
  }

  // Appends stop and say so, reads go on, and after a restart everything is as if it had never been.
  void live_through(FaultyFileSystem::Fault fault) {
    auto client = server_.client();
    const auto kept = client->request("POST", "/v1/tasks", kTask);
    ASSERT_EQ(kept.status, 201);
    client->request("GET", "/v1/tasks?min_position=" + kept.header("flowstone-position"));

    faulty_->fail(fault, 0);
    const auto unknown = client->request("POST", "/v1/tasks", kTask, idempotency("unknown"));
    expect_problem(unknown, 503, "outcome_unknown");
    EXPECT_EQ(unknown.header("retry-after"), "30");
    faulty_->heal();
    const auto refused = client->request("POST", "/v1/tasks", kTask, idempotency("refused"));
    expect_problem(refused, 503, "storage_failed");
    EXPECT_EQ(refused.header("retry-after"), "30");
    EXPECT_THAT(refused.member("detail"), HasSubstr("/readyz"));
    expect_read_only();
    expect_reads_go_on(kept.member("id"));

    server_.restart();
    client = server_.client();
    EXPECT_EQ(client->request("GET", "/readyz").member("status"), "ready");
    expect_reads_go_on(kept.member("id"));
    for (const char* key : {"unknown", "refused"})
      EXPECT_EQ(client->request("POST", "/v1/tasks", kTask, idempotency(key)).status, 201) << key;
    const auto tasks = client->request("GET", "/v1/events?type=task.created&limit=10");
    EXPECT_EQ(tasks.number("head"), server_.store().state().durable.value);
    EXPECT_EQ(server_.store().state().durable.value, 4U);  // the key and three tasks
  }

  std::shared_ptr<FaultyFileSystem> faulty_ = std::make_shared<FaultyFileSystem>("/log/");
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(faulty_);
  RunningServer server_{quick_options(), on_faulty_disk()};
};

TEST_F(FailingDisk, AFailedWriteStopsAppendsSaysSoAndARestartRecovers) { live_through(FaultyFileSystem::Fault::write); }
TEST_F(FailingDisk, AFailedSyncStopsAppendsSaysSoAndARestartRecovers) { live_through(FaultyFileSystem::Fault::sync); }

TEST_F(FailingDisk, NobodyIsToldWhereTheServerKeepsItsFiles) {
  auto client = server_.client();
  faulty_->fail(FaultyFileSystem::Fault::no_space, 0);
  const auto problem = client->request("POST", "/v1/tasks", kTask);
  const auto readiness = client->request("GET", "/readyz");
  EXPECT_THAT(readiness.body, HasSubstr("no space left"));
  for (const auto& answer : {problem, readiness}) EXPECT_THAT(answer.body, Not(HasSubstr("flowstone-api-")));
}

// --- a log that cannot be read ---

class UnreadableJournal final : public eventstore::Journal {
 public:
  Result<void, eventstore::JournalFailure> append(std::span<const eventstore::JournalBlock> blocks) override {
    return memory_->append(blocks);
  }
  Result<std::unique_ptr<Cursor>, eventstore::StoreError> cursor(Access access) override {
    if (!damaged) return memory_->cursor(access);
    return failure(eventstore::StoreError{.code = eventstore::StoreError::Code::corrupt,
                                          .position = {1},
                                          .detail = "Corruption: in /srv/secret place/log/000012.sst offset 4096"});
  }

  std::atomic<bool> damaged{false};

 private:
  const std::shared_ptr<Journal> memory_ = eventstore::make_memory_journal();
};

class UnreadableLog : public testing::Test {
 protected:
  eventstore::StoreOptions on_journal() {
    eventstore::StoreOptions options;
    options.journal = journal_;
    options.recent_bytes = 0;
    return options;
  }
  void SetUp() override {
    ASSERT_EQ(client_->request("POST", "/v1/tasks", kTask).status, 201);
    journal_->damaged = true;
  }
  void TearDown() override { journal_->damaged = false; }

  std::shared_ptr<UnreadableJournal> journal_ = std::make_shared<UnreadableJournal>();
  RunningServer server_{quick_options(), on_journal()};
  std::unique_ptr<Client> client_ = server_.client();
};

TEST_F(UnreadableLog, IsAProblemThatNamesThePositionAndNoFile) {
  const auto answer = client_->request("GET", "/v1/events");
  expect_problem(answer, 503, "storage_damaged");
  EXPECT_EQ(answer.member("detail"), "The log cannot be read at 1.");
  EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
}

TEST_F(UnreadableLog, SaysWhenToComeBackAlthoughNobodyKnows) {
  EXPECT_EQ(client_->request("GET", "/v1/events").header("retry-after"), "30");
}

TEST_F(UnreadableLog, EndsAStreamWithWordsThatNameNoFile) {
  client_->send(
      fmt::format("GET /v1/events HTTP/1.1\r\nHost: a\r\nAccept: application/x-ndjson\r\n"
                  "Authorization: Bearer {}\r\n\r\n",
                  client_->key));
  ASSERT_EQ(client_->read(false).status, 200);
  const auto last = client_->take_chunk();
  ASSERT_TRUE(last);
  EXPECT_EQ(member_of(*last, "code"), "storage_damaged");
  EXPECT_EQ(member_of(*last, "detail"), "The log cannot be read at 1.");
}

// --- a command that takes long ---

TEST(SlowCommand, SameKeyMeanwhileIsInProgressAndAfterwardsAnswered) {
  const auto journal = std::make_shared<eventstore::HeldJournal>(false);
  eventstore::StoreOptions options;
  options.journal = journal;
  RunningServer server(quick_options(), std::move(options));
  auto first = server.client();
  auto second = server.client();

  journal->hold();
  first->send(
      fmt::format("POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{}"
                  "Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{}",
                  idempotency("slow"), first->key, kTask.size(), kTask));
  journal->wait_for_append();
  const auto meanwhile = second->request("POST", "/v1/tasks", kTask, idempotency("slow"));
  journal->release();

  expect_problem(meanwhile, 409, "in_progress");
  EXPECT_EQ(meanwhile.header("retry-after"), "1");
  const auto answer = first->read();
  EXPECT_EQ(answer.status, 201);
  const auto again = second->request("POST", "/v1/tasks", kTask, idempotency("slow"));
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.header("idempotent-replayed"), "true");
  EXPECT_EQ(again.body, answer.body);
}

// --- a projection that stops ---

class StoppedProjection : public testing::Test {
 protected:
  void SetUp() override {
    eventstore::Append append;
    append.workspace = kWorkspace;
    append.writes.push_back({.stream = "task-01920000-0000-7000-8000-0000000000ff",
                             .expected = eventstore::AnyRevision{},
                             .events = {{.type = "task.created", .schema_version = 1, .payload = "no FlatBuffer"}}});
    const auto appended = server_.store().append(std::move(append));
    ASSERT_TRUE(appended);
    bad_ = appended->first;
    while (server_.catalog().status("tasks")->state != projections::Status::State::stopped) std::this_thread::yield();
  }

  RunningServer server_;
  std::unique_ptr<Client> client_ = server_.client();
  Position bad_;
};

TEST_F(StoppedProjection, IsDegradedNotReadyAndNamedWithItsReason) {
  const auto readiness = client_->request("GET", "/readyz");
  EXPECT_EQ(readiness.status, 200);
  EXPECT_EQ(readiness.member("status"), "degraded");
  EXPECT_THAT(readiness.member("failure"), HasSubstr(fmt::format("stopped at {}", bad_.value)));
  EXPECT_THAT(part_of(readiness, "tasks"), HasSubstr("\"state\":\"stopped\""));
  EXPECT_THAT(part_of(readiness, "tasks"), HasSubstr(fmt::format("stopped at {}", bad_.value)));
  EXPECT_THAT(part_of(readiness, "log"), HasSubstr("\"state\":\"accepting\""));
  EXPECT_THAT(part_of(readiness, "intents"), Not(HasSubstr("failure")));
}

TEST_F(StoppedProjection, AppendsAndTheOtherViewsGoOn) {
  const auto created = client_->request("POST", "/v1/intents", R"({"name":"Goes on","code":"GO"})");
  ASSERT_EQ(created.status, 201) << created.body;
  const auto read = client_->request(
      "GET", fmt::format("/v1/intents/{}?min_position={}", created.member("id"), created.header("flowstone-position")));
  EXPECT_EQ(read.status, 200);
}

TEST_F(StoppedProjection, AReaderWhoAsksForMoreThanItHasIsToldWhenToComeBack) {
  const auto answer =
      client_->request("GET", fmt::format("/v1/tasks?min_position={}", bad_.value), {}, "Prefer: wait=0\r\n");
  expect_problem(answer, 503, "position_not_reached");
  EXPECT_EQ(answer.header("retry-after"), "1");
}

}  // namespace
}  // namespace flowstone::tests
