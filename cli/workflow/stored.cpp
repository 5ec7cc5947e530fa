#include "cli/workflow/stored.hpp"

#include <algorithm>
#include <filesystem>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/identifier.hpp"
#include "cli/entities.hpp"
#include "cli/push/comparison.hpp"
#include "cli/run_events.hpp"
#include "cli/terminal.hpp"
#include "cli/workflow/file.hpp"
#include "schemas/contract.hpp"
#include "workflows/graph.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

bool same_in_any_case(const std::string& left, const std::string& right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

// The workflow with this name, in upper or lower case; null if there is none.
Result<json::value, Refusal> workflow_named(Client& client, const std::string& name) {
  FLOWSTONE_TRY(const auto all, all_items(client, "/v1/workflows?sort=name"));
  for (const auto& workflow : all)
    if (same_in_any_case(text_of(workflow.as_object(), "name"), name)) return workflow;
  return json::value(nullptr);
}

std::int64_t latest_of(const json::value& workflow) {
  return number_of(workflow.as_object(), "latest_version").value_or(0);
}

// --- push ---

std::string name_in(const DefinitionFile& file) {
  const auto source = workflows::read_source(file.text, file.format);
  const auto* name = source ? source->find("/name") : nullptr;
  return name != nullptr && name->is_string() ? name->text() : std::string();
}

Result<json::value, Refusal> save_draft(Client& client, const DefinitionFile& file, const std::string& name,
                                        const json::value& present) {
  json::object body{{"source", file.text}, {"format", workflows::name_of(file.format)}};
  if (present.is_null()) {
    body["name"] = name;
    return client.post("/v1/workflows", body);
  }
  return client.command("PATCH", "/v1/workflows/" + text_of(present.as_object(), "id"), json::serialize(body));
}

int tell(const PushWorkflowOptions& options, const json::value& before, const json::value& after) {
  const auto old_version = before.is_null() ? 0 : latest_of(before);
  const auto version = latest_of(after);
  const auto name = harmless(text_of(after.as_object(), "name"));
  const auto revision = [](const json::value& workflow) {
    return workflow.is_null() ? 0 : number_of(workflow.as_object(), "revision").value_or(0);
  };
  const bool changed = revision(before) != revision(after);
  const std::string_view status = version > old_version ? "published" : changed ? "draft_saved" : "nothing_changed";
  if (options.server->json) {
    print_json(json::object{{"status", status}, {"workflow", after}});
  } else if (version > old_version) {
    fmt::print("published version {} of {}\n", version, name);
  } else if (changed && options.publish) {
    fmt::print("saved the draft of {}; as a definition it is version {}\n", name, version);
  } else if (changed) {
    fmt::print("saved the draft of {}\n", name);
  } else {
    fmt::print("nothing changed: {} has this {}\n", name, options.publish ? "version" : "draft");
  }
  return kDone;
}

}  // namespace

Result<std::string, Refusal> workflow_path(Client& client, const std::string& given) {
  if (is_uuid(given)) return "/v1/workflows/" + given;
  FLOWSTONE_TRY(const auto workflow, workflow_named(client, given));
  if (!workflow.is_null()) return "/v1/workflows/" + text_of(workflow.as_object(), "id");
  return failure(Refusal{.code = "not_found", .sentence = fmt::format("there is no workflow '{}'", given)});
}

int push_workflow(const PushWorkflowOptions& options) {
  const auto file = read_definition_file(options.file, options.format);
  if (!file) return fail(file.error());
  const auto problems = workflows::lint(file->text, file->format);
  print_problems(*file, problems, stderr);
  if (options.publish && workflows::has_errors(problems))
    return fail("a definition with errors is not published; nothing was sent");
  const auto name = options.name.empty() ? name_in(*file) : options.name;
  if (name.empty()) {
    fail("say which workflow: --name NAME, which is made if there is none; the definition has no name");
    return kUsage;
  }
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto before = workflow_named(*client, name);
  if (!before) return fail(before.error());
  auto after = save_draft(*client, *file, name, *before);
  if (!after) return fail(after.error());
  if (options.publish) {
    json::object body;
    if (!options.note.empty()) body["note"] = options.note;
    after = client->post(fmt::format("/v1/workflows/{}/publish", text_of(after->as_object(), "id")), body);
    if (!after) return fail(after.error());
  }
  return tell(options, *before, *after);
}

int list_workflows(const WorkflowOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto workflows = all_items(*client, "/v1/workflows?sort=name");
  if (!workflows) return fail(workflows.error());
  if (options.server->json) {
    for (const auto& workflow : *workflows) print_json(workflow);
    return kDone;
  }
  print_rows(*schemas::contracts().find_aggregate("workflow"),
             {"id", "name", "latest_version", "labels", "archived", "updated_at"}, *workflows);
  return kDone;
}

namespace {

// The text of a version, or of the draft, as its author wrote it.
int show_text(Client& client, const WorkflowOptions& options, const std::string& path) {
  const bool draft = options.version == "draft";
  const auto found = client.get(draft ? path : path + "/versions/" + encode_uri_component(options.version));
  if (!found) return fail(found.error());
  const auto& shown = draft ? found->as_object().at("draft") : *found;
  if (options.server->json) {
    print_json(shown);
    return kDone;
  }
  const auto text = text_of(shown.as_object(), "source");
  fmt::print("{}{}", text, text.ends_with('\n') ? "" : "\n");
  return kDone;
}

// An answer that is no JSON.
Result<std::string, Refusal> text_at(Client& client, const std::string& target) {
  FLOWSTONE_TRY(const auto response, client.send({.target = target}));
  return response.body;
}

}  // namespace

int show_workflow(const WorkflowOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto path = workflow_path(*client, options.workflow);
  if (!path) return fail(path.error());
  if (!options.version.empty()) return show_text(*client, options, *path);
  const auto workflow = client->get(*path);
  if (!workflow) return fail(workflow.error());
  const auto listed = client->get(*path + "/versions");
  if (!listed) return fail(listed.error());
  const auto& versions = listed->as_object().at("items").as_array();
  if (options.server->json) {
    print_json(json::object{{"workflow", *workflow}, {"versions", versions}});
    return kDone;
  }
  auto shown = workflow->as_object();
  const auto& draft = workflow->as_object().at("draft").as_object();
  shown["draft"] = fmt::format("{} errors, {} warnings", number_of(draft, "errors").value_or(0),
                               number_of(draft, "warnings").value_or(0));
  print_entity(shown);
  if (versions.empty()) return kDone;
  TextTable table({"version", "states", "published", "note", "sha256"});
  for (const auto& item : versions) {
    const auto& version = item.as_object();
    table.add({std::to_string(number_of(version, "number").value_or(0)),
               std::to_string(number_of(version, "states").value_or(0)), text_of(version, "published_at"),
               text_of(version, "note"), text_of(version, "sha256").substr(0, 12)});
  }
  fmt::print("\n");
  table.print();
  return kDone;
}

int diff_workflow(const WorkflowOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto path = workflow_path(*client, options.workflow);
  if (!path) return fail(path.error());
  auto from = options.from;
  if (from.empty()) {
    const auto workflow = client->get(*path);
    if (!workflow) return fail(workflow.error());
    from = std::to_string(std::max<std::int64_t>(1, latest_of(*workflow) - 1));
  }
  auto target = fmt::format("{}/diff?from={}", *path, encode_uri_component(from));
  if (!options.to.empty()) target += "&to=" + encode_uri_component(options.to);
  if (options.server->json) {
    const auto found = client->get(target);
    if (!found) return fail(found.error());
    print_json(*found);
    return kDone;
  }
  const auto text = text_at(*client, target + "&format=unified");
  if (!text) return fail(text.error());
  fmt::print("{}", *text);
  return kDone;
}

int draw_workflow(const WorkflowOptions& options) {
  std::error_code failed;
  if (options.workflow == "-" || std::filesystem::is_regular_file(options.workflow, failed)) {
    const auto file = read_definition_file(options.workflow, "");
    if (!file) return fail(file.error());
    const auto definition = workflows::read_definition(file->text, file->format);
    if (!definition) {
      print_problems(*file, definition.error(), stderr);
      return kFailed;
    }
    const auto graph = workflows::graph_of(*definition);
    const auto& title = definition->name.empty() ? options.workflow : definition->name;
    fmt::print("{}", options.format == "mermaid" ? workflows::to_mermaid(graph) : workflows::to_dot(graph, title));
    return kDone;
  }
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto path = workflow_path(*client, options.workflow);
  if (!path) return fail(path.error());
  auto version = options.version.empty() ? "latest" : encode_uri_component(options.version);
  std::string query;
  if (!options.run.empty()) {
    const auto run = run_named(*client, options.run);
    if (!run) return fail(run.error());
    query = "&run=" + encode_uri_component(*run);
    const auto shown = client->get("/v1/runs/" + encode_uri_component(*run));
    if (!shown) return fail(shown.error());
    const auto own = number_of(shown->as_object(), "workflow_version");
    if (options.version.empty() && own) version = std::to_string(*own);
  }
  const auto text =
      text_at(*client, fmt::format("{}/versions/{}/graph?format={}{}", *path, version, options.format, query));
  if (!text) return fail(text.error());
  fmt::print("{}", *text);
  return kDone;
}

}  // namespace flowstone::cli
