// `flowstone audit`: who did what and why, and whether anything was altered.
#include <algorithm>
#include <array>
#include <string_view>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/bytes.hpp"
#include "cli/audit_records.hpp"
#include "cli/entities.hpp"
#include "cli/log_directory.hpp"
#include "cli/program.hpp"
#include "cli/run_events.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

struct AuditOptions {
  std::string entity, actor, correlation, since, until, data;
  unsigned limit = 50;
  bool all = false;
  std::uint64_t size = 0;
  std::shared_ptr<ServerOptions> server;
};

// What every event changes, and what the entry's own lines say already.
bool is_bookkeeping(std::string_view field) {
  static constexpr std::array<std::string_view, 6> kFields{"id",         "revision",   "created_at",
                                                           "created_by", "updated_at", "updated_by"};
  return std::ranges::find(kFields, field) != kFields.end();
}

// Lists of objects are compared item by item and field by field: "steps[1].output_lines: 1 -> 2".
void print_change(const std::string& path, const json::value& from, const json::value& to) {
  if (from == to) return;
  static const json::value kNothing;
  if (to.is_object() && from.is_object()) {
    for (const auto& [name, value] : from.get_object()) {
      const auto* now = to.get_object().if_contains(name);
      print_change(fmt::format("{}.{}", path, std::string_view(name)), value, now == nullptr ? kNothing : *now);
    }
    for (const auto& [name, value] : to.get_object()) {
      if (!from.get_object().contains(name))
        print_change(fmt::format("{}.{}", path, std::string_view(name)), kNothing, value);
    }
    return;
  }
  const auto* before = from.if_array();
  const auto* after = to.if_array();
  const bool of_objects = after != nullptr && !after->empty() && after->front().is_object();
  if (of_objects && (before != nullptr || from.is_null())) {
    const std::size_t had = before == nullptr ? 0 : before->size();
    for (std::size_t at = 0; at < std::max(had, after->size()); ++at)
      print_change(fmt::format("{}[{}]", path, at), at < had ? (*before)[at] : kNothing,
                   at < after->size() ? (*after)[at] : kNothing);
    return;
  }
  const auto side = [](const json::value& value) {
    return value.is_null() ? std::string("nothing") : json::serialize(value);
  };
  fmt::print("          {}: {} -> {}\n", path, harmless(side(from)), harmless(side(to)));
}

void print_entry(const json::object& entry, bool colour) {
  const auto line = fmt::format("{:>8}  {}  {}  {}", number_of(entry, "position").value_or(0), text_of(entry, "time"),
                                text_of(entry, "type"), text_of(entry, "entity"));
  fmt::print("{}\n", paint(harmless(line), Ink::bold, colour));
  std::string why = fmt::format("by {}", text_of(entry, "actor"));
  if (const auto command = text_of(entry, "command_id"); !command.empty()) why += ", command " + command;
  if (const auto request = text_of(entry, "request_id"); !request.empty()) why += ", request " + request;
  if (const auto causation = text_of(entry, "causation"); !causation.empty()) why += ", caused by " + causation;
  fmt::print("          {}\n", paint(harmless(why), Ink::dim, colour));
  const auto* changes = entry.if_contains("changes");
  if (changes == nullptr || !changes->is_array()) return;
  for (const auto& change : changes->get_array()) {
    if (is_bookkeeping(text_of(change.as_object(), "field"))) continue;
    const auto side = [&](std::string_view name) {
      const auto* value = change.as_object().if_contains(name);
      return value == nullptr ? json::value() : *value;
    };
    print_change(text_of(change.as_object(), "field"), side("from"), side("to"));
  }
}

std::string log_target(const AuditOptions& options, const std::string& cursor) {
  auto target = fmt::format("/v1/audit?limit={}", options.limit);
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) target += fmt::format("&{}={}", name, encode_uri_component(value));
  };
  add("entity", options.entity);
  add("actor", options.actor);
  add("correlation", options.correlation);
  add("since", options.since);
  add("until", options.until);
  add("cursor", cursor);
  return target;
}

int run_log(const AuditOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const bool colour = wants_colour(STDOUT_FILENO);
  bool any = false;
  for (std::string cursor;;) {
    const auto page = client->get(log_target(options, cursor));
    if (!page) return fail(page.error());
    if (options.server->json && !options.all) {
      print_json(*page);
      return kDone;
    }
    const auto* items = page->as_object().if_contains("items");
    if (items != nullptr && items->is_array()) {
      for (const auto& entry : items->get_array()) {
        any = true;
        if (options.server->json) {
          print_json(entry);
        } else {
          print_entry(entry.as_object(), colour);
        }
      }
    }
    cursor = text_of(page->as_object(), "next_cursor");
    if (cursor.empty()) {
      if (!any && !options.server->json) fmt::print(stderr, "There is nothing like that in the timeline.\n");
      return kDone;
    }
    if (!options.all) {
      fmt::print(stderr, "There is more: --all\n");
      return kDone;
    }
  }
}

int run_root(const AuditOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto head =
      client->get(options.size == 0 ? "/v1/audit/root" : fmt::format("/v1/audit/root?size={}", options.size));
  if (!head) return fail(head.error());
  if (options.server->json) {
    print_json(*head);
  } else {
    print_entity(*head);
  }
  return kDone;
}

int report(const AuditOptions& options, std::uint64_t size, const std::string& recomputed,
           const std::string& committed) {
  const bool equal = recomputed == committed;
  if (options.server->json) {
    print_json(json::object{{"size", size}, {"recomputed", recomputed}, {"committed", committed}, {"equal", equal}});
  } else {
    fmt::print("events      {}\nrecomputed  {}\ncommitted   {}\n", with_commas(size), recomputed, committed);
    fmt::print("{}\n",
               paint(equal ? "verified: nothing was altered" : "ALTERED: the records do not give the committed root",
                     equal ? Ink::green : Ink::red, wants_colour(STDOUT_FILENO)));
  }
  return equal ? kDone : kFailed;
}

int verify_directory(const AuditOptions& options) {
  const auto store = open_log_to_read(options.data);
  if (!store) return fail(store.error());
  const auto head = (*store)->tree_head().size.value;
  ProgressBar bar("verify");
  const auto verified = (*store)->verify([&](Position position) { bar.show(position.value, head); });
  bar.finish();
  if (!verified) return fail(sentence_of(verified.error()));
  return report(options, verified->recomputed.size.value, to_hex(view(verified->recomputed.root)),
                to_hex(view(verified->committed.root)));
}

int verify_server(const AuditOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto head = client->get("/v1/audit/root");
  if (!head) return fail(head.error());
  const auto size = static_cast<std::uint64_t>(number_of(head->as_object(), "size").value_or(0));
  ProgressBar bar("verify");
  const auto root = recompute_root(*client, size, [&](std::uint64_t done) { bar.show(done, size); });
  bar.finish();
  if (!root) return fail(root.error());
  return report(options, size, to_hex(view(*root)), text_of(head->as_object(), "root"));
}

void add_log(CLI::App& group, Choice& choice) {
  auto options = std::make_shared<AuditOptions>();
  auto* command = group.add_subcommand("log", "Who did what, when and why; which fields from what to what.");
  command->footer("Example:\n  flowstone audit log --entity task-01920000-0000-7000-8000-000000000011");
  command->add_option("--entity", options->entity, "Only this stream, such as task-01920000-...");
  command->add_option("--actor", options->actor, "Only what this actor did");
  command->add_option("--correlation", options->correlation, "Only what this request set in motion");
  command->add_option("--since", options->since, "RFC 3339 time");
  command->add_option("--until", options->until, "RFC 3339 time");
  command->add_option("--limit", options->limit, "Entries a page")->check(CLI::Range(1, 200))->capture_default_str();
  command->add_flag("--all", options->all, "Every page; with --json one entry a line");
  options->server = add_server_options(*command);
  command->callback([options, &choice] { choice.run = [options] { return run_log(*options); }; });
}

void add_verify(CLI::App& group, Choice& choice) {
  auto options = std::make_shared<AuditOptions>();
  auto* command = group.add_subcommand("verify",
                                       "Recompute the Merkle root from the records and compare it with the one that "
                                       "was committed. With --data every byte is\n"
                                       "read from the data directory, also under a running server; otherwise the "
                                       "records come from the server, those of other\n"
                                       "workspaces as leaf hashes alone.");
  command->footer(
      "Exit status: 0 nothing was altered, 1 something was, or could not be read.\n\nExample:\n  flowstone audit "
      "verify --data flowstone-data");
  command->add_option("--data", options->data, "Data directory to read instead of asking a server");
  options->server = add_server_options(*command);
  command->callback([options, &choice] {
    choice.run = [options] { return options->data.empty() ? verify_server(*options) : verify_directory(*options); };
  });
}

}  // namespace

void add_audit(CLI::App& app, Choice& choice) {
  auto* group = app.add_subcommand("audit", "Read an entity's timeline; verify that nothing was altered.");
  group->require_subcommand(1);
  add_log(*group, choice);
  add_verify(*group, choice);
  auto options = std::make_shared<AuditOptions>();
  auto* root = group->add_subcommand("root", "The Merkle root over the log (RFC 6962), now or at an earlier size.");
  root->add_option("--size", options->size, "Number of events");
  options->server = add_server_options(*root);
  root->callback([options, &choice] { choice.run = [options] { return run_root(*options); }; });
}

}  // namespace flowstone::cli
