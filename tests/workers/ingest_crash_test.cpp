// The worker that takes versions in is ended at every write it makes, in turn, and started again: what comes out is
// what comes out of a run that nobody disturbed, event by event and row by row.
#include <filesystem>
#include <map>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include "base/check.hpp"
#include "base/identifier.hpp"
#include "domain/aggregate.hpp"
#include "eventstore/blobs.hpp"
#include "projections/library.hpp"
#include "schemas/bundle_generated.h"
#include "schemas/contract.hpp"
#include "schemas/json.hpp"
#include "schemas/packed.hpp"
#include "tests/eventstore/faulty_file_system.hpp"
#include "workers/ingest.hpp"
#include "workers/projection_runner.hpp"
#include "workers/requests.hpp"

// RocksDB forgets a new memtable where the log file for it cannot be made, as after the crash here.
extern "C" const char* __lsan_default_suppressions() { return "leak:rocksdb::DBImpl::SwitchMemtable\n"; }  // NOLINT

namespace flowstone::workers {
namespace {

using eventstore::FaultyFileSystem;

constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000000a";
constexpr std::string_view kBundle = "01920000-0000-7000-8000-000000000001";
constexpr std::string_view kEvidence = "01920000-0000-7000-8000-000000000004";
constexpr std::string_view kInsight = "01920000-0000-7000-8000-000000000005";
constexpr std::string_view kOld = "# Contract\n\nThe fee is 12 % of the net price.\n\nGoods arrive within 30 days.\n";
constexpr std::string_view kNew = "# Contract\n\nThe fee is 15 % of the net price.\n\nGoods arrive within 30 days.\n";

// Time stands, so that two runs differ in nothing.
class StandingClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return Timestamp{4'102'444'800'000'000}; }
};

// Store, tables and write side on a directory, without anybody who takes versions in.
class House {
 public:
  House(const std::filesystem::path& directory, rocksdb::Env* env) {
    eventstore::StoreOptions options;
    options.directory = directory;
    options.env = env;
    options.clock = &clock;
    store = std::move(eventstore::Store::open(options)).value();
    blobs = std::move(eventstore::open_blobs(directory / "blobs", env)).value();
    library = std::make_unique<projections::Library>(*blobs);
    projections::CatalogOptions catalog_options;
    catalog_options.directory = directory / "views";
    catalog_options.library = library.get();
    catalog_options.search_directory = directory / "search";
    catalog = std::move(projections::Catalog::open(std::move(catalog_options), *store, clock)).value();
    runner = std::make_unique<ProjectionRunner>(*catalog);
    executor =
        std::make_unique<commands::Executor>(*store, clock, ids, [](std::move_only_function<void()> work) { work(); });
    assessor = std::make_unique<Assessor>(*store, *catalog, *executor);
  }

  // The sentence on what went wrong, or nothing.
  std::string take_in(std::string_view bundle) {
    Ingest ingest({*store, *catalog, *executor, *library, *assessor, clock}, {});
    const auto done = ingest.take_in(std::string(kWorkspace), std::string(bundle), {});
    return done ? std::string() : done.error();
  }

  void run(std::string_view name, std::string_view id, const std::string& json) {
    const auto reference = schemas::contracts().find_command(name);
    auto body = schemas::decode_json(*reference->command->table, json, {.target = id, .accept_hidden = true});
    check(body.has_value(), body ? "" : body.error().problems.front().field + body.error().problems.front().detail);
    const auto done = executor->execute(request(std::string(kWorkspace), "system", reference->aggregate->name, name,
                                                std::string(id), *std::move(body)));
    check(done.has_value(), done ? "" : sentence_of(done.error()));
  }

  // What the HTTP interface does with two files.
  void add_version(std::string_view text, std::string_view run_id) {
    schemas::UploadManifestT manifest;
    for (const auto& [path, bytes] : {std::pair("a.md", text), std::pair("b.txt", std::string_view("other"))}) {
      auto file = std::make_unique<schemas::UploadedFileT>();
      file->path = path;
      file->sha256 = projections::digest_text(blobs->put(kWorkspace, bytes).value());
      file->size_bytes = bytes.size();
      manifest.files.push_back(std::move(file));
    }
    const auto upload = projections::digest_text(blobs->put(kWorkspace, schemas::pack(manifest)).value());
    run("create_run", run_id, R"({"name":"ingest Contract","kind":"ingest"})");
    run("add_bundle_version", kBundle,
        fmt::format(R"({{"run_id":"{}","document_count":2,"size_bytes":{},"upload":"{}"}})", run_id, text.size() + 5,
                    upload));
  }

  // Every event in order, and every row that folds them.
  std::vector<std::string> everything() {
    std::vector<std::string> all;
    std::map<std::string, std::string> rows;
    const auto reader = std::move(store->read({}, {})).value();
    for (;;) {
      const auto event = reader->next();
      if (!event || *event == nullptr) break;
      all.push_back(fmt::format("{} {} {}", (*event)->stream, (*event)->type, to_hex((*event)->payload)));
      const std::string stream((*event)->stream);
      const auto aggregate = stream.substr(0, stream.find('-'));
      if (!std::string_view("bundle evidence insight run").contains(aggregate)) continue;
      const auto* const type = domain::find_aggregate_type(aggregate);
      const auto row = executor->read(kWorkspace, *type, stream.substr(stream.find('-') + 1));
      if (!row || !*row) continue;
      rows[stream].clear();
      schemas::encode_json(*type->contract().state, (*row)->row, rows[stream]);
    }
    for (const auto& [stream, row] : rows) all.push_back(row);
    return all;
  }

 private:
  StandingClock clock;
  UuidV7Source ids{clock};

 public:
  std::unique_ptr<eventstore::Store> store;
  std::unique_ptr<eventstore::Blobs> blobs;
  std::unique_ptr<projections::Library> library;
  std::unique_ptr<projections::Catalog> catalog;
  std::unique_ptr<ProjectionRunner> runner;
  std::unique_ptr<commands::Executor> executor;
  std::unique_ptr<Assessor> assessor;
};

class IngestCrash : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(scratch_);
    House house(scratch_ / "before", rocksdb::Env::Default());
    house.run("create_bundle", kBundle, R"({"name":"Contract"})");
    house.add_version(kOld, "01920000-0000-7000-8000-000000000002");
    ASSERT_EQ(house.take_in(kBundle), "");
    const std::string words = "The fee is 12 % of the net price.";
    house.run(
        "create_evidence", kEvidence,
        fmt::format(
            R"({{"source":{{"bundle_id":"{0}","version":1,"document":"a.md","selector":{{"exact":"{1}","start":12}}}},)"
            R"("anchors":[{{"version":1,"document":"a.md","verdict":"same","materiality":"none","start":12,"end":45,"exact":"{1}","digest":"{2}"}}]}})",
            kBundle, words, projections::words_digest(words)));
    house.run("create_insight", kInsight, fmt::format(R"({{"title":"Fee","evidence_ids":["{}"]}})", kEvidence));
    ASSERT_TRUE(house.assessor->wait_for_tables());
    ASSERT_TRUE(house.assessor->assess(std::string(kWorkspace), {std::string(kInsight)}));
    house.add_version(kNew, "01920000-0000-7000-8000-000000000003");
  }
  void TearDown() override { std::filesystem::remove_all(scratch_); }

  std::filesystem::path fresh_copy() {
    const auto copy = scratch_ / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(scratch_ / "before", copy, std::filesystem::copy_options::recursive);
    return copy;
  }
  // Ended at every write to files of this kind, in turn.
  void expect_the_same_after_each_crash(const std::string& files, int least);

  const std::filesystem::path scratch_ =
      std::filesystem::temp_directory_path() / fmt::format("flowstone-ingest-crash-{}", getpid());
};

void IngestCrash::expect_the_same_after_each_crash(const std::string& files, int least) {
  auto faulty = std::make_shared<FaultyFileSystem>(files);
  const auto env = rocksdb::NewCompositeEnv(faulty);
  std::vector<std::string> undisturbed;
  {
    House house(fresh_copy(), env.get());
    ASSERT_EQ(house.take_in(kBundle), "");
    undisturbed = house.everything();
  }
  int crashes = 0;
  for (bool crashed = true; crashed; ++crashes) {
    const auto directory = fresh_copy();
    {
      House house(directory, env.get());
      faulty->fail(FaultyFileSystem::Fault::write, crashes);
      crashed = !house.take_in(kBundle).empty();
      faulty->fail(FaultyFileSystem::Fault::write, 0);  // nothing is put in order at the end
    }
    faulty->heal();
    House house(directory, env.get());
    ASSERT_EQ(house.take_in(kBundle), "");
    const auto after = house.everything();
    ASSERT_EQ(after.size(), undisturbed.size()) << "after a crash at write " << crashes << " to " << files;
    for (std::size_t at = 0; at < after.size(); ++at)
      ASSERT_EQ(after[at], undisturbed[at]) << "after a crash at write " << crashes << " to " << files;
  }
  EXPECT_GE(crashes, least) << "it was ended at every append";
}

TEST_F(IngestCrash, AtEveryAppendComesToTheSameEvents) { expect_the_same_after_each_crash("copy/log", 6); }

TEST_F(IngestCrash, AtEveryStoredPieceComesToTheSameEvents) { expect_the_same_after_each_crash("copy/blobs", 3); }

}  // namespace
}  // namespace flowstone::workers
