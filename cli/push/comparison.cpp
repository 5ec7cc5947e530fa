#include "cli/push/comparison.hpp"

#include <fmt/core.h>

#include "cli/run_events.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

// "fresh/stale": the flags for the value and for its support.
std::string flags_of(const json::object& entry, std::string_view when) {
  const auto* freshness = object_of(entry, when);
  if (freshness == nullptr) return "-";
  return fmt::format("{}/{}", text_of(*freshness, "value"), text_of(*freshness, "support"));
}

}  // namespace

Result<json::array, Refusal> all_items(Client& client, const std::string& target, json::value* last) {
  json::array items;
  for (std::string cursor;;) {
    const auto separator = target.find('?') == std::string::npos ? '?' : '&';
    FLOWSTONE_TRY(auto page, client.get(fmt::format("{}{}limit=200{}", target, separator,
                                                    cursor.empty() ? "" : "&cursor=" + encode_uri_component(cursor))));
    const auto* found = page.is_object() ? page.get_object().if_contains("items") : nullptr;
    if (found == nullptr || !found->is_array())
      return failure(Refusal{.code = "malformed_answer", .sentence = "the server's answer has no items"});
    items.insert(items.end(), found->get_array().begin(), found->get_array().end());
    cursor = text_of(page.get_object(), "next_cursor");
    if (!cursor.empty()) continue;
    if (last != nullptr) *last = std::move(page);
    return items;
  }
}

Result<Documents, Refusal> documents_of(Client& client, const std::string& bundle, std::int64_t version) {
  FLOWSTONE_TRY(const auto items, all_items(client, fmt::format("/v1/bundles/{}/versions/{}/documents",
                                                                encode_uri_component(bundle), version)));
  Documents documents;
  for (const auto& item : items) {
    if (item.is_object()) documents.emplace(text_of(item.get_object(), "path"), text_of(item.get_object(), "sha256"));
  }
  return documents;
}

Comparison compare(const Documents& before, const Documents& after) {
  Comparison comparison;
  for (const auto& [path, digest] : after) {
    const auto old = before.find(path);
    if (old == before.end()) {
      comparison.added.push_back(path);
    } else if (old->second != digest) {
      comparison.changed.push_back(path);
    } else {
      ++comparison.unchanged;
    }
  }
  for (const auto& [path, digest] : before) {
    if (!after.contains(path)) comparison.removed.push_back(path);
  }
  return comparison;
}

std::string sentence_of(const Comparison& comparison) {
  const auto count = comparison.added.size() + comparison.changed.size() + comparison.unchanged;
  return fmt::format("{} document{}: {} added, {} changed, {} removed, {} unchanged", with_commas(count),
                     count == 1 ? "" : "s", with_commas(comparison.added.size()),
                     with_commas(comparison.changed.size()), with_commas(comparison.removed.size()),
                     with_commas(comparison.unchanged));
}

void print_changes(const Comparison& comparison) {
  for (const auto& path : comparison.added) fmt::print("+ {}\n", harmless(path));
  for (const auto& path : comparison.changed) fmt::print("~ {}\n", harmless(path));
  for (const auto& path : comparison.removed) fmt::print("- {}\n", harmless(path));
}

void print_impact(const json::array& impact) {
  TextTable table({"entity", "title", "verdict", "before", "after"});
  for (const auto& item : impact) {
    if (!item.is_object()) continue;
    const auto& entry = item.get_object();
    const auto* anchor = object_of(entry, "anchor");
    table.add({text_of(entry, "entity"), text_of(entry, "title"),
               anchor == nullptr ? std::string() : text_of(*anchor, "verdict"), flags_of(entry, "before"),
               flags_of(entry, "after")});
  }
  if (!table.empty()) table.print();
}

}  // namespace flowstone::cli
