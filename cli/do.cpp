// `flowstone do`: every command of the contracts, with its fields as arguments.
#include <algorithm>
#include <optional>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/entities.hpp"
#include "cli/program.hpp"
#include "schemas/contract.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

constexpr const char* kDescription =
    "Carry out a command. Fields are given as NAME=VALUE, lists with commas, or NAME:=JSON for any JSON value "
    "(due_at:=null\n"
    "removes a value where the command is a change). A bare UUID is the id of the entity.";

constexpr const char* kFooter =
    "Each command has a --help of its own that lists its fields.\n\n"
    "Examples:\n"
    "  flowstone do create_task title='Write the report' priority=4 labels=writing,finance\n"
    "  flowstone do update_task 01920000-0000-7000-8000-000000000011 progress=60 due_at:=null\n"
    "  flowstone do complete_task 01920000-0000-7000-8000-000000000011 --if-match 3";

struct DoOptions {
  const schemas::Call* call = nullptr;
  std::vector<std::string> fields;
  std::string if_match, idempotency_key;
  std::shared_ptr<ServerOptions> server;
};

std::string limits_of(const schemas::Field& field) {
  std::vector<std::string> parts;
  if (field.mandatory) parts.emplace_back("required");
  if (field.is_list) parts.emplace_back("list");
  if (!field.format.empty()) parts.emplace_back(field.format);
  if (field.minimum && field.maximum) parts.push_back(fmt::format("{:g} to {:g}", *field.minimum, *field.maximum));
  if (field.max_length) parts.push_back(fmt::format("at most {} characters", *field.max_length));
  std::vector<std::string_view> names(field.allowed.begin(), field.allowed.end());
  if (names.empty()) std::ranges::transform(field.values, std::back_inserter(names), &schemas::EnumValue::name);
  if (!names.empty()) parts.push_back(fmt::format("{}", fmt::join(names, "|")));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string fields_of(const schemas::Table& table) {
  std::string out = "Fields:\n";
  for (const auto& field : table.fields) {
    if (field.hidden || field.cleared) continue;
    std::string doc(field.doc);
    std::ranges::replace(doc, '\n', ' ');
    out += fmt::format("  {:<18} {}{}{}\n", field.name, limits_of(field), doc.empty() ? "" : "  ", doc);
  }
  return out;
}

// "4" as the field wants it; texts where the field is unknown, so that the server's sentence names it.
json::value scalar_of(const schemas::Field* field, const std::string& text) {
  const bool literal =
      field != nullptr && (field->kind == schemas::Kind::boolean || field->kind == schemas::Kind::integer ||
                           field->kind == schemas::Kind::unsigned_integer || field->kind == schemas::Kind::floating);
  if (literal && !field->is_time()) {
    boost::system::error_code error;
    auto value = json::parse(text, error);
    if (!error) return value;
  }
  return json::value(text);
}

json::value value_of(const schemas::Field* field, const std::string& text) {
  if (field == nullptr || !field->is_list) return scalar_of(field, text);
  json::array items;
  for (std::size_t start = 0; start <= text.size() && !text.empty();) {
    const auto end = std::min(text.find(',', start), text.size());
    items.push_back(scalar_of(field, text.substr(start, end - start)));
    start = end + 1;
  }
  return items;
}

// The error is a sentence.
Result<json::object, std::string> body_of(const schemas::Table& table, const std::vector<std::string>& arguments,
                                          std::string& id) {
  json::object body;
  for (const auto& argument : arguments) {
    const auto equals = argument.find('=');
    if (equals == std::string::npos) {
      if (!id.empty()) return failure(fmt::format("'{}': fields are given as NAME=VALUE", argument));
      id = argument;
      continue;
    }
    const bool raw = equals > 0 && argument[equals - 1] == ':';
    const auto name = argument.substr(0, equals - (raw ? 1 : 0));
    const auto text = argument.substr(equals + 1);
    const auto* field = table.find(name);
    if (raw) {
      boost::system::error_code error;
      body[name] = json::parse(text, error);
      if (error) return failure(fmt::format("{}: '{}' is no JSON", name, text));
    } else if (field != nullptr && field->target) {
      id = text;
    } else {
      body[name] = value_of(field, text);
    }
  }
  return body;
}

int run_do(const DoOptions& options) {
  std::string id;
  auto body = body_of(*options.call->request, options.fields, id);
  if (!body) {
    fail(body.error());
    return kUsage;
  }
  std::string path(options.call->path);
  if (const auto at = path.find("{id}"); at != std::string::npos) {
    if (id.empty()) {
      fail(fmt::format("{} needs the id of the {}", options.call->name, options.call->aggregate->name));
      return kUsage;
    }
    path.replace(at, 4, encode_uri_component(id));
  } else if (!id.empty()) {
    (*body)["id"] = id;
  }
  auto client = connect(*options.server);
  if (!client) return client.error();
  HttpRequest request{.method = std::string(options.call->method), .target = path, .body = json::serialize(*body)};
  request.headers.emplace_back(
      "Idempotency-Key", fmt::format("\"{}\"", options.idempotency_key.empty() ? fresh_id() : options.idempotency_key));
  if (!options.if_match.empty()) request.headers.emplace_back("If-Match", fmt::format("\"{}\"", options.if_match));
  const auto response = client->send(std::move(request));
  if (!response) return fail(response.error());
  boost::system::error_code error;
  const auto entity = json::parse(response->body, error);
  if (error || options.server->json) {
    fmt::print("{}\n", response->body);
  } else {
    print_entity(entity);
  }
  return kDone;
}

}  // namespace

void add_do(CLI::App& app, Choice& choice) {
  auto* group = app.add_subcommand("do", kDescription);
  group->footer(kFooter);
  group->require_subcommand(1);
  for (const auto& call : schemas::contracts().calls()) {
    if (call.command == nullptr) continue;
    auto options = std::make_shared<DoOptions>();
    options->call = &call;
    auto* command = group->add_subcommand(std::string(call.name), std::string(call.doc));
    command->footer(fields_of(*call.request));
    command->add_option("fields", options->fields, "NAME=VALUE, NAME:=JSON, or the entity's id");
    command->add_option("--if-match", options->if_match, "Only if the entity has this revision");
    command->add_option("--idempotency-key", options->idempotency_key,
                        "Carry out once, however often it is sent with this key");
    options->server = add_server_options(*command);
    command->callback([options, &choice] { choice.run = [options] { return run_do(*options); }; });
  }
}

}  // namespace flowstone::cli
