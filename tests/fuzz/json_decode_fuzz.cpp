// Any bytes as a JSON document of any table, chosen by the first byte. What is accepted is a well-formed FlatBuffer, is
// JSON for another parser too, and comes back as the same bytes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/check.hpp"
#include "schemas/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;           // NOLINT: the whole program is this function
  using namespace flowstone::schemas;  // NOLINT
  if (size == 0) return 0;
  const auto& tables = contracts().tables();
  const Table& table = *tables[data[0] % tables.size()];
  const std::string_view json(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr DecodeOptions kEverything{.target = {}, .accept_hidden = true};
  const auto decoded = decode_json(table, json, kEverything);
  if (!decoded) {
    check(!decoded.error().problems.empty(), "a refusal has a reason");
    for (const FieldProblem& problem : decoded.error().problems) {
      check(!problem.detail.empty(), "a problem has a sentence");
      check(simdjson::validate_utf8(problem.field.data(), problem.field.size()), "a problem can be shown");
    }
    return 0;
  }
  check(verify(table, *decoded), "what was decoded is well-formed");
  std::string back;
  encode_json(table, *decoded, back, {.hidden = true, .nulls = false});
  simdjson::dom::parser parser;
  check(!parser.parse(back).error(), "what was encoded is JSON");
  // The names of removed values cannot be sent, only null in their place.
  if (table.patch && back.find("\"cleared\":") != std::string::npos) return 0;
  const auto again = decode_json(table, back, kEverything);
  check(again.has_value() && *again == *decoded, "what was encoded decodes to the same bytes");
  return 0;
}
