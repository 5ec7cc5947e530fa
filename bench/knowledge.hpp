// Documents, quotes and insights in the bench's process: the log, the tables and the workers as `serve` wires them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/blocking_pool.hpp"
#include "base/check.hpp"
#include "commands/executor.hpp"
#include "eventstore/blobs.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "projections/library.hpp"
#include "projections/reanchoring.hpp"
#include "schemas/document_generated.h"
#include "schemas/evidence_generated.h"
#include "schemas/insight_generated.h"
#include "schemas/packed.hpp"
#include "schemas/run_generated.h"
#include "workers/document_worker.hpp"
#include "workers/projection_runner.hpp"
#include "workers/requests.hpp"

namespace flowstone::bench {

class Knowledge {
 public:
  static constexpr std::string_view kWorkspace = "01920000-0000-7000-8000-00000000000a";

  explicit Knowledge(const std::filesystem::path& directory) {
    eventstore::StoreOptions store_options;
    store_options.directory = directory;
    store_ = std::move(eventstore::Store::open(std::move(store_options))).value();
    blobs_ = std::move(eventstore::open_blobs(directory / "blobs")).value();
    library_ = std::make_unique<projections::Library>(*blobs_);
    projections::CatalogOptions catalog_options;
    catalog_options.directory = directory / "views";
    catalog_options.library = library_.get();
    catalog_options.search_directory = directory / "search";
    catalog_ = std::move(projections::Catalog::open(std::move(catalog_options), *store_, clock_)).value();
    pool_ = std::make_unique<api::BlockingPool>(4);
    executor_ = std::make_unique<commands::Executor>(
        *store_, clock_, ids_, [this](std::move_only_function<void()> work) { pool_->run(std::move(work)); });
    assessor_ = std::make_unique<workers::Assessor>(*store_, *catalog_, *executor_);
    runner_ = std::make_unique<workers::ProjectionRunner>(*catalog_);
    worker_ = std::make_unique<workers::DocumentWorker>(workers::IngestServices{.store = *store_,
                                                                                .catalog = *catalog_,
                                                                                .executor = *executor_,
                                                                                .library = *library_,
                                                                                .assessor = *assessor_,
                                                                                .clock = clock_});
  }
  ~Knowledge() {
    worker_.reset();
    runner_.reset();
    assessor_.reset();
    executor_.reset();
    pool_.reset();
  }
  Knowledge(const Knowledge&) = delete;
  Knowledge& operator=(const Knowledge&) = delete;

  std::string bundle(std::string_view name) {
    schemas::CreateBundleT create;
    create.name = name;
    return run(request("bundle", "create_bundle", ids_.fresh(), schemas::pack(create)));
  }

  // Gives the workers a new version to take in.
  void upload(const std::string& bundle, const std::map<std::string, std::string>& texts) {
    std::vector<BytesView> views;
    for (const auto& [path, text] : texts) views.emplace_back(text);
    const auto digests = blobs_->put(kWorkspace, views);
    check(digests.has_value(), "texts are stored");
    schemas::UploadManifestT manifest;
    schemas::AddBundleVersionT add;
    for (const auto& [path, text] : texts) {
      auto file = std::make_unique<schemas::UploadedFileT>();
      file->path = path;
      file->media_type = "text/plain";
      file->sha256 = projections::digest_text((*digests)[manifest.files.size()]);
      file->size_bytes = text.size();
      add.size_bytes += text.size();
      manifest.files.push_back(std::move(file));
    }
    schemas::CreateRunT create;
    create.id = ids_.fresh();
    create.name = "ingest";
    create.kind = "ingest";
    add.id = bundle;
    add.run_id = create.id;
    add.document_count = static_cast<std::uint32_t>(texts.size());
    add.upload = projections::digest_text(blobs_->put(kWorkspace, schemas::pack(manifest)).value());
    run_all({request("bundle", "add_bundle_version", bundle, schemas::pack(add)),
             request("run", "create_run", create.id, schemas::pack(create))});
  }

  // Words of version 1 of a document.
  struct Quote {
    std::string document;
    documents::Span span;
    std::string exact;
  };
  // An insight for each quote, on evidence of its own; the ids of the insights.
  std::vector<std::string> insights_on(const std::string& bundle, const std::vector<Quote>& quotes) {
    std::vector<commands::Command> evidence, insights;
    std::vector<std::string> made;
    for (const auto& quote : quotes) {
      schemas::CreateEvidenceT create;
      create.id = ids_.fresh();
      create.source = std::make_unique<schemas::EvidenceSourceT>();
      create.source->bundle_id = bundle;
      create.source->version = 1;
      create.source->document = quote.document;
      create.source->selector = std::make_unique<schemas::QuoteSelectorT>();
      create.source->selector->exact = quote.exact;
      create.source->selector->start = quote.span.start;
      create.source->selector->end = quote.span.end;
      create.anchors.push_back(source_anchor(quote));
      evidence.push_back(request("evidence", "create_evidence", create.id, schemas::pack(create)));
      schemas::CreateInsightT insight;
      insight.id = ids_.fresh();
      insight.title = quote.exact.substr(0, 80);
      insight.evidence_ids = {create.id};
      insights.push_back(request("insight", "create_insight", insight.id, schemas::pack(insight)));
      made.push_back(insight.id);
    }
    run_all(std::move(evidence));
    run_all(std::move(insights));
    return made;
  }

  eventstore::Store& store() { return *store_; }
  projections::Catalog& catalog() { return *catalog_; }
  [[nodiscard]] const workers::Assessor& assessor() const { return *assessor_; }

 private:
  static std::unique_ptr<schemas::AnchorT> source_anchor(const Quote& quote) {
    auto anchor = std::make_unique<schemas::AnchorT>();
    anchor->version = 1;
    anchor->document = quote.document;
    anchor->start = quote.span.start;
    anchor->end = quote.span.end;
    anchor->exact = quote.exact;
    anchor->digest = projections::words_digest(quote.exact);
    return anchor;
  }

  static commands::Command request(std::string_view aggregate, std::string_view command, std::string id, Bytes body) {
    return workers::request(std::string(kWorkspace), "key:bench", aggregate, command, std::move(id), std::move(body));
  }
  std::string run(commands::Command command) {
    const auto outcome = executor_->execute(std::move(command));
    check(outcome.has_value(), outcome ? "" : outcome.error().detail);
    return outcome->id;
  }
  void run_all(std::vector<commands::Command> commands) {
    const auto done = workers::execute_all(*executor_, std::move(commands));
    check(done.has_value(), done ? "" : done.error());
  }

  SystemClock clock_;
  UuidV7Source ids_{clock_};
  std::unique_ptr<eventstore::Store> store_;
  std::unique_ptr<eventstore::Blobs> blobs_;
  std::unique_ptr<projections::Library> library_;
  std::unique_ptr<projections::Catalog> catalog_;
  std::unique_ptr<api::BlockingPool> pool_;
  std::unique_ptr<commands::Executor> executor_;
  std::unique_ptr<workers::Assessor> assessor_;
  std::unique_ptr<workers::ProjectionRunner> runner_;
  std::unique_ptr<workers::DocumentWorker> worker_;
};

}  // namespace flowstone::bench
