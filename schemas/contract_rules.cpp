#include "schemas/contract_rules.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "schemas/pattern.hpp"
#include "schemas/references.hpp"

namespace flowstone::schemas {
namespace {

constexpr std::size_t kMaxFields = 64;  // the decoder keeps the fields it has seen in one 64-bit word
constexpr std::array<std::string_view, 8> kFormats = {"uuid",   "time",   "code",   "json",
                                                      "digest", "stream", "base64", "regex"};
constexpr std::array<std::string_view, 6> kRoles = {"viewer", "member", "admin", "auditor", "operator", "public"};
constexpr std::array<std::string_view, 11> kParameters = {
    "", "none", "form", "page", "events", "audit", "tree_root", "records", "request", "search", "webhook"};
constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};

template <std::size_t Size>
bool is_one_of(const std::array<std::string_view, Size>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Collects the mistakes of one field, table or call.
class Report {
 public:
  Report(std::string place, std::vector<std::string>& mistakes) : place_(std::move(place)), mistakes_(mistakes) {}
  void unless(bool holds, std::string_view sentence) const {
    if (!holds) mistakes_.push_back(fmt::format("{}: {}", place_, sentence));
  }

 private:
  std::string place_;
  std::vector<std::string>& mistakes_;
};

bool is_number(const Field& field) {
  return field.kind == Kind::integer || field.kind == Kind::unsigned_integer || field.kind == Kind::floating;
}

void check_limits(const Field& field, const Report& report) {
  const bool text = field.kind == Kind::text && !field.is_list;
  const bool text_list = field.kind == Kind::text && field.is_list;
  report.unless(text || (!field.min_length && !field.max_length), "only a text has a length");
  report.unless(text_list || !field.item_max_length, "`item_max_length` is for lists of texts");
  report.unless(field.is_list || (!field.min_items && !field.max_items && !field.unique_items),
                "only a list has items");
  report.unless(!field.is_list || (field.kind != Kind::table && field.kind != Kind::floating) || !field.unique_items,
                "`unique_items` is for lists of texts, integers and enumerations");
  report.unless(is_number(field) || (!field.minimum && !field.maximum), "only a number has a minimum and a maximum");
  report.unless(!field.minimum || !field.maximum || *field.minimum <= *field.maximum, "`minimum` is above `maximum`");
  report.unless(!field.min_length || !field.max_length || *field.min_length <= *field.max_length,
                "`min_length` is above `max_length`");
  report.unless(!field.min_items || !field.max_items || *field.min_items <= *field.max_items,
                "`min_items` is above `max_items`");
  report.unless(field.pattern.empty() || (text && field.max_length && *field.max_length <= Pattern::kMaxLength),
                fmt::format("`pattern` needs a text with a `max_length` of at most {}", Pattern::kMaxLength));
}

// What is left out is read as the default, and written as such: it must be a value that can be given back.
void check_default(const Field& field, const Report& report) {
  if (!is_number(field) || field.is_list || field.mandatory || field.optional_scalar) return;
  const double value = field.kind == Kind::floating ? field.default_real : static_cast<double>(field.default_integer);
  report.unless((!field.minimum || value >= *field.minimum) && (!field.maximum || value <= *field.maximum),
                "its default is outside its limits: make it `mandatory`, or declare it `= null`");
}

void check_format(const Field& field, const Report& report) {
  report.unless(field.format.empty() || is_one_of(kFormats, field.format),
                fmt::format("`{}` is no format", field.format));
  const bool time = field.kind == Kind::integer && field.width == 8;
  report.unless(!field.is_time() || time, "a time is a `long`");
  report.unless(field.format != "json" || !field.is_list, "a list of JSON values is one JSON value");
  report.unless(field.format.empty() || field.is_time() || field.kind == Kind::text,
                fmt::format("the format `{}` is for texts", field.format));
}

void check_allowed(const Field& field, const Report& report) {
  if (field.allowed.empty()) return;
  report.unless(field.kind == Kind::text || field.kind == Kind::enumeration, "`allowed` is for texts and enumerations");
  if (field.kind != Kind::enumeration) return;
  for (const std::string_view name : field.allowed) {
    report.unless(std::ranges::find(field.values, name, &EnumValue::name) != field.values.end(),
                  fmt::format("`{}` is allowed, but no value of the enumeration", name));
  }
}

void check_uses(const Contracts& contracts, const Table& table, const Field& field, const Report& report) {
  report.unless(!field.mandatory || !field.optional_scalar, "it is `mandatory`, and declared `= null`");
  report.unless(!field.mandatory || !table.patch, "a patch keeps what is absent, so nothing in it can be `mandatory`");
  report.unless(!field.mandatory || !field.hidden, "it is `mandatory`, but `hidden` from those who must give it");
  report.unless(!field.mandatory || (!field.cleared && !field.target),
                "the server fills it in; it cannot be `mandatory`");
  report.unless(!field.unique || (field.kind == Kind::text && !field.is_list), "`unique` is for texts");
  report.unless(!field.index || (field.kind != Kind::table && field.format != "json"),
                "`index` is for scalars and texts");
  report.unless(!field.index || !field.hidden, "what is `hidden` cannot be filtered by: `index` would show it");
  report.unless(!field.target || (field.kind == Kind::text && !field.is_list), "`target` is for texts");
  report.unless(!field.cleared || (field.kind == Kind::text && field.is_list), "`cleared` is for lists of texts");
  report.unless(!field.cleared || table.patch, "`cleared` is for tables with `patch`");
  report.unless(!table.patch || field.width == 0 || field.is_list || field.optional_scalar,
                "a scalar of a patch must be declared `= null`, or absent could not be told from its default");
  const bool names_nothing = field.reference.empty() || field.refers_to_any() || field.reference == kActorReference;
  report.unless(names_nothing || contracts.find_aggregate(field.reference) != nullptr,
                fmt::format("there is no aggregate `{}` to refer to", field.reference));
  report.unless(!field.refers_to_any() || field.format == "stream",
                "what refers to any entity has the format `stream`");
  const auto& aggregates = contracts.aggregates();
  const bool is_state = std::ranges::find(aggregates, &table, &Aggregate::state) != aggregates.end();
  report.unless(!is_state || field.reference != kActorReference,
                "provenance does not follow actors: a state names none");
}

// "/v1/tasks/{id}" -> "/v1/tasks/{}": two routes that differ in the name of a parameter alone are equal.
std::string route_shape(const Call& call) {
  std::string shape = fmt::format("{} ", call.method);
  bool inside = false;
  for (const char letter : call.path) {
    if (letter == '}') inside = false;
    if (!inside) shape.push_back(letter);
    if (letter == '{') inside = true;
  }
  return shape;
}

void check_purpose(const Call& call, const Report& report) {
  const int purposes =
      (call.command != nullptr ? 1 : 0) + (call.query != Query::none ? 1 : 0) + (call.handler.empty() ? 0 : 1);
  report.unless(purposes == 1, "a call is a command, or has a `query`, or has a `handler`: exactly one of them");
  const bool has_id = call.path.find("{id}") != std::string_view::npos;
  if (call.command != nullptr) {
    report.unless(call.method != "GET", "a command cannot be sent with GET");
    report.unless(!call.request->internal, "an internal command cannot have a route");
  }
  report.unless(call.content.empty() || !call.handler.empty(), "`content` is for calls with a `handler`");
  if (call.query == Query::none) return;
  report.unless(call.method == "GET", "a query is sent with GET");
  report.unless(call.aggregate != nullptr, fmt::format("{} is the state of no aggregate", call.response->name));
  report.unless(call.query != Query::get || has_id, "a `get` needs `{id}` in its path");
  report.unless(
      call.query != Query::list || !has_id || call.owner != nullptr,
      "a `list` with `{id}` in its path lists what keeps that id in an indexed field, as runs keep `workflow_id`");
  report.unless(call.response->find("id") != nullptr, fmt::format("{} needs a field `id`", call.response->name));
}

}  // namespace

void check_tables(const Contracts& contracts, std::vector<std::string>& mistakes) {
  for (const Table* table : contracts.tables()) {
    const Report report(fmt::format("{}: {}", table->file, table->name), mistakes);
    report.unless(table->fields.size() <= kMaxFields, fmt::format("has more than {} fields", kMaxFields));
    report.unless(table->version >= 1, "versions begin at 1");
    report.unless(std::ranges::count_if(table->fields, &Field::target) <= 1, "has two `target` fields");
    report.unless(!table->patch || table->cleared_field != nullptr,
                  "a patch needs a field `cleared: [string] (cleared)`");
    for (const Field& field : table->fields) {
      const Report of_field(fmt::format("{}: {}.{}", table->file, table->name, field.name), mistakes);
      check_limits(field, of_field);
      check_default(field, of_field);
      check_format(field, of_field);
      check_allowed(field, of_field);
      check_uses(contracts, *table, field, of_field);
    }
  }
}

void check_aggregates(const Contracts& contracts, std::vector<std::string>& mistakes) {
  std::set<std::string_view> names;
  for (const Aggregate& aggregate : contracts.aggregates()) {
    const Report report(fmt::format("{}: {}", aggregate.state->file, aggregate.state->name), mistakes);
    report.unless(names.insert(aggregate.name).second,
                  fmt::format("another table is the aggregate `{}` too", aggregate.name));
    report.unless(aggregate.name == aggregate.state->wire_name,
                  fmt::format("the aggregate must be named `{}`, after its table", aggregate.state->wire_name));
    const bool is_uncountable = aggregate.plural == aggregate.name;
    report.unless(!aggregate.plural.empty() && (is_uncountable || names.insert(aggregate.plural).second),
                  "needs a `plural` that no other aggregate goes by");
    report.unless(aggregate.state->find("id") != nullptr, "needs a field `id`");
    report.unless(aggregate.state->find("revision") != nullptr, "needs a field `revision`");
    for (const Member& command : aggregate.commands) {
      const Report of_command(fmt::format("{}: {}", command.table->file, command.table->name), mistakes);
      of_command.unless(command.table->target_field != nullptr, "a command needs a field `id: string (target)`");
    }
    for (const Member& event : aggregate.events) {
      const Report of_event(fmt::format("{}: {}", event.table->file, event.table->name), mistakes);
      of_event.unless(std::ranges::none_of(event.table->fields, &Field::mandatory),
                      "a field of an event cannot be `mandatory`: older events do not have it");
    }
  }
}

void check_calls(const Contracts& contracts, std::vector<std::string>& mistakes) {
  std::set<std::string> routes;
  std::set<std::string_view> names;
  for (const Call& call : contracts.calls()) {
    const Report report(fmt::format("{}: {}", call.request->file, call.name), mistakes);
    report.unless(names.insert(call.name).second, "another call has this name");
    report.unless(is_one_of(kMethods, call.method) && call.path.starts_with('/'),
                  "`http` must be a method and a path, such as `POST /v1/tasks`");
    report.unless(routes.insert(route_shape(call)).second,
                  fmt::format("another call has the route {} {}", call.method, call.path));
    report.unless(is_one_of(kRoles, call.role), fmt::format("`{}` is no role", call.role));
    report.unless(call.status >= 200 && call.status < 300, "`status` must be from 200 to 299");
    report.unless(is_one_of(kParameters, call.parameters),
                  fmt::format("`{}` is no group of parameters", call.parameters));
    check_purpose(call, report);
  }
}

}  // namespace flowstone::schemas
