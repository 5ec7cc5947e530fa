#include "projections/provenance.hpp"

#include <deque>
#include <set>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "schemas/bundle_generated.h"
#include "schemas/evidence_generated.h"
#include "schemas/references.hpp"

namespace flowstone::projections {
namespace {

using schemas::Aggregate;

constexpr std::size_t kPage = 200;
constexpr std::size_t kMaxTitle = 200;  // bytes

struct EntityName {
  const Aggregate* aggregate = nullptr;  // null: no entity
  std::string id;
};

EntityName entity_named(std::string_view stream) {
  const auto dash = stream.find('-');
  if (dash == std::string_view::npos || stream.find('/') != std::string_view::npos) return {};
  return {schemas::contracts().find_aggregate(stream.substr(0, dash)), std::string(stream.substr(dash + 1))};
}

// Cut between characters.
std::string shortened(std::string_view text) {
  if (text.size() <= kMaxTitle) return std::string(text);
  std::size_t end = kMaxTitle;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "\u2026";
}

std::string text_in(const Aggregate& aggregate, std::string_view field, const Bytes& row) {
  const schemas::Field* const found = aggregate.state->find(field);
  return found == nullptr ? std::string() : std::string(schemas::text_of(*found, row).value_or(""));
}

const schemas::EvidenceSource* source_in(const Aggregate& aggregate, const Bytes& row) {
  if (aggregate.name != "evidence") return nullptr;
  return flatbuffers::GetRoot<schemas::Evidence>(row.data())->source();
}

std::string title_of(const Aggregate& aggregate, const Bytes& row) {
  for (const std::string_view field : {"title", "name", "code"}) {
    if (auto title = text_in(aggregate, field, row); !title.empty()) return title;
  }
  const auto* const source = source_in(aggregate, row);
  if (source == nullptr || source->selector() == nullptr || source->selector()->exact() == nullptr) return {};
  return shortened(source->selector()->exact()->string_view());
}

std::string version_stream(std::string_view bundle_id, std::uint32_t number) {
  return fmt::format("bundle-{}/versions/{}", bundle_id, number);
}

class Walk {
 public:
  Walk(Catalog& catalog, std::string_view workspace, const ProvenanceLimits& limits)
      : catalog_(catalog), limits_(limits) {
    found_.workspace = workspace;
  }

  Result<std::optional<Provenance>, QueryError> from(std::string_view stream) {
    ProvenanceNode start;
    start.stream = stream;
    FLOWSTONE_TRY(const auto row, describe(start));
    if (!row) return std::nullopt;
    FLOWSTONE_TRY_VOID(spread(start, &ProvenanceNode::is_source, &Walk::expand_sources));
    FLOWSTONE_TRY_VOID(spread(start, &ProvenanceNode::is_dependent, &Walk::expand_dependents));
    return std::move(found_);
  }

 private:
  // What is next to a node, seen from one side.
  struct Neighbour {
    ProvenanceNode node;
    std::string field;
    std::optional<Bytes> row;
  };
  struct Open {
    ProvenanceNode node;
    std::optional<Bytes> row;
  };
  using Expand = Result<void, QueryError> (Walk::*)(const Open& open);

  // Breadth first, from the start along one kind of edges.
  Result<void, QueryError> spread(const ProvenanceNode& start, bool ProvenanceNode::* side, Expand expand) {
    side_ = side;
    open_.clear();
    reached_.clear();
    FLOWSTONE_TRY(auto row, find_row(start.stream));
    put(start);
    reached_.insert(start.stream);
    open_.push_back({start, std::move(row)});
    while (!open_.empty()) {
      const Open next = std::move(open_.front());
      open_.pop_front();
      FLOWSTONE_TRY_VOID((this->*expand)(next));
    }
    return {};
  }

  Result<void, QueryError> expand_sources(const Open& open) {
    if (open.node.aggregate == "document" || open.node.aggregate == "bundle_version") return {};
    const Aggregate* const aggregate = entity_named(open.node.stream).aggregate;
    if (aggregate == nullptr || !open.row) return {};
    for (auto& reference : schemas::references_in(*aggregate->state, *open.row)) {
      ProvenanceNode node;
      node.stream = std::move(reference.stream);
      FLOWSTONE_TRY_VOID(lead_to(open.node, reference.path, std::move(node)));
    }
    if (const auto* const source = source_in(*aggregate, *open.row)) return lead_to_document(open.node, *source);
    return {};
  }

  // The evidence's document, the version that it is in, and where that comes from.
  Result<void, QueryError> lead_to_document(const ProvenanceNode& evidence, const schemas::EvidenceSource& source) {
    if (source.bundle_id() == nullptr || source.document() == nullptr) return {};
    const std::string bundle_id = source.bundle_id()->str();
    ProvenanceNode document = beside(evidence, "document");
    document.title = source.document()->str();
    document.stream = version_stream(bundle_id, source.version()) + "/documents/" + document.title;
    if (!connect(evidence, "source.document", document)) return {};
    ProvenanceNode version = beside(document, "bundle_version");
    version.stream = version_stream(bundle_id, source.version());
    version.title = fmt::format("version {}", source.version());
    FLOWSTONE_TRY(const auto row, find_row("bundle-" + bundle_id));
    const schemas::BundleVersion* const told = row ? version_in(*row, source.version()) : nullptr;
    if (told != nullptr) {
      version.created_at = Timestamp{told->added_at()};
      if (told->added_by() != nullptr) version.created_by = told->added_by()->str();
    }
    if (!connect(document, "version", version)) return {};
    ProvenanceNode bundle;
    bundle.stream = "bundle-" + bundle_id;
    FLOWSTONE_TRY_VOID(lead_to(version, "bundle_id", std::move(bundle)));
    if (told == nullptr || told->run_id() == nullptr) return {};
    ProvenanceNode run;
    run.stream = "run-" + told->run_id()->str();
    return lead_to(version, "run_id", std::move(run));
  }

  static const schemas::BundleVersion* version_in(const Bytes& bundle, std::uint32_t number) {
    const auto* const versions = flatbuffers::GetRoot<schemas::Bundle>(bundle.data())->versions();
    if (versions == nullptr) return nullptr;
    for (const schemas::BundleVersion* version : *versions) {
      if (version->number() == number) return version;
    }
    return nullptr;
  }

  Result<void, QueryError> expand_dependents(const Open& open) {
    const EntityName entity = entity_named(open.node.stream);
    if (entity.aggregate == nullptr) return {};
    for (const Aggregate& aggregate : schemas::contracts().aggregates()) {
      for (const schemas::Field& field : aggregate.state->fields) {
        const bool leads_here = field.refers_to_any() || field.reference == entity.aggregate->name;
        if (!field.index || !leads_here) continue;
        const std::string& named = field.refers_to_any() ? open.node.stream : entity.id;
        FLOWSTONE_TRY_VOID(list_dependents(open.node, aggregate, field, named));
      }
    }
    return {};
  }

  Result<void, QueryError> list_dependents(const ProvenanceNode& to, const Aggregate& aggregate,
                                           const schemas::Field& field, std::string_view named) {
    ListQuery query;
    query.workspace = found_.workspace;
    query.limit = kPage;
    query.filters = {{.field = &field,
                      .test = FieldFilter::Test::equal,
                      .keys = {schemas::index_key_of(field, named).value_or(Bytes())}}};
    do {
      FLOWSTONE_TRY(const Page page, catalog_.list(aggregate, query));
      for (const Row& row : page.rows) {
        ProvenanceNode node;
        node.stream = std::string(aggregate.name) + "-" + row.id;
        fill(node, aggregate, row.bytes);
        node.distance = to.distance + 1;
        if (!admit(node)) return {};
        if (!link({node.stream, to.stream, std::string(field.name)})) return {};
        enter(std::move(node), row.bytes);
      }
      query.cursor = page.next_cursor;
    } while (!query.cursor.empty());
    return {};
  }

  static ProvenanceNode beside(const ProvenanceNode& node, std::string aggregate) {
    ProvenanceNode next;
    next.aggregate = std::move(aggregate);
    next.distance = node.distance + 1;
    return next;
  }

  // To an entity, which is read unless it is known.
  Result<void, QueryError> lead_to(const ProvenanceNode& from, std::string_view field, ProvenanceNode node) {
    node.distance = from.distance + 1;
    if (!admit(node) || !link({from.stream, node.stream, std::string(field)})) return {};
    if (reached_.contains(node.stream)) return {};
    FLOWSTONE_TRY(auto row, describe(node));
    enter(std::move(node), std::move(row));
    return {};
  }

  // To what is no entity. False if it is beyond the limits.
  bool connect(const ProvenanceNode& from, std::string_view field, const ProvenanceNode& node) {
    if (!admit(node) || !link({from.stream, node.stream, std::string(field)})) return false;
    enter(node, std::nullopt);
    return true;
  }

  // False, and cut, if there is no room for the node.
  bool admit(const ProvenanceNode& node) {
    if (places_.contains(node.stream)) return true;
    if (places_.size() < limits_.nodes && node.distance <= limits_.distance) return true;
    found_.cut = true;
    return false;
  }

  bool link(ProvenanceEdge edge) {
    if (!linked_.emplace(edge.from, edge.to, edge.field).second) return true;
    if (found_.edges.size() >= limits_.edges) {
      found_.cut = true;
      return false;
    }
    found_.edges.push_back(std::move(edge));
    return true;
  }

  void enter(ProvenanceNode node, std::optional<Bytes> row) {
    if (!reached_.insert(node.stream).second) return;
    found_.nodes[put(node)].*side_ = true;
    open_.push_back({std::move(node), std::move(row)});
  }

  std::size_t put(const ProvenanceNode& node) {
    const auto [place, is_new] = places_.emplace(node.stream, found_.nodes.size());
    if (is_new) found_.nodes.push_back(node);
    return place->second;
  }

  Result<std::optional<Bytes>, QueryError> find_row(std::string_view stream) {
    const EntityName entity = entity_named(stream);
    if (entity.aggregate == nullptr) return std::optional<Bytes>();
    FLOWSTONE_TRY(auto row, catalog_.get(*entity.aggregate, found_.workspace, entity.id));
    if (!row) return std::optional<Bytes>();
    return std::optional(std::move(row->bytes));
  }

  // The row, if there is one.
  Result<std::optional<Bytes>, QueryError> describe(ProvenanceNode& node) {
    const Aggregate* const aggregate = entity_named(node.stream).aggregate;
    if (aggregate != nullptr) node.aggregate = aggregate->name;
    FLOWSTONE_TRY(auto row, find_row(node.stream));
    if (row) fill(node, *aggregate, *row);
    return row;
  }

  static void fill(ProvenanceNode& node, const Aggregate& aggregate, const Bytes& row) {
    node.aggregate = aggregate.name;
    node.title = title_of(aggregate, row);
    node.revision =
        static_cast<std::uint64_t>(schemas::integer_of(*aggregate.state->find("revision"), row).value_or(0));
    node.created_by = text_in(aggregate, "created_by", row);
    if (const schemas::Field* const created_at = aggregate.state->find("created_at"))
      node.created_at = Timestamp{schemas::integer_of(*created_at, row).value_or(0)};
  }

  Catalog& catalog_;
  const ProvenanceLimits limits_;
  Provenance found_;
  std::unordered_map<std::string, std::size_t> places_;  // of nodes
  std::set<std::tuple<std::string, std::string, std::string>> linked_;
  // Of the present side.
  bool ProvenanceNode::* side_ = nullptr;
  std::set<std::string> reached_;
  std::deque<Open> open_;
};

}  // namespace

Result<std::optional<Provenance>, QueryError> provenance_of(Catalog& catalog, std::string_view workspace,
                                                            std::string_view stream, const ProvenanceLimits& limits) {
  return Walk(catalog, workspace, limits).from(stream);
}

}  // namespace flowstone::projections
