// JSON in and out of FlatBuffers, driven by the contracts alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "schemas/contract.hpp"

namespace flowstone::schemas {

struct FieldProblem {
  std::string field;   // path: "labels[2]"; empty for the whole document
  std::string detail;  // what it must be: "must be from 1 to 5"
};

struct DecodeError {
  enum class Code : std::uint8_t {
    malformed,  // not JSON, not UTF-8, or nested too deep
    invalid,    // JSON, but not this contract: `problems` has one entry a field
  };
  Code code = Code::malformed;
  std::vector<FieldProblem> problems;
};

struct DecodeOptions {
  std::string_view target;     // value for the field marked `target`; the document may repeat it but not contradict it
  bool accept_hidden = false;  // hidden fields may be given (import, the server itself)
};

// Limits: nesting 16, problems reported 50. Every field rule of the contract is checked and every problem is reported, not
// only the first. Unknown and duplicate fields are refused by name. `personal` text and NULs: U+0000 is refused in any
// text. Times are RFC 3339 text in JSON and microseconds in the FlatBuffer; integers of 64 bits may be numbers or
// decimal text. `format: "json"` takes any JSON value and keeps its compact text.
Result<Bytes, DecodeError> decode_json(const Table& table, std::string_view json, const DecodeOptions& options = {});

// Appends the table as a JSON object to `out`. Absent optional scalars and texts are left out; with `nulls` they are
// null. Hidden fields are left out unless `hidden`. `flatbuffer` must be valid for the table (see `verify`).
struct EncodeOptions {
  bool hidden = false;
  bool nulls = false;
};
void encode_json(const Table& table, BytesView flatbuffer, std::string& out, const EncodeOptions& options = {});

// True if the bytes are a well-formed FlatBuffer of the table: every offset inside, every text terminated.
bool verify(const Table& table, BytesView flatbuffer);

// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string_view text, std::string& out);

}  // namespace flowstone::schemas
