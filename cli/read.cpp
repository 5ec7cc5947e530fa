// `flowstone get` and `flowstone list`: entities as they are, or as they were.
#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "cli/entities.hpp"
#include "cli/program.hpp"
#include "cli/run_events.hpp"
#include "schemas/contract.hpp"

namespace flowstone::cli {
namespace {

struct ReadOptions {
  std::string kind, id, as_of, sort, cursor;
  std::vector<std::string> filters;
  unsigned limit = 50;
  bool all = false;
  std::shared_ptr<ServerOptions> server;
};

const schemas::Aggregate* aggregate_named(const std::string& name) {
  const auto* aggregate = schemas::contracts().find_aggregate_by_plural(name);
  return aggregate != nullptr ? aggregate : schemas::contracts().find_aggregate(name);
}

const schemas::Call* query_of(const schemas::Aggregate& aggregate, schemas::Query query) {
  for (const auto& call : schemas::contracts().calls()) {
    if (call.aggregate == &aggregate && call.query == query && call.owner == nullptr) return &call;
  }
  return nullptr;
}

std::string known_kinds() {
  std::string out;
  for (const auto& aggregate : schemas::contracts().aggregates()) {
    if (query_of(aggregate, schemas::Query::list) != nullptr)
      out += (out.empty() ? "" : ", ") + std::string(aggregate.plural);
  }
  return out;
}

int refuse_kind(const std::string& kind) {
  fail(fmt::format("there are no '{}'; there are {}", kind, known_kinds()));
  return kUsage;
}

int run_get(const ReadOptions& options) {
  const auto* aggregate = aggregate_named(options.kind);
  const auto* call = aggregate == nullptr ? nullptr : query_of(*aggregate, schemas::Query::get);
  if (call == nullptr) return refuse_kind(options.kind);
  auto client = connect(*options.server);
  if (!client) return client.error();
  std::string path(call->path);
  path.replace(path.find("{id}"), 4, encode_uri_component(options.id));
  if (!options.as_of.empty()) path += "?as_of=" + encode_uri_component(options.as_of);
  const auto entity = client->get(path);
  if (!entity) return fail(entity.error());
  if (options.server->json) {
    print_json(*entity);
  } else {
    print_entity(*entity);
  }
  return kDone;
}

std::string list_target(const ReadOptions& options, const schemas::Call& call, const std::string& cursor) {
  auto target = fmt::format("{}?limit={}", call.path, options.limit);
  if (!options.sort.empty()) target += "&sort=" + encode_uri_component(options.sort);
  if (!options.as_of.empty()) target += "&as_of=" + encode_uri_component(options.as_of);
  if (!cursor.empty()) target += "&cursor=" + encode_uri_component(cursor);
  for (const auto& filter : options.filters) {
    const auto equals = std::min(filter.find('='), filter.size());
    target += fmt::format("&{}={}", encode_uri_component(filter.substr(0, equals)),
                          equals < filter.size() ? encode_uri_component(filter.substr(equals + 1)) : "");
  }
  return target;
}

int run_list(const ReadOptions& options) {
  const auto* aggregate = aggregate_named(options.kind);
  const auto* call = aggregate == nullptr ? nullptr : query_of(*aggregate, schemas::Query::list);
  if (call == nullptr) return refuse_kind(options.kind);
  auto client = connect(*options.server);
  if (!client) return client.error();
  boost::json::array items;
  auto cursor = options.cursor;
  for (;;) {
    const auto page = client->get(list_target(options, *call, cursor));
    if (!page) return fail(page.error());
    if (options.server->json && !options.all) {
      print_json(*page);
      return kDone;
    }
    const auto* found = page->as_object().if_contains("items");
    if (found != nullptr && found->is_array())
      items.insert(items.end(), found->get_array().begin(), found->get_array().end());
    cursor = text_of(page->as_object(), "next_cursor");
    if (cursor.empty() || !options.all) break;
  }
  if (options.server->json) {
    for (const auto& item : items) print_json(item);
    return kDone;
  }
  print_entities(*aggregate, items);
  if (!cursor.empty()) fmt::print(stderr, "more: --cursor {}   (or --all)\n", cursor);
  return kDone;
}

}  // namespace

void add_get(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<ReadOptions>();
  auto* command = app.add_subcommand("get", "Read one entity, now or as of an earlier moment.");
  command->footer("Example:\n  flowstone get task 01920000-0000-7000-8000-000000000011 --as-of 2030-01-01T00:00:00Z");
  command->add_option("kind", options->kind, "One of: " + known_kinds())->required();
  command->add_option("id", options->id, "Its id")->required();
  command->add_option("--as-of", options->as_of, "A position of the log or an RFC 3339 time");
  options->server = add_server_options(*command);
  command->callback([options, &choice] { choice.run = [options] { return run_get(*options); }; });
}

void add_list(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<ReadOptions>();
  auto* command = app.add_subcommand("list", "List entities, filtered and sorted.");
  command->footer(
      "Examples:\n"
      "  flowstone list tasks status=todo,in_progress --sort -priority\n"
      "  flowstone list runs --sort -created_at --limit 5");
  command->add_option("kind", options->kind, "One of: " + known_kinds())->required();
  command->add_option("filters", options->filters,
                      "FIELD=VALUE[,VALUE...], FIELD_after=, FIELD_before=, FIELD_min=, FIELD_max=");
  command->add_option("--sort", options->sort, "Field to sort by; -FIELD for the largest first");
  command->add_option("--limit", options->limit, "Entities a page")->check(CLI::Range(1, 200))->capture_default_str();
  command->add_option("--cursor", options->cursor, "Go on behind an earlier page");
  command->add_option("--as-of", options->as_of, "A position of the log or an RFC 3339 time");
  command->add_flag("--all", options->all, "Every page; with --json one entity a line");
  options->server = add_server_options(*command);
  command->callback([options, &choice] { choice.run = [options] { return run_list(*options); }; });
}

}  // namespace flowstone::cli
