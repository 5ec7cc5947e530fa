// Tables and fields as JSON Schema (2020-12, as OpenAPI 3.1 has it).
#pragma once

#include <set>
#include <string>

#include "schemas/contract.hpp"
#include "schemas/json_writer.hpp"

namespace flowstone::schemas {

// The tables that clients send, with all that are nested in them: unknown fields in them are refused.
std::set<const Table*> tables_of_requests(const Contracts& contracts);

// Every table that the document speaks of: of requests, of answers, of events, and the problem.
std::set<const Table*> tables_described(const Contracts& contracts);

// True if the call takes a request body.
bool takes_body(const Call& call);
// True if the answer is a list envelope of the response table.
bool answers_list(const Call& call);
// True if it can be answered as a stream of this media type ("websocket" counts as one).
bool streams(const Call& call, std::string_view media);
// What a stream of events carries besides events.
std::vector<std::string_view> stream_marks(const Call& call);
// True if such a stream can begin with what the events before it come to.
bool can_begin_with_snapshot(const Call& call);
// "TaskList"
std::string list_name(const Table& items);

void write_table_schema(JsonWriter& out, const Table& table, bool in_requests);
// Pages of the log say how far they have looked, and are read on by position.
void write_list_schema(JsonWriter& out, const Table& items, bool of_events);
std::string example_list(const Table& items, bool of_events);
// The schema of one value of the field: an item, if the field is a list.
void write_value_schema(JsonWriter& out, const Field& field, bool in_requests);
void write_reference(JsonWriter& out, std::string_view schema);

}  // namespace flowstone::schemas
