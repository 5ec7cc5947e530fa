// The parsers behind `parse`, one a format.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "documents/arena.hpp"
#include "documents/limits.hpp"
#include "documents/parsed.hpp"

namespace flowstone::documents {

using Parser = Result<Parsed, ParseError>(std::string_view bytes, const ParseLimits& limits, Deadline deadline);

Parser parse_plain_text, parse_markdown, parse_html, parse_pdf, parse_docx, parse_csv;

std::string markdown_library_version();
// Asked of the program once; empty while it is not installed.
std::string pdf_program_version();

// The refusals that several parsers share.
ParseError timed_out(const ParseLimits& limits);
ParseError out_of_memory(const ParseLimits& limits);
ParseError nested_too_deep(const ParseLimits& limits);
ParseError too_many(std::string_view what, std::size_t limit);

// Decodes and normalises text that keeps its markup: sets `text`, `charset`, `warnings` and `source` of what is
// returned.
Result<Parsed, ParseError> parsed_source(std::string_view bytes, const ParseLimits& limits);

// Adds the addresses (https://..., www....) in the visible text of the blocks that no link holds yet.
void add_bare_links(Parsed& parsed);

// Of a line that stands alone: 1 to 6 if it is numbered like a section ("3.1 Fees"), names one ("Annex B") or is in
// capitals, and is short; else 0.
std::uint8_t heading_level(std::string_view line);

}  // namespace flowstone::documents
