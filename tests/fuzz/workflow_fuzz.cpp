// Definitions of any bytes: problems with places in the text, or something that is the same in every form.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "workflows/definition.hpp"
#include "workflows/diff.hpp"
#include "workflows/graph.hpp"

using namespace flowstone;             // NOLINT: a program of its own
using namespace flowstone::workflows;  // NOLINT

namespace {

void look_at(std::string_view text, Format format) {
  const auto definition = read_definition(text, format);
  if (!definition) {
    check(has_errors(definition.error()), "what is refused is refused for an error");
    for (const auto& problem : definition.error())
      check(problem.place.line >= 1 && problem.place.column >= 1, "places count from 1");
    return;
  }
  const auto json = json_of(*definition);
  const auto again = read_definition(json, Format::json);
  check(again.has_value(), "the JSON of a definition is a definition");
  check(digest_of(*again) == digest_of(*definition), "a definition has one digest in every form");
  check(diff(*definition, *again).empty(), "nothing changed");
  const auto graph = graph_of(*definition);
  check(!graph.states.empty() && !to_dot(graph, "").empty() && !to_mermaid(graph).empty(), "a definition can be drawn");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes as text
  look_at(text, Format::json);
  look_at(text, Format::yaml);
  return 0;
}
