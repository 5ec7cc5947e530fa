// The documents of a new version as they come in a form: each file goes to the blobs while it is read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "api/multipart.hpp"
#include "api/options.hpp"
#include "api/problem.hpp"
#include "eventstore/blobs.hpp"
#include "schemas/bundle_generated.h"
#include "schemas/contract.hpp"

namespace flowstone::api {

// A version's files, stored.
struct StoredUpload {
  std::string digest;  // of the list of files
  std::uint32_t files = 0;
  std::uint64_t bytes = 0;
};

Problem problem_of_blobs(const eventstore::StoreError& error);

// Threads: one at a time, where it may block. What ends without `keep` leaves nothing stored.
class UploadForm final : public PartReceiver {
 public:
  // `request`: the table whose fields the form may have beside its files.
  UploadForm(eventstore::Blobs& blobs, std::string_view workspace, const schemas::Table& request,
             const UploadLimits& limits);

  bool begin(PartHead head) override;
  bool take(BytesView bytes) override;
  bool end() override;
  // Why it stopped.
  [[nodiscard]] const Problem& problem() const { return problem_; }

  // After the last part.
  Result<StoredUpload, Problem> keep();
  [[nodiscard]] const std::string& label() const { return label_; }

 private:
  bool begin_document(PartHead head);
  bool begin_field(const PartHead& head);
  // Each names the part that is being read.
  bool wrong(std::string_view member, std::string detail, ProblemKind kind = ProblemKind::invalid_field);
  bool wrong_field(std::string_view field, std::string detail);
  bool stored(const eventstore::StoreError& error);

  const std::string workspace_;
  const schemas::Table& request_;
  const UploadLimits limits_;
  std::unique_ptr<eventstore::BlobUpload> upload_;
  schemas::UploadManifestT manifest_;
  std::set<std::string, std::less<>> paths_, fields_;
  std::uint64_t document_bytes_ = 0, bytes_ = 0;
  std::optional<std::string> field_;  // the name of the field that is being read; nothing: a document is
  std::string field_text_, label_;
  Problem problem_{ProblemKind::invalid_field};
};

}  // namespace flowstone::api
