#include "projections/provenance.hpp"

#include <deque>
#include <set>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "projections/provenance_facts.hpp"
#include "projections/provenance_names.hpp"
#include "projections/provenance_states.hpp"
#include "schemas/bundle_generated.h"
#include "schemas/canvas_generated.h"
#include "schemas/evidence_generated.h"
#include "schemas/references.hpp"
#include "schemas/run_generated.h"

namespace flowstone::projections {
namespace {

using schemas::Aggregate;

constexpr std::string_view kIngestLabel = "bundle:";

class Walk {
 public:
  Walk(const ProvenanceSources& sources, const ProvenanceQuestion& question)
      : sources_(sources),
        question_(question),
        states_(sources.catalog, sources.store, question.workspace, question.as_of) {
    found_.workspace = question.workspace;
  }

  Result<std::optional<Provenance>, QueryError> answer() {
    FLOWSTONE_TRY(const auto start, beginning());
    if (!start) return std::nullopt;
    put(start->node);
    if (question_.up) FLOWSTONE_TRY_VOID(spread(*start, &ProvenanceNode::is_source, &Walk::expand_sources));
    if (question_.down) FLOWSTONE_TRY_VOID(spread(*start, &ProvenanceNode::is_dependent, &Walk::expand_dependents));
    return std::move(found_);
  }

 private:
  // A node whose neighbours are to be found; of a node that is no entity, what its name is made of.
  struct Open {
    ProvenanceNode node;
    const Bytes* row = nullptr;
    ProvenanceName name{};
    std::uint32_t other_version = 0;  // of a diff
  };
  using Done = Result<void, QueryError>;
  using Expand = Done (Walk::*)(const Open& open);

  Result<std::optional<Open>, QueryError> beginning() {
    Open open;
    open.node.stream = question_.stream;
    open.name = provenance_name(question_.stream);
    switch (open.name.kind) {
      case ProvenanceName::Kind::nothing:
        return std::nullopt;
      case ProvenanceName::Kind::entity: {
        FLOWSTONE_TRY_VOID(describe(open));
        return open.row == nullptr ? std::nullopt : std::optional(open);
      }
      case ProvenanceName::Kind::version:
      case ProvenanceName::Kind::document:
        break;
    }
    FLOWSTONE_TRY(const auto* const told, version(open.name));
    if (told == nullptr) return std::nullopt;
    if (open.name.kind == ProvenanceName::Kind::version) return version_node(open.name.id, open.name.version, told);
    FLOWSTONE_TRY(const auto file, file_of(open.name, told));
    if (!file) return std::nullopt;
    return document_node(open.name);
  }

  // Breadth first, from the start along one kind of edges.
  Done spread(const Open& start, bool ProvenanceNode::* side, Expand expand) {
    side_ = side;
    open_.clear();
    reached_ = {start.node.stream};
    open_.push_back(start);
    while (!open_.empty()) {
      const Open next = std::move(open_.front());
      open_.pop_front();
      FLOWSTONE_TRY_VOID((this->*expand)(next));
    }
    return {};
  }

  // --- up ---

  Done expand_sources(const Open& open) {
    const std::string_view kind = open.node.aggregate;
    if (kind == "span") return connect(open, "document", document_node(open.name));
    if (kind == "document") return lead_from_document(open);
    if (kind == "bundle_version") return lead_from_version(open);
    if (kind == "file") return lead_to_upload(open);
    if (kind == "diff") return lead_from_diff(open);
    if (open.row == nullptr) return {};
    const Aggregate& aggregate = *open.name.aggregate;
    for (const auto& reference : schemas::references_in(*aggregate.state, *open.row))
      FLOWSTONE_TRY_VOID(lead_to(open, reference.path, reference.stream));
    if (const auto* const source = quoted_source(aggregate, *open.row)) return lead_to_words(open, *source);
    return aggregate.name == "canvas" ? lead_to_diffs(open) : Done();
  }

  // The words that the evidence quotes, in their document.
  Done lead_to_words(const Open& evidence, const schemas::EvidenceSource& source) {
    if (source.bundle_id() == nullptr || source.document() == nullptr) return {};
    const ProvenanceName name{
        .id = source.bundle_id()->str(), .version = source.version(), .path = source.document()->str()};
    const auto* const selector = source.selector();
    if (selector == nullptr || !selector->start() || !selector->end())
      return connect(evidence, "source.document", document_node(name));
    Open span;
    span.name = name;
    span.node.aggregate = "span";
    span.node.title = shortened(text_of(selector->exact()));
    span.node.span = documents::Span{*selector->start(), *selector->end()};
    span.node.stream = span_name(document_name(name.id, name.version, name.path), *span.node.span);
    return connect(evidence, "source.selector", std::move(span));
  }

  Done lead_from_document(const Open& document) {
    FLOWSTONE_TRY(const auto* const told, version(document.name));
    FLOWSTONE_TRY_VOID(connect(document, "version", version_node(document.name.id, document.name.version, told)));
    FLOWSTONE_TRY(auto file, file_of(document.name, told));
    return file ? connect(document, "sha256", *std::move(file)) : Done();
  }

  Done lead_from_version(const Open& open) {
    FLOWSTONE_TRY(const auto* const told, version(open.name));
    FLOWSTONE_TRY_VOID(lead_to(open, "bundle_id", "bundle-" + open.name.id));
    if (told == nullptr || told->run_id() == nullptr) return {};
    return lead_to(open, "run_id", "run-" + told->run_id()->str());
  }

  // The event that brought the bytes, and with it who did.
  Done lead_to_upload(const Open& file) {
    const auto reader = sources_.store.read_stream(question_.workspace, "bundle-" + file.name.id, {});
    if (!reader) return failure(QueryError{QueryError::Code::io, reader.error().detail});
    while (true) {
      const auto next = (*reader)->next();
      if (!next) return failure(QueryError{QueryError::Code::io, next.error().detail});
      const eventstore::RecordedEvent* const event = *next;
      if (event == nullptr) return {};
      if (event->type != "bundle.version_added") continue;
      const auto* const added = flatbuffers::GetRoot<schemas::BundleVersionAdded>(event->payload.data());
      if (added->number() != file.name.version) continue;
      Open upload;
      upload.node.aggregate = "event";
      upload.node.stream = fmt::format("event/{}", event->position.value);
      upload.node.title = event->type;
      upload.node.created_at = event->time;
      upload.node.created_by = event->actor;
      upload.node.position = event->position.value;
      return connect(file, "uploaded", std::move(upload));
    }
  }

  Done lead_to_diffs(const Open& canvas) {
    const auto* const pins = state_in<schemas::Canvas>(*canvas.row).pins();
    if (pins == nullptr) return {};
    for (const schemas::Pin* pin : *pins) {
      const schemas::PinnedDiff* const pinned = pin->diff();
      if (pinned == nullptr) continue;
      Open diff;
      diff.name = {.id = pinned->bundle_id()->str(), .version = pinned->from()};
      diff.other_version = pinned->to();
      diff.node.aggregate = "diff";
      diff.node.stream = diff_name(*pinned);
      diff.node.title =
          fmt::format("{} diff of versions {} and {}", text_of(pinned->kind()), pinned->from(), pinned->to());
      FLOWSTONE_TRY_VOID(connect(canvas, "pins.diff", std::move(diff)));
    }
    return {};
  }

  Done lead_from_diff(const Open& diff) {
    ProvenanceName name = diff.name;
    FLOWSTONE_TRY(const auto* const before, version(name));
    FLOWSTONE_TRY_VOID(connect(diff, "from", version_node(name.id, name.version, before)));
    name.version = diff.other_version;
    FLOWSTONE_TRY(const auto* const after, version(name));
    return connect(diff, "to", version_node(name.id, name.version, after));
  }

  // --- down ---

  Done expand_dependents(const Open& open) {
    if (open.node.aggregate == "bundle_version" || open.node.aggregate == "document") return list_in_version(open);
    if (open.name.kind != ProvenanceName::Kind::entity) return {};
    for (const Aggregate& aggregate : schemas::contracts().aggregates()) {
      for (const schemas::Field& field : aggregate.state->fields) {
        const bool leads_here = field.refers_to_any() || field.reference == open.name.aggregate->name;
        if (!field.index || !leads_here) continue;
        const std::string& named = field.refers_to_any() ? open.node.stream : open.name.id;
        FLOWSTONE_TRY_VOID(states_.each(
            aggregate, field, named, [&](const Row& row) { return add_dependent(open, aggregate, row, field.name); }));
      }
    }
    return open.node.aggregate == "run" && open.row != nullptr ? list_of_run(open) : Done();
  }

  // Evidence that quotes from the version or was looked for in it, and canvases with a diff of it.
  Done list_in_version(const Open& open) {
    const Aggregate& evidence = *schemas::contracts().find_aggregate("evidence");
    FLOWSTONE_TRY_VOID(states_.each(
        evidence, *evidence.state->find("bundle_id"), open.name.id, [&](const Row& row) -> Result<bool, QueryError> {
          const auto tie = tie_to_version(state_in<schemas::Evidence>(row.bytes), open.name.version, open.name.path);
          return tie.empty() ? true : add_dependent(open, evidence, row, tie);
        }));
    if (open.node.aggregate == "document") return {};
    const Aggregate& canvas = *schemas::contracts().find_aggregate("canvas");
    return states_.each(canvas, *canvas.state->find("pinned"), "bundle-" + open.name.id,
                        [&](const Row& row) -> Result<bool, QueryError> {
                          const bool pinned =
                              has_diff_of(state_in<schemas::Canvas>(row.bytes), open.name.id, open.name.version);
                          return pinned ? add_dependent(open, canvas, row, "pins.diff") : true;
                        });
  }

  // What it left behind, and the version that it took in.
  Done list_of_run(const Open& open) {
    const schemas::Run& run = state_in<schemas::Run>(*open.row);
    if (run.artifacts() != nullptr) {
      for (const schemas::RunArtifact* left : *run.artifacts()) {
        Open artifact;
        artifact.node.aggregate = "artifact";
        artifact.node.title = text_of(left->name());
        artifact.node.stream = fmt::format("{}/artifacts/{}", open.node.stream, artifact.node.title);
        artifact.node.sha256 = text_of(left->sha256());
        FLOWSTONE_TRY_VOID(depend(open, "run", std::move(artifact)));
      }
    }
    if (run.labels() == nullptr) return {};
    for (const auto* label : *run.labels()) {
      if (!label->string_view().starts_with(kIngestLabel)) continue;
      const std::string bundle_id = label->str().substr(kIngestLabel.size());
      FLOWSTONE_TRY(const Bytes* const bundle, states_.row(bundle_contract(), bundle_id));
      if (bundle == nullptr || state_in<schemas::Bundle>(*bundle).versions() == nullptr) continue;
      for (const schemas::BundleVersion* told : *state_in<schemas::Bundle>(*bundle).versions()) {
        if (text_of(told->run_id()) == open.name.id)
          FLOWSTONE_TRY_VOID(depend(open, "run_id", version_node(bundle_id, told->number(), told)));
      }
    }
    return {};
  }

  // False if there is no room for more.
  Result<bool, QueryError> add_dependent(const Open& to, const Aggregate& aggregate, const Row& row,
                                         std::string_view field) {
    Open open;
    open.node.stream = fmt::format("{}-{}", aggregate.name, row.id);
    open.name = {.kind = ProvenanceName::Kind::entity, .aggregate = &aggregate, .id = row.id};
    fill(open.node, aggregate, row.bytes);
    open.node.distance = to.node.distance + 1;
    if (!admit(open.node) || !link({open.node.stream, to.node.stream, std::string(field)})) return false;
    if (reached_.contains(open.node.stream)) return true;
    if (aggregate.name == "run") {
      FLOWSTONE_TRY(open.row, states_.row(aggregate, row.id));
    }
    enter(std::move(open));
    return true;
  }

  Done depend(const Open& to, std::string_view field, Open open) {
    open.node.distance = to.node.distance + 1;
    if (admit(open.node) && link({open.node.stream, to.node.stream, std::string(field)})) enter(std::move(open));
    return {};
  }

  // --- what is known of single things ---

  static const Aggregate& bundle_contract() { return *schemas::contracts().find_aggregate("bundle"); }

  Result<const schemas::BundleVersion*, QueryError> version(const ProvenanceName& name) {
    FLOWSTONE_TRY(const Bytes* const bundle, states_.row(bundle_contract(), name.id));
    return version_in(bundle, name.version);
  }

  static Open version_node(const std::string& bundle_id, std::uint32_t number, const schemas::BundleVersion* told) {
    Open open;
    open.name = {.kind = ProvenanceName::Kind::version, .id = bundle_id, .version = number};
    open.node.aggregate = "bundle_version";
    open.node.stream = version_name(bundle_id, number);
    open.node.title = fmt::format("version {}", number);
    if (told == nullptr) return open;
    open.node.created_at = Timestamp{told->added_at()};
    open.node.created_by = text_of(told->added_by());
    return open;
  }

  static Open document_node(const ProvenanceName& name) {
    Open open;
    open.name = name;
    open.name.kind = ProvenanceName::Kind::document;
    open.node.aggregate = "document";
    open.node.stream = document_name(name.id, name.version, name.path);
    open.node.title = name.path;
    return open;
  }

  // The document's bytes; nothing where nothing is known of them.
  Result<std::optional<Open>, QueryError> file_of(const ProvenanceName& name, const schemas::BundleVersion* told) {
    if (sources_.library == nullptr || told == nullptr || told->manifest() == nullptr) return std::nullopt;
    const auto manifest = sources_.library->manifest(question_.workspace, told->manifest()->string_view());
    if (!manifest) return failure(QueryError{QueryError::Code::io, manifest.error().detail});
    const auto* const document = document_at(**manifest, name.path);
    if (document == nullptr) return std::nullopt;
    Open file;
    file.name = {.id = name.id, .version = name.version};
    file.node.aggregate = "file";
    file.node.stream = "file/" + document->sha256;
    file.node.title = document->media_type;
    file.node.sha256 = document->sha256;
    return file;
  }

  Done describe(Open& open) {
    open.name = provenance_name(open.node.stream);
    if (open.name.aggregate == nullptr) return {};
    open.node.aggregate = open.name.aggregate->name;
    FLOWSTONE_TRY(open.row, states_.row(*open.name.aggregate, open.name.id));
    if (open.row != nullptr) fill(open.node, *open.name.aggregate, *open.row);
    return {};
  }

  // --- the graph ---

  // To an entity, which is read unless it is known.
  Done lead_to(const Open& from, std::string_view field, std::string stream) {
    Open open;
    open.node.stream = std::move(stream);
    open.node.distance = from.node.distance + 1;
    if (!admit(open.node) || !link({from.node.stream, open.node.stream, std::string(field)})) return {};
    if (reached_.contains(open.node.stream)) return {};
    FLOWSTONE_TRY_VOID(describe(open));
    enter(std::move(open));
    return {};
  }

  // To what is no entity.
  Done connect(const Open& from, std::string_view field, Open open) {
    open.node.distance = from.node.distance + 1;
    if (admit(open.node) && link({from.node.stream, open.node.stream, std::string(field)})) enter(std::move(open));
    return {};
  }

  // False, and cut, if there is no room for the node.
  bool admit(const ProvenanceNode& node) {
    if (places_.contains(node.stream)) return true;
    if (places_.size() < question_.limits.nodes && node.distance <= question_.limits.distance) return true;
    found_.cut = true;
    return false;
  }

  bool link(ProvenanceEdge edge) {
    if (!linked_.emplace(edge.from, edge.to, edge.field).second) return true;
    if (found_.edges.size() >= question_.limits.edges) {
      found_.cut = true;
      return false;
    }
    found_.edges.push_back(std::move(edge));
    return true;
  }

  void enter(Open open) {
    if (!reached_.insert(open.node.stream).second) return;
    found_.nodes[put(open.node)].*side_ = true;
    open_.push_back(std::move(open));
  }

  std::size_t put(const ProvenanceNode& node) {
    const auto [place, is_new] = places_.emplace(node.stream, found_.nodes.size());
    if (is_new) found_.nodes.push_back(node);
    return place->second;
  }

  const ProvenanceSources& sources_;
  const ProvenanceQuestion& question_;
  ProvenanceStates states_;
  Provenance found_;
  std::unordered_map<std::string, std::size_t> places_;  // of nodes
  std::set<std::tuple<std::string, std::string, std::string>> linked_;
  // Of the present side.
  bool ProvenanceNode::* side_ = nullptr;
  std::set<std::string> reached_;
  std::deque<Open> open_;
};

}  // namespace

Result<std::optional<Provenance>, QueryError> provenance_of(const ProvenanceSources& sources,
                                                            const ProvenanceQuestion& question) {
  return Walk(sources, question).answer();
}

}  // namespace flowstone::projections
