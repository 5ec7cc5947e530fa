#include "projections/search_fold.hpp"

#include <utility>

#include "documents/chunk.hpp"
#include "schemas/bundle_generated.h"
#include "schemas/packed.hpp"

namespace flowstone::projections {
namespace {

constexpr std::string_view kPublished = "bundle.version_published";
constexpr std::string_view kWithdrawn = "bundle.version_withdrawn";
constexpr std::size_t kEventBytes = 256;  // a change that brings no text

// The event's table; nothing if the payload is not one.
template <class Table>
const Table* read(const eventstore::RecordedEvent& event) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(event.payload.data());  // NOLINT: FlatBuffers' type
  flatbuffers::Verifier verifier(bytes, event.payload.size());
  if (!verifier.VerifyBuffer<Table>()) return nullptr;
  return flatbuffers::GetRoot<Table>(bytes);
}

SearchVersion version_of(const eventstore::RecordedEvent& event, std::uint32_t number) {
  return {.workspace = std::string(event.workspace),
          .bundle = std::string(event.stream.substr(event.category().size() + 1)),
          .number = number};
}

Result<SearchDocument, std::string> as_search_document(const schemas::BundleDocumentT& document) {
  const auto bytes = from_hex(document.text_sha256);
  SearchDocument found{.path = document.path, .text = {}};
  if (!bytes || bytes->size() != found.text.size()) return failure(document.path + ": the digest of its text is none");
  std::ranges::copy(*bytes, found.text.begin());
  return found;
}

}  // namespace

eventstore::Filter search_filter() {
  eventstore::Filter filter;
  filter.types = {std::string(kPublished), std::string(kWithdrawn)};
  return filter;
}

Result<std::unique_ptr<Fold>, std::string> SearchFold::make(const std::filesystem::path& file, Library& library) {
  FLOWSTONE_TRY(SearchWriter writer, SearchWriter::open(file));
  return std::unique_ptr<Fold>(new SearchFold(std::move(writer), library));  // NOLINT: the constructor is private
}

SearchFold::~SearchFold() {
  if (begun_) writer_.roll_back();
}

Result<void, std::string> SearchFold::begin() {
  if (begun_) return {};
  FLOWSTONE_TRY_VOID(writer_.begin());
  begun_ = true;
  return {};
}

Result<void, std::string> SearchFold::take(const eventstore::RecordedEvent& event) {
  FLOWSTONE_TRY_VOID(begin());
  const Checkpoint before = changes_;
  auto folded = writer_.whole([&] { return event.type == kPublished ? publish(event) : withdraw(event); });
  if (!folded) {
    changes_ = before;
    return folded;
  }
  pending_bytes_ += kEventBytes;
  return {};
}

Result<void, std::string> SearchFold::publish(const eventstore::RecordedEvent& event) {
  const auto* const published = read<schemas::BundleVersionPublished>(event);
  if (published == nullptr || published->manifest() == nullptr)
    return failure(std::string("the payload is not a bundle.version_published"));
  auto manifest = library_.manifest(event.workspace, published->manifest()->string_view());
  if (!manifest) return failure(std::move(manifest.error().detail));
  std::vector<SearchDocument> documents;
  for (const auto& document : (*manifest)->documents) {
    FLOWSTONE_TRY(auto found, as_search_document(*document));
    documents.push_back(std::move(found));
  }
  return writer_.publish(
      version_of(event, published->number()), documents,
      [&](std::size_t at) { return chunks_of(event.workspace, *(*manifest)->documents[at]); }, changes_);
}

Result<void, std::string> SearchFold::withdraw(const eventstore::RecordedEvent& event) {
  const auto* const withdrawn = read<schemas::BundleVersionWithdrawn>(event);
  if (withdrawn == nullptr) return failure(std::string("the payload is not a bundle.version_withdrawn"));
  return writer_.withdraw(version_of(event, withdrawn->number()), changes_);
}

// What is indexed is the canonical text itself, markup and all, so that every place in it is a place in the document.
Result<std::vector<SearchChunk>, std::string> SearchFold::chunks_of(std::string_view workspace,
                                                                    const schemas::BundleDocumentT& document) {
  auto parsed = library_.parsed(workspace, document);
  if (!parsed) return failure(document.path + ": " + parsed.error().detail);
  std::vector<SearchChunk> chunks;
  for (documents::Chunk& chunk : documents::chunks_of(*parsed)) {
    const auto text = parsed->text.slice(chunk.span);
    pending_bytes_ += text.size();
    chunks.push_back({.span = chunk.span, .section = std::move(chunk.section), .text = std::string(text)});
  }
  return chunks;
}

Result<void, std::string> SearchFold::commit(Checkpoint& checkpoint) {
  FLOWSTONE_TRY_VOID(begin());
  checkpoint.rows += changes_.rows;
  checkpoint.digest.merge(changes_.digest);
  FLOWSTONE_TRY_VOID(writer_.commit(checkpoint));
  begun_ = false;
  changes_ = {};
  pending_bytes_ = 0;
  return {};
}

}  // namespace flowstone::projections
