#include "workers/ingest.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "projections/document_reading.hpp"
#include "projections/every_row.hpp"
#include "projections/known_documents.hpp"
#include "schemas/packed.hpp"
#include "workers/requests.hpp"

namespace flowstone::workers {
namespace {

using schemas::VersionStatus;

constexpr std::string_view kActor = "worker:ingest";
constexpr std::size_t kLongestError = 2'000;

template <class T>
Result<T, std::string> told(Result<T, projections::LibraryError> result) {
  if (!result) return failure(std::move(result.error().detail));
  return *std::move(result);
}

// Cut between code points.
std::string shortened(std::string text) {
  if (text.size() <= kLongestError) return text;
  std::size_t end = kLongestError;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

Result<void, std::string> stored(eventstore::BlobUpload& upload, BytesView blob) {
  if (const auto added = upload.add(blob); !added) return failure(added.error().detail);
  if (const auto digest = upload.finish(); !digest) return failure(digest.error().detail);
  return {};
}

// Manifests of the versions before, the newest first.
Result<std::vector<projections::Library::Manifest>, std::string> earlier_manifests(projections::Library& library,
                                                                                   const std::string& workspace,
                                                                                   const schemas::BundleT& bundle,
                                                                                   std::uint32_t number) {
  std::vector<projections::Library::Manifest> manifests;
  for (std::uint32_t earlier = number - 1; earlier >= 1; --earlier) {
    const auto* const version = projections::version_of(bundle, earlier);
    if (version == nullptr || version->manifest.empty()) continue;
    FLOWSTONE_TRY(auto manifest, told(library.manifest(workspace, version->manifest)));
    manifests.push_back(std::move(manifest));
  }
  return manifests;
}

// The version before was withdrawn: what it said counts again where this one has it unchanged.
bool follows_withdrawn(const schemas::BundleT& bundle, std::uint32_t number) {
  for (std::uint32_t earlier = number - 1; earlier >= 1; --earlier) {
    const auto* const version = projections::version_of(bundle, earlier);
    if (version != nullptr && !version->manifest.empty()) return version->status == VersionStatus::withdrawn;
  }
  return false;
}

}  // namespace

Result<Ingest::Bundle, std::string> Ingest::bundle(const std::string& workspace, const std::string& id) {
  FLOWSTONE_TRY(auto state, read_state<schemas::BundleT>(services_.executor, workspace, "bundle", id));
  if (!state) return failure("there is no bundle " + id);
  return state;
}

Result<void, std::string> Ingest::take_in(const std::string& workspace, const std::string& bundle_id,
                                          const std::stop_token& stop) {
  FLOWSTONE_TRY(const auto state, bundle(workspace, bundle_id));
  for (const auto& version : state->versions) {
    const bool waits = version->status == VersionStatus::ingesting ||
                       (version->status == VersionStatus::published && !version->anchored);
    if (waits && !stop.stop_requested())
      FLOWSTONE_TRY_VOID(take_in_version(workspace, bundle_id, version->number, stop));
  }
  return {};
}

Result<void, std::string> Ingest::take_in_version(const std::string& workspace, const std::string& bundle_id,
                                                  std::uint32_t number, const std::stop_token& stop) {
  FLOWSTONE_TRY(auto state, bundle(workspace, bundle_id));
  const auto* version = projections::version_of(*state, number);
  RunRecorder run(services_.executor, services_.clock, workspace, version->run_id, std::string(kActor));
  FLOWSTONE_TRY_VOID(run.open());
  if (version->status == VersionStatus::ingesting) {
    const Job job{workspace, *state, *version, run};
    FLOWSTONE_TRY(const auto manifest, read_files(job, stop));
    if (!manifest || stop.stop_requested()) return {};
    FLOWSTONE_TRY_VOID(publish(job, *manifest));
    FLOWSTONE_TRY(state, bundle(workspace, bundle_id));
    version = projections::version_of(*state, number);
  }
  if (version->status == VersionStatus::published && !version->anchored)
    return anchor({workspace, *state, *version, run});
  run.complete();
  return run.flush();
}

Result<std::optional<std::string>, std::string> Ingest::read_files(const Job& job, const std::stop_token& stop) {
  FLOWSTONE_TRY(const Bytes upload, told(services_.library.bytes(job.workspace, job.version.upload)));
  schemas::UploadManifestT files;
  flatbuffers::GetRoot<schemas::UploadManifest>(upload.data())->UnPackTo(&files);
  job.run.begin_step("read");
  FLOWSTONE_TRY(auto earlier, earlier_manifests(services_.library, job.workspace, job.bundle, job.version.number));
  projections::KnownDocuments known(services_.library, job.workspace, std::move(earlier));
  schemas::BundleManifestT manifest;
  // One sync for all of them: until the version is published nobody looks for what is stored here.
  const auto kept = services_.library.blobs().begin_upload(job.workspace);
  for (const auto& file : files.files) {
    if (stop.stop_requested()) return std::nullopt;
    FLOWSTONE_TRY(const bool cancelled, job.run.cancel_requested());
    if (cancelled) {
      FLOWSTONE_TRY_VOID(fail(job, "The run was cancelled.", true));
      return std::nullopt;
    }
    FLOWSTONE_TRY(auto document, read_file(job, *file, known, *kept));
    if (!document) return std::nullopt;
    for (const std::string& warning : document->warnings) job.run.line(fmt::format("{}: {}", document->path, warning));
    manifest.documents.push_back(std::make_unique<schemas::BundleDocumentT>(*std::move(document)));
  }
  if (const auto done = kept->keep(); !done) return failure(done.error().detail);
  job.run.end_step();
  FLOWSTONE_TRY_VOID(job.run.flush());
  std::string digest;
  FLOWSTONE_TRY_VOID(store_manifest(job, manifest, digest));
  return digest;
}

Result<std::optional<schemas::BundleDocumentT>, std::string> Ingest::read_file(const Job& job,
                                                                               const schemas::UploadedFileT& file,
                                                                               projections::KnownDocuments& known,
                                                                               eventstore::BlobUpload& kept) {
  // What is too large is not even loaded.
  if (file.size_bytes > limits_.bytes) {
    FLOWSTONE_TRY_VOID(fail(job,
                            fmt::format("{}: The file has {} bytes; the limit is {}. (too_large)", file.path,
                                        file.size_bytes, limits_.bytes),
                            false));
    return std::nullopt;
  }
  FLOWSTONE_TRY(const Bytes bytes, told(services_.library.bytes(job.workspace, file.sha256)));
  const auto line_of = [](const schemas::BundleDocumentT& document) {
    return fmt::format("{}: {}, {} bytes, {} characters", document.path, document.media_type, document.size_bytes,
                       document.characters);
  };
  if (auto document = known.find(file.path, file.media_type, file.sha256, bytes)) {
    job.run.line(line_of(*document) + ", read before");
    return document;
  }
  auto read = projections::read_document(file.path, file.media_type, bytes, limits_);
  if (!read) {
    FLOWSTONE_TRY_VOID(fail(job, shortened(std::move(read.error())), false));
    return std::nullopt;
  }
  for (const BytesView blob : {read->parsed.text.utf8(), BytesView(read->structure), BytesView(read->extractions)})
    FLOWSTONE_TRY_VOID(stored(kept, blob));
  job.run.line(fmt::format("{}, {} blocks", line_of(read->document), read->parsed.blocks.size()));
  return std::move(read->document);
}

Result<void, std::string> Ingest::store_manifest(const Job& job, schemas::BundleManifestT& manifest,
                                                 std::string& digest) {
  FLOWSTONE_TRY(const auto earlier,
                earlier_manifests(services_.library, job.workspace, job.bundle, job.version.number));
  projections::identify_documents(manifest, earlier, job.bundle.id, job.version.number);
  const auto stored = services_.library.blobs().put(job.workspace, schemas::pack(manifest));
  if (!stored) return failure(stored.error().detail);
  digest = projections::digest_text(*stored);
  return {};
}

Result<void, std::string> Ingest::publish(const Job& job, const std::string& manifest) {
  job.run.begin_step("publish");
  schemas::PublishBundleVersionT command;
  command.id = job.bundle.id;
  command.number = job.version.number;
  command.manifest = manifest;
  job.run.line(fmt::format("version {} serves", job.version.number));
  job.run.end_step();
  return append(job, "publish_bundle_version", schemas::pack(command));
}

Result<void, std::string> Ingest::append(const Job& job, std::string_view command, Bytes body) {
  std::vector<commands::Command> together;
  together.push_back(request(job.workspace, std::string(kActor), "bundle", command, job.bundle.id, std::move(body)));
  if (auto told = job.run.take()) together.push_back(*std::move(told));
  return execute_all(services_.executor, std::move(together));
}

Result<void, std::string> Ingest::fail(const Job& job, const std::string& reason, bool cancelled) {
  schemas::FailBundleVersionT command;
  command.id = job.bundle.id;
  command.number = job.version.number;
  command.error = reason;
  if (cancelled) {
    job.run.cancel();
  } else {
    job.run.fail(reason);
  }
  return append(job, "fail_bundle_version", schemas::pack(command));
}

Result<std::vector<std::string>, std::string> Ingest::evidence_in(const std::string& workspace,
                                                                  const std::string& bundle_id,
                                                                  const std::string& document) {
  std::vector<std::string> ids;
  const auto take = [&ids](const projections::Row& row) { ids.push_back(row.id); };
  if (document.empty()) {
    FLOWSTONE_TRY_VOID(projections::for_each_row(services_.catalog, workspace, "evidence",
                                                 {{"bundle_id", bundle_id}, {"status", "active"}}, take));
  } else {
    FLOWSTONE_TRY_VOID(
        projections::for_each_row(services_.catalog, workspace, "evidence",
                                  {{"bundle_id", bundle_id}, {"document", document}, {"status", "active"}}, take));
  }
  return ids;
}

// The quotes in documents that are not what they were in the version before; all others are where they were.
Result<std::vector<std::string>, std::string> Ingest::evidence_to_look_for(const Job& job,
                                                                           const schemas::BundleManifestT& manifest) {
  FLOWSTONE_TRY(const auto earlier,
                earlier_manifests(services_.library, job.workspace, job.bundle, job.version.number));
  std::set<std::string> paths;
  const schemas::BundleManifestT none;
  const schemas::BundleManifestT& before = earlier.empty() ? none : *earlier.front();
  for (const auto& document : before.documents) {
    const auto* const same_path = projections::document_at(manifest, document->path);
    const bool unchanged = same_path != nullptr && same_path->document_id == document->document_id &&
                           same_path->text_sha256 == document->text_sha256;
    if (!unchanged) paths.insert(document->path);
  }
  // A document that was away and is back.
  for (const auto& document : manifest.documents) {
    if (projections::document_at(before, document->path) == nullptr) paths.insert(document->path);
  }
  if (earlier.empty()) paths.clear();
  std::vector<std::string> ids;
  for (const std::string& path : paths) {
    FLOWSTONE_TRY(auto found, evidence_in(job.workspace, job.bundle.id, path));
    ids.insert(ids.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  }
  return ids;
}

Result<void, std::string> Ingest::anchor(const Job& job) {
  job.run.begin_step("anchor");
  FLOWSTONE_TRY(const auto manifest, told(services_.library.manifest(job.workspace, job.version.manifest)));
  if (!services_.assessor.wait_for_tables()) return failure("the tables do not follow the log");
  FLOWSTONE_TRY(const auto ids, evidence_to_look_for(job, *manifest));
  projections::Reanchoring reanchoring(services_.library, job.workspace);
  const projections::AnchorTarget target{.version = job.version.number, .manifest = manifest};
  std::vector<commands::Command> commands;
  std::size_t looked_for = 0, stale = 0;
  for (const std::string& id : ids) {
    FLOWSTONE_TRY(const auto state, read_state<schemas::EvidenceT>(services_.executor, job.workspace, "evidence", id));
    if (!state || state->anchors.empty() || state->anchors.back()->version > target.version) continue;
    if (state->anchors.back()->version == target.version) {  // before a crash
      ++looked_for;
      if (state->anchors.back()->verdict >= schemas::Verdict::changed) ++stale;
      continue;
    }
    FLOWSTONE_TRY(auto anchor, told(reanchoring.anchor(job.bundle, *state, target)));
    if (!anchor) continue;
    ++looked_for;
    if (anchor->verdict >= schemas::Verdict::changed) ++stale;
    schemas::AnchorEvidenceT command;
    command.id = id;
    command.anchors.push_back(std::move(anchor));
    commands.push_back(
        request(job.workspace, std::string(kActor), "evidence", "anchor_evidence", id, schemas::pack(command)));
  }
  FLOWSTONE_TRY_VOID(execute_all(services_.executor, std::move(commands)));
  const std::string every_document;
  const auto touched = follows_withdrawn(job.bundle, job.version.number)
                           ? evidence_in(job.workspace, job.bundle.id, every_document)
                           : Result<std::vector<std::string>, std::string>(ids);
  if (!touched) return failure(touched.error());
  FLOWSTONE_TRY(const auto insights, services_.assessor.resting_on(job.workspace, *touched));
  FLOWSTONE_TRY_VOID(services_.assessor.assess(job.workspace, insights));
  job.run.line(fmt::format("{} quotes looked for, {} not as they were; insights that rest on them: {}", looked_for,
                           stale, insights.size()));
  schemas::CompleteBundleAnchoringT complete;
  complete.id = job.bundle.id;
  complete.number = job.version.number;
  job.run.end_step();
  job.run.complete();
  return append(job, "complete_bundle_anchoring", schemas::pack(complete));
}

Result<void, std::string> Ingest::bring_up_to_date(const std::string& workspace, const std::string& evidence_id) {
  FLOWSTONE_TRY(const auto state,
                read_state<schemas::EvidenceT>(services_.executor, workspace, "evidence", evidence_id));
  if (!state || state->anchors.empty() || state->status != schemas::EvidenceStatus::active) return {};
  FLOWSTONE_TRY(const auto of, bundle(workspace, state->bundle_id));
  projections::Reanchoring reanchoring(services_.library, workspace);
  schemas::AnchorEvidenceT command;
  command.id = evidence_id;
  for (const auto& version : of->versions) {
    if (version->number <= state->anchors.back()->version || version->status != VersionStatus::published) continue;
    FLOWSTONE_TRY(const auto manifest, told(services_.library.manifest(workspace, version->manifest)));
    FLOWSTONE_TRY(auto anchor,
                  told(reanchoring.anchor(*of, *state, {.version = version->number, .manifest = manifest})));
    if (!anchor) continue;
    command.anchors.push_back(std::make_unique<schemas::AnchorT>(*anchor));
    state->anchors.push_back(std::move(anchor));
  }
  if (command.anchors.empty()) return {};
  return execute_all(services_.executor, {request(workspace, std::string(kActor), "evidence", "anchor_evidence",
                                                  evidence_id, schemas::pack(command))});
}

}  // namespace flowstone::workers
