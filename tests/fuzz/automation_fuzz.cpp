// Rules of automations from anywhere (`when` on the first line, `condition` on the second, `actions` behind them): each
// problem names the field, or the rule has a workflow that can be published as it stands.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "workflows/automation.hpp"
#include "workflows/definition.hpp"

namespace {

using namespace flowstone::workflows;  // NOLINT: a program of its own

bool names_a_field(const Misfit& misfit) {
  for (const std::string_view field : {"/when", "/condition", "/actions"}) {
    if (misfit.path.starts_with(field)) return true;
  }
  return false;
}

std::string cut_line(std::string& text) {
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.erase(0, std::min(end + 1, text.size()));
  return line;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using flowstone::check;
  std::string text(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes as text
  AutomationRule rule;
  rule.when = cut_line(text);
  rule.condition = cut_line(text);
  rule.actions = std::move(text);
  const auto automation = compile_automation("A rule", rule);
  if (!automation) {
    check(!automation.error().empty(), "a refusal says why");
    for (const auto& misfit : automation.error())
      check(names_a_field(misfit) && !misfit.sentence.empty(), "a problem names the field");
    return 0;
  }
  check(!automation->verbs.empty() && automation->verbs.size() <= kMaxActions, "a rule acts");
  check(automation->rule.id == kRuleTrigger, "a rule has one trigger");
  const auto definition = read_definition(automation->definition, Format::json);
  check(definition.has_value(), "a rule's workflow can be published");
  return 0;
}
