// `flowstone key`: API keys.
#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "cli/entities.hpp"
#include "cli/program.hpp"
#include "cli/run_events.hpp"
#include "schemas/contract.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

struct KeyOptions {
  std::string id, name, expires_at;
  std::vector<std::string> roles, scopes;
  std::shared_ptr<ServerOptions> server;
};

int run_create(const KeyOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  json::object body{{"name", options.name}, {"roles", json::array(options.roles.begin(), options.roles.end())}};
  if (!options.scopes.empty()) body["scopes"] = json::array(options.scopes.begin(), options.scopes.end());
  if (!options.expires_at.empty()) body["expires_at"] = options.expires_at;
  const auto key = client->post("/v1/api-keys", body);
  if (!key) return fail(key.error());
  if (options.server->json) {
    print_json(*key);
    return kDone;
  }
  fmt::print("{}\n", text_of(key->as_object(), "key"));
  fmt::print(stderr, "This is the only time the key is shown. Revoke it with: flowstone key revoke {}\n",
             text_of(key->as_object(), "id"));
  return kDone;
}

int run_list(const KeyOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  json::array items;
  for (std::string cursor;;) {
    const auto page =
        client->get("/v1/api-keys?limit=200" + (cursor.empty() ? "" : "&cursor=" + encode_uri_component(cursor)));
    if (!page) return fail(page.error());
    const auto& found = page->as_object().at("items").as_array();
    items.insert(items.end(), found.begin(), found.end());
    cursor = text_of(page->as_object(), "next_cursor");
    if (cursor.empty()) break;
  }
  if (options.server->json) {
    print_json(items);
    return kDone;
  }
  print_rows(*schemas::contracts().find_aggregate("api_key"),
             {"id", "name", "roles", "scopes", "created_at", "expires_at", "revoked"}, items);
  return kDone;
}

int run_revoke(const KeyOptions& options) {
  auto client = connect(*options.server);
  if (!client) return client.error();
  const auto key =
      client->post(fmt::format("/v1/api-keys/{}/revoke", encode_uri_component(options.id)), json::object());
  if (!key) return fail(key.error());
  if (options.server->json) {
    print_json(*key);
  } else {
    print_entity(*key);
  }
  return kDone;
}

}  // namespace

void add_key(CLI::App& app, Choice& choice) {
  auto* group = app.add_subcommand("key", "Make, list and revoke API keys.");
  group->require_subcommand(1);

  auto made = std::make_shared<KeyOptions>();
  auto* create = group->add_subcommand("create", "Make a key; its text goes to stdout, once.");
  create->footer("Example:\n  flowstone key create 'build server' --role member --scope run:write");
  create->add_option("name", made->name, "What the key is for")->required();
  create->add_option("--role", made->roles, "viewer, member, admin, auditor or operator; may be given again")
      ->required()
      ->take_all();
  create->add_option("--scope", made->scopes, "Only this, such as run:write; may be given again")->take_all();
  create->add_option("--expires-at", made->expires_at, "RFC 3339 time after which it is refused");
  made->server = add_server_options(*create);
  create->callback([made, &choice] { choice.run = [made] { return run_create(*made); }; });

  auto listed = std::make_shared<KeyOptions>();
  auto* list = group->add_subcommand("list", "All keys, without their texts.");
  listed->server = add_server_options(*list);
  list->callback([listed, &choice] { choice.run = [listed] { return run_list(*listed); }; });

  auto revoked = std::make_shared<KeyOptions>();
  auto* revoke = group->add_subcommand("revoke", "End a key for good.");
  revoke->add_option("id", revoked->id, "Id of the key")->required();
  revoked->server = add_server_options(*revoke);
  revoke->callback([revoked, &choice] { choice.run = [revoked] { return run_revoke(*revoked); }; });
}

}  // namespace flowstone::cli
