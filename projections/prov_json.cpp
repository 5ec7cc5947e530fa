#include "projections/prov_json.hpp"

#include <map>
#include <set>
#include <vector>

#include "schemas/json_writer.hpp"

namespace flowstone::projections {
namespace {

using schemas::JsonWriter;

// Letters and digits of any language, and what PROV-N takes in names unescaped.
bool stands_for_itself(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || byte >= 0x80 || c == '-' ||
         c == '_' || c == '.' || c == '/' || c == '@' || c == '~' || c == '+';
}

std::string name_of(std::string_view text) {
  std::string name = "flowstone:";
  for (const char c : text) {
    if (stands_for_itself(c))
      name.push_back(c);
    else
      name.append(fmt::format("%{:02X}", static_cast<unsigned char>(c)));
  }
  return name;
}

// "key:0192" -> "flowstone:actor/key/0192"
std::string agent_name(std::string_view actor) {
  std::string path = "actor/";
  for (const char c : actor) path.push_back(c == ':' ? '/' : c);
  return name_of(path);
}

struct Relation {
  std::string_view kind;  // "wasDerivedFrom"
  std::string_view from_role, to_role;
  std::string_view type;  // "prov:Quotation" or empty
};

class Document {
 public:
  explicit Document(const Provenance& provenance) : provenance_(provenance) {
    for (const ProvenanceNode& node : provenance.nodes) nodes_.emplace(node.stream, &node);
  }

  std::string write() && {
    for (const ProvenanceNode& node : provenance_.nodes) add_origin(node);
    for (const ProvenanceEdge& edge : provenance_.edges) add_edge(edge);
    JsonWriter out;
    out.object([&] {
      out.key("prefix").object([&] { out.key("flowstone").text("urn:flowstone:" + provenance_.workspace + ":"); });
      write_nodes(out, "entity", false);
      write_nodes(out, "activity", true);
      write_agents(out);
      for (const auto& [kind, items] : relations_) {
        out.key(kind).object([&] {
          for (std::size_t i = 0; i < items.size(); ++i) out.key(fmt::format("_:{}{}", kind, i + 1)).raw(items[i]);
        });
      }
    });
    return out.take();
  }

 private:
  static bool is_activity(const ProvenanceNode& node) { return node.aggregate == "run" || node.aggregate == "event"; }

  // When and by whom it came into being.
  void add_origin(const ProvenanceNode& node) {
    const bool activity = is_activity(node);
    if (node.created_at && !activity) {
      add("wasGeneratedBy", [&](JsonWriter& out) {
        out.key("prov:entity").text(name_of(node.stream));
        out.key("prov:time").text(to_rfc3339(*node.created_at));
      });
    }
    if (node.created_by.empty()) return;
    agents_.insert(node.created_by);
    add(activity ? "wasAssociatedWith" : "wasAttributedTo", [&](JsonWriter& out) {
      out.key(activity ? "prov:activity" : "prov:entity").text(name_of(node.stream));
      out.key("prov:agent").text(agent_name(node.created_by));
    });
  }

  static Relation relation_of(const ProvenanceNode& from, const ProvenanceNode& to) {
    if (is_activity(from) && is_activity(to)) return {"wasInformedBy", "prov:informed", "prov:informant", {}};
    // The same bytes may have been uploaded more than once, and can have been made but once.
    if (is_activity(to) && from.aggregate == "file")
      return {"wasInfluencedBy", "prov:influencee", "prov:influencer", {}};
    if (is_activity(to)) return {"wasGeneratedBy", "prov:entity", "prov:activity", {}};
    if (is_activity(from)) return {"used", "prov:activity", "prov:entity", {}};
    if (from.aggregate == "document" && to.aggregate == "bundle_version")
      return {"hadMember", "prov:entity", "prov:collection", {}};
    if (from.aggregate == "bundle_version")
      return {"specializationOf", "prov:specificEntity", "prov:generalEntity", {}};
    const bool quotes = from.aggregate == "evidence" && (to.aggregate == "span" || to.aggregate == "document");
    const std::string_view type = quotes ? "prov:Quotation" : "";
    return {"wasDerivedFrom", "prov:generatedEntity", "prov:usedEntity", type};
  }

  void add_edge(const ProvenanceEdge& edge) {
    const auto from = nodes_.find(edge.from);
    const auto to = nodes_.find(edge.to);
    if (from == nodes_.end() || to == nodes_.end()) return;
    const Relation relation = relation_of(*from->second, *to->second);
    // These two say nothing but that they hold.
    const bool is_bare = relation.kind == "hadMember" || relation.kind == "specializationOf";
    add(relation.kind, [&](JsonWriter& out) {
      out.key(relation.from_role).text(name_of(edge.from));
      out.key(relation.to_role).text(name_of(edge.to));
      if (!relation.type.empty()) write_name(out, "prov:type", relation.type);
      if (!is_bare) out.key("flowstone:field").text(edge.field);
    });
  }

  template <class Body>
  void add(std::string_view kind, const Body& body) {
    JsonWriter out;
    out.object([&] { body(out); });
    relations_[std::string(kind)].push_back(out.take());
  }

  static void write_name(JsonWriter& out, std::string_view key, std::string_view name) {
    out.key(key).object([&] {
      out.key("$").text(name);
      out.key("type").text("prov:QUALIFIED_NAME");
    });
  }

  void write_nodes(JsonWriter& out, std::string_view key, bool activities) const {
    out.key(key).object([&] {
      for (const ProvenanceNode& node : provenance_.nodes) {
        if (is_activity(node) != activities) continue;
        out.key(name_of(node.stream)).object([&] {
          write_name(out, "prov:type", name_of(node.aggregate));
          if (!node.title.empty()) out.key("prov:label").text(node.title);
          if (node.revision != 0) out.key("flowstone:revision").number(node.revision);
          if (node.position != 0) out.key("flowstone:position").number(node.position);
          if (!node.sha256.empty()) out.key("flowstone:sha256").text(node.sha256);
          if (node.span) {
            out.key("flowstone:start").number(node.span->start);
            out.key("flowstone:end").number(node.span->end);
          }
          if (activities && node.created_at) out.key("prov:startTime").text(to_rfc3339(*node.created_at));
        });
      }
    });
  }

  void write_agents(JsonWriter& out) const {
    out.key("agent").object([&] {
      for (const std::string& actor : agents_)
        out.key(agent_name(actor)).object([&] { out.key("prov:label").text(actor); });
    });
  }

  const Provenance& provenance_;
  std::map<std::string_view, const ProvenanceNode*> nodes_;
  std::set<std::string> agents_;
  std::map<std::string, std::vector<std::string>> relations_;  // objects, by kind
};

}  // namespace

std::string prov_json(const Provenance& provenance) { return Document(provenance).write(); }

}  // namespace flowstone::projections
