// Bytes of a known type in, canonical text with its structure out. One way in for all formats.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "documents/limits.hpp"
#include "documents/parsed.hpp"

namespace flowstone::documents {

// Deterministic: the same bytes, type, limits and parser version give the same result; only `timed_out` depends on the
// day.
// Threads: any, at the same time.
// Limits: `ParseLimits`. PDF is read by `pdftotext`, a child process with limits of its own; everything else in this thread.
Result<Parsed, ParseError> parse(std::string_view bytes, MediaType type, const ParseLimits& limits);

// The name and version of the parser that `parse` uses for the type now: what `Parsed::parser` would be.
std::string parser_of(MediaType type);

}  // namespace flowstone::documents
