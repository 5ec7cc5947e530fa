#include "projections/document_reading.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/uuid.hpp"
#include "documents/detect.hpp"
#include "documents/extract.hpp"
#include "documents/parse.hpp"
#include "projections/defined_extractors.hpp"
#include "projections/library.hpp"
#include "schemas/packed.hpp"

namespace flowstone::projections {
namespace {

Bytes pack_extractions(const documents::Parsed& parsed) {
  schemas::ExtractionListT list;
  append(documents::extract(parsed).all, list);
  list.extractors = documents::kExtractors;
  return schemas::pack(list);
}

// The documents of the version before whose paths are gone, to be found by their content.
class Gone {
 public:
  Gone(const schemas::BundleManifestT& next, const schemas::BundleManifestT* before) {
    if (before == nullptr) return;
    for (const auto& document : before->documents) {
      if (document_at(next, document->path) != nullptr) continue;
      by_content_.emplace(document->sha256, document.get());
      by_content_.emplace(document->text_sha256, document.get());
    }
  }

  // One with these bytes, or else this text; each is given once.
  const schemas::BundleDocumentT* take(const schemas::BundleDocumentT& like) {
    for (const std::string_view content : {std::string_view(like.sha256), std::string_view(like.text_sha256)}) {
      const auto found = by_content_.find(content);
      if (found == by_content_.end()) continue;
      const auto* const document = found->second;
      std::erase_if(by_content_, [document](const auto& entry) { return entry.second == document; });
      return document;
    }
    return nullptr;
  }

 private:
  std::multimap<std::string_view, const schemas::BundleDocumentT*> by_content_;
};

}  // namespace

Result<ReadDocument, std::string> read_document(std::string_view path, std::string_view claimed_media_type,
                                                BytesView bytes, const documents::ParseLimits& limits) {
  const auto detected = documents::detect(bytes, path, claimed_media_type);
  if (detected.type == documents::MediaType::unsupported)
    return failure(fmt::format("{}: {}", path, detected.sentence));
  auto parsed = documents::parse(bytes, detected.type, limits);
  if (!parsed) {
    const auto& error = parsed.error();
    return failure(fmt::format("{}: {} ({})", path, error.sentence, documents::name_of(error.code)));
  }
  ReadDocument read;
  read.parsed = *std::move(parsed);
  read.structure = documents::to_bytes(read.parsed);
  read.extractions = pack_extractions(read.parsed);
  schemas::BundleDocumentT& document = read.document;
  document.path = path;
  document.media_type = documents::name_of(detected.type);
  document.size_bytes = bytes.size();
  document.sha256 = digest_text(sha256(bytes));
  document.parser = read.parsed.parser;
  document.characters = read.parsed.text.size();
  document.text_sha256 = digest_text(sha256(read.parsed.text.utf8()));
  document.structure = digest_text(sha256(read.structure));
  document.extractions = digest_text(sha256(read.extractions));
  if (!detected.mismatch.empty()) document.warnings.push_back(detected.mismatch);
  document.warnings.insert(document.warnings.end(), read.parsed.warnings.begin(), read.parsed.warnings.end());
  return read;
}

void identify_documents(schemas::BundleManifestT& next,
                        std::span<const std::shared_ptr<const schemas::BundleManifestT>> earlier,
                        std::string_view bundle_id, std::uint32_t version) {
  std::ranges::sort(next.documents, {}, [](const auto& document) -> std::string_view { return document->path; });
  Gone gone(next, earlier.empty() ? nullptr : earlier.front().get());
  std::set<std::string_view> taken;
  const auto inherit = [&taken](schemas::BundleDocumentT& document, const schemas::BundleDocumentT* from) {
    if (from == nullptr || !taken.insert(from->document_id).second) return false;
    document.document_id = from->document_id;
    if (from->path != document.path) document.renamed_from = from->path;
    return true;
  };
  for (const auto& document : next.documents) {
    if (!earlier.empty()) inherit(*document, document_at(*earlier.front(), document->path));
  }
  for (const auto& document : next.documents) {
    if (!document->document_id.empty() || inherit(*document, gone.take(*document))) continue;
    bool known = false;
    for (const auto& manifest : earlier) known = known || inherit(*document, document_at(*manifest, document->path));
    if (known) continue;
    document->document_id = derived_uuid({bundle_id, "\n", std::to_string(version), "\n", document->path});
  }
}

std::optional<std::string_view> problem_of_path(std::string_view path) {
  if (path.starts_with('/')) return "must be relative";
  while (true) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty()) return "must not have empty parts";
    if (part == "." || part == "..") return "must not have `.` or `..` as a part";
    for (const char letter : part) {
      if (letter == '\\' || static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f)
        return "must have neither backslashes nor control characters";
    }
    if (slash == std::string_view::npos) return std::nullopt;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace flowstone::projections
