#include "api/upload_form.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "documents/text.hpp"
#include "projections/document_reading.hpp"
#include "projections/library.hpp"
#include "schemas/packed.hpp"

namespace flowstone::api {
namespace {

constexpr std::uint32_t kLongestPath = 1000;  // code points, as DocumentUpload has it
constexpr std::size_t kLongestMediaType = 127;
constexpr std::size_t kMostFieldBytes = 64 << 10;
constexpr std::size_t kShownPath = 120;

std::optional<std::uint32_t> code_points(const std::string& text) {
  const auto read = documents::Text::from_utf8(text);
  return read ? std::optional(read->size()) : std::nullopt;
}

std::string_view media_type_of(std::string_view content_type) {
  // What a client sends that does not know says nothing.
  return content_type.starts_with("application/octet-stream") || content_type.size() > kLongestMediaType
             ? std::string_view()
             : content_type;
}

}  // namespace

Problem problem_of_blobs(const eventstore::StoreError& error) {
  spdlog::error("uploads: {}", error.detail);
  Problem problem{ProblemKind::storage_failed};
  problem.retry_after_seconds = 30;
  return problem;
}

UploadForm::UploadForm(eventstore::Blobs& blobs, std::string_view workspace, const schemas::Table& request,
                       const UploadLimits& limits)
    : workspace_(workspace), request_(request), limits_(limits), upload_(blobs.begin_upload(workspace)) {}

bool UploadForm::wrong(std::string_view member, std::string detail, ProblemKind kind) {
  problem_.kind = kind;
  const auto& files = manifest_.files;
  const auto at = files.empty() ? 0 : files.size() - 1;
  if (kind == ProblemKind::content_too_large) problem_.detail = fmt::format("`{}` {}.", files[at]->path, detail);
  problem_.errors.push_back({fmt::format("documents[{}]{}", at, member), std::move(detail)});
  return false;
}

bool UploadForm::wrong_field(std::string_view field, std::string detail) {
  problem_.errors.push_back({std::string(field), std::move(detail)});
  return false;
}

bool UploadForm::stored(const eventstore::StoreError& error) {
  problem_ = problem_of_blobs(error);
  return false;
}

bool UploadForm::begin(PartHead head) { return head.filename ? begin_document(std::move(head)) : begin_field(head); }

bool UploadForm::begin_document(PartHead head) {
  field_.reset();
  document_bytes_ = 0;
  if (manifest_.files.size() == limits_.documents)
    return wrong_field("documents", fmt::format("must have at most {} items", limits_.documents));
  auto file = std::make_unique<schemas::UploadedFileT>();
  file->path = *std::move(head.filename);
  file->media_type = media_type_of(head.content_type);
  const auto& path = manifest_.files.emplace_back(std::move(file))->path;
  if (path.empty()) return wrong(".path", "must not be empty: it is the filename of the part");
  const auto length = code_points(path);
  if (!length) return wrong(".path", "must be UTF-8");
  const auto shown = path.substr(0, kShownPath);
  if (*length > kLongestPath) return wrong(".path", fmt::format("must have at most {} characters", kLongestPath));
  if (const auto bad = projections::problem_of_path(path)) return wrong(".path", fmt::format("{}: `{}`", *bad, shown));
  if (!paths_.insert(path).second)
    return wrong(".path", fmt::format("must be another one: an earlier document has the path `{}`", shown));
  return true;
}

bool UploadForm::begin_field(const PartHead& head) {
  field_ = head.name;
  field_text_.clear();
  const auto* const field = request_.find(head.name);
  const bool is_text = field != nullptr && field->kind == schemas::Kind::text && !field->is_list;
  if (!is_text && head.name != "_charset_") {
    return wrong_field(head.name, field != nullptr ? "must be a file: a part with a filename, which is its path"
                                                   : "is not a field of this form; a document needs a filename");
  }
  if (!fields_.insert(head.name).second) return wrong_field(head.name, "must be given once");
  return true;
}

bool UploadForm::take(BytesView bytes) {
  if (field_) {
    field_text_.append(bytes);
    return field_text_.size() <= kMostFieldBytes ||
           wrong_field(*field_, fmt::format("must have at most {} bytes", kMostFieldBytes));
  }
  document_bytes_ += bytes.size();
  bytes_ += bytes.size();
  if (document_bytes_ > limits_.document_bytes)
    return wrong("", fmt::format("must have at most {} bytes", limits_.document_bytes), ProblemKind::content_too_large);
  if (bytes_ > limits_.version_bytes) {
    return wrong("",
                 fmt::format("does not fit: all documents of a version have at most {} bytes", limits_.version_bytes),
                 ProblemKind::content_too_large);
  }
  const auto added = upload_->add(bytes);
  return added ? true : stored(added.error());
}

bool UploadForm::end() {
  if (!field_) {
    const auto digest = upload_->finish();
    if (!digest) return stored(digest.error());
    auto& file = *manifest_.files.back();
    file.sha256 = projections::digest_text(*digest);
    file.size_bytes = document_bytes_;
    return true;
  }
  const auto length = code_points(field_text_);
  if (!length) return wrong_field(*field_, "must be UTF-8");
  if (*field_ == "_charset_") {
    std::ranges::transform(field_text_, field_text_.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return field_text_ == "utf-8" || wrong_field(*field_, "must be UTF-8: no other charset is read");
  }
  const auto most = request_.find(*field_)->max_length;
  if (most && *length > *most) return wrong_field(*field_, fmt::format("must have at most {} characters", *most));
  label_ = field_text_;
  return true;
}

Result<StoredUpload, Problem> UploadForm::keep() {
  if (manifest_.files.empty()) {
    wrong_field("documents", "must be given: a form needs a part with a filename");
    return failure(problem_);
  }
  StoredUpload result;
  result.files = static_cast<std::uint32_t>(manifest_.files.size());
  result.bytes = bytes_;
  std::ranges::sort(manifest_.files, {}, [](const auto& file) -> std::string_view { return file->path; });
  if (const auto added = upload_->add(schemas::pack(manifest_)); !added)
    return failure(problem_of_blobs(added.error()));
  const auto digest = upload_->finish();
  if (!digest) return failure(problem_of_blobs(digest.error()));
  if (const auto kept = upload_->keep(); !kept) return failure(problem_of_blobs(kept.error()));
  result.digest = projections::digest_text(*digest);
  return result;
}

}  // namespace flowstone::api
