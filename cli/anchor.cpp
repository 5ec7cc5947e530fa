// `flowstone anchor`: where spans of an old text are in a new one, without a server.
#include "documents/anchor.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/core.h>

#include "cli/json_text.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

struct AnchorOptions {
  std::string old_file, new_file, spans_file;
  bool json = false;
};

Result<std::string, std::string> content_of(const std::string& file) {
  std::ostringstream content;
  if (file == "-") {
    content << std::cin.rdbuf();
    return content.str();
  }
  std::error_code failed;
  if (std::filesystem::is_directory(file, failed)) return failure(fmt::format("{}: is a directory", file));
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return failure(fmt::format("{}: cannot be read", file));
  content << stream.rdbuf();
  return content.str();
}

Result<documents::Text, std::string> text_of_file(const std::string& file) {
  FLOWSTONE_TRY(auto bytes, content_of(file));
  auto text = documents::Text::from_utf8(std::move(bytes));
  if (!text) return failure(fmt::format("{}: is not UTF-8 text", file));
  return *std::move(text);
}

std::optional<std::uint32_t> offset_of(const boost::json::object& span, std::string_view name) {
  const auto* value = span.if_contains(name);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code failed;
  const auto offset = value->to_number<std::uint32_t>(failed);
  return failed ? std::nullopt : std::optional(offset);
}

// Every span is looked at before any is answered.
Result<std::vector<documents::Span>, std::string> spans_of(const std::string& file, std::uint32_t size) {
  FLOWSTONE_TRY(const auto bytes, content_of(file));
  boost::system::error_code failed;
  const auto document = boost::json::parse(bytes, failed);
  if (failed) return failure(fmt::format("{}: is not JSON: {}", file, failed.message()));
  if (!document.is_array()) return failure(fmt::format("{}: must be a list of {{\"start\": N, \"end\": N}}", file));
  std::vector<documents::Span> spans;
  for (std::size_t at = 0; at < document.get_array().size(); ++at) {
    const auto* entry = document.get_array()[at].if_object();
    const auto start = entry == nullptr ? std::nullopt : offset_of(*entry, "start");
    const auto end = entry == nullptr ? std::nullopt : offset_of(*entry, "end");
    if (!start || !end)
      return failure(fmt::format("{}: span {} must have a start and an end that are whole numbers from 0", file, at));
    if (*start > *end)
      return failure(fmt::format("{}: span {} ends at {}, before its start {}", file, at, *end, *start));
    if (*end > size)
      return failure(fmt::format("{}: span {} ends at {}, but OLD has {} code points", file, at, *end, size));
    spans.push_back({*start, *end});
  }
  return spans;
}

boost::json::object json_of(const documents::Anchor& anchor, const std::string& document) {
  boost::json::object out{
      {"version", nullptr}, {"document", document}, {"verdict", documents::name_of(anchor.verdict)}};
  if (anchor.span) {
    out["start"] = anchor.span->start;
    out["end"] = anchor.span->end;
    out["exact"] = anchor.exact;
  } else {
    out["start"] = out["end"] = out["exact"] = nullptr;
  }
  out["reason"] = anchor.reason;
  out["materiality"] = documents::name_of(anchor.materiality);
  boost::json::array changes, candidates;
  for (const auto& change : anchor.changes) changes.push_back({{"old", change.before}, {"new", change.after}});
  for (const auto& place : anchor.candidates) candidates.push_back({{"start", place.start}, {"end", place.end}});
  if (!changes.empty()) out["changes"] = std::move(changes);
  if (!candidates.empty()) out["candidates"] = std::move(candidates);
  return out;
}

void print_table(const std::vector<documents::Span>& spans, const std::vector<documents::Anchor>& anchors) {
  TextTable table({"OLD", "NEW", "VERDICT", "MATERIALITY", "REASON"});
  for (std::size_t at = 0; at < spans.size(); ++at) {
    const auto& anchor = anchors[at];
    table.add({fmt::format("{}-{}", spans[at].start, spans[at].end),
               anchor.span ? fmt::format("{}-{}", anchor.span->start, anchor.span->end) : "-",
               std::string(documents::name_of(anchor.verdict)), std::string(documents::name_of(anchor.materiality)),
               anchor.reason});
  }
  table.print();
}

Result<int, std::string> answer(const AnchorOptions& options) {
  if (options.old_file == options.spans_file && options.old_file == "-")
    return failure(std::string("standard input cannot be OLD and the spans at once"));
  FLOWSTONE_TRY(const auto old_text, text_of_file(options.old_file));
  FLOWSTONE_TRY(const auto new_text, text_of_file(options.new_file));
  FLOWSTONE_TRY(const auto spans, spans_of(options.spans_file, old_text.size()));
  const documents::Anchoring anchoring(old_text, new_text);
  std::vector<documents::Anchor> anchors;
  anchors.reserve(spans.size());
  for (const auto& span : spans) anchors.push_back(anchoring.anchor(span));
  if (!options.json && ::isatty(STDOUT_FILENO) != 0) {
    print_table(spans, anchors);
    return kDone;
  }
  boost::json::array out;
  const auto name = std::filesystem::path(options.new_file).filename().string();
  for (const auto& anchor : anchors) out.push_back(json_of(anchor, name));
  print_json(out);
  return kDone;
}

int run_anchor(const AnchorOptions& options) {
  const auto answered = answer(options);
  return answered ? *answered : fail(answered.error());
}

}  // namespace

void add_anchor(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<AnchorOptions>();
  auto* command = app.add_subcommand("anchor", "Find spans of an old text in a new one, and say whether they changed.");
  command->footer(
      "Both texts are UTF-8 files, read as they are. Offsets count code points; the list has one answer for each span, "
      "in\n"
      "order: {version, document, verdict, start, end, exact, reason, materiality}, with changes or candidates where "
      "there\n"
      "are any. Verdicts: same, moved, changed, moved_changed, ambiguous, lost. No server is asked.\n"
      "\n"
      "Example:\n"
      "  echo '[{\"start\": 120, \"end\": 168}]' | flowstone anchor contract-v1.md contract-v2.md --spans -");
  command->add_option("OLD", options->old_file, "The text that the spans are of")->required();
  command->add_option("NEW", options->new_file, "The text to find them in")->required();
  command->add_option("--spans", options->spans_file, "JSON list of {\"start\": N, \"end\": N}; - for standard input")
      ->required();
  command->add_flag("--json", options->json, "Print JSON on a terminal, too");
  command->callback([options, &choice] { choice.run = [options] { return run_anchor(*options); }; });
}

}  // namespace flowstone::cli
