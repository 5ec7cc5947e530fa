// The OpenAPI 3.1 description of everything the contracts say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/contract.hpp"

namespace flowstone::schemas {

// A reason for which the server refuses requests, in its own words.
struct RefusalReason {
  std::uint16_t status = 400;
  std::string_view code;  // stable, for programs
  std::string_view title;
  std::string_view sentence;  // what to do about it
  std::string type;           // where it is explained
};

// What the server adds to what the contracts say.
struct ServerFacts {
  std::string_view version;
  std::vector<RefusalReason> refusals;
  std::uint64_t most_header_bytes = 0;
  std::uint64_t most_body_bytes = 0;
};

// The whole document as JSON. Every call with its parameters, request, answers, problems and examples; every table with
// its limits.
std::string openapi_document(const ServerFacts& facts);

// The request body made of the contract's `example` attributes; fields without one are left out. "{}" if none has one.
std::string example_json(const Table& table);

// The same for one field; empty if there is none.
std::string example_value(const Field& field);

// An answer made of the `example` attributes. A field that an answer always has and that has none gets what its format,
// its enumeration or its default offers.
std::string example_answer(const Table& table);

// One value (an item, if the field is a list) of the `example` attribute, or one that its format or type offers.
std::string example_item(const Field& field);

// Of an answer: a field that is never left out.
bool is_always_there(const Table& table, const Field& field);

// An id and a time for examples.
inline constexpr std::string_view kExampleId = "01920000-0000-7000-8000-000000000011";
inline constexpr std::string_view kExampleTime = "2030-01-31T09:00:00Z";

}  // namespace flowstone::schemas
