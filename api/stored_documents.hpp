// What the calls about documents find: bundles, versions and documents, or the problem to answer with.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "api/exchange.hpp"
#include "projections/library.hpp"
#include "schemas/packed.hpp"

namespace flowstone::api {

template <class T>
using Found = Result<T, Problem>;

Problem problem_of(const projections::LibraryError& error);
// A rule of the contract that needed a look into what is stored.
Problem broken_rule(std::string field, std::string detail, std::string code = {});

// The state of an entity, now or as of a position; a problem if there is none. Blocking.
Found<Bytes> read_row(const Exchange& exchange, std::string_view aggregate, std::string_view id,
                      std::optional<Position> as_of = {});

template <class State>
Found<std::unique_ptr<State>> read_state(const Exchange& exchange, std::string_view aggregate, std::string_view id,
                                         std::optional<Position> as_of = {}) {
  FLOWSTONE_TRY(const Bytes row, read_row(exchange, aggregate, id, as_of));
  auto state = std::make_unique<State>();
  flatbuffers::GetRoot<typename State::TableType>(row.data())->UnPackTo(state.get());
  return state;
}

// A version that can be read. Pointers live as long as the members beside them.
struct StoredVersion {
  std::unique_ptr<schemas::BundleT> bundle;
  const schemas::BundleVersionT* version = nullptr;
  projections::Library::Manifest manifest;
};
// Blocking. A version that is not published is refused with its status.
Found<StoredVersion> find_version(const Exchange& exchange, std::string_view bundle_id, std::uint32_t number);
// 0 where it is no version's number.
std::uint32_t parse_version(std::string_view text);
// The version that the path names; `latest` is the newest that is published. Blocking.
Found<StoredVersion> version_in_path(const Exchange& exchange);
// The document of that path. Blocking.
Found<const schemas::BundleDocumentT*> find_document(const StoredVersion& stored, std::string_view path);

// The extractors that are in use for the bundle. Blocking.
inline constexpr std::array<std::string_view, 1> kExtractorTables{"extractors"};
using Extractors = std::vector<documents::ExtractorDefinition>;
Found<Extractors> find_extractors(const Exchange& exchange, std::string_view bundle_id);
// What built-in extractors and these read from the document. Blocking.
Found<std::unique_ptr<schemas::ExtractionListT>> read_extractions(const Exchange& exchange,
                                                                  const schemas::BundleDocumentT& document,
                                                                  const Extractors& extractors);

// A problem in place of a value: refuses, and returns false.
template <class T>
bool accepted(Exchange& exchange, const Found<T>& found) {
  if (found) return true;
  exchange.refuse(found.error());
  return false;
}

// Appends a table (object API) as JSON.
template <class Table>
void append_table(const schemas::Table& contract, const Table& table, std::string& out) {
  schemas::encode_json(contract, schemas::pack(table), out);
}

// {"items":[...],"next_cursor":...,"position":n} of tables (object API, by pointer) of one contract.
template <class Items>
void answer_with_list(Exchange& exchange, const Items& items, std::string_view next_cursor = {}) {
  std::string& body = exchange.reply.body;
  body.append("{\"items\":[");
  bool first = true;
  for (const auto& item : items) {
    if (!first) body += ',';
    first = false;
    append_table(*exchange.call().response, *item, body);
  }
  body.append("],\"next_cursor\":");
  if (next_cursor.empty()) {
    body.append("null");
  } else {
    schemas::append_json_string(next_cursor, body);
  }
  const Position position = exchange.services().store.state().durable;
  body.append(fmt::format(",\"position\":{}}}", position.value));
  exchange.reply.add("Flowstone-Position", std::to_string(position.value));
}

// True if the key may read, or write, the aggregate; refuses otherwise.
bool check_scope(Exchange& exchange, std::string_view aggregate, Access access);

}  // namespace flowstone::api
