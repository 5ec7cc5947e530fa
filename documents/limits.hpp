// How much of foreign bytes a parser takes on, and how it says no.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace flowstone::documents {

// Every limit is exact: what is just within it is parsed, what is beyond it is refused with the limit's name.
struct ParseLimits {
  std::size_t bytes = std::size_t{64} << 20;            // of the file
  std::size_t characters = std::size_t{16} << 20;       // bytes of UTF-8 of the text that comes out
  std::size_t blocks = 1'000'000;                       // paragraphs, rows, ...
  std::size_t cells = 4'000'000;                        // of all tables
  std::uint32_t depth = 200;                            // of nested elements: HTML, XML, lists in quotes in lists
  std::size_t memory_bytes = std::size_t{768} << 20;    // that a parsing library or child process may take
  std::uint32_t pages = 5'000;                          // PDF
  std::size_t archive_entries = 4'096;                  // DOCX: files in the archive
  std::size_t unpacked_bytes = std::size_t{256} << 20;  // DOCX: of all parts that are read; declared and real
  std::uint32_t unpacked_ratio = 200;                   // DOCX: unpacked to packed size of a part above 1 MiB
  std::chrono::milliseconds time{60'000};               // wall clock, of the whole parse
};

enum class ParseErrorCode : std::uint8_t {
  unsupported,      // no parser for this type
  encrypted,        // needs a password
  broken,           // is not what its type says
  too_large,        // a limit on size, count or memory
  too_deep,         // the limit on nesting
  timed_out,        // the limit on time
  missing_program,  // the program that reads this type is not installed
};

struct ParseError {
  ParseErrorCode code = ParseErrorCode::broken;
  std::string sentence;  // for a person: what is wrong and which limit, ends with a full stop

  bool operator==(const ParseError&) const = default;
};

// "too_large": stable, for machines.
const char* name_of(ParseErrorCode code);

}  // namespace flowstone::documents
