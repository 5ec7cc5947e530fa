// The contracts as data: what schemas/*.fbs say about tables, fields, limits, aggregates and routes, read by reflection
// from the binary schemas that travel inside the executable.
//
// Threads: immutable after the first call of `contracts()`; may be read from any thread.
// Lifetime: everything lives until the process ends; pointers and views into it may be kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"

namespace flowstone::schemas {

struct Table;
class Pattern;

enum class Kind : std::uint8_t { boolean, integer, unsigned_integer, floating, text, enumeration, table };

struct EnumValue {
  std::string_view name;
  std::int64_t value = 0;
};

// One field of a table. Fields stand in the order in which the contract declares them.
struct Field {
  std::string_view name;
  std::string_view doc;
  Kind kind = Kind::text;
  bool is_list = false;          // a vector of `kind`
  std::uint8_t width = 0;        // bytes of the scalar: 1, 2, 4 or 8; 0 for text and tables
  bool optional_scalar = false;  // declared `= null`
  std::uint16_t slot = 0;        // voffset in the FlatBuffer's vtable
  std::int64_t default_integer = 0;
  double default_real = 0;
  std::span<const EnumValue> values;  // of an enumeration
  const Table* table = nullptr;       // of Kind::table

  bool mandatory = false, target = false, cleared = false, hidden = false, personal = false, any_event = false;
  bool clearable = false;  // of a `patch` table: null is a value for it, namely "none"
  bool index = false, unique = false, unique_ignores_case = false, unique_items = false;
  std::string_view format;  // "uuid", "time", "code", "json", "digest", "stream", "base64" or empty
  std::string_view pattern, example;
  std::string_view reference;  // name of an aggregate, "*" or empty
  const Pattern* compiled_pattern = nullptr;
  std::vector<std::string_view> allowed;
  std::optional<std::uint32_t> min_length, max_length, min_items, max_items, item_max_length;
  std::optional<double> minimum, maximum;

  [[nodiscard]] bool is_time() const { return format == "time"; }
  // Its texts are streams of entities of any aggregate.
  [[nodiscard]] bool refers_to_any() const { return reference == "*"; }
};

struct Table {
  std::string_view name;       // "CreateTask"
  std::string_view wire_name;  // "create_task": what people are told
  std::string_view doc;
  std::string_view file;  // "task"
  std::vector<Field> fields;
  bool patch = false, internal = false;
  bool refers = false;                   // it, or a table inside it, has a field with `reference`
  std::uint16_t version = 1;             // of an event's contract
  const Field* target_field = nullptr;   // the one marked `target`
  const Field* cleared_field = nullptr;  // the one marked `cleared`

  [[nodiscard]] const Field* find(std::string_view field) const;
};

// A member of an aggregate's command or event union.
struct Member {
  std::string_view name;  // wire name: command "create_task", event type "task.created"
  const Table* table = nullptr;
  std::uint8_t discriminator = 0;  // its value in the union's enum
};

// Something with a life of its own: its state table, its commands and its events.
struct Aggregate {
  std::string_view name;    // "task": also the category of its streams
  std::string_view plural;  // "tasks": also the name of its table in projections
  const Table* state = nullptr;
  std::vector<Member> commands;
  std::vector<Member> events;

  [[nodiscard]] const Member* find_command(std::string_view name_or_table) const;
  [[nodiscard]] const Member* find_event(std::string_view type) const;
};

enum class Query : std::uint8_t { none, get, list };

// One route.
struct Call {
  std::string_view name;     // "create_task": the operation's id
  std::string_view service;  // "Tasks": the tag in the reference
  std::string_view doc;
  std::string_view method;  // "POST"
  std::string_view path;    // "/v1/tasks/{id}/complete"
  const Table* request = nullptr;
  const Table* response = nullptr;
  std::string_view role;  // "viewer" ... or "public"
  std::uint16_t status = 200;
  Query query = Query::none;
  std::string_view handler;     // for calls that are neither a command nor a table query
  std::string_view parameters;  // "page", "events", "audit", "tree_root", "records", "none" or empty
  std::string_view content;     // media type, where the answer is no JSON of `response`; or empty
  std::vector<std::string_view> media;
  const Aggregate* aggregate = nullptr;  // of a command or table query
  const Member* command = nullptr;       // of a command
  const Field* owner = nullptr;          // of a list beneath another entity: the field that holds the path's id
};

// A group of calls: a tag in the reference.
struct Service {
  std::string_view name;  // "Tasks"
  std::string_view doc;
};

class Contracts {
 public:
  Contracts() = default;
  Contracts(Contracts&&) = default;
  Contracts& operator=(Contracts&&) = default;

  [[nodiscard]] const std::vector<Aggregate>& aggregates() const { return aggregates_; }
  [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }
  // Every event type, in the order of their names; those of claims belong to no aggregate.
  [[nodiscard]] const std::vector<Member>& events() const { return events_; }
  [[nodiscard]] const std::vector<Service>& services() const { return services_; }
  [[nodiscard]] const std::vector<const Table*>& tables() const { return tables_; }

  [[nodiscard]] const Aggregate* find_aggregate(std::string_view name) const;
  [[nodiscard]] const Aggregate* find_aggregate_by_plural(std::string_view plural) const;
  [[nodiscard]] const Table* find_table(std::string_view name) const;
  // The contract of an event type of any aggregate (and of claims).
  [[nodiscard]] const Table* find_event(std::string_view type) const;
  // A command of any aggregate by its wire name, with its aggregate.
  struct CommandRef {
    const Aggregate* aggregate = nullptr;
    const Member* command = nullptr;
  };
  [[nodiscard]] std::optional<CommandRef> find_command(std::string_view name) const;

 private:
  friend class ContractLoader;
  std::vector<Aggregate> aggregates_;
  std::vector<Call> calls_;
  std::vector<Service> services_;
  std::vector<const Table*> tables_;  // in the order of their names
  std::unordered_map<std::string_view, const Table*> tables_by_name_;
  std::vector<Member> events_;
  std::unordered_map<std::string_view, const Table*> events_by_type_;
  std::unordered_map<std::string_view, CommandRef> commands_;
  std::shared_ptr<void> storage_;  // owns tables, enumerations and derived texts
};

// Those of this executable. A mistake in them stops the process at the first call, with a sentence for each mistake.
const Contracts& contracts();

}  // namespace flowstone::schemas
