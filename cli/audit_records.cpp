#include "cli/audit_records.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "base/bytes.hpp"
#include "cli/run_events.hpp"
#include "eventstore/merkle.hpp"
#include "eventstore/record.hpp"

namespace flowstone::cli {
namespace {

using eventstore::RecordLayout;

// The leaf of one item: hashed from its record, or as it is given.
Result<Digest, std::string> leaf_of(const boost::json::object& item) {
  const auto header = from_base64(text_of(item, "header"));
  if (header && !header->empty()) {
    const auto payload = from_base64(text_of(item, "payload"));
    const auto salt = from_base64(text_of(item, "salt"));
    if (!payload || !salt || header->size() < RecordLayout::kNames) return failure(std::string("is malformed"));
    const auto digest = eventstore::payload_digest(*salt, *payload);
    if (BytesView(*header).substr(RecordLayout::kPayloadDigest, digest.size()) != view(digest)) {
      return failure(std::string("has a payload that is not the one that was recorded"));
    }
    return eventstore::leaf_hash(*header);
  }
  const auto leaf = from_hex(text_of(item, "leaf"));
  Digest digest{};
  if (!leaf || leaf->size() != digest.size()) return failure(std::string("has no leaf"));
  std::ranges::copy(*leaf, reinterpret_cast<char*>(digest.data()));  // NOLINT: bytes seen as chars
  return digest;
}

}  // namespace

Result<Digest, std::string> recompute_root(Client& client, std::uint64_t size,
                                           const std::function<void(std::uint64_t)>& progress) {
  eventstore::CompactRange tree;
  while (tree.size() < size) {
    const auto page = client.get(fmt::format("/v1/audit/records?from={}&limit=1000", tree.size() + 1));
    if (!page) return failure(page.error().sentence);
    const auto* items = page->as_object().if_contains("items");
    if (items == nullptr || !items->is_array() || items->get_array().empty()) {
      return failure(fmt::format("the server gave no record at position {}", tree.size() + 1));
    }
    for (const auto& item : items->get_array()) {
      if (tree.size() == size) break;
      const auto leaf = leaf_of(item.as_object());
      if (!leaf) return failure(fmt::format("the record at position {} {}", tree.size() + 1, leaf.error()));
      tree.push(*leaf);
    }
    progress(tree.size());
  }
  return tree.root();
}

}  // namespace flowstone::cli
