// Takes the versions of bundles in: reads every file, publishes what was read at once, and looks for the bundle's
// quotes in it. Each version is a run.
//
// Crash: what a step stores is named by its content and what it appends is appended once, together with what its run
// tells of it, so that a version is taken in from its beginning again and comes to the same result, event by event.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "commands/executor.hpp"
#include "documents/limits.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "projections/document_reading.hpp"
#include "projections/known_documents.hpp"
#include "projections/library.hpp"
#include "projections/reanchoring.hpp"
#include "workers/assessor.hpp"
#include "workers/run_recorder.hpp"

namespace flowstone::workers {

struct IngestServices {
  eventstore::Store& store;
  projections::Catalog& catalog;
  commands::Executor& executor;
  projections::Library& library;
  Assessor& assessor;
  const Clock& clock;
};

// Threads: one at a time.
class Ingest {
 public:
  Ingest(IngestServices services, documents::ParseLimits limits) : services_(services), limits_(limits) {}

  // Takes in what of the bundle is not yet: versions being ingested, and published ones whose quotes were not looked
  // for. The error is of the server, not of a document: those end their version.
  Result<void, std::string> take_in(const std::string& workspace, const std::string& bundle_id,
                                    const std::stop_token& stop);
  // Looks for one piece of evidence in the versions that were published since it was looked for last.
  Result<void, std::string> bring_up_to_date(const std::string& workspace, const std::string& evidence_id);

 private:
  struct Job {
    const std::string& workspace;
    const schemas::BundleT& bundle;
    const schemas::BundleVersionT& version;
    RunRecorder& run;
  };
  using Bundle = std::unique_ptr<schemas::BundleT>;

  Result<void, std::string> take_in_version(const std::string& workspace, const std::string& bundle_id,
                                            std::uint32_t number, const std::stop_token& stop);
  // The manifest's digest; nothing if the version failed, which is recorded then.
  Result<std::optional<std::string>, std::string> read_files(const Job& job, const std::stop_token& stop);
  // Stores what was read, unless it is known. Nothing if it cannot be read, which fails the version.
  Result<std::optional<schemas::BundleDocumentT>, std::string> read_file(const Job& job,
                                                                         const schemas::UploadedFileT& file,
                                                                         projections::KnownDocuments& known,
                                                                         eventstore::BlobUpload& kept);
  Result<void, std::string> publish(const Job& job, const std::string& manifest);
  // A command on the bundle and what the run tells of it, both or none.
  Result<void, std::string> append(const Job& job, std::string_view command, Bytes body);
  Result<void, std::string> fail(const Job& job, const std::string& reason, bool cancelled);
  Result<void, std::string> anchor(const Job& job);
  Result<std::vector<std::string>, std::string> evidence_to_look_for(const Job& job,
                                                                     const schemas::BundleManifestT& manifest);
  // In documents of this path; of any, if it is empty.
  Result<std::vector<std::string>, std::string> evidence_in(const std::string& workspace, const std::string& bundle_id,
                                                            const std::string& document);
  Result<Bundle, std::string> bundle(const std::string& workspace, const std::string& id);
  Result<void, std::string> store_manifest(const Job& job, schemas::BundleManifestT& manifest, std::string& digest);

  IngestServices services_;
  documents::ParseLimits limits_;
};

}  // namespace flowstone::workers
