#include "documents/parse.hpp"

#include <fmt/format.h>

#include "documents/normalise.hpp"
#include "documents/outline.hpp"
#include "documents/parsers.hpp"

namespace flowstone::documents {
namespace {

struct Format {
  MediaType type;
  Parser* parser;
  std::string (*name)();  // with the version of the library; the number behind it is raised when results change
};

constexpr Format kFormats[] = {
    {MediaType::plain_text, &parse_plain_text, [] { return std::string("plain text / 1"); }},
    {MediaType::markdown, &parse_markdown, [] { return "markdown cmark-gfm " + markdown_library_version() + " / 2"; }},
    {MediaType::html, &parse_html, [] { return std::string("html gumbo 0.10.1 / 2"); }},
    {MediaType::pdf, &parse_pdf, [] { return "pdf pdftotext " + pdf_program_version() + " / 1"; }},
    {MediaType::docx, &parse_docx, [] { return std::string("docx pugixml / 2"); }},
    {MediaType::csv, &parse_csv, [] { return std::string("csv / 1"); }},
};

const Format* format_of(MediaType type) {
  for (const Format& format : kFormats) {
    if (format.type == type) return &format;
  }
  return nullptr;
}

}  // namespace

Result<Parsed, ParseError> parse(std::string_view bytes, MediaType type, const ParseLimits& limits) {
  const Format* const format = format_of(type);
  if (format == nullptr) {
    return failure(ParseError{ParseErrorCode::unsupported,
                              "Only plain text, Markdown, HTML, PDF, DOCX and CSV can be read as documents."});
  }
  if (bytes.size() > limits.bytes) {
    return failure(ParseError{ParseErrorCode::too_large,
                              fmt::format("The file has {} bytes; the limit is {}.", bytes.size(), limits.bytes)});
  }
  FLOWSTONE_TRY(Parsed parsed, format->parser(bytes, limits, std::chrono::steady_clock::now() + limits.time));
  parsed.type = type;
  parsed.parser = format->name();
  parsed.outline = outline_of(parsed);
  add_bare_links(parsed);
  return parsed;
}

std::string parser_of(MediaType type) {
  const Format* const format = format_of(type);
  return format == nullptr ? "" : format->name();
}

ParseError timed_out(const ParseLimits& limits) {
  return {ParseErrorCode::timed_out, fmt::format("Reading the file took longer than {} ms.", limits.time.count())};
}

ParseError out_of_memory(const ParseLimits& limits) {
  return {ParseErrorCode::too_large,
          fmt::format("Reading the file takes more than {} bytes of memory.", limits.memory_bytes)};
}

ParseError nested_too_deep(const ParseLimits& limits) {
  return {ParseErrorCode::too_deep, fmt::format("The file is nested deeper than {} levels.", limits.depth)};
}

ParseError too_many(std::string_view what, std::size_t limit) {
  return {ParseErrorCode::too_large, fmt::format("The file has more than {} {}, which is the limit.", limit, what)};
}

Result<Parsed, ParseError> parsed_source(std::string_view bytes, const ParseLimits& limits) {
  FLOWSTONE_TRY(Decoded decoded, decode(bytes, limits));
  Canonical canonical = canonical_source(decoded.utf8);
  Parsed parsed;
  parsed.source.bytes = canonical.map.through(decoded.map, static_cast<std::uint32_t>(canonical.utf8.size()));
  if (!decoded.charset.starts_with("UTF-16")) parsed.source.lines = line_starts(bytes);
  parsed.charset = std::move(decoded.charset);
  parsed.warnings = std::move(decoded.warnings);
  auto text = Text::from_utf8(std::move(canonical.utf8));
  if (!text) return failure(ParseError{ParseErrorCode::broken, "The text cannot be written as UTF-8."});
  parsed.text = *std::move(text);
  return parsed;
}

}  // namespace flowstone::documents
