// `flowstone bundle`: push files as a version, and see what there is.
#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "cli/entities.hpp"
#include "cli/push/comparison.hpp"
#include "cli/push/push.hpp"
#include "cli/run_events.hpp"
#include "cli/terminal.hpp"
#include "schemas/contract.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

constexpr const char* kPushFooter =
    "A directory is taken with everything below it, each file under its path from there; a file is taken under its "
    "name. Names that\n"
    "begin with a dot are left out, and symbolic links are not followed. A version is all of it: what is not pushed is "
    "not in it.\n"
    "Files that are already what the bundle serves make no new version, unless --force is given.\n"
    "Limits: 256 MiB a file, 2 GiB and 10,000 files a version.\n"
    "Exit status: 0 if the version serves, or nothing changed; 1 if it was refused or could not be taken in.\n\n"
    "Examples:\n"
    "  flowstone bundle push contracts/ --name 'Supplier contracts' --message 'as signed'\n"
    "  flowstone bundle push notes/ --name Notes --exclude '*.tmp' --watch\n"
    "  flowstone bundle push contracts/ --name 'Supplier contracts' --dry-run";

struct BundleOptions {
  std::string bundle;
  std::shared_ptr<ServerOptions> server;
};

// An id as it is, or the id of the bundle with this name.
Result<std::string, Refusal> bundle_id(Client& client, const std::string& given) {
  FLOWSTONE_TRY(auto named, bundle_named(client, given));
  return named.empty() ? given : named;
}

int run_list(const BundleOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  json::value last;
  const auto bundles = all_items(*client, "/v1/bundles?sort=name", &last);
  if (!bundles) return fail(bundles.error());
  if (options.server->json) {
    // As a page of `list bundles`, with all of them.
    last.as_object()["items"] = *bundles;
    print_json(last);
    return kDone;
  }
  print_rows(*schemas::contracts().find_aggregate("bundle"),
             {"id", "name", "latest_version", "busy", "created_at", "updated_at"}, *bundles);
  return kDone;
}

int run_show(const BundleOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto id = bundle_id(*client, options.bundle);
  if (!id) return fail(id.error());
  const auto bundle = client->get("/v1/bundles/" + encode_uri_component(*id));
  if (!bundle) return fail(bundle.error());
  const auto& object = bundle->as_object();
  const auto latest = number_of(object, "latest_version").value_or(0);
  json::array documents;
  if (latest > 0) {
    auto found =
        all_items(*client, fmt::format("/v1/bundles/{}/versions/{}/documents", encode_uri_component(*id), latest));
    if (!found) return fail(found.error());
    documents = *std::move(found);
  }
  if (options.server->json) {
    print_json(json::object{{"bundle", *bundle}, {"documents", documents}});
    return kDone;
  }
  print_entity(*bundle);
  if (documents.empty()) return kDone;
  TextTable table({"path", "type", "bytes", "characters"});
  for (const auto& item : documents) {
    const auto& document = item.as_object();
    const auto count = [&document](std::string_view name) {
      return with_commas(static_cast<std::uint64_t>(number_of(document, name).value_or(0)));
    };
    table.add({text_of(document, "path"), text_of(document, "media_type"), count("size_bytes"), count("characters")});
  }
  fmt::print("\nversion {}\n", latest);
  table.print();
  return kDone;
}

void add_push(CLI::App& group, Choice& choice) {
  auto options = std::make_shared<PushOptions>();
  auto* push = group.add_subcommand(
      "push", "Upload files as a new version of a bundle and follow how it is taken in, until it serves.");
  push->footer(kPushFooter);
  push->add_option("files", options->files, "Directories and files")->required()->type_name("DIR|FILE");
  push->add_option("--name", options->name, "The bundle's name; it is made if there is none");
  push->add_option("--bundle", options->bundle, "The bundle's id");
  push->add_option("--message", options->message, "What the version is, in your words");
  push->add_option("--exclude", options->exclude, "Leave out paths or names like this, such as '*.tmp' or 'drafts/*'")
      ->type_name("GLOB")
      ->expected(1)
      ->take_all();
  push->add_flag("--watch", options->watch, "Push again whenever a file has changed, until interrupted");
  push->add_flag("--dry-run", options->dry_run, "Say what would change, and upload nothing");
  push->add_flag("--force", options->force, "Make a version even if nothing changed");
  options->server = add_server_options(*push);
  push->callback([options, &choice] { choice.run = [options] { return run_push(*options); }; });
}

}  // namespace

void add_bundle(CLI::App& app, Choice& choice) {
  auto* group = app.add_subcommand("bundle", "Push files as versions of bundles, and see what there is.");
  group->require_subcommand(1);
  add_push(*group, choice);

  auto listed = std::make_shared<BundleOptions>();
  auto* list = group->add_subcommand("list", "All bundles; with --json as one page of a list.");
  listed->server = add_server_options(*list);
  list->callback([listed, &choice] { choice.run = [listed] { return run_list(*listed); }; });

  auto shown = std::make_shared<BundleOptions>();
  auto* show = group->add_subcommand("show", "A bundle, its versions, and the documents of the one that serves.");
  show->add_option("bundle", shown->bundle, "Its id or its name")->required();
  shown->server = add_server_options(*show);
  show->callback([shown, &choice] { choice.run = [shown] { return run_show(*shown); }; });
}

}  // namespace flowstone::cli
